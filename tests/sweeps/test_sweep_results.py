"""What a sweep writes: the same bits whatever did the work, the same numbers as a run, tables that can be read."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim.config.resolve import resolve
from sim.core.asked import Asked
from sim.core.engine import run_many
from sim.core.errors import UserError
from sim.core.metric_table import METRICS, QUESTIONNAIRE
from sim.results.summaries import NEEDED_OF_SHOCKS, needed, run_columns, summaries, summary
from sim.results.tables import content_hash
from sim.sweeps.conduct import DriveOptions, conduct
from sim.sweeps.dataset import ask, content_hashes, parts
from sim.sweeps.evaluate import Evaluator
from sim.sweeps.folder import SweepFolder
from sim.sweeps.planning import plan_sweep
from tests.helpers.rows import rows_by_hand
from tests.helpers.scenarios import LIVELY
from tests.helpers.sweeps import WORDS, begin, hashes, run

QUESTIONS = [row.name for row in QUESTIONNAIRE]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished sweep of 24 runs with every kind of table."""
    target = tmp_path_factory.mktemp("sweep") / "one"
    run(target)
    return target


@pytest.fixture(scope="module")
def shocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished sweep in which the effects of shocks are measured."""
    target = tmp_path_factory.mktemp("sweep") / "shocked"
    run(target, SHOCKED)
    return target


SHOCKED = (
    "scenario=funding_cut",
    "weeks=200",
    "shocks.funding_cut.size=0.2,0.9",
    "replicates=4",
    "shock_effects=yes",
    "seed=11",
)


def read(folder: Path, table: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(part, partitioning=None) for part in parts(folder, table)])


# --- the same bits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chunk", "how"),
    [
        (5, DriveOptions(workers=2)),
        (1, DriveOptions(workers=2)),
        (7, DriveOptions()),
        (1000, DriveOptions()),
        (5, DriveOptions(order=1)),
        (3, DriveOptions(workers=2, order=2)),
        (5, DriveOptions(engine="processes", workers=2)),
    ],
    ids=str,
)
def test_one_content_hash(finished: Path, tmp_path: Path, chunk: int, how: DriveOptions) -> None:
    state = run(tmp_path / "other", chunk=chunk, how=how)
    assert state.complete
    assert hashes(tmp_path / "other") == hashes(finished)


def test_slices_of_the_plan_make_the_same_dataset(finished: Path, tmp_path: Path) -> None:
    folder = begin(tmp_path / "sliced")
    for k in (3, 1, 2):
        conduct(folder, DriveOptions(part=(k, 3)))
    state = conduct(folder, DriveOptions())
    assert state.complete
    assert hashes(folder.path) == hashes(finished)
    assert len(list(folder.path.glob("done-*-of-3.jsonl"))) == 3
    assert not (folder.path / "done.jsonl").exists()


def test_blocks_do_not_matter(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Evaluator, "block_runs", lambda self: 2)
    run(tmp_path / "other")
    assert hashes(tmp_path / "other") == hashes(finished)


def test_another_seed_is_another_dataset(finished: Path, tmp_path: Path) -> None:
    run(tmp_path / "other", (*WORDS, "seed=2"))
    assert hashes(tmp_path / "other")["runs"] != hashes(finished)["runs"]


def test_a_finished_sweep_gone_on_with_does_nothing(finished: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file() and path.name != "lock"}
    state = conduct(SweepFolder(finished), DriveOptions())
    after = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file() and path.name != "lock"}
    assert (state.done, state.complete, state.redone) == (24, True, ())
    assert before == after


# --- the same numbers as a run ------------------------------------------------------------------------------


def test_rows_are_those_of_single_runs(shocked: Path) -> None:
    """Every column of every run, effects of shocks among them, is what ``partnersim run`` would say."""
    table = read(shocked, "runs")
    for size in (0.2, 0.9):
        words = ["scenario=funding_cut", "weeks=200", f"shocks.funding_cut.size={size}"]
        scenario = resolve(words).scenario
        ours = table.filter(pa.compute.equal(table["shocks.funding_cut.size"], size)).to_pandas()
        rows = rows_by_hand(scenario, 11, range(4))
        assert set(rows) == set(run_columns(scenario))
        for name in rows:
            np.testing.assert_allclose(ours[name], rows[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_rows_need_no_other_metrics_than_they_say() -> None:
    """Runs that end early have a last year too, which nobody knows beforehand."""
    shocked = replace(LIVELY, shocks=LIVELY.shocks[:2])
    ending = replace(LIVELY, shocks=(), parameters={**LIVELY.parameters, "meeting_gap": 4, "attend_base": 0.4})
    for scenario in (shocked, ending):
        everything = run_many(scenario, 1, range(16))
        less = run_many(scenario, 1, range(16), asked=Asked(needed(scenario)))
        again = partial(run_many, seed=1, replicates=range(16))
        output = partial(again, asked=Asked(NEEDED_OF_SHOCKS))
        np.testing.assert_array_equal(summary(less, output), summary(everything, again))
        np.testing.assert_array_equal(summaries(scenario, 1, range(16)), summary(everything, again))
    assert (everything.status > 0).any(), "some of them end early"


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (("weekly=20", "metrics=[synergy,trust]"), ("trust", "synergy")),
        (("weekly=20", "metrics=knowledge"), ("knowledge",)),
        (("weekly=20", "metrics=trust,knowledge"), ("trust", "knowledge")),
        (("weekly=60",), tuple(METRICS)),
        ((), None),
    ],
    ids=str,
)
def test_fewer_weeks_and_metrics_leave_the_others_as_they_are(
    finished: Path, tmp_path: Path, words: tuple[str, ...], columns: tuple[str, ...] | None
) -> None:
    """And the rows of runs, with their means of the last year."""
    run(tmp_path / "less", (*(word for word in WORDS if "weekly" not in word), *words))
    assert hashes(tmp_path / "less")["runs"] == hashes(finished)["runs"]
    if columns is None:
        assert not (tmp_path / "less" / "weekly").exists()
        return
    ours, all_of_it = read(tmp_path / "less", "weekly"), read(finished, "weekly")
    weeks = set(ours["week"].to_pylist())
    there = [week in weeks for week in all_of_it["week"].to_pylist()]
    assert ours.equals(all_of_it.filter(pa.array(there)).select(["run", "week", *columns]))
    assert sum(there) == ours.num_rows > 0
    with (tmp_path / "less" / "columns.csv").open(newline="") as file:
        listed = [row["name"] for row in csv.DictReader(file) if row["file"] == "weekly"]
    assert listed == ["run", "week", *columns]


def test_chosen_metrics_are_part_of_what_makes_two_sweeps_the_same(tmp_path: Path) -> None:
    words = ("weeks=20", "replicates=2", "weekly=10")
    folder = begin(tmp_path / "a", (*words, "metrics=[trust,synergy]"))
    assert folder.record["want"]["metrics"] == ["trust", "synergy"]
    assert folder.holds(plan_sweep((*words, "metrics=[synergy,trust]")).plan)
    assert not folder.holds(plan_sweep((*words, "metrics=[trust]")).plan)
    assert not folder.holds(plan_sweep(words).plan)
    folder.check_same()
    folder.record["want"]["metrics"] = ["trust"]
    with pytest.raises(UserError, match=r"the settings in .* are not those this sweep began with"):
        folder.check_same()


def test_a_sweep_of_all_metrics_says_what_it_said_before_one_could_choose(tmp_path: Path) -> None:
    """So folders from before are resumed."""
    folder = begin(tmp_path / "a", ("weeks=20", "replicates=2", "weekly=10"))
    assert set(folder.record["want"]) == {"weekly", "seats", "answers", "shocks", "quantities"}


def test_weekly_rows_are_those_of_single_runs(finished: Path) -> None:
    runs, weekly = read(finished, "runs"), read(finished, "weekly")
    scenario = sim.make_scenario("chrp", settings={"weeks": 60, "enabling.leadership": 0.8})
    single = sim.run(scenario, 1, 6).weekly
    frame = runs.to_pandas()
    chosen = frame[(frame["case"] == "chrp") & (frame["enabling.leadership"] == 0.8)]["run"]
    rows = weekly.to_pandas()
    ours = rows[rows["run"].isin(chosen)].reset_index(drop=True)
    theirs = single[single["week"] % 20 == 0].reset_index(drop=True)
    assert len(ours) == 24
    # The questionnaire is due at other weeks, which changes no metric.
    for name in ("week", "integration", "atmosphere", "benefit", "members", "synergy"):
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_seats_agree_with_the_weekly_metrics(finished: Path) -> None:
    seats, weekly = read(finished, "seats").to_pandas(), read(finished, "weekly").to_pandas()
    assert set(seats["week"]) == {30, 60}
    members = seats[seats["week"] == 60].groupby("run")["person"].count()
    shown = weekly[weekly["week"] == 60].set_index("run")["members"]
    np.testing.assert_array_equal(members, shown)
    assert (seats["meetings_attended"] <= seats["meetings_invited"]).all()
    assert seats["meetings_invited"].sum() > 0
    filled = seats[seats["person"].notna()]
    assert filled["benefit"].between(0, 1).all()
    assert seats[seats["person"].isna()][["tenure", "benefit", "power"]].isna().all().all()


def test_tallies_add_up_over_the_records(tmp_path: Path) -> None:
    """What seats did since the record before, summed, does not depend on how often one looks."""
    words = ("weeks=52", "replicates=3")
    run(tmp_path / "often", (*words, "seats=13"))
    run(tmp_path / "once", (*words, "seats=52"))
    often, once = (read(tmp_path / name, "seats").to_pandas() for name in ("often", "once"))
    for name in ("meetings_invited", "meetings_attended", "hours_given", "received"):
        summed = often.groupby(["run", "seat"])[name].sum()
        np.testing.assert_allclose(summed, once.set_index(["run", "seat"])[name].loc[summed.index], rtol=1e-12)


def test_summaries_of_seats_are_counted_from_the_seats(finished: Path) -> None:
    seats, runs = read(finished, "seats").to_pandas(), read(finished, "runs").to_pandas()
    last = seats[(seats["week"] == 60) & seats["person"].notna()]
    active = last.groupby("run")["active"].mean()
    np.testing.assert_allclose(runs.set_index("run")["active_share"], active)
    sectors = last[last["active"] == 1].groupby("run")["role"].nunique()
    np.testing.assert_array_equal(runs.set_index("run")["sectors"], sectors)
    tenure = last[last["role"] == 3].groupby("run")["tenure"].mean()
    np.testing.assert_allclose(runs.set_index("run")["coordinator_tenure"].loc[tenure.index], tenure)


def test_answers_of_the_last_wave_are_those_of_the_row(finished: Path) -> None:
    answers, runs = read(finished, "answers").to_pandas(), read(finished, "runs").to_pandas()
    assert set(answers["week"]) == {39, 60}
    last = answers[answers["week"] == 60].reset_index(drop=True)
    np.testing.assert_array_equal(last["questionnaire_trust"], runs["questionnaire_trust"])
    assert (last["returned"] <= 40).all()


def test_answers_by_seat_have_the_means_of_the_wave(tmp_path: Path) -> None:
    words = ("weeks=60", "enabling.leadership=0.2,0.8", "replicates=3", "questionnaire=[30,60]", "seats=[10,60]")
    run(tmp_path / "means", words)
    run(tmp_path / "seats", (*words, "answers=seats"), chunk=2)
    means, each = (read(tmp_path / name, "answers").to_pandas() for name in ("means", "seats"))
    for name in QUESTIONS:
        ours = each.groupby(["run", "week"])[name].mean()
        np.testing.assert_allclose(ours.to_numpy(), means[name].to_numpy(), rtol=1e-12)
    assert each.groupby(["run", "week"]).size().tolist() == means["returned"].tolist()
    assert set(read(tmp_path / "seats", "seats").to_pandas()["week"]) == {10, 60}
    for table in ("runs", "seats"):
        assert hashes(tmp_path / "means")[table] == hashes(tmp_path / "seats")[table]
    rows = list(csv.DictReader((tmp_path / "seats" / "columns.csv").read_text().splitlines()))
    assert [row["name"] for row in rows if row["file"] == "answers"] == list(each.columns)


def test_seats_and_answers_are_part_of_what_a_sweep_is(tmp_path: Path) -> None:
    words = ("weeks=20", "replicates=2", "questionnaire=[10]")
    folder = begin(tmp_path / "a", (*words, "seats=[20,5]", "answers=seats"))
    assert (folder.record["want"]["seats"], folder.record["want"]["respondents"]) == ([5, 20], True)
    assert folder.want.seat_weeks(20) == (5, 20)
    assert folder.holds(plan_sweep((*words, "seats=[5,20]", "answers=seats")).plan)
    assert not folder.holds(plan_sweep((*words, "seats=[5,20]")).plan)
    folder.check_same()
    plain = begin(tmp_path / "b", (*words, "answers=means"))
    assert plain.holds(plan_sweep(words).plan)
    with pytest.raises(UserError, match="answers must be one of means, seats"):
        plan_sweep((*words, "answers=all"))


def test_common_luck_coincides_until_the_change_bites(tmp_path: Path) -> None:
    words = ("weeks=120", "shocks.cut={kind: funding_cut, week: 100, size: 0.5, duration: 10}", "weekly=10")
    run(tmp_path / "a", (*words, "shocks.cut.size=0.1,0.9", "replicates=3"))
    weekly = read(tmp_path / "a", "weekly").to_pandas()
    small, large = (weekly[(weekly["run"] // 3) == point].reset_index(drop=True) for point in (0, 1))
    before = small["week"] < 100
    np.testing.assert_array_equal(small[before]["trust"], large[before]["trust"])
    assert not np.array_equal(small[~before]["purse"], large[~before]["purse"])


def test_lengths_and_shocks_may_differ_within_a_sweep(tmp_path: Path) -> None:
    run(tmp_path / "a", ("weeks=40,80", "case=pccp,chrp", "replicates=2", "weekly=40", "shock_effects=yes"), chunk=100)
    weekly = read(tmp_path / "a", "weekly").to_pandas()
    assert weekly.groupby("run")["week"].max().tolist() == [40] * 4 + [80] * 4
    runs = read(tmp_path / "a", "runs").to_pandas()
    assert runs["run"].tolist() == list(range(8))
    depth = runs["shock_reform_2014_depth"]
    assert depth[(runs["case"] == "pccp") & (runs["weeks"] == 80)].notna().all()
    assert depth[(runs["case"] == "chrp") | (runs["weeks"] == 40)].isna().all()


def test_every_table_is_in_the_order_of_the_plan(tmp_path: Path) -> None:
    """Runs of one length are done together; rows stand where the plan has them."""
    words = (
        "enabling.leadership=0.2,0.8",
        "weeks=20,40",
        "replicates=2",
        "weekly=20",
        "seats=20",
        "questionnaire=[20]",
    )
    run(tmp_path / "a", words, chunk=100)
    for table in ("runs", "weekly", "seats", "answers"):
        numbers = read(tmp_path / "a", table)["run"].to_numpy()
        assert set(numbers) == set(range(8)), table
        assert (np.diff(numbers) >= 0).all(), table


# --- tables that can be read --------------------------------------------------------------------------------


def test_pandas_polars_and_duckdb_read_the_same(finished: Path) -> None:
    import pandas as pd
    import polars as pl

    by_pandas = pd.read_parquet(finished / "runs")
    by_polars = pl.read_parquet(str(finished / "runs" / "*.parquet")).sort("run")
    by_duckdb = ask(finished, "select * from runs order by run").relation.df()
    ours = read(finished, "runs")
    assert by_pandas["run"].tolist() == by_polars["run"].to_list() == by_duckdb["run"].tolist() == list(range(24))
    for name in ("enabling.leadership", "benefit_last_year", "questionnaire_trust"):
        expected = ours[name].to_numpy()
        np.testing.assert_array_equal(by_pandas[name], expected)
        np.testing.assert_array_equal(by_polars[name].to_numpy(), expected)
        np.testing.assert_array_equal(by_duckdb[name], expected)


def test_settings_are_asked_for_as_they_are_typed(finished: Path) -> None:
    answer = ask(finished, "select enabling.leadership as l, count(*) as n from runs group by all order by l").relation
    assert answer.fetchall() == [(0.2, 12), (0.8, 12)]
    joined = "select count(*) from weekly join runs using (run) join plan using (run) where week = 40"
    assert ask(finished, joined).relation.fetchall() == [(24,)]


@pytest.mark.parametrize("question", ["selct 1", "select nothing from runs", "select * from elsewhere"])
def test_a_question_that_is_not_understood_names_the_tables(finished: Path, question: str) -> None:
    with pytest.raises(UserError, match="tables: runs, weekly, seats, answers, plan") as caught:
        ask(finished, question)
    assert len(caught.value.problems) == 1


def test_every_column_is_in_the_dictionary(finished: Path) -> None:
    rows = list(csv.DictReader((finished / "columns.csv").read_text().splitlines()))
    for table in ("runs", "weekly", "seats", "answers"):
        named = [row["name"] for row in rows if row["file"] == table]
        assert named == read(finished, table).column_names
    assert all(row["meaning"] for row in rows)


def test_the_content_hash_is_that_of_the_whole_table(finished: Path) -> None:
    assert content_hashes(SweepFolder(finished))["runs"] == content_hash(read(finished, "runs"))


def test_from_python(tmp_path: Path) -> None:
    result = sim.sweep("weeks=40", "enabling.leadership=0.1,0.9", "replicates=4", output=tmp_path / "a")
    assert result.runs.groupby("enabling.leadership").size().tolist() == [4, 4]
    assert result.query("select count(*) as n from runs")["n"].tolist() == [8]
    again = sim.sweep("weeks=40", "enabling.leadership=0.1,0.9", "replicates=4", output=tmp_path / "a")
    assert again.runs.equals(result.runs)
    with pytest.raises(UserError, match="holds another sweep"):
        sim.sweep("weeks=41", "enabling.leadership=0.1,0.9", "replicates=4", output=tmp_path / "a")
    with pytest.raises(UserError, match="no table called 'weekly'"):
        result.table("weekly")
