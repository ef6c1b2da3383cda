"""Ends told apart, costs and causes of leaving: in the row of a run, in its sentences and in those of a comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.comparison.sentences import costs_sentence, ends_sentence
from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import COSTS, ENDS, LEAVING, OBSERVED_NAMES
from sim.core.vocabulary import Status
from sim.results.story import COMPONENTS, ENDS as END_TEXTS, MEMBERS, Kept, run_sentences
from sim.results.summaries import ends_of, run_columns, summary
from sim.results.weekly import curve
from tests.core.test_laws import ENDINGS, ended
from tests.helpers.scenarios import LIVELY, with_parameters

WORDS = {Status.FAILED: "failed", Status.DORMANT: "dormant", Status.FULFILLED: "fulfilled"}


def rows_of(runs: Ensemble) -> dict[str, np.ndarray]:
    calm = replace(runs, scenario=replace(runs.scenario, shocks=()))
    rows = summary(calm, lambda changed: runs)
    return dict(zip(run_columns(calm.scenario), rows.T, strict=True))


def kept_of(runs: Ensemble) -> Kept:
    return Kept({name: curve(runs, name) for name in (*COMPONENTS, MEMBERS)}, rows_of(runs))


@pytest.mark.parametrize("reason", ENDINGS, ids=lambda reason: reason.name.lower())
def test_each_end_is_told_apart(reason: Status) -> None:
    runs = ended(reason)
    rows = rows_of(runs)
    there = runs.status == reason
    assert there.any()
    assert (rows[WORDS[reason]][there] == 1).all()
    for other in ENDS:
        if other != WORDS[reason]:
            assert (rows[other][there] == 0).all()
    np.testing.assert_array_equal(rows["reason"], runs.status)
    np.testing.assert_array_equal(sum(rows[name] for name in ENDS), np.ones(len(there)))


@pytest.mark.parametrize("reason", ENDINGS, ids=lambda reason: reason.name.lower())
def test_the_sentence_says_how_they_ended(reason: Status) -> None:
    runs = ended(reason)
    first = run_sentences(runs.scenario, kept_of(runs), ())[0]
    number = int((runs.status == reason).sum())
    assert f"{number} {END_TEXTS[reason]}" in first
    assert "of 6 simulated partnerships were still going after 60 weeks" in first
    assert "alive" not in first


def test_a_purpose_met_is_no_renewal_where_it_ends_the_partnership() -> None:
    rows = rows_of(ended(Status.FULFILLED))
    np.testing.assert_array_equal(rows["purposes_met"], rows["renewals"] + rows["fulfilled"])
    assert rows["purposes_met"].max() >= 1
    again = with_parameters(LIVELY, {"purpose": 0.01, "progress_rate": 0.1, "outcome_delay": 0, "engagement_base": 4.0})
    runs = run_many(replace(again, shocks=()), 1, range(8))
    rows = rows_of(runs)
    assert (rows["renewals"] > 0).any()
    sentences = run_sentences(runs.scenario, kept_of(runs), ())
    assert any("a purpose was met and a higher one taken up" in line for line in sentences)


def test_costs_and_causes_are_those_of_the_last_week_seen() -> None:
    runs = run_many(replace(LIVELY, shocks=()), 1, range(6))
    rows = rows_of(runs)
    last = np.where(runs.status == Status.ALIVE, LIVELY.weeks, runs.ended_week - 1)
    for name in (*COSTS, "meetings_held", "guests_ever", "grants_won", *(f"left_{cause}" for cause in LEAVING)):
        seen = runs.weekly[np.arange(6), last, OBSERVED_NAMES.index(name)]
        np.testing.assert_array_equal(rows[name], seen, err_msg=name)
    np.testing.assert_array_equal(sum(rows[f"left_{cause}"] for cause in LEAVING), rows["leavers"])
    sentences = " ".join(run_sentences(runs.scenario, kept_of(runs), ()))
    for words in ("coordinator-weeks of money", "hours of paid staff", "hours of members' own time", "moved on"):
        assert words in sentences


def test_plans_are_told_with_their_ends_and_costs() -> None:
    ends = dict(zip(ENDS, (0.5, 0.25, 0.25, 0.0), strict=True))
    assert "a – 50% still going, 25% fulfilled, 25% failed, 0% dormant; b – 50%" in ends_sentence({"a": ends, "b": ends})
    assert costs_sentence({"a": dict.fromkeys(COSTS, 1200.0)}).count("1,200") == 3


def test_a_status_is_one_end() -> None:
    found = ends_of(np.array(list(Status)))
    assert {name: values.tolist().index(1.0) for name, values in found.items()} == {
        name: int(Status[name.upper()]) for name in ENDS
    }
