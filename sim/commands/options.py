"""Words of a verb that takes a short list of settings: read, checked, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.config.folders import find_conf_folders
from sim.config.settings import FILE_CHOICES, Setting, nearest, value_problems
from sim.config.words import choice_problems, plain_value
from sim.errors import UserError


def read_options(
    verb: str, settings: Mapping[str, Setting], words: Sequence[str], lists: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the values of all settings of a verb.

    Parameters
    ----------
    verb : str
        The verb, for what is said.
    settings : mapping of str to Setting
        What it takes.
    words : sequence of str
        Words after the verb.
    lists : sequence of str
        Settings that may be a list: ``[A,B]`` or ``A,B``.

    Raises
    ------
    UserError
        One line per mistake.
    """
    given: dict[str, object] = {}
    problems: list[str] = []
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in settings:
            close = nearest(name, list(settings))
            hint = f"; did you mean '{close}'?" if close else f"; {verb} takes {', '.join(settings)}"
            problems.append(f"unknown setting '{name}'{hint}")
        elif name in given:
            problems.append(f"{name} is given twice; give it once")
        else:
            given[name] = _value(text, name in lists)
            problems += _problems(settings[name], given[name], name in lists)
    options = {name: row.default for name, row in settings.items()} | given
    folders = find_conf_folders()
    for kind in FILE_CHOICES:
        if kind in settings:
            problems += choice_problems(kind, options[kind], folders)
    if problems:
        raise UserError(problems)
    return options


def _value(text: str, may_be_list: bool) -> object:
    value = plain_value(text)
    return text.split(",") if may_be_list and isinstance(value, str) and "," in text else value


def _problems(setting: Setting, value: object, may_be_list: bool) -> list[str]:
    """Return what is wrong with a value; only a setting that may be empty takes null."""
    if value in (None, "") and may_be_list:
        return [f"{setting.name} must be a name or a list such as [A,B]; got nothing"]
    if value is None and setting.default is not None:
        return [f"{setting.name} {setting.rule()}; got nothing"]
    return [] if may_be_list and isinstance(value, list) else value_problems(setting.name, setting, value)
