"""Arguments of a command line: ``NAME=VALUE`` taken apart once into typed values, before anything heavy is loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.config.files import CaseError, find_file
from sim.config.folders import ConfFolders, find_conf_folders
from sim.config.settings import FILE_CHOICES, Setting, known_names, nearest
from sim.core.errors import UserError

NAME = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*")
WHOLE = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
OPENING, CLOSING = "([{", ")]}"
PARTNER = dict(zip(OPENING, CLOSING, strict=True))


@dataclass
class ParsedArguments:
    """The settings of a command line, and what is wrong with their form.

    Attributes
    ----------
    values : dict of str to object
        Dotted names and typed values, in the order given.
    texts : dict of str to str
        The same values as typed.
    problems : list of str
        One line per mistake.
    """

    values: dict[str, object] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def parse_arguments(arguments: Sequence[str], no_setting: Callable[[str], str]) -> ParsedArguments:
    """Take arguments apart into names and typed values; names and ranges are judged elsewhere.

    Parameters
    ----------
    arguments : sequence of str
        As typed after the verb, such as ``enabling.leadership=0.2``; a leading ``+`` or ``++`` is ignored.
    no_setting : callable
        Given an argument that is not ``NAME=VALUE``, returns the line that says so.
    """
    parsed = ParsedArguments()
    for argument in arguments:
        name, equals, text = argument.lstrip("+").partition("=")
        name, text = name.strip(), text.strip()
        if not equals or not NAME.fullmatch(name):
            parsed.problems.append(no_setting(argument))
        elif name in parsed.values:
            parsed.problems.append(f"{name} is given twice: {parsed.texts[name]} and {text}; give it once")
        elif problem := bracket_problem(name, text):
            parsed.problems.append(problem)
        else:
            parsed.values[name], parsed.texts[name] = plain_value(text), text
    return parsed


def parse_run_arguments(arguments: Sequence[str], folders: ConfFolders) -> ParsedArguments:
    """Take the arguments of ``partnersim run`` apart; an argument without ``=`` gets a hint at what was meant."""

    def no_setting(argument: str) -> str:
        for kind in reversed(FILE_CHOICES):
            if argument in folders.names(kind):
                return f"'{argument}' is not a setting; did you mean '{kind}={argument}'?"
        if argument.startswith("-"):
            return f"unknown option '{argument}'; 'run' knows --dry-run and --help"
        close = nearest(argument, known_names())
        hint = f"; did you mean '{close}=VALUE'?" if close else "; write NAME=VALUE"
        return f"'{argument}' is not a setting{hint}"

    return parse_arguments(arguments, no_setting)


def read_options(
    verb: str, settings: Mapping[str, Setting], arguments: Sequence[str], also: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the values of all options of a verb, defaults filled in.

    Parameters
    ----------
    verb : str
        Its name, for messages.
    settings : mapping of str to Setting
        What it takes; a list may be written ``[A,B]`` or ``A,B``.
    arguments : sequence of str
        As typed after the verb.
    also : sequence of str
        Words that ``case`` may be besides the name or file of a case.

    Raises
    ------
    UserError
        With one line for every mistake.
    """

    def unknown(argument: str) -> str:
        name = argument.partition("=")[0]
        close = nearest(name, settings)
        hint = f"; did you mean '{close}'?" if close else f"; {verb} takes {', '.join(settings)}"
        return f"unknown setting '{name}'{hint}"

    parsed = parse_arguments(arguments, unknown)
    given = {name: value for name, value in parsed.values.items() if name in settings}
    for name, value in given.items():
        if settings[name].kind == "list" and isinstance(value, str) and "," in value:
            given[name] = value.split(",")
    problems = [*parsed.problems, *(unknown(name) for name in parsed.values if name not in settings)]
    problems += option_problems(settings, given)
    options = {name: row.default for name, row in settings.items()} | given
    folders = find_conf_folders()
    for kind in FILE_CHOICES:
        if kind in settings and options[kind] not in also:
            problems += choice_problems(kind, options[kind], folders)
    if problems:
        raise UserError(dict.fromkeys(problems))
    return options


def option_problems(settings: Mapping[str, Setting], given: Mapping[str, object]) -> list[str]:
    """Return one line for each given option whose value is not allowed; only one without a default may be empty.

    Parameters
    ----------
    settings : mapping of str to Setting
        What the verb takes.
    given : mapping of str to object
        Values of some of them.
    """
    rows = ((settings[name], value) for name, value in given.items())
    lines = (row.problem(value) for row, value in rows if value is not None or row.default is not None)
    return [line for line in lines if line]


def choice_problems(kind: str, name: object, folders: ConfFolders) -> list[str]:
    """Return what is wrong with the choice of a case or scenario.

    Parameters
    ----------
    kind : {'case', 'scenario'}
        Which of the two.
    name : object
        The value typed; a path that ends in ``.yaml`` is left to the reader of the file.
    folders : ConfFolders
        Where the names are looked for.
    """
    if isinstance(name, str) and name.endswith((".yaml", ".yml")):
        return []
    try:
        find_file(kind, "" if name is None else str(name), folders.all)
    except CaseError as error:
        return list(error.problems)
    return []


def bracket_problem(name: str, text: str) -> str | None:
    """Say which bracket or quote of a value has no partner, or return None.

    >>> bracket_problem("shocks.cut", "{week: 9")
    "unbalanced '{' in shocks.cut={week: 9"
    """
    waiting: list[str] = []
    quote = ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in OPENING:
            waiting.append(letter)
        elif letter in CLOSING and (not waiting or PARTNER[waiting.pop()] != letter):
            return f"unbalanced '{letter}' in {name}={text}"
    lonely = quote or (waiting[-1] if waiting else "")
    return f"unbalanced '{lonely}' in {name}={text}" if lonely else None


def plain_value(text: str) -> object:
    """Read a value as typed: a number, true, false, null, a mapping or list in brackets, else a word.

    >>> plain_value("0.2"), plain_value("null"), plain_value("true"), plain_value("chrp")
    (0.2, None, True, 'chrp')
    """
    low = text.lower()
    if low in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[low]
    if WHOLE.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text):
        return float(text)
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
        return _structure(text)
    return text


def _structure(text: str) -> object:
    """Read a mapping or list in brackets; ``{week:9}`` is read like ``{week: 9}``."""
    import yaml

    try:
        value: object = yaml.safe_load(re.sub(r"(\w):(?=[^\s/])", r"\1: ", text))
    except yaml.YAMLError:
        return text
    return value
