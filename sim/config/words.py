"""Words of a command line: ``NAME=VALUE`` taken apart and checked before anything heavy is imported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.config.folders import ConfFolders
from sim.config.settings import FILE_CHOICES, known_names, nearest, problems_of

NAME = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*")
WHOLE = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE)
OPENING, CLOSING = "([{", ")]}"
PARTNER = dict(zip(OPENING, CLOSING, strict=True))


@dataclass
class CheckedWords:
    """The settings found among the words, and what is wrong with them.

    Attributes
    ----------
    values : dict of str to object
        Dotted names and plain values, in the order given.
    texts : dict of str to str
        The same values as typed.
    problems : list of str
        One line per mistake.
    """

    values: dict[str, object] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def check_words(words: Sequence[str], folders: ConfFolders) -> CheckedWords:
    """Take the words apart and name every mistake in them.

    Parameters
    ----------
    words : sequence of str
        Words after the verb, such as ``enabling.leadership=0.2``; a leading ``+`` or ``++`` is ignored.
    folders : ConfFolders
        Where cases and scenarios are looked for.
    """
    checked = CheckedWords()
    for word in words:
        problem = _take(word, checked, folders)
        if problem:
            checked.problems.append(problem)
    choices = {key: value for key, value in checked.values.items() if key in FILE_CHOICES}
    for kind, name in choices.items():
        checked.problems += choice_problems(kind, name, folders)
    rest = {key: value for key, value in checked.values.items() if key not in FILE_CHOICES}
    checked.problems += problems_of(rest)
    return checked


def _take(word: str, checked: CheckedWords, folders: ConfFolders) -> str | None:
    """Add one word to the settings, or return what is wrong with its form."""
    bare = word.lstrip("+") if word.startswith(("+", "++")) else word
    name, equals, text = bare.partition("=")
    name, text = name.strip(), text.strip()
    if not equals:
        return _not_a_setting(word, folders)
    if not NAME.fullmatch(name):
        return f"'{word}' is not a setting; write NAME=VALUE"
    if name in checked.values:
        return f"{name} is given twice: {checked.texts[name]} and {text}; give it once"
    problem = bracket_problem(name, text)
    if problem:
        return problem
    checked.values[name] = plain_value(text)
    checked.texts[name] = text
    return None


def _not_a_setting(word: str, folders: ConfFolders) -> str:
    """Say what is wrong with a word without ``=``, with the setting that was perhaps meant."""
    for kind in ("scenario", "case"):
        if word in folders.names(kind):
            return f"'{word}' is not a setting; did you mean '{kind}={word}'?"
    if word.startswith("-"):
        return f"unknown option '{word}'; 'run' knows --dry-run and --help"
    close = nearest(word, known_names())
    hint = f"; did you mean '{close}=VALUE'?" if close else "; write NAME=VALUE"
    return f"'{word}' is not a setting{hint}"


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
    available = folders.names(kind)
    listed = f"Available: {', '.join(available)}"
    if name is None or name == "":
        return [f"{kind} is empty. {listed}"]
    if not isinstance(name, str):
        return [f"no {kind} called '{name}'. {listed}"]
    if name.endswith((".yaml", ".yml")) or name in available:
        return []
    close = nearest(name, available)
    hint = f"; did you mean '{close}'?" if close else "."
    return [f"no {kind} called '{name}'{hint} {listed}"]


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
