"""Comparisons: statistics on toys whose answer is known, common luck, words, mistakes."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.comparison.answer import Comparison
from sim.analysis.comparison.dependence import FEWEST_SETS, Dependence, dependences, drawn_in_both
from sim.analysis.comparison.differences import Difference, Nested, _holm, difference, differences, holm, nested
from sim.analysis.comparison.figures import _mean_and_half
from sim.analysis.comparison.outcome_words import in_words
from sim.analysis.comparison.precision import enough
from sim.analysis.comparison.record import outcome_cells
from sim.analysis.comparison.runs import ROLES, Design, _benefit_of_roles, laid_out, outcomes_of
from sim.analysis.comparison.sentences import in_short, others_sentence, primary_sentence, sureness
from sim.commands.cli import main
from sim.core.errors import UserError
from sim.core.metric_table import SEAT_COLUMNS
from sim.report.plots import means_of_points

FEW = {"draws": 6, "lucks": 2}


@pytest.fixture(scope="module")
def answer() -> Comparison:
    return sim.compare("baseline", "patient_partners_lost", "funding_cut", case="pccp", **FEW)


def toy(between: float, within: float, mean: float, draws: int, lucks: int, seed: int = 1):
    luck = np.random.default_rng(seed)
    sets = luck.normal(mean, between, draws) if between else np.full(draws, mean)
    values = np.repeat(sets, lucks) + luck.normal(0, within, draws * lucks)
    return values, np.repeat(np.arange(draws), lucks)


# Statistics


@pytest.mark.parametrize(("between", "within", "mean"), [(1.0, 2.0, 0.5), (0.5, 1.0, -0.4), (2.0, 0.5, 1.0)])
def test_ignorance_and_luck_are_found_as_they_were_made(between: float, within: float, mean: float) -> None:
    from scipy.stats import norm

    parts = [nested(*toy(between, within, mean, 400, 4, seed)) for seed in range(20)]
    assert np.mean([one.between for one in parts]) == pytest.approx(between, rel=0.05)
    assert np.mean([one.within for one in parts]) == pytest.approx(within, rel=0.02)
    assert np.mean([one.higher for one in parts]) == pytest.approx(norm.cdf(mean / between), abs=0.02)
    assert np.std([one.mean for one in parts]) == pytest.approx(parts[0].error, rel=0.5)


def test_luck_is_what_goes_against_its_own_set() -> None:
    from scipy.stats import norm

    values, draw = toy(0.0, 1.0, 0.8, 500, 40)
    assert nested(values, draw).reversed_by_luck == pytest.approx(norm.cdf(-0.8), abs=0.01)


def test_few_lucks_tell_how_often_luck_reverses_as_many_do() -> None:
    from scipy.stats import norm

    sets = np.random.default_rng(0).normal(0.5, 1.0, 100_000)
    true = norm.cdf(-np.abs(sets) / 2.0).mean()
    for lucks in (2, 4, 8):
        found = nested(*toy(1.0, 2.0, 0.5, 4_000, lucks)).reversed_by_luck
        assert found == pytest.approx(true, abs=0.015), lucks


def test_pairs_that_all_differ_by_the_same_are_tested_by_their_signs() -> None:
    ones = np.ones(6)
    row = difference("x", 0 * ones, ones, np.arange(6))
    assert row.p == 2.0**-5
    assert (row.low, row.high) == (1.0, 1.0)
    few = difference("x", 0 * ones[:5], ones[:5], np.arange(5))
    assert not few.clear
    assert np.isnan(few.low)


def test_sets_that_do_not_differ_are_not_told_to() -> None:
    parts = [nested(*toy(0.0, 1.0, 0.3, 300, 8, seed)) for seed in range(20)]
    # The variance of means of luck alone is 1/8, and is itself known to within a share of sqrt(2/300).
    assert np.mean([one.between**2 for one in parts]) < 0.125 * np.sqrt(2 / 300)
    assert np.median([one.higher for one in parts]) > 0.98


def test_one_luck_per_set_tells_no_luck() -> None:
    shown = nested(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 2]))
    assert (shown.draws, shown.freedom) == (3, 2)
    assert np.isnan(shown.within)
    assert np.isnan(shown.reversed_by_luck)
    assert shown.error == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3))


def test_one_set_tells_no_ignorance() -> None:
    shown = nested(np.array([1.0, 2.0, 3.0, -1.0]), np.zeros(4, dtype=int))
    assert np.isnan(shown.higher)
    assert shown.freedom == 3
    assert shown.reversed_by_luck == 0.25


def test_sets_of_unequal_lucks_count_alike() -> None:
    shown = nested(np.array([0.0, 0.0, 0.0, 4.0]), np.array([0, 0, 0, 1]))
    assert shown.mean == 2.0


def test_both_means_differ_by_the_difference() -> None:
    draw = np.array([0, 0, 0, 1, 1, 1])
    reference = np.array([1.0, 2.0, np.nan, 5.0, 7.0, 9.0])
    row = difference("x", reference, reference + np.array([1.0, 2.0, 3.0, 0.0, 0.0, np.nan]), draw)
    assert (row.reference, row.other) == (3.75, 4.5)
    assert row.mean == 0.75


def test_a_role_or_a_shock_can_be_what_is_asked_about() -> None:
    for primary in ("benefit_patient", "shock_reform_2014_loss"):
        asked = sim.compare("baseline", "funding_cut", primary=primary, draws=3, lucks=2)
        assert asked.rows["funding cut"][0].outcome == primary


def test_pairs_without_a_value_are_dropped_and_counted() -> None:
    ours = np.array([1.0, np.nan, 3.0, 4.0])
    theirs = np.array([2.0, 2.0, np.nan, 6.0])
    row = difference("alive", ours, theirs, np.arange(4))
    assert (row.pairs, row.dropped, row.mean) == (2, 2, 1.5)
    assert (row.reference, row.other) == (2.5, 4.0)


def test_pairs_that_agree_to_the_bit_differ_by_nothing() -> None:
    row = difference("alive", np.ones(6), np.ones(6), np.repeat([0, 1, 2], 2))
    assert (row.mean, row.estimate.error, row.clear) == (0.0, 0.0, False)
    # That they agree does not say how rare a difference is.
    assert np.isnan(row.low)
    assert primary_sentence("B", "A", row).endswith("is the same in every one of 6 pairs.")


@pytest.mark.parametrize(
    ("sets", "differ", "expected"), [(100, 9, False), (100, 10, True), (7, 3, False), (7, 4, True)]
)
def test_where_few_sets_differ_no_interval_is_given(sets: int, differ: int, expected: bool) -> None:
    other = np.repeat(np.arange(sets) < differ, 2) * np.arange(1.0, 2 * sets + 1)
    row = difference("wins", np.zeros(2 * sets), other, np.repeat(np.arange(sets), 2))
    assert np.isfinite(row.low) == np.isfinite(row.p) == expected
    if not expected:
        assert "too few of" in primary_sentence("B", "A", row)
        assert "(too few pairs differ)" in outcome_cells(row)[4]


def test_an_interval_is_that_of_a_t_test_of_the_sets() -> None:
    from scipy.stats import ttest_1samp

    values, draw = toy(1.0, 1.0, 0.3, 12, 3)
    row = difference("alive", np.zeros(36), values, draw)
    shown = ttest_1samp(values.reshape(12, 3).mean(axis=1), 0)
    assert row.p == pytest.approx(shown.pvalue)
    assert (row.low, row.high) == pytest.approx(tuple(shown.confidence_interval(0.95)))


def test_holm_by_hand() -> None:
    base = difference("alive", np.zeros(4), np.arange(4.0), np.arange(4))
    rows = [dataclass_with(base, name, p) for name, p in (("a", 0.011), ("b", 0.04), ("c", 0.02), ("d", np.nan))]
    assert [row.clear for row in _holm(rows)] == [True, True, True, False]  # .011 < .05/3, .02 < .05/2, .04 < .05
    rows = [dataclass_with(base, name, p) for name, p in (("a", 0.011), ("b", 0.06), ("c", 0.03))]
    assert [row.clear for row in _holm(rows)] == [True, False, False]
    # .03 fails at .05/2, and with it all that follow, although .04 < .05.
    assert holm({"a": 0.001, "b": 0.03, "c": 0.04}, 0.05) == {"a"}


def dataclass_with(row: Difference, name: str, p: float) -> Difference:
    return replace(row, outcome=name, p=p)


def test_the_primary_outcome_stands_for_itself() -> None:
    luck = np.random.default_rng(2)
    draw = np.arange(30)
    ours = {f"x{i}": luck.normal(size=30) for i in range(30)}
    theirs = {name: values + luck.normal(size=30) for name, values in ours.items()}
    theirs["x5"] = ours["x5"] + 0.45 + luck.normal(size=30)
    rows = differences(ours, theirs, draw, "x5")
    assert rows[0].outcome == "x5"
    assert rows[0].clear == (rows[0].p < 0.05)
    assert rows[0].p > 0.05 / 30  # it would not have stood among the others


# Precision


def test_what_is_enough_gives_the_half_width() -> None:
    from scipy.stats import t

    pilot = nested(*toy(1.0, 3.0, 0.0, 400, 4))

    def half(draws: int, lucks: int) -> float:
        return t.ppf(0.975, draws - 1) * np.sqrt((pilot.between**2 + pilot.within**2 / lucks) / draws)

    draws, lucks = enough(pilot, 0.4, 200, "x")
    assert lucks == 2
    assert half(draws, 2) <= 0.4 < half(draws - 4, 2)
    draws, lucks = enough(pilot, 0.3, 200, "x")
    assert draws == 200
    assert half(200, lucks) <= 0.3 < half(200, lucks - 1)
    assert enough(pilot, 100.0, 200, "x") == (30, 2)


def test_a_pilot_without_values_finds_nothing() -> None:
    with pytest.raises(UserError, match="too few runs have a value of x"):
        enough(nested(np.array([1.0]), np.array([0])), 0.3, 200, "x")


def test_a_precision_beyond_what_is_known_says_what_can_be_had() -> None:
    pilot = nested(*toy(1.0, 1.0, 0.0, 200, 4))
    with pytest.raises(UserError, match=r"cannot be reached: 200 parameter sets of 500 runs would leave ±0.1\d?; give"):
        enough(pilot, 0.01, 200, "x")


def test_with_one_set_more_luck_is_all_there_is() -> None:
    shown = Nested(0.0, 0.1, 39, np.nan, 1.0, np.nan, 0.3, 1)
    draws, lucks = enough(shown, 0.05, 1, "x")
    assert draws == 1
    assert 1_500 < lucks < 1_600


# Common luck


def test_a_plan_against_itself_differs_in_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.yaml").write_text("sentence: The same again.\n")
    rows = sim.compare("baseline", "other.yaml", **FEW).rows["other"]
    assert len(rows) > 40
    assert {row.mean for row in rows if row.pairs} == {0.0}
    assert not any(row.clear for row in rows)


def test_threads_and_other_plans_change_no_bit(answer: Comparison) -> None:
    alone = sim.compare("baseline", "funding_cut", case="pccp", threads=1, **FEW)
    ours, theirs = (
        {
            row.outcome: (row.mean, row.estimate.error, row.estimate.within)
            for row in one.rows["funding cut"]
            if row.pairs > 2
        }
        for one in (alone, answer)
    )
    assert ours == theirs
    assert len(ours) > 35


def test_folders_of_runs_are_the_pairs_that_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("baseline", "funding_cut"):
        assert main(["run", f"scenario={name}", "replicates=12", f"output={name}_runs"]) == 0
    assert main(["compare", "baseline_runs", "funding_cut_runs", "output=both"]) == 0
    assert main(["compare", "baseline_runs", "funding_cut", "output=mixed"]) == 0
    capsys.readouterr()
    says = {name: json.loads(Path(f"{name}/record.json").read_text())["says"] for name in ("both", "mixed")}
    assert all(any("neither benefits by role" in line for line in lines) for lines in says.values())
    both, mixed = says["both"][0], says["mixed"][0]
    number = re.compile(r"difference is (\S+) .*interval (\S+) to (\S+)\)|\(([^,]*), 95% interval (\S+) to")
    assert number.search(both).groups() == number.search(mixed).groups()  # type: ignore[union-attr]


def test_runs_are_laid_out_by_draw_and_luck() -> None:
    design = laid_out(1, 200, 4, 3)
    assert design.n == 12
    assert (design.replicates % 200 == design.draw).all()
    assert len(set(design.replicates.tolist())) == 12
    alone = laid_out(1, 1, 4, 3)
    assert alone.replicates.tolist() == list(range(12))


def test_outcomes_are_those_of_a_run() -> None:
    scenario = sim.make_scenario("pccp")
    result = sim.run(scenario, replicates=6)
    same = outcomes_of(scenario, Design(1, np.arange(6), np.arange(6)), 1)
    for name in ("integration_last_year", "members_end", "shock_reform_2014_loss"):
        np.testing.assert_array_equal(same.columns[name], result.runs[name].to_numpy(dtype=float))
    roles = np.array([same.columns[f"benefit_{role}"] for role in ROLES])
    assert np.isfinite(roles).sum() > 20


def test_benefit_of_a_role_is_that_of_its_seats() -> None:
    place = {name: number for number, name in enumerate(SEAT_COLUMNS)}
    seats = np.full((1, 2, 3, len(SEAT_COLUMNS)), np.nan)
    seats[0, :, :, place["role"]] = [[0, 5, 5], [0, 5, np.nan]]
    seats[0, :, :, place["benefit"]] = [[0.6, 0.5, 0.9], [0.8, 0.7, np.nan]]
    seats[0, :, :, place["drawback"]] = [[0.1, 0.2, 0.0], [0.1, 0.4, np.nan]]
    found = _benefit_of_roles(seats)
    assert found["benefit_clinician"][0] == pytest.approx((0.5 + 0.7) / 2)
    assert found["benefit_patient"][0] == pytest.approx((0.3 + 0.9 + 0.3) / 3)
    assert np.isnan(found["benefit_researcher"][0])


# Words


def row_of(mean: float, error: float, message: Nested, clear: bool = True, spread: float = 1.0) -> Difference:
    half = 2 * error
    return Difference(
        "benefit_last_year", 0.3, 0.3 + mean, mean - half, mean + half, 0.001, clear, spread, message, 100, 0
    )


def test_ignorance_and_luck_are_told_apart() -> None:
    shown = Nested(0.5, 0.1, 9, 0.4, 0.6, 0.86, 0.2, 100)
    row = row_of(0.5, 0.1, shown)
    assert primary_sentence("B", "A", row) == (
        "B against A: benefit, last year is higher, 0.8 in place of 0.3 net benefit; the difference is +0.5 (95% "
        "interval +0.3 to +0.7), 0.5 of the spread between single runs. Better under 86% of 100 plausible parameter "
        "sets; within one set luck reverses it in 1 run of 5."
    )


@pytest.mark.parametrize(
    ("luck", "draws", "message"),
    [
        (0.001, 50, "Worse under 90% of 50 plausible parameter sets; within one set luck hardly ever reverses it."),
        (0.45, 50, "Worse under 90% of 50 plausible parameter sets; within one set luck decides almost alone."),
        (0.2, 29, "29 parameter sets are too few to say under which share of them; within one set luck reverses it in "
                  "1 run of 5."),
        (0.25, 1, "With one parameter set, nothing is said of what is not known; within one set luck reverses it in "
                  "1 run of 4."),
    ],
)  # fmt: skip
def test_sureness_in_words(luck: float, draws: int, message: str) -> None:
    row = row_of(-0.5, 0.1, Nested(-0.5, 0.1, 9, 0.4, 0.6, 0.1, luck, draws))
    assert sureness(row, "worse") == message


@pytest.mark.parametrize(
    ("outcome", "rise", "fall"),
    [("integration_last_year", "better", "worse"), ("leavers", "worse", "better"), ("people_ever", "higher", "lower")],
)
def test_more_is_not_always_better(outcome: str, rise: str, fall: str) -> None:
    words = in_words(outcome)
    assert (words.better, words.lesser) == (rise, fall)


def test_one_run_of_each_set_says_neither() -> None:
    row = row_of(-0.5, 0.1, Nested(-0.5, 0.1, 49, np.nan, np.nan, np.nan, np.nan, 50))
    assert sureness(row, "worse") == (
        "With one run of each parameter set, luck cannot be separated from what is not known."
    )


def test_no_difference_is_an_answer_too() -> None:
    shown = Nested(0.01, 0.1, 9, 0.4, 0.6, 0.5, 0.5, 100)
    said = primary_sentence("B", "A", row_of(0.01, 0.1, shown, clear=False))
    assert said == (
        "B against A: no difference in benefit, last year can be seen (+0.01, 95% interval -0.19 to +0.21; 100 pairs)."
    )


def test_a_trifle_is_told_as_one() -> None:
    shown = Nested(0.05, 0.01, 9, 0.0, 0.6, 1.0, 0.3, 100)
    assert "too small to speak of" in primary_sentence("B", "A", row_of(0.05, 0.01, shown))
    assert "1 are distinguished, but by too little" in others_sentence("B", [row_of(0.05, 0.01, shown)])


def test_whose_benefit_is_told_apart_from_the_rest() -> None:
    shown = Nested(0.5, 0.1, 9, 0.4, 0.6, 0.86, 0.2, 100)
    rows = [replace(row_of(mean, 0.1, shown), outcome=f"benefit_{role}", estimate=replace(shown, mean=mean))
            for role, mean in (("patient", -0.5), ("researcher", 0.4))]  # fmt: skip
    assert others_sentence("B", [*rows, row_of(0.5, 0.1, shown)]) == (
        "B, adjusted for 3 outcomes looked at: also benefit, last year +0.5. "
        "Whose benefit: researcher +0.4, patient -0.5."
    )


def test_several_plans_are_told_at_a_glance(answer: Comparison) -> None:
    shown = Nested(0.5, 0.1, 9, 0.4, 0.6, 0.86, 0.2, 100)
    plans = (("B", -0.5, True), ("C", 0.4, False), ("D", 0.02, True), ("E", 0.6, True))
    rows = {name: [row_of(mean, 0.01, replace(shown, mean=mean), clear=clear)] for name, mean, clear in plans}
    assert in_short(replace(answer, rows=rows)) == (
        "In short (integration, last year, against baseline): better – E; no difference worth speaking of – C, D; "
        "worse – B."
    )


def test_the_best_plan_is_told_first_also_where_less_is_better(answer: Comparison) -> None:
    shown = Nested(0.5, 0.1, 9, 0.4, 0.6, 0.86, 0.2, 100)
    rows = {name: [row_of(mean, 0.01, replace(shown, mean=mean))] for name, mean in (("more", 0.5), ("fewer", -0.5))}
    question = replace(answer.question, options=answer.question.options | {"primary": "leavers"})
    assert in_short(replace(answer, rows=rows, question=question)).endswith("better – fewer; worse – more.")


def test_answers_of_the_questionnaire_are_not_denied() -> None:
    row = replace(row_of(0.5, 0.1, Nested(0.5, 0.1, 9, 0.4, 0.6, 0.86, 0.2, 100)), outcome="questionnaire_synergy")
    assert others_sentence("B", [row]) == "B: of 1 other outcomes only 1 answers of the questionnaire differ."


# What a difference hangs on


def test_a_parameter_that_decides_is_named_and_chance_is_not() -> None:
    rng = np.random.default_rng(3)
    cried = 0
    for _ in range(100):
        columns = {f"parameters.p{i}": rng.normal(size=100) for i in range(190)}
        draw = np.repeat(np.arange(100), 8)
        noise = rng.normal(size=800)
        cried += bool(dependences(noise, draw, columns))
        found = dependences(noise - 0.5 * columns["parameters.p7"][draw], draw, columns)
        assert found is not None
        assert found[0].name == "parameters.p7"
        assert found[0].correlation < -0.5
    assert cried <= 12


def test_too_few_sets_tell_of_no_parameter() -> None:
    column = {"parameters.p": np.arange(200.0)}
    assert dependences(np.arange(29.0), np.arange(29), column) is None
    few = dependences(np.arange(30.0), np.arange(30), column)
    assert FEWEST_SETS == 30
    assert few == [Dependence("parameters.p", 1.0)]
    missing = np.where(np.arange(40) < 11, np.nan, np.arange(40.0))
    assert dependences(missing, np.arange(40), column) is None


def test_what_is_set_by_hand_is_not_hung_on() -> None:
    plain = sim.make_scenario("pccp")
    cut = sim.make_scenario("pccp", settings={"parameters.trust_gain": 0.1})
    assert "parameters.trust_gain" in drawn_in_both(plain, plain)
    assert "parameters.trust_gain" not in drawn_in_both(plain, cut)
    assert drawn_in_both(plain, sim.make_scenario("chrp")) == {}


def test_where_the_numbers_come_from() -> None:
    assert Dependence("parameters.trust_gain", 0.5).origin == "assumed"
    assert Dependence("parameters.grant_per_week", 0.5).origin == "a fact of this partnership"
    assert Dependence("enabling.leadership", 0.5).origin == "a fact of this partnership"


def test_scripts_are_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("sim.api.QUIET_SECONDS", 0.0)
    sim.compare("baseline", "funding_cut", draws=2, lucks=2)
    assert "8 of 8 runs done" in capsys.readouterr().err
    monkeypatch.setattr("sim.api.QUIET_SECONDS", 1000.0)
    sim.compare("baseline", "funding_cut", draws=2, lucks=2)
    assert capsys.readouterr().err == ""


# What is left


def test_a_report_needs_nothing_from_outside(answer: Comparison, tmp_path: Path) -> None:
    report = answer.save(tmp_path / "here").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', report)
    assert answer.sentences[0].replace("'", "&#x27;") in report
    assert "partnersim compare baseline patient_partners_lost funding_cut draws=6 lucks=2" in report
    assert "the model&#x27;s own scale" in report
    assert (tmp_path / "here" / "differences.csv").read_text().count("\n") > 80


def test_each_picture_shows_something(answer: Comparison) -> None:
    panels = {
        kind: len(sim.plot(answer, kind).axes) for kind in ("differences", "bands", "over time", "roles", "shocks")
    }
    assert panels == {"differences": 1, "bands": 4, "over time": 4, "roles": 1, "shocks": 6}
    assert all(axis.has_data() for axis in sim.plot(answer, "bands").axes)
    with pytest.raises(UserError, match="no picture called 'role'; did you mean 'roles'"):
        sim.plot(answer, "role")


def test_bands_over_time_are_t_intervals_of_the_sets() -> None:
    draw = np.array([0, 0, 1, 1, 2, 2])
    values = np.array([[1.0, 3.0, 4.0, 6.0, 8.0, 8.0]]).T
    middle, half = _mean_and_half(values, draw)
    assert middle[0] == 5.0
    assert half[0] == pytest.approx(4.303 * 3 / np.sqrt(3), rel=1e-3)  # sets 2, 5, 8; two degrees of freedom


def test_every_plan_has_its_outcomes_in_the_picture(answer: Comparison) -> None:
    axis = sim.plot(answer, "differences").axes[0]
    assert any(label.get_text().startswith("funding cut: ") for label in axis.get_yticklabels()) is False
    turned = sim.compare("funding_cut", "baseline", "funding_cut+enabling.leadership=1", **FEW)
    labels = [label.get_text() for label in sim.plot(turned, "differences").axes[0].get_yticklabels()]
    assert any(label.startswith("funding cut: ") for label in labels)


def test_the_page_counts_the_sets_that_go_the_way_of_the_difference() -> None:
    shown = Nested(-0.5, 0.1, 9, 0.4, 0.6, 0.1, 0.2, 100)
    assert outcome_cells(row_of(-0.5, 0.1, shown))[5] == "worse under 90%"
    unknown = replace(shown, higher=np.nan, reversed_by_luck=np.nan)
    assert outcome_cells(row_of(-0.5, 0.1, unknown))[5:7] == ("–", "–")


def test_a_precision_holds_for_every_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = iter([(30, 2), (40, 3)])
    monkeypatch.setattr("sim.analysis.comparison.answer.enough", lambda *_: next(needed))
    found = sim.compare("baseline", "funding_cut", "meetings_lost", precision=0.1)
    assert (found.design.n, len(set(found.design.draw))) == (120, 40)
    assert any("±0.1 was asked for" in line for line in found.sentences)


def test_plans_that_would_be_called_the_same_are_called_by_their_words() -> None:
    words = ["baseline+shocks.reform_2014.size=0.5", "baseline+shocks.mergers_2015.size=0.5"]
    assert sim.compare("baseline", *words, **FEW).question.plans[1].label == words[0]


def test_a_plus_in_a_number_or_a_folder_is_no_change(tmp_path: Path, folder: Path, capsys) -> None:
    theirs = tmp_path / "a+b=c"
    shutil.copytree(folder, theirs)
    assert main(["compare", str(theirs), "baseline+parameters.trust_gain=1e-1", f"output={tmp_path / 'out'}"]) == 0
    assert "trust gain 0.1" in capsys.readouterr().out


def test_another_comparison_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["compare", "baseline", "funding_cut", "draws=3", "lucks=2"]
    assert main([*words, "output=here"]) == 0
    assert main([*words, "output=here"]) == 0
    assert main([*words, "seed=2", "output=here"]) == 2
    assert "holds other results (partnersim compare" in capsys.readouterr().err
    assert main(words) == 0
    assert main([*words, "seed=2"]) == 0
    assert len(list(Path("results/comparison").iterdir())) == 2
    capsys.readouterr()
    assert main([*words, f"output={'x' * 300}"]) == 2
    assert capsys.readouterr().err.startswith("partnersim: cannot write to 'xxx")


def test_results_that_are_there_say_what_they_were_run_with(folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    assert main(["run", "case=chrp", "posterior=none", "replicates=4", f"output={plain}"]) == 0
    other = tmp_path / "other"
    assert main(["run", "case=chrp", "scenario=funding_cut", "posterior=none", "replicates=4", f"output={other}"]) == 0
    found = sim.compare(str(plain), str(other))
    assert any(line.startswith("Parameters are assumed defaults") for line in found.sentences)
    assert "(CHRP)" in found.save(tmp_path / "page").read_text(encoding="utf-8")


def test_the_table_reads_well(answer: Comparison) -> None:
    row = answer.table.iloc[0]
    assert row["outcome"] == "integration, last year"
    assert (
        row["difference"] == round(row["with the plan"] - row["reference"], 4)
        or abs(row["difference"] - row["with the plan"] + row["reference"]) < 2e-4
    )
    assert repr(answer) == "\n".join(answer.sentences)


def test_a_sweep_counts_points_and_not_their_replicates() -> None:
    group = pd.Series(np.repeat(["a", "b"], 8))
    point = pd.Series(np.repeat([0, 1, 2, 3], 4))
    outcome = pd.Series(np.repeat([1.0, 3.0, 5.0, 5.0], 4))
    middle, half = means_of_points(outcome, group, point).T
    assert middle.tolist() == [2.0, 5.0]
    assert half.tolist() == pytest.approx([12.706 * np.sqrt(2) / np.sqrt(2), 0.0], rel=1e-3)
    alone = means_of_points(pd.Series([1.0, 3.0, 5.0, 5.0]), pd.Series(list("aabb")), pd.Series([0, 0, 1, 1]))
    assert alone[0].tolist() == pytest.approx([2.0, 12.706], rel=1e-3)


def test_pictures_of_runs_and_sweeps(tmp_path: Path) -> None:
    result = sim.run(sim.make_scenario("pccp"), replicates=4)
    assert sum(axis.has_data() for axis in sim.plot(result).axes) == 5
    assert sum(axis.has_data() for axis in sim.plot(result, "trust").axes) == 1
    assert result.sentences[0].startswith("4 of 4") or "of 4 simulated" in result.sentences[0]
    with pytest.raises(UserError, match="no metric called 'trusst'; did you mean 'trust'"):
        sim.plot(result, "trusst")
    swept = sim.sweep("enabling.leadership=0.2,0.8", "replicates=4", output=tmp_path / "s")
    assert len(sim.plot(swept, "benefit_last_year").axes) == 1
    with pytest.raises(UserError, match="no outcome of this sweep called 'benefit'"):
        sim.plot(swept, "benefit")


def test_public_names_are_few() -> None:
    assert len(sim.__all__) <= 15


# Mistakes: one line, status 2, nothing written


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["baseline", "funding_cutt"], "no scenario, case or folder called 'funding_cutt'; did you mean"),
        (["baseline"], "compare needs two plans or more"),
        (["baseline", "baseline"], "'baseline' is named twice"),
        (["baseline", "both"], "'both' is a scenario and a folder; say scenario:both or folder:both"),
        (["baseline", "folder:nowhere"], "no folder called 'nowhere'"),
        (["baseline", "empty"], "'empty' holds no run: there is no record.json in it"),
        (["baseline", "funding_cut", "primary=integratoin_last_year"], "did you mean 'integration_last_year'?"),
        (["baseline", "funding_cut", "primary=shock_funding_cut_loss"], "not all of these plans have an outcome"),
        (["baseline", "funding_cut", "primary=benefit_pation"], "did you mean 'benefit_patient'?"),
        (["baseline", "funding_cut", "draws=1", "lucks=1"], "is a single pair, which tells nothing"),
        (["baseline", "funding_cut", "lucks=0"], "lucks must be a whole number from 1"),
        (["baseline", "funding_cut", "replicates=20"], "compare takes draws and lucks in place of replicates"),
        (["baseline", "funding_cut", "lcuks=4"], "unknown setting 'lcuks'; did you mean 'lucks'?"),
        (["baseline", "baseline+leadership"], "a change of a plan is NAME=VALUE"),
        (["baseline", "baseline+enabling.leadership=2"], "enabling.leadership must be"),
        (["baseline", "baseline+seed=2"], "seed is not part of a plan; give it to all, as seed=VALUE"),
        (["baseline", "baseline+weeks=208"], "plans must have one length; give weeks=208"),
        (["baseline", "funding_cut", "output=file/x"], "'file' is a file; give another output=FOLDER"),
        (["baseline", "funding_cut", "output=full"], "'full' holds something else"),
        (["baseline", "funding_cut", "precision=1e-6", "posterior=none"], "cannot be reached"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, words: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("empty").mkdir()
    Path("full").mkdir()
    Path("full/letter").write_text("")
    Path("conf/scenario").mkdir(parents=True)
    Path("conf/scenario/both.yaml").write_text("sentence: A scenario with the name of a folder.\n")
    Path("both").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert main(["compare", *words]) == 2
    err = [line for line in capsys.readouterr().err.splitlines() if line.startswith("partnersim: ")]
    assert len(err) == 1
    assert message in err[0]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("held") / "ours"
    assert main(["run", "replicates=4", f"output={path}"]) == 0
    return path


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("summary.csv", None, "holds no summary.csv; run it again"),
        ("figure.png", None, "holds no figure.png; run it again"),
        ("record.json", "{}", "its record or summary is damaged"),
        ("record.json", "[]", "its record or summary is damaged"),
        ("summary.csv", "scope,name\nrun,alive\n", "its record or summary is damaged"),
    ],
)
def test_a_damaged_run_makes_no_page(
    tmp_path: Path, folder: Path, capsys, file: str, content: str, message: str
) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(folder, theirs)
    if content is None:
        (theirs / file).unlink()
    else:
        (theirs / file).write_text(content)
    assert main(["report", str(theirs)]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_damaged_table_is_told_as_such(tmp_path: Path, folder: Path, capsys) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(folder, theirs)
    (theirs / "runs.parquet").write_text("no table")
    assert main(["compare", str(folder), str(theirs), f"output={tmp_path / 'out'}"]) == 2
    assert "runs.parquet cannot be read: it is damaged; run it again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model_hash": "0000"}, "was made by another version of the model (0000, now"),
        ({"seed": 7}, "are not pairs: seed is 1 and 7"),
        ({"completed": 3}, "are not pairs: replicates is 4 and 3"),
        ({"settings": None}, "its record.json is of another kind"),
        ({"interrupted": True}, "holds an interrupted run of 4 replicates; run it again"),
    ],
)
def test_folders_that_are_no_pairs(
    tmp_path: Path, folder: Path, capsys, changed: dict[str, object], message: str
) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(folder, theirs)
    record = json.loads((theirs / "record.json").read_text())
    (theirs / "record.json").write_text(json.dumps(record | changed))
    assert main(["compare", str(folder), str(theirs), f"output={tmp_path / 'out'}"]) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1
    assert message in err[0]
    assert not (tmp_path / "out").exists()


def test_a_folder_that_lacks_columns(tmp_path: Path, folder: Path, capsys) -> None:
    import pyarrow.parquet as pq

    theirs = tmp_path / "theirs"
    shutil.copytree(folder, theirs)
    runs = pq.read_table(theirs / "runs.parquet").drop_columns(["wins", "outcome"])
    pq.write_table(runs, theirs / "runs.parquet")
    assert main(["compare", str(folder), str(theirs), f"output={tmp_path / 'out'}"]) == 2
    assert "lacks the column outcome, wins; run it again" in capsys.readouterr().err


def test_a_folder_and_a_scenario_of_another_kind(folder: Path, tmp_path: Path, capsys) -> None:
    assert main(["compare", str(folder), "funding_cut", "case=chrp", f"output={tmp_path / 'out'}"]) == 2
    assert "which was run with case=pccp" in capsys.readouterr().err
    assert main(["compare", str(folder), "funding_cut", "draws=3", f"output={tmp_path / 'out'}"]) == 2
    assert "draws is for plans that are run" in capsys.readouterr().err


# Reports of folders


def test_a_run_becomes_a_page(folder: Path, capsys) -> None:
    assert main(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    record = json.loads((folder / "record.json").read_text())
    assert all(line.replace("'", "&#x27;") in page for line in record["says"])
    assert "<h1>PCCP, baseline</h1>" in page
    (folder / "report.html").unlink()
    capsys.readouterr()


def test_a_sweep_becomes_a_page(tmp_path: Path, capsys) -> None:
    swept = tmp_path / "s"
    assert main(["sweep", "enabling.leadership=0.2,0.8", "replicates=4", f"output={swept}"]) == 0
    assert main(["report", str(swept)]) == 0
    page = (swept / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 5
    assert "Sweep of 2 points, 8 runs" in page
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "report needs one folder"),
        (["nowhere"], "no folder called 'nowhere'"),
        (["bare"], "'bare' holds no results of partnersim"),
    ],
)
def test_mistakes_of_a_report(tmp_path: Path, monkeypatch, capsys, words: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bare").mkdir()
    assert main(["report", *words]) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1
    assert message in err[0]
