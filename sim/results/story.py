"""The result of a run in a few plain sentences, from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.core.metric_table import COST_WORDS
from sim.core.posterior import NONE, SHIPPED
from sim.core.vocabulary import ShockKind, Status, word
from sim.results.means import mean_there

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario, Shock

COMPONENTS: dict[str, str] = {
    "integration": "integration of resources",
    "atmosphere": "partnership atmosphere",
    "benefit": "perceived stakeholder benefits",
    "adaptation": "capacity for adaptation",
}
"""Metrics that are the four components of synergy, with their words."""

LIMITS = "Scores are on the model's own scale: compare times, roles and scenarios, not levels."
"""What every report carries (docs/model/model.md §1), after where its numbers come from."""

ENDS = {
    Status.FULFILLED: "fulfilled their purpose",
    Status.FAILED: "failed (too few active, or nobody convened)",
    Status.DORMANT: "went dormant (listed, not meeting)",
}
"""How partnerships end, told apart: success is no death."""

LEAVING_WORDS = {
    "moved_on": "moved on",
    "unpaid": "were coordinators without pay",
    "disengaged": "had lost engagement",
    "event": "left because of an event",
    "organisation_left": "left with their organisation",
}

MEMBERS = "members"
LAST_WEEKS = 26
SMALL = 0.02


@dataclass(frozen=True)
class Kept:
    """What the sentences and the picture need of a run.

    Attributes
    ----------
    curves : dict of str to (k, weeks + 1) float64
        The four components and the members, by week; NaN where missing.
    runs : dict of str to (n,) float64
        Columns of ``runs.parquet``.
    """

    curves: Mapping[str, NDArray[np.float64]]
    runs: Mapping[str, NDArray[np.float64]]


def run_sentences(scenario: Scenario, kept: Kept, shocks: Sequence[Shock]) -> list[str]:
    """Return a few sentences: ends, members, why people left, the components of synergy, costs, the shocks.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    kept : Kept
        Its results.
    shocks : sequence of Shock
        The shocks worth a sentence; at most three are named.
    """
    lines = [_survival(scenario, kept), _renewals(kept), _members(kept), _leaving(kept), _components(kept)]
    lines.append(_costs(kept))
    lines += [_shock(shock, kept) for shock in sorted(shocks, key=lambda s: s.week)[:3]]
    return [line for line in lines if line]


def limits(scenario: Scenario) -> str:
    """Return where the numbers of a scenario come from, and what its results cannot say."""
    if scenario.posterior == NONE:
        origin = "Parameters are assumed defaults, not fitted to the cases; bands hold luck alone."
    else:
        fitted = "both cases" if scenario.posterior == SHIPPED else "the cases behind that file"
        origin = (
            f"Each replicate draws what is uncertain anew from what fits {fitted}, which narrowed few of the numbers; "
            "bands hold ignorance and luck together."
        )
    return f"{origin} {LIMITS}"


def _survival(scenario: Scenario, kept: Kept) -> str:
    status = kept.runs["reason"]
    alive = int((status == Status.ALIVE).sum())
    total = status.size
    line = f"{alive} of {total} simulated partnerships were still going after {scenario.weeks} weeks"
    if alive == total:
        return f"{line}."
    parts = [f"{int((status == code).sum())} {text}" for code, text in ENDS.items() if (status == code).any()]
    week = np.nanmedian(kept.runs["ended_week"][status != Status.ALIVE])
    when = f"in week {week:.0f}" if alive == total - 1 else f"half of them by week {week:.0f}"
    return f"{line}; of the others {', '.join(parts)}, {when}."


def _members(kept: Kept) -> str:
    end = kept.curves[MEMBERS][:, -1]
    people = kept.runs["people_ever"]
    if not np.isfinite(end).any():
        return f"No partnership was going on at the end; people who took part at some time: {_range(people, 0)}."
    return (
        f"Those still going had {_range(end, 0)} members at the end; people who took part at some time: "
        f"{_range(people, 0)}. Brackets hold nine runs in ten."
    )


def _renewals(kept: Kept) -> str:
    renewed = int((kept.runs["renewals"] > 0).sum())
    return f"In {renewed} of them a purpose was met and a higher one taken up." if renewed else ""


def _leaving(kept: Kept) -> str:
    """Say why people left, over all runs."""
    counts = {cause: float(np.nansum(kept.runs[f"left_{cause}"])) for cause in LEAVING_WORDS}
    total = sum(counts.values())
    if not total:
        return ""
    parts = [f"{count / total:.0%} {LEAVING_WORDS[cause]}" for cause, count in counts.items() if count / total >= 0.005]
    return f"Of the people who left, {_listed(parts)}."


def _costs(kept: Kept) -> str:
    parts = [f"{_range(kept.runs[name], 0)} {words}" for name, words in COST_WORDS.items()]
    return f"What it took: {_listed(parts)}."


def _listed(parts: Sequence[str]) -> str:
    """Join parts of a list in words.

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _components(kept: Kept) -> str:
    parts = [text for name, label in COMPONENTS.items() if (text := _component(label, kept.curves[name]))]
    return f"Synergy at the end, against its first year: {'; '.join(parts)}." if parts else ""


def _component(label: str, curve: NDArray[np.float64]) -> str:
    """Return a component at the end, its range over runs, and how it moved since the first year."""
    end = mean_there(curve[:, -LAST_WEEKS:], 1)
    if not np.isfinite(end).any():
        return f"{label} could not be measured"
    change = _median(end - mean_there(curve[:, 1:53], 1))
    return f"{label} {_range(end, 2)}, {_moved(change)}"


def _moved(change: float) -> str:
    """Put a change into words.

    >>> _moved(0.1), _moved(-0.1), _moved(0.001)
    ('up by 0.10', 'down by 0.10', 'about as before')
    """
    if not np.isfinite(change):
        return "not measured before"
    if abs(change) < SMALL:
        return "about as before"
    return f"{'up' if change > 0 else 'down'} by {abs(change):.2f}"


def _shock(shock: Shock, kept: Kept) -> str:
    """Say what a shock did to joint output, against the same luck without it."""
    name = shock.name.replace("_", " ")
    kind = word(ShockKind(shock.kind)).replace("_", " ")
    title = name if kind in name else f"{name} ({kind})"
    measures = {key: kept.runs[f"shock_{shock.name}_{key}"] for key in ("depth", "loss", "recovered")}
    if not np.isfinite(measures["depth"]).any():
        return f"No partnership was left to feel {title} in week {shock.week}."
    back = 100 * np.nanmean(measures["recovered"])
    return (
        f"Against the same luck without {title} in week {shock.week}: output fell by up to "
        f"{_range(100 * measures['depth'], 0)} percent, {_range(measures['loss'], 1)} weeks of output "
        f"were lost, and it came back in {back:.0f}% of the runs."
    )


def _median(values: NDArray[np.float64]) -> float:
    there = values[np.isfinite(values)]
    return float(np.median(there)) if there.size else float("nan")


def _range(values: NDArray[np.float64], digits: int) -> str:
    """Write the median and, in brackets, where nine runs in ten lie."""
    there = values[np.isfinite(values)]
    if not there.size:
        return "unknown"
    low, middle, high = np.percentile(there, (5, 50, 95))
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def paragraphs(lines: Sequence[str], width: int = 96) -> str:
    """Wrap sentences for a terminal, each starting on its own line."""
    from textwrap import fill

    return "\n".join(fill(line, width, subsequent_indent="  ") for line in lines)
