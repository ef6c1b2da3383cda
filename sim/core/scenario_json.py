"""Scenarios as plain data and back, so that a plan holds all that its runs need, wherever they are run."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sim.core.scenario import Change, Organisation, Post, Scenario, Seat, Shock
from sim.core.vocabulary import Ring, Role, ShockKind

SETS = ("rules_off", "given")


def to_line(scenario: Scenario) -> str:
    """Return a Scenario as one line of JSON."""
    content = dataclasses.asdict(scenario)
    for name in SETS:
        content[name] = sorted(content[name])
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def from_line(line: str) -> Scenario:
    """Return the Scenario of a line, checked again.

    >>> one = Scenario("a", "b", 9, (Seat("x", Role.PATIENT, Ring.CORE_TEAM, -1),), ())
    >>> from_line(to_line(one)) == one
    True
    """
    content: dict[str, Any] = json.loads(line)
    content["seats"] = tuple(
        Seat(row["group"], Role(row["role"]), Ring(row["ring"]), row["organisation"]) for row in content["seats"]
    )
    content["organisations"] = tuple(Organisation(**row) for row in content["organisations"])
    content["shocks"] = tuple(Shock(**{**row, "kind": ShockKind(row["kind"])}) for row in content["shocks"])
    content["schedule"] = tuple(Change(**row) for row in content["schedule"])
    content["posts"] = None if content["posts"] is None else tuple(Post(**row) for row in content["posts"])
    for name in SETS:
        content[name] = frozenset(content[name])
    for name in ("need", "recruiting", "questionnaire_weeks"):
        content[name] = tuple(content[name])
    return Scenario(**content)


def write_lines(path: Path, scenarios: Iterable[Scenario]) -> str:
    """Write scenarios, one a line, packed; return the hash of the lines."""
    digest = hashlib.sha256()
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for scenario in scenarios:
            line = to_line(scenario).encode() + b"\n"
            digest.update(line)
            file.write(line)
    return digest.hexdigest()


def read_lines(path: Path) -> tuple[list[str], str]:
    """Return the lines of a file of scenarios and the hash of them."""
    with gzip.open(path, "rb") as file:
        content = file.read()
    return content.decode().splitlines(), hashlib.sha256(content).hexdigest()
