"""What a sensitivity analysis says, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.sensitivity.indices import chance
from sim.analysis.sensitivity.question import short, titles
from sim.analysis.sensitivity.result import DRAWS, DUMMY, GROUPS, POSTERIOR_SAMPLE, SHARES

if TYPE_CHECKING:
    from sim.analysis.sensitivity.question import SensitivityQuestion
    from sim.analysis.sensitivity.result import Effect, SensitivityResult

NAMED = 3
VAGUE = 0.5
"""Width of the interval of a share from which on no order should be read from it."""


def sensitivity_sentences(question: SensitivityQuestion, found: SensitivityResult) -> list[str]:
    """Return a sentence per outcome."""
    case = str(question.options["case"]).upper()
    cells = []
    for output, title in zip(question.outputs, titles(question.outputs), strict=True):
        parts = [part for part in (_over_prior(found, output), _over_posterior(found, output)) if part]
        cells.append(f"{case}, {title}: {'; '.join(parts) or 'the same in all runs, or missing'}.")
    return cells


def _over_prior(found: SensitivityResult, output: str) -> str:
    totals, by_group = found.of(SHARES, "total", output), found.of(GROUPS, "total", output)
    if not totals or totals[0].value <= 0:
        return ""
    most = totals[0]
    line = (
        f"moved most by {_listed(totals)} ({short(most.setting)}: {_percent(most)} of the variance of means among the "
        f"{len(totals)} that the screen kept)"
    )
    line += f", by group most by {by_group[0].setting} ({_percent(by_group[0])})" if by_group else ""
    vague = any(row.high - row.low > VAGUE for row in (most, *by_group[:1]))
    return line + (", intervals too wide to rank by: give more points" if vague else "")


def _over_posterior(found: SensitivityResult, output: str) -> str:
    if output not in found.splits or found.splits[output].variance <= 0:
        return ""
    shares = found.splits[output].shares
    line = (
        f"given what fits the cases, levers make {shares[0] + shares[2]:.0%} of the variance of single runs "
        f"({shares[2]:.0%} together with parameters), drawn parameters {shares[1]:.0%}, luck {shares[3]:.0%}"
    )
    levers, parameters = above_chance(found, output), drawn_above_chance(found, output)
    line += f", among levers most {_listed(levers)}" if levers else ", no lever stands out from chance"
    return line + (f", among drawn parameters {_listed(parameters)}" if parameters else "")


def above_chance(found: SensitivityResult, output: str, stage: str = POSTERIOR_SAMPLE) -> list[Effect]:
    """Return the settings that explain more by themselves than the most any of them would by chance (5%)."""
    rows = found.of(stage, "alone", output)
    least = chance(found.runs[stage], len(rows))
    return [row for row in rows if row.value > least and row.setting != DUMMY]


def drawn_above_chance(found: SensitivityResult, output: str) -> list[Effect]:
    """Return the drawn parameters that go with an outcome more than the most any would by chance (5%)."""
    rows = found.of(DRAWS, "correlation", output)
    most = next((row.value for row in rows if row.setting == DUMMY), np.inf)
    there = [row for row in rows if abs(row.value) > most and row.setting != DUMMY]
    return sorted(there, key=lambda row: -abs(row.value))


def _listed(rows: list[Effect]) -> str:
    names = [short(row.setting) for row in rows[:NAMED]]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(row: Effect) -> str:
    return f"{min(max(row.value, 0), 1):.0%}, {max(row.low, 0):.0%} to {min(row.high, 1):.0%}"
