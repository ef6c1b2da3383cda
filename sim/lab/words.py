"""All words of the lab, one file per language in ``text/``: page, lesson file and lesson plans read them here."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

FIRST = "en"


def languages() -> tuple[str, ...]:
    """Return the languages there are, English first."""
    names = sorted(path.name.removesuffix(".yaml") for path in (files("sim.lab") / "text").iterdir())
    return (FIRST, *(name for name in names if name != FIRST and not name.startswith("_")))


@cache
def text(language: str) -> dict[str, Any]:
    """Return all words of a language, nested by where they stand.

    Parameters
    ----------
    language : str
        One of ``languages()``.
    """
    content = yaml.safe_load((files("sim.lab") / "text" / f"{language}.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def all_texts() -> dict[str, dict[str, Any]]:
    """Return the words of all languages."""
    return {language: text(language) for language in languages()}


def keys_of(tree: object, front: str = "") -> set[str]:
    """Return the dotted names of all words in a tree; an entry of a list counts by its place.

    >>> sorted(keys_of({"a": {"b": "x"}, "c": ["y", "z"]}))
    ['a.b', 'c.0', 'c.1']
    """
    rows = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    if not isinstance(tree, dict | list):
        return {front.removesuffix(".")}
    return {key for name, inner in rows for key in keys_of(inner, f"{front}{name}.")}
