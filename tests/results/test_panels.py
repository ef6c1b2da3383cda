"""Seats at any weeks and answers by seat: they agree with the means, and move nothing of a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.commands.cli import main
from sim.config.kept import Kept, take_kept, weeks_of
from sim.core.engine import run_many
from sim.core.errors import UserError
from sim.core.metric_table import QUESTIONNAIRE, RESPONDENT_COLUMNS, SEAT_COLUMNS
from sim.core.vocabulary import Status

NAMES = [row.name for row in QUESTIONNAIRE]
PLAN = sim.make_scenario("pccp", settings={"weeks": 80})
ENDING = sim.make_scenario("pccp", settings={"weeks": 80, "parameters.min_active": 12, "parameters.grace_weeks": 2})


def test_means_over_respondents_are_the_answers_of_the_wave() -> None:
    scenario = Kept(waves=(20, 50, 80)).asked(ENDING)
    runs = run_many(scenario, 3, range(12), respondents=True)
    assert (runs.status != Status.ALIVE).any()
    counted = np.isfinite(runs.respondents[..., 0]).sum(axis=2)
    np.testing.assert_array_equal(counted, np.nan_to_num(runs.answers[..., -1]))
    answers, known = runs.respondents[..., 2:], np.isfinite(runs.respondents[..., 2:])
    total, count = np.where(known, answers, 0).sum(axis=2), known.sum(axis=2)
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    np.testing.assert_array_equal(means, runs.answers[..., :-1])
    assert set(np.unique(answers[known])) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_what_is_kept_moves_nothing() -> None:
    plain = sim.run(Kept(waves=(40, 80)).asked(PLAN), 1, 4)
    full = sim.run(PLAN, 1, 4, seats=[10, 11, 80], questionnaire=[40, 80], answers="seats")
    pd.testing.assert_frame_equal(plain.weekly, full.weekly)
    pd.testing.assert_frame_equal(plain.runs, full.runs)
    assert plain.seats is None
    assert plain.answers is None


def test_seats_are_there_at_the_weeks_asked_for() -> None:
    found = sim.run(PLAN, 1, 4, seats=[80, 10, 11, 300]).seats
    assert found is not None
    assert set(found["week"]) == {10, 11, 80}
    assert list(found.columns) == ["case", "scenario", "replicate", "week", "seat", *SEAT_COLUMNS]
    often = sim.run(PLAN, 1, 4, seats=10).seats
    assert often is not None
    assert set(often["week"]) == set(range(10, 81, 10))
    same = ["replicate", "seat", "person", "engagement", "power"]
    ours, theirs = (frame[frame["week"] == 80][same].reset_index(drop=True) for frame in (found, often))
    pd.testing.assert_frame_equal(ours, theirs)


def test_respondents_sit_in_the_seats_of_the_panel() -> None:
    found = sim.run(PLAN, 1, 4, seats=[40], questionnaire=[40], answers="seats")
    assert found.seats is not None
    assert found.answers is not None
    assert list(found.answers.columns)[3:] == ["week", "seat", *RESPONDENT_COLUMNS]
    both = found.answers.merge(found.seats, on=["replicate", "week", "seat"], suffixes=("", "_there"), how="left")
    np.testing.assert_array_equal(both["person"], both["person_there"])
    np.testing.assert_array_equal(both["role"], both["role_there"])
    returned = sim.run(PLAN, 1, 4, questionnaire=[40], answers="means").answers
    assert returned is not None
    assert returned["returned"].tolist() == found.answers.groupby("replicate").size().tolist()


def test_a_run_writes_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a"
    kept = ["seats=[26,52]", "questionnaire=[30]", "answers=seats"]
    assert main(["run", "case=pccp", "weeks=60", "replicates=3", *kept, f"output={folder}"]) == 0
    answers, seats = (pd.read_parquet(folder / f"{name}.parquet") for name in ("answers", "seats"))
    assert set(answers["week"]) == {30}
    assert set(seats["week"]) == {26, 52}
    runs = pd.read_parquet(folder / "runs.parquet")
    means = answers.groupby("replicate")[NAMES].mean()
    np.testing.assert_allclose(means.to_numpy(), runs[NAMES].to_numpy(), rtol=1e-12)
    with (folder / "columns.csv").open(newline="") as file:
        listed = [row["name"] for row in csv.DictReader(file) if row["file"] == "answers.parquet"]
    assert listed == ["week", "seat", *RESPONDENT_COLUMNS]
    assert "'seats=[26,52]' 'questionnaire=[30]' answers=seats" in capsys.readouterr().out
    assert {"seats.parquet", "answers.parquet"} <= set(_hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "record.json").read_text())["content_hash"]
    return found


def test_words_about_what_is_kept_are_taken_out() -> None:
    taken = take_kept(["case=chrp", "seats=13", "enabling.leadership=0.2"])
    assert (taken.kept.seats, taken.kept.answers) == (13, "")
    assert taken.others == ["case=chrp", "enabling.leadership=0.2"]
    assert take_kept(["questionnaire=case"]).kept.answers == "means"
    assert weeks_of((5, 70), 60) == (5,)


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("seats=0", "seats must be a whole number of weeks from 1 to 520"),
        ("seats=[0,5]", "seats must be a whole number of weeks from 1 to 520, or a list of weeks such as"),
        ("questionnaire=soon", "questionnaire must be a list of weeks from 1 to 520"),
        ("answers=all", "answers must be one of means, seats; got 'all'"),
    ],
)
def test_mistakes_are_told_with_all_others(word: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", word, "enabling.leadership=7", "--dry-run"]) == 2
    lines = capsys.readouterr().err
    assert line in lines
    assert "enabling.leadership" in lines
    name, _, text = word.partition("=")
    value = {"0": 0, "[0,5]": [0, 5], "soon": "soon", "all": "all"}[text]
    with pytest.raises(UserError, match=name):
        sim.run(PLAN, 1, 1, **{name: value})
