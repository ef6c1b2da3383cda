"""What a comparison says, in sentences that keep apart what is not known and what nobody could know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.comparison.dependence import FEWEST_SETS, Dependence
from sim.analysis.comparison.differences import Difference
from sim.analysis.comparison.outcome_words import OF_ROLE, QUESTIONNAIRE, in_words, signed
from sim.core.metric_table import COST_WORDS, COSTS, END_WORDS, ENDS
from sim.core.posterior import NONE
from sim.results.story import LIMITS

if TYPE_CHECKING:
    from sim.analysis.comparison.result import ComparisonResult

MOST_NAMED = 6
NO_DIFFERENCE = "no difference worth speaking of"
MOST_HANGING = 3
HARDLY = 0.005
EVEN = 0.4


def findings(comparison: ComparisonResult) -> list[str]:
    """Return what came out.

    All plans at a glance if there are several, each plan's primary and other outcomes, how partnerships ended and what
    it took under each plan.
    """
    lines = [in_short(comparison)] if len(comparison.rows) > 1 else []
    for label, (primary, *others) in comparison.rows.items():
        lines.append(primary_sentence(label, comparison.reference, primary))
        lines.append(others_sentence(label, others))
    means = {
        label: {name: float(np.nanmean(found.columns[name])) for name in (*ENDS, *COSTS)}
        for label, found in comparison.outcomes.items()
    }
    return [*lines, ends_sentence(means), costs_sentence(means)]


def ends_sentence(means: Mapping[str, Mapping[str, float]]) -> str:
    """Return which share of the partnerships was going at the end, and how the others ended, under each plan.

    >>> ends_sentence({"baseline": {"alive": 0.9, "fulfilled": 0.06, "failed": 0.04, "dormant": 0.0}})
    'At the end: baseline – 90% still going, 6% fulfilled, 4% failed, 0% dormant.'
    """
    parts = [
        f"{label} – {', '.join(f'{row[name]:.0%} {word}' for name, word in END_WORDS.items())}"
        for label, row in means.items()
    ]
    return f"At the end: {'; '.join(parts)}."


def costs_sentence(means: Mapping[str, Mapping[str, float]]) -> str:
    """Return what each plan takes, on average over its runs.

    >>> costs_sentence({"a": {"money_spent": 351.6, "staff_hours": 9000.0, "member_hours": 12000.0}})
    "What it took: a – 352 coordinator-weeks of money, 9,000 hours of paid staff, 12,000 hours of members' own time."
    """
    parts = [
        f"{label} – {', '.join(f'{row[name]:,.0f} {words}' for name, words in COST_WORDS.items())}"
        for label, row in means.items()
    ]
    return f"What it took: {'; '.join(parts)}."


def in_short(comparison: ComparisonResult) -> str:
    """Return how the plans compare with the reference by the primary outcome, the best first."""
    words = in_words(str(comparison.question.options["primary"]))
    ways = [words.better, NO_DIFFERENCE, words.lesser]
    groups: dict[str, list[str]] = {way: [] for way in (ways[::-1] if words.good == "down" else ways)}
    sign = -1 if words.good == "down" else 1
    for label, (row, *_) in sorted(comparison.rows.items(), key=lambda pair: -sign * pair[1][0].mean):
        way = words.better if row.mean > 0 else words.lesser
        groups[way if row.clear and not row.small else NO_DIFFERENCE].append(label)
    parts = [f"{way} – {', '.join(labels)}" for way, labels in groups.items() if labels]
    return f"In short ({words.title}, against {comparison.reference}): {'; '.join(parts)}."


def primary_sentence(label: str, reference: str, row: Difference) -> str:
    """Return what happened to the outcome that the question is about."""
    words = in_words(row.outcome)
    interval = f"95% interval {signed(row.low)} to {signed(row.high)}"
    if row.pairs and row.estimate.error == 0 and row.mean == 0:
        return f"{label} against {reference}: {words.title} is the same in every one of {row.pairs:,} pairs."
    if not np.isfinite(row.low):
        return f"{label} against {reference}: too few of {row.pairs:,} pairs differ to say anything of {words.title}."
    if not row.clear:
        return (
            f"{label} against {reference}: no difference in {words.title} can be seen ({signed(row.mean)}, {interval}; "
            f"{row.pairs:,} pairs)."
        )
    way = words.better if row.mean > 0 else words.lesser
    size = (
        "too small to speak of"
        if row.small
        else f"{abs(row.mean) / row.spread:.1f} of the spread between single runs"
        if row.spread > 0
        else "where runs had not differed"
    )
    higher = "higher" if row.mean > 0 else "lower"
    return (
        f"{label} against {reference}: {words.title} is {higher}, {row.other:.3g} in place of {row.reference:.3g} "
        f"{words.unit}; the difference is {signed(row.mean)} ({interval}), {size}. {sureness(row, way)}"
    )


def sureness(row: Difference, way: str) -> str:
    """Return how much is ignorance and how much luck.

    Parameters
    ----------
    row : Difference
        The difference.
    way : str
        The word for what it does: better, worse, higher, lower.
    """
    shown = row.estimate
    if shown.draws == 1:
        known = "With one parameter set, nothing is said of what is not known"
    elif not np.isfinite(shown.higher):
        return "With one run of each parameter set, luck cannot be separated from what is not known."
    elif shown.draws < FEWEST_SETS:
        known = f"{shown.draws} parameter sets are too few to say under which share of them"
    else:
        share = shown.higher if row.mean > 0 else 1 - shown.higher
        known = f"{way.capitalize()} under {share:.0%} of {shown.draws} plausible parameter sets"
    against = shown.reversed_by_luck
    if against < HARDLY:
        luck = "within one set luck hardly ever reverses it"
    elif against > EVEN:
        luck = "within one set luck decides almost alone"
    else:
        luck = f"within one set luck reverses it in 1 run of {round(1 / against)}"
    return f"{known}; {luck}."


def others_sentence(label: str, rows: list[Difference]) -> str:
    """Return which other outcomes differ, whose benefit, and how many outcomes were looked at."""
    looked = [row for row in rows if np.isfinite(row.p)]
    found = sorted(
        (row for row in looked if row.clear and not row.small and not row.outcome.startswith(QUESTIONNAIRE)),
        key=lambda row: -abs(row.mean) / max(row.spread, 1e-12),
    )
    tiny = sum(row.clear and row.small for row in looked)
    answers = sum(row.clear and not row.small and row.outcome.startswith(QUESTIONNAIRE) for row in looked)
    if not found and answers:
        return f"{label}: of {len(looked)} other outcomes only {answers} answers of the questionnaire differ."
    if not found:
        more = f"; {tiny} are distinguished, but by too little to speak of" if tiny else ""
        return f"{label}: no other of {len(looked)} outcomes can be said to differ by more than a trifle{more}."
    roles = [row for row in found if row.outcome in OF_ROLE]
    others = [row for row in found if row.outcome not in (*OF_ROLE, *ENDS, *COSTS)]
    named = [f"{in_words(row.outcome).title} {signed(row.mean)}" for row in others[:MOST_NAMED]]
    if len(others) > MOST_NAMED:
        named.append(f"and {len(others) - MOST_NAMED} more")
    parts = [f"also {'; '.join(named)}"] if named else []
    if roles:
        parts.append(f"Whose benefit: {roles_told(roles)}")
    return f"{label}, adjusted for {len(looked)} outcomes looked at: {'. '.join(parts)}."


def roles_told(rows: list[Difference]) -> str:
    """Return the roles whose benefit differs, each with by how much, from the greatest gain to the greatest loss."""
    return ", ".join(f"{OF_ROLE[row.outcome]} {signed(row.mean)}" for row in sorted(rows, key=lambda row: -row.mean))


def rests_on(comparison: ComparisonResult) -> list[str]:
    """Return what the answer rests on: who is paired, what ended, what is assumed."""
    question = comparison.question
    lines = []
    if len({plan.scenario.case for plan in question.plans if plan.scenario is not None}) > 1:
        lines.append(
            "The plans are different partnerships: they share parameters that are common to both and the numbers of "
            "their luck, but not people, so that most of a difference is who is there."
        )
    dropped = max((rows[0].dropped for rows in comparison.rows.values()), default=0)
    if dropped:
        lines.append(f"{dropped:,} pairs were left out because one of the two had no value.")
    if question.held:
        lines.append(
            "Results that were there already hold neither benefits by role nor the runs without a shock; compare the "
            "scenarios themselves to see these."
        )
    if question.options["precision"] is not None:
        asked, shown = question.options["precision"], [row for row, *_ in comparison.rows.values()]
        half = max((row.high - row.low) / 2 for row in shown)
        lines.append(
            f"The widest interval of {in_words(shown[0].outcome).title} is ±{half:.2g}; ±{asked:g} was asked for."
        )
    if question.options["posterior"] == NONE:
        lines.append("Parameters are assumed defaults: the answer holds for that one set, and only luck was tried.")
    else:
        lines.append(
            "The answer rests on assumptions: the cases narrowed few of the parameters, and the others were tried over "
            "the ranges that were thought plausible beforehand."
        )
        for label, (primary, *_) in comparison.rows.items():
            found = comparison.hangs_on(label) if primary.clear else None
            if found is not None:
                lines.append(hangs_sentence(label, primary, found))
    return [*lines, LIMITS]


def hangs_sentence(label: str, row: Difference, found: Sequence[Dependence]) -> str:
    """Return which parameters one would have to know for a better answer.

    Parameters
    ----------
    label : str
        The plan.
    row : Difference
        Its primary outcome.
    found : sequence of Dependence
        What its difference hangs on, the strongest first.
    """
    title = in_words(row.outcome).title
    if not found:
        return f"{label}: no single parameter could be shown to decide how much {title} differs."
    named = "; ".join(
        f"{one.title} ({'rising' if one.correlation > 0 else 'falling'} with it, rank correlation "
        f"{one.correlation:+.2f}; {one.origin})"
        for one in found[:MOST_HANGING]
    )
    return f"{label}: what {title} gains or loses hangs most on {named}."
