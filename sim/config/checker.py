"""Checking nested values: what is wrong is written down and the check goes on, so all mistakes are named.

Used by ``sim.config.schema`` for the form of case and scenario files. The ranges of levers and parameters are judged,
and the messages about them written, in ``sim.core.gate``.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sim.config.files import kind_of
from sim.config.settings import Setting
from sim.core.gate import did_you_mean

STATUSES = ("read", "derived", "inferred", "assumed")
QUINTUPLE = ("value", "low", "high", "status", "source")


class Checker:
    """Collects the problems of one file.

    Parameters
    ----------
    file : str
        How the file is called in messages; empty for none.
    sources : collection of str
        Keys that a source may have; empty means that sources are not looked up.
    """

    def __init__(self, file: str, sources: Collection[str] = ()) -> None:
        self.file = file
        self.sources = sources
        self.problems: list[str] = []

    def say(self, text: str) -> None:
        """Write down a problem."""
        self.problems.append(f"{self.file}: {text}" if self.file else text)

    def mapping(self, where: str, value: object, example: str = "") -> dict[str, Any]:
        """Return a mapping with words for keys; anything else is a problem and gives an empty one."""
        if not isinstance(value, Mapping):
            form = f"such as {example}, or null to remove it" if example else "(name: value)"
            self.say(f"{where} must be a mapping {form}, not {kind_of(value)}")
            return {}
        wrong = [key for key in value if not isinstance(key, str)]
        for key in wrong:
            self.say(f"{where} has the name {key!r}, which is not a word; put it in quotes")
        return {key: item for key, item in value.items() if isinstance(key, str)}

    def keys(
        self, where: str, given: Mapping[str, Any], required: Collection[str], optional: Collection[str] = ()
    ) -> None:
        """Name keys that are missing and keys that are not known."""
        front = f"{where}." if where else ""
        for key in required:
            if key not in given:
                self.say(f"{front}{key} is missing")
        allowed = list(dict.fromkeys((*required, *optional)))
        for key in given:
            if key not in allowed:
                hint = did_you_mean(key, allowed).replace("'", f"'{front}", 1) or f"; allowed: {', '.join(allowed)}"
                self.say(f"unknown setting '{front}{key}'{hint}")

    def value(self, where: str, value: object, row: Setting) -> bool:
        """Check a plain value by its row; in files a whole number may be written with a point."""
        plain = int(value) if isinstance(value, float) and value.is_integer() else value
        if line := row.problem(plain, where):
            self.say(line)
        return not line

    def word(self, where: str, value: object, choices: Collection[str]) -> bool:
        """Check that a value is one of some words."""
        return self.value(where, value, Setting(where, "word", choices=tuple(choices)))

    def text(self, where: str, value: object) -> None:
        """Check that a value is a line of text."""
        if not isinstance(value, str) or not value.strip():
            self.say(f"{where} must be a line of text; got {kind_of(value)}")

    def quintuple(self, where: str, value: object, row: Setting) -> None:
        """Check a number given as {value, low, high, status, source}; low and high may be fractions."""
        given = self._quintuple_keys(where, value)
        bounds = replace(row, kind="number")
        good = [self.value(f"{where}.{key}", given[key], row if key == "value" else bounds) for key in _order(given)]
        if len(good) == 3 and all(good):
            self.in_order(where, given)

    def date(self, where: str, value: object) -> None:
        """Check a date given as {value, low, high, status, source}."""
        given = self._quintuple_keys(where, value)
        bad = [key for key in _order(given) if not isinstance(given[key], datetime.date)]
        for key in bad:
            self.say(f"{where}.{key} must be a date such as 2013-10-01; got {kind_of(given[key])}")
        if not bad and len(_order(given)) == 3:
            self.in_order(where, given)

    def _quintuple_keys(self, where: str, value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.say(f"{where} must be {{value, low, high, status, source}}, not {_shown(value)}")
            return {}
        given = self.mapping(where, value)
        self.keys(where, given, QUINTUPLE, ("note",))
        self.origin(where, given)
        return given

    def origin(self, where: str, given: Mapping[str, Any]) -> None:
        """Check status and source of a number or target."""
        status, source = given.get("status"), given.get("source")
        if "status" in given and not self.word(f"{where}.status", status, STATUSES):
            return
        if "source" not in given:
            return
        if source == "assumed":
            if status in STATUSES and status != "assumed":
                self.say(f"{where}.source must name a source when the status is {status}; got 'assumed'")
        elif not isinstance(source, str) or not source:
            self.say(f"{where}.source must be a key of the list of sources; got {kind_of(source)}")
        elif self.sources and source not in self.sources:
            hint = did_you_mean(source, self.sources) or "; add it under 'sources' at the top of the file"
            self.say(f"{where}.source '{source}' is not in the list of sources{hint}")

    def in_order(self, where: str, given: Mapping[str, Any]) -> None:
        """Check that low <= value <= high."""
        value = given.get("value", given["low"])
        if not given["low"] <= value <= given["high"]:
            numbers = f"low {given['low']}, value {value}, high {given['high']}"
            self.say(f"{where} must have low <= value <= high; got {numbers}")


def _order(given: Mapping[str, Any]) -> list[str]:
    return [key for key in ("value", "low", "high") if key in given]


def _shown(value: object) -> str:
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    return f"the bare number {value}" if bare else kind_of(value)
