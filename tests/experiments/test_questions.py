"""The experiments of `make questions`: settings, worlds, and each in miniature."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from experiments import settings, worlds
from experiments.questions import enabling_levels, people, scale, shocks, surprises, turnover, two_cases, validity
from experiments.settings import Study, settings_of
from sim import api
from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError
from sim.core.vocabulary import Role
from sim.results.weekly import curve

QUESTIONS = (two_cases, enabling_levels, shocks, turnover, scale, surprises)
MINIATURE = {
    "two_cases": ("draws=4", "panel_weeks=52"),
    "enabling_levels": ("draws=3", "cases=[pccp]", "levels=[0.2,0.8]"),
    "shocks": ("draws=3", "cases=[chrp]", "kinds=[funding_cut,lost_meetings]"),
    "turnover": ("draws=3", "cases=[pccp]", "persons=[0.1,0.4]", "organisations=[0.1,0.4]"),
    "scale": ("draws=2", "cases=[chrp]", "seats=[8,15]"),
    "surprises": ("draws=2", "cases=[pccp]"),
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.NAME)
def test_each_question_in_miniature(question, tmp_path, monkeypatch):
    monkeypatch.setattr(surprises, "SIZES", (8, 15))
    asked = settings_of(question.NAME, [*MINIATURE[question.NAME], "lucks=1"])
    found = json.loads(json.dumps({"made_with": asked, **question.measured(asked)}))
    page = question.STUDY.text(found)
    assert page.startswith("# ")
    assert page.count("\n## ") >= 2
    picture = tmp_path / "picture.png"
    question.draw(found, picture)
    assert picture.stat().st_size > 5_000


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.NAME)
def test_shipped_pictures_are_small(question):
    assert 5_000 < question.STUDY.page_file.with_suffix(".png").stat().st_size < 150_000


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("drws=3", "did you mean 'draws'?"),
        ("draws=many", "draws must be a whole number of at least 1"),
        ("draws=0", "draws must be a whole number of at least 1"),
        ("cases=pccp", "cases must be a list such as [pccp,chrp]"),
        ("levels=[low]", "levels must be a list such as [0.2,0.5,0.8]"),
        ("levels=[0.2", "the settings cannot be read"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(argument, message):
    with pytest.raises(UserError) as refused:
        settings_of("enabling_levels", [argument])
    assert len(refused.value.problems) == 1
    assert message in refused.value.problems[0]


def test_a_command_refuses_and_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["turnover", "draws=500"])
    assert turnover.STUDY.main() == ExitStatus.USER_MISTAKE
    assert capsys.readouterr().err == "turnover: draws must be from 1 to 200 (draws of the posterior); got 500\n"
    assert not list(tmp_path.iterdir())


def test_help_is_the_file_of_settings(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["turnover", "--help"])
    assert turnover.STUDY.main() == ExitStatus.DONE
    assert "compared_at: 0.2" in capsys.readouterr().out


def test_own_settings_leave_the_shipped_page_alone(monkeypatch, tmp_path):
    def draw(found, path: Path) -> None:
        path.write_text("")

    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["turnover", "draws=7"])
    assert Study("turnover", lambda asked: {"seen": asked["draws"]}, list, draw).main() == ExitStatus.DONE
    written = tmp_path / "results" / "questions" / "turnover"
    assert json.loads((written / "turnover.json").read_text())["seen"] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def small(draws=3, lucks=2):
    return worlds.worlds_of({"draws": draws, "lucks": lucks, "seed": 4, "threads": 1})


def test_scenarios_meet_the_same_draws_and_lucks():
    scenario = api.make_scenario("pccp")
    first, again = (curve(worlds.live(scenario, small()), "output") for _ in range(2))
    np.testing.assert_array_equal(first, again)
    # Until the shock strikes nothing differs.
    shock = shocks.shock_of("merger", {"week": 130, "duration": 1}, 1.0)
    struck = curve(worlds.live(shocks.struck(scenario, shock), small()), "output")
    np.testing.assert_array_equal(first[:, :130], struck[:, :130])
    assert not np.array_equal(first[:, 130:], struck[:, 130:])
    # Lucks of one draw differ.
    assert not np.array_equal(first[0], first[1])


def test_what_is_reported_of_a_difference():
    found = worlds.estimate(np.array([1.0, 3.0, np.nan, 4.0, np.nan, np.nan]), small())
    assert found["mean"] == 3.0  # draws 2 and 4; the third has none
    assert found["error"] == pytest.approx(12.706, abs=1e-3)  # one degree of freedom
    assert found["up"] == 1.0


def test_luck_is_no_ignorance():
    rng = np.random.default_rng(1)
    many = worlds.Worlds(np.arange(60), 4, 1, 1)
    # The same gain in every draw, and much luck.
    row = worlds.estimate(0.1 + rng.normal(0, 0.4, 240), many)
    assert row["up"] > 0.95
    assert row["high"] - row["low"] < 0.25
    # The draws differ as much as luck does.
    row = worlds.estimate(np.repeat(rng.normal(0, 0.4, 60), 4) + rng.normal(0, 0.4, 240), many)
    assert 0.35 < row["up"] < 0.65
    assert 1.0 < row["high"] - row["low"] < 1.7
    # With one luck of each it cannot be said.
    assert np.isnan(worlds.estimate(rng.normal(0, 1, 60), worlds.Worlds(np.arange(60), 1, 1, 1))["up"])


def test_effects_of_levels_that_add_up_and_of_levels_that_need_each_other():
    a, b, c = np.meshgrid([0, 1, 2], [0, 1, 2], [0, 1, 2], indexing="ij")
    added = enabling_levels.effects((a + 2.0 * b)[..., None])
    assert {name: float(value[0]) for name, value in added.items()} == {
        "interpersonal": 2, "operational": 4, "system": 0,
        "interpersonal x operational": 0, "interpersonal x system": 0, "operational x system": 0,
        "together": 6, "sum of parts": 6, "whole less parts": 0,
    }  # fmt: skip
    needed = enabling_levels.effects((a * c).astype(float)[..., None])
    assert needed["interpersonal x system"][0] == 4
    assert needed["interpersonal x operational"][0] == 0
    assert needed["whole less parts"][0] == 4


def test_paths_are_read_at_equal_exits():
    rates = np.array([[0.1, 0.1], [0.3, 0.3]])
    persons = {turnover.EXITS: rates} | dict.fromkeys(turnover.METRICS, 1 - rates)
    organisations = {turnover.EXITS: rates * 2} | dict.fromkeys(turnover.METRICS, 1 - rates)
    row = turnover.at_equal_exits({"persons": persons, "organisations": organisations}, 0.2)["members"]
    assert (row["persons"], row["organisations"]) == (pytest.approx(0.8), pytest.approx(0.9))
    assert row["difference"] == pytest.approx(0.1)
    assert row["low"] == pytest.approx(0.1)


@pytest.mark.parametrize("seats", [8, 15, 60, 160])
def test_a_grown_partnership_keeps_its_mix(seats):
    usual = api.make_scenario("chrp")
    grown = scale.grown(usual, seats)
    assert len(grown.seats) == seats
    assert any(seat.role == Role.COORDINATOR for seat in grown.seats)
    for role in Role:
        shares = [sum(seat.role == role for seat in one.seats) / len(one.seats) for one in (usual, grown)]
        assert abs(shares[0] - shares[1]) <= 1 / min(seats, 15)
    assert {seat.organisation for seat in grown.seats} - {-1} == set(range(len(grown.organisations)))


@pytest.mark.parametrize(
    ("left", "error", "verdict"),
    [
        (0.05, 0.02, "stands"),
        (0.05, 0.2, "is not decided"),
        (-0.15, 0.02, "is withdrawn"),
        (-0.15, 0.2, "is not decided"),
    ],
)
def test_an_explanation_stands_only_when_little_is_surely_left(left, error, verdict):
    assert surprises.verdict({"mean": -0.3, "error": 0.01}, {"mean": left, "error": error}) == verdict


def test_surprises_are_no_luck():
    found = json.loads(surprises.STUDY.kept.read_text())["findings"]
    assert set(found) == set(surprises.FINDINGS)
    for seen in found.values():
        for row in seen.values():
            assert abs(row["full"]["mean"]) > row["full"]["error"]


def test_people_in_miniature():
    asked = settings_of("people", ["cases=[pccp]", "runs=6", "threads=1"])
    found = json.loads(json.dumps({"made_with": asked, **people.measured(asked)}))
    text = people.STUDY.text(found)
    assert text.count("\n### ") == 5
    plans = found["cases"]["pccp"]["staffing"]
    assert plans["contract ends, nobody instead"]["staff_hours"] < plans["one stays half-time"]["staff_hours"]
    for row in found["cases"]["pccp"]["ends"].values():
        assert sum(row[end] for end in ("still going", "fulfilled", "failed", "dormant")) == pytest.approx(1.0)


def test_validity_in_miniature():
    """Parts that no other study has: correlations, shares between points, levels, parts of benefit, conventions."""
    asked = settings_of("validity", ["cases=[pccp]", "runs=24", "points=8", "lucks=2", "pairs=16", "rulers=4"])
    found = json.loads(json.dumps({"made_with": asked, **validity.measured(asked)}))
    seen = found["cases"]["pccp"]
    assert sum(seen["parts"].values()) == pytest.approx(1)
    assert set(seen["levels"]) >= {"interpersonal", "operational", "system"}
    assert all(0 <= share <= 1 for row in seen["between"].values() for share in row.values())
    assert validity.STUDY.text(found).count("\n### ") == 5


def test_correlations_and_shares_of_variance_of_made_up_runs():
    """One factor in three columns, and noise; points that differ, and points that do not."""
    luck = np.random.default_rng(1)
    factor = luck.normal(size=2_000)
    alike = np.column_stack([factor, factor, factor, luck.normal(size=2_000)])
    found = validity.likeness(alike)
    assert found["first factor"] == pytest.approx(1)
    assert abs(found["benefit and vitality"]) < 0.1
    points = np.repeat(luck.normal(size=(300, 1)), 6, axis=1)
    values = np.stack([points + luck.normal(size=(300, 6)), luck.normal(size=(300, 6)), *[points] * 4], axis=2)
    shares = validity.between(values)
    assert shares["integration"] == pytest.approx(0.5, abs=0.08)
    assert shares["atmosphere"] < 0.08
    assert shares["benefit"] == pytest.approx(1)
