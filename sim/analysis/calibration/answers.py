"""Answers to the questionnaire as means of groups: all that is kept of them, and no group under five."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.answer_file import read_rows
from sim.analysis.calibration.answer_form import DIMENSIONS, LEAST
from sim.config.schema import value_of
from sim.core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LEAST_SD = 0.65
"""Smallest spread of an item that is believed, in points: the smallest one published (cramm2011, Table 2)."""

MOST_WAVES = 20


@dataclass(frozen=True)
class Group:
    """Respondents of one role in one wave.

    Attributes
    ----------
    week : int
        The wave.
    role : str
        As written in the file.
    mean, count : (10,) float64
        By dimension; NaN where the group, or the rest of the wave, would be under five.
    """

    week: int
    role: str
    mean: NDArray[np.float64]
    count: NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What is kept of a file of answers.

    Attributes
    ----------
    sha256 : str
        Checksum of the file.
    weeks : tuple of int
        Waves in which some dimension has five answers.
    mean, error, count : (W, 10) float64
        Mean answer in points, its standard error, and how many answered; NaN under five.
    respondents : int
        Persons who answered in these waves.
    hides : bool
        Whether groups under five were left out.
    groups : tuple of Group
        The same by role, where neither the group nor the rest of its wave is under five.
    """

    sha256: str
    weeks: tuple[int, ...]
    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    count: NDArray[np.float64]
    respondents: int
    hides: bool
    groups: tuple[Group, ...] = ()

    @property
    def used(self) -> int:
        """Answers that are in the means."""
        return int(np.nansum(self.count))

    def sentence(self) -> str:
        """Return how much was answered, and whether something was left out."""
        weeks = " and ".join([", ".join(map(str, self.weeks[:-1])), str(self.weeks[-1])][len(self.weeks) == 1 :])
        hidden = f" Groups under {LEAST} were left out: they are neither shown nor used." if self.hides else ""
        waves = "week" if len(self.weeks) == 1 else "weeks"
        return f"{self.used:,} answers of {self.respondents} respondents in {waves} {weeks}.{hidden}"

    def in_plain(self) -> dict[str, Any]:
        """Return what the record of a calibration says of them."""
        waves = {}
        for place, week in enumerate(self.weeks):
            there = np.flatnonzero(np.isfinite(self.mean[place]))
            waves[str(week)] = {
                DIMENSIONS[d]: {"mean": round(float(self.mean[place, d]), 2), "answers": int(self.count[place, d])}
                for d in there
            }
        return {"sha256": self.sha256, "answers": self.used, "respondents": self.respondents, "waves": waves}


def read_answers(path: Path, case: Mapping[str, Any]) -> Answers:
    """Read a file of answers and keep the means of its groups.

    Parameters
    ----------
    path : Path
        CSV file, as ``partnersim new-answers`` begins it.
    case : mapping
        The case, as ``sim.config.cases.load_case`` returns it: its start and its length.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    rows = read_rows(path, value_of(case["start"]), int(value_of(case["weeks"])))
    said = rows[rows[list(DIMENSIONS)].notna().any(axis=1)]
    if said.empty:
        raise UserError(f"{path.name} holds no answers: every cell of the dimensions is empty")
    line = f"groups under {LEAST} are neither shown nor used"
    if said["respondent"].str.casefold().nunique() < LEAST:
        raise UserError(f"{path.name} has answers of fewer than {LEAST} respondents; {line}")
    found = said.groupby("week")[list(DIMENSIONS)].agg(["count", "mean", "std"])
    count, mean, sd = (found.xs(kind, axis=1, level=1).to_numpy(dtype=float) for kind in ("count", "mean", "std"))
    shown = count >= LEAST
    waves = np.asarray(shown.any(axis=1))
    if not waves.any():
        raise UserError(f"{path.name}: no dimension has {LEAST} answers in any wave; {line}")
    if waves.sum() > MOST_WAVES:
        raise UserError(f"{path.name} has more than {MOST_WAVES} waves; keep the {MOST_WAVES} that matter most")
    weeks = tuple(int(week) for week in found.index[waves])
    error = np.maximum(sd, LEAST_SD) / np.sqrt(np.maximum(count, 1))
    mean, error, kept = (np.where(shown, values, np.nan)[waves] for values in (mean, error, count))
    return Answers(
        hashlib.sha256(path.read_bytes()).hexdigest(),
        weeks,
        mean,
        error,
        kept,
        int(said[said["week"].isin(weeks)]["respondent"].str.casefold().nunique()),
        bool((~shown & (count > 0)).any()),
        tuple(group for week in weeks for group in _by_role(week, said[said["week"] == week])),
    )


def _by_role(week: int, rows: pd.DataFrame) -> list[Group]:
    """Return the means by role in a wave, so that nobody can reckon those of a group under five from the others."""
    found = rows[rows["role"] != ""].groupby("role")[list(DIMENSIONS)].agg(["count", "mean"])
    if found.empty:
        return []
    count, mean = (found.xs(kind, axis=1, level=1).to_numpy(dtype=float) for kind in ("count", "mean"))
    shown = count >= LEAST
    for d, dimension in enumerate(DIMENSIONS):
        rest = rows[dimension].notna().sum() - count[shown[:, d], d].sum()
        if 0 < rest < LEAST and shown[:, d].any():
            smallest = np.where(shown[:, d], count[:, d], np.inf).argmin()
            shown[smallest, d] = False
    return [
        Group(week, str(role), *(np.where(here, values, np.nan) for values in (mean[place], count[place])))
        for place, (role, here) in enumerate(zip(found.index, shown, strict=True))
        if here.any()
    ]
