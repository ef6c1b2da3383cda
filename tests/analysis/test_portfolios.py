"""Portfolios: the budget is kept, worlds are shared, the best are distinguished from luck; going on, mistakes."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.pages import rounded
from experiments.questions import portfolios as experiment
from sim.analysis.portfolios import worlds
from sim.analysis.portfolios.choose import KEEPING, Pick, balanced, choose, gain, robust_gain, signed, unbeaten
from sim.analysis.portfolios.mixes import GENES, MOST, NAMES, SPENT, hours_of, levels_of, yardsticks
from sim.analysis.portfolios.question import AIMS, SETTINGS, PortfolioQuestion, portfolio_question
from sim.analysis.portfolios.search import Tried, search
from sim.analysis.portfolios.worlds import OUTCOMES, Worlds, mean_and_worst, search_and_fresh, try_mixes
from sim.commands.cli import main
from sim.core.parameters import LEVERS

pytest.importorskip("optuna")

LOST = ("loss", "recovery_weeks", "recovered")
SMALL = ("generations=2", "population=8", "draws=10", "lucks=1", "fresh=1", "front=4", "weeks=200")


def question_of(**given_: Any) -> PortfolioQuestion:
    return portfolio_question({name: row.default for name, row in SETTINGS.items()} | {"weeks": 200} | given_)


@given(
    genes=st.lists(st.floats(0, 1), min_size=len(GENES), max_size=len(GENES)),
    budget=st.integers(5, 60),
)
@settings(max_examples=200, deadline=None)
def test_no_mix_costs_more_than_the_budget_or_more_than_full_effort(genes: list[float], budget: int) -> None:
    hours = hours_of(dict(zip(GENES, genes, strict=True)), budget)
    assert hours.sum() <= budget
    assert (hours >= 0).all()
    assert (hours <= MOST).all()
    assert levels_of(hours).max() <= 1


def test_yardsticks_spend_what_they_can_on_what_they_say() -> None:
    for name, genes in yardsticks(30).items():
        hours = hours_of(genes, 30)
        own = [place for place, row in enumerate(LEVERS.values()) if name == "even" or name == f"{row.level} only"]
        assert hours.sum() == min(30, MOST[own].sum())
        assert hours[own].sum() == hours.sum()
    assert hours_of(dict.fromkeys(NAMES, 1.0) | {SPENT: 0.5}, 30).sum() == 15


def test_the_unbeaten_are_those_that_no_row_beats() -> None:
    luck = np.random.default_rng(1)
    scores = luck.integers(0, 5, (60, 3)).astype(float)
    scores[7] = np.nan
    rows = set(unbeaten(scores))
    for place, row in enumerate(scores):
        beaten = any((row <= other).all() and (row < other).any() for other in scores)
        assert (place in rows) == (not beaten and place != 7)


def test_the_balanced_mix_lies_between_the_ends() -> None:
    assert balanced(np.array([[1.0, 0.0], [0.7, 0.8], [0.0, 1.0]])) == 1


def test_the_worst_tenth_is_that_of_the_side_that_is_bad() -> None:
    values = np.arange(30.0)[None]
    assert [float(one[0]) for one in mean_and_worst(values, 1)] == [14.5, 1.0]
    assert [float(one[0]) for one in mean_and_worst(values, -1)] == [14.5, 28.0]
    with_gap = np.where(values == 0, np.nan, values)
    assert float(mean_and_worst(with_gap, 1)[1][0]) == 2.0


def toy(values: dict[str, Any]) -> Tried:
    """Three mixes (the first is the even one) whose outcomes are given, others 0."""
    n = len(next(iter(values.values()))[0])
    found = np.zeros((3, len(OUTCOMES), n))
    for name, rows in values.items():
        found[:, OUTCOMES.index(name)] = rows
    even = hours_of(yardsticks(30)["even"], 30)
    return Tried(np.array([even, np.roll(even, 1), np.roll(even, 2)]), found)


def test_less_is_better_for_recovery_and_more_for_the_others() -> None:
    tried = toy({"synergy": [[1.0] * 4, [2.0] * 4, [3.0] * 4], "recovery_weeks": [[10.0] * 4, [20.0] * 4, [30.0] * 4]})
    good = signed(tried, [AIMS["synergy"], AIMS["recovery"]], "mean")
    assert good.argmax(axis=0).tolist() == [2, 0]


def test_a_gain_is_paired_and_positive_when_better() -> None:
    tried = toy({"recovery_weeks": [[10.0, 50.0], [8.0, 47.0], [12.0, 50.0]]})
    even, other = Pick("even", "", tried.hours[0]), Pick("other", "", tried.hours[1])
    found = gain(AIMS["recovery"], other, even, tried, tried)
    assert found.again == 2.5
    assert found.half == pytest.approx(12.706 * 0.7071 / np.sqrt(2), rel=1e-3)  # one degree of freedom
    assert found.better == 1.0
    assert found.shrunk == 0.0


def test_a_robust_gain_is_that_of_the_worst_tenth() -> None:
    steps = np.arange(50.0)
    tried = toy({"synergy": [steps, np.where(steps < 5, steps + 3, steps - 1), steps]})
    first, second = (Pick("", "", hours) for hours in tried.hours[:2])
    assert robust_gain(AIMS["synergy"], second, first, tried, "worst")[0] == pytest.approx(2.2)
    assert robust_gain(AIMS["synergy"], second, first, tried, "mean")[0] == pytest.approx(-0.6)
    value, half = robust_gain(AIMS["synergy"], first, first, tried, "worst")
    assert (value, half) == (0.0, 0.0)


def test_recovery_that_costs_no_synergy_is_not_that_of_a_mix_without_any() -> None:
    question = question_of()
    even = hours_of(yardsticks(30)["even"], 30)
    rows = [even, *(hours_of(genes, 30) for name, genes in yardsticks(30).items() if name != "even")]
    found = np.zeros((4, len(OUTCOMES), 10))
    found[:, OUTCOMES.index("synergy")] = np.array([[1.0], [2.0], [0.0], [-1.0]])
    found[:, OUTCOMES.index("recovery_weeks")] = np.array([[30.0], [20.0], [5.0], [0.0]])
    picks = {pick.title(): pick for pick in choose(question, Tried(np.array(rows), found)).picks}
    assert (picks["best for recovery, mean"].hours == rows[3]).all()
    assert (picks[f"{KEEPING}, mean"].hours == rows[1]).all()


def test_the_search_is_told_what_is_better(tmp_path: Path) -> None:
    def synergy_is_leadership(hours: Any) -> Any:
        found = np.zeros((len(hours), len(OUTCOMES), 10))
        found[:, OUTCOMES.index("synergy")] = hours[:, [NAMES.index("leadership")]]
        found[:, OUTCOMES.index("recovery_weeks")] = hours[:, [NAMES.index("administration")]]
        return found

    question = question_of(generations=12, population=16, aims=["synergy", "recovery"])
    tried = search(question, tmp_path, synergy_is_leadership)
    picks = {pick.title(): pick.hours for pick in choose(question, tried).picks}
    assert picks["best for synergy, mean"][NAMES.index("leadership")] >= MOST[NAMES.index("leadership")] - 1
    late = tried.hours[len(tried.hours) // 2 :]
    assert late[:, NAMES.index("administration")].mean() < tried.hours[:16, NAMES.index("administration")].mean()


def test_the_second_trial_knows_other_draws_and_other_luck() -> None:
    known, fresh = search_and_fresh(question_of(draws=50))
    assert set(known.draws).isdisjoint(fresh.draws)
    assert known.seed != fresh.seed


def test_what_comes_out_depends_on_no_thread_and_on_no_other_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    question = question_of()
    hours = np.array([hours_of(genes, 30) for genes in yardsticks(30).values()])
    some = Worlds(np.array([3, 40, 77]), 2, 5)
    whole = try_mixes(question, hours, some, 1, lambda runs: None)
    assert whole.shape == (4, len(OUTCOMES), 3)
    monkeypatch.setattr(worlds, "BLOCK", 7)
    np.testing.assert_array_equal(try_mixes(question, hours[2:3], some, 2, lambda runs: None)[0], whole[2])


def test_with_and_without_the_shock_the_luck_is_the_same() -> None:
    question = question_of()
    calm = replace(question, calm=question.shocked)
    hours = np.array([hours_of(genes, 30) for genes in yardsticks(30).values()])
    found = try_mixes(calm, hours, Worlds(np.array([3, 40, 77]), 2, 5), 1, lambda runs: None)
    assert np.nanmax(np.abs(found[:, OUTCOMES.index("loss")])) == 0  # missing where there was nothing to lose


def test_a_gain_without_a_value_is_no_loss() -> None:
    tried = toy({"recovery_weeks": [[10.0, 50.0, 9.0], [8.0, 47.0, np.nan], [12.0, 50.0, 9.0]]})
    even, other = Pick("even", "", tried.hours[0]), Pick("other", "", tried.hours[1])
    assert gain(AIMS["recovery"], other, even, tried, tried).better == 1.0


def test_a_partnership_that_is_gone_has_not_recovered(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_to_lose(shock: Any, output: Any, without: Any) -> Any:
        return {f"shock_{shock.name}_{name}": np.full(len(output), np.nan) for name in LOST}

    monkeypatch.setattr(worlds, "shock_effects", nothing_to_lose)
    question = question_of()
    nobody = np.zeros((1, len(NAMES)), dtype=np.int64)
    found = try_mixes(question, nobody, Worlds(np.arange(2), 1, 1), 1, lambda runs: None)[0]
    shock = next(one for one in question.shocked.shocks if one.name == question.shock)
    assert found[OUTCOMES.index("recovery_weeks")].tolist() == [200 - shock.week + 1] * 2
    assert found[OUTCOMES.index("recovered")].tolist() == [0, 0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portfolio") / "small"
    assert main(["portfolio", *SMALL, "threads=1", f"output={folder}"]) == 0
    return folder


def test_every_mix_in_the_table_keeps_the_budget(small: Path) -> None:
    with (small / "mixes.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 4
    for row in rows:
        assert sum(int(row[name]) for name in NAMES) == int(row["hours"]) <= 30
    assert any("even" in row["mix"] for row in rows)


def test_the_report_needs_nothing_else(small: Path) -> None:
    page = (small / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert page.count("<img") == len(list(small.glob("*.png"))) == 2
    assert "What else a mix brings" in page


def test_two_threads_and_a_second_start_give_the_same_bits(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["portfolio", *SMALL, "threads=2", f"output={tmp_path / 'again'}"]

    def stop(*shown: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sim.analysis.portfolios.result.choose", stop)
        assert main(words) == 130
    assert "resume with: partnersim portfolio" in capsys.readouterr().err
    first = tmp_path / "again" / "generations" / "0001.npz"
    before = first.stat().st_mtime_ns
    assert main(words) == 0
    assert first.stat().st_mtime_ns == before
    assert (tmp_path / "again" / "mixes.csv").read_bytes() == (small / "mixes.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hour=20"], "did you mean 'hours'?"),
        (["hours=99"], "hours must be a whole number from 5 to 60"),
        (["case=nowhere"], "no case called 'nowhere'"),
        (["scenario=baseline"], "scenario must add one dated shock within the run"),
        (["weeks=60"], "shocks.funding_cut.week must be from 1 to 60"),
        (["aims=[synrgy]"], "did you mean 'synergy'?"),
        (["aims="], "aims must be a name or a list such as [A,B]; got nothing"),
        (["posterior=none"], "mixes are judged over draws"),
        (["posterior=missing.npz"], "no such file: missing.npz"),
        (["draws=5"], "draws must be a whole number from 10"),
    ],
)
def test_a_mistake_is_told_before_anything_is_run(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["portfolio", *words]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["portfolio", *SMALL, f"output={tmp_path}"]) == 2
    assert main(["portfolio", *SMALL, f"output={tmp_path / 'letter.txt'}"]) == 2
    assert main(["portfolio", *SMALL, "hours=20", f"output={small}"]) == 2
    message = capsys.readouterr().err
    assert "holds something else" in message
    assert "letter.txt' is a file" in message
    assert "holds other results" in message
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_experiment_in_miniature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "CASES", ("chrp",))
    sizes = {"generations": 2, "population": 8, "draws": 10, "lucks": 1, "fresh": 1, "front": 4, "hours": 20}
    settings = sizes | {"weeks": 200, "folder": str(tmp_path), "threads": 1}
    found = json.loads(json.dumps(rounded({"made_with": settings, **experiment.measured(settings)})))
    page = experiment.STUDY.text(found)
    assert all(f"## {case.upper()}" in page for case in experiment.CASES)
    assert "20 hours a week" in page
    assert "nan" not in page
    experiment.picture(found, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000
