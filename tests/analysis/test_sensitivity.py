"""Measures of sensitivity against functions whose answer is known; the command: stages, going on, mistakes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.pages import rounded
from experiments.questions import sensitivity as experiment
from sim.analysis.sensitivity import stages
from sim.analysis.sensitivity.indices import (
    alone,
    chance,
    morris,
    morris_points,
    pawn,
    ranks_together,
    sobol,
    sobol_points,
)
from sim.analysis.sensitivity.question import SETTINGS, sensitivity_question
from sim.analysis.sensitivity.split import components, split
from sim.commands.cli import main

pytest.importorskip("SALib")

WEIGHTS = np.array([3.0, 2.0, 1.0, 0.0])
SHARES = WEIGHTS**2 / (WEIGHTS**2).sum()
TINY = ("trajectories=2", "keep=2", "points=8", "replicates=2", "sample=100", "mixes=3", "weeks=60",
        "outputs=[atmosphere_last_year,exits_per_member_year]")  # fmt: skip
FEW = "over=[enabling.leadership,parameters.trust_gain,parameters.hazard_person]"


def linear(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(places @ WEIGHTS)


def test_the_screen_finds_the_slopes_of_a_linear_function() -> None:
    places = morris_points(4, 6, 1)
    found = morris(places, linear(places), 1)
    np.testing.assert_allclose(found["effect"], WEIGHTS, atol=1e-9)
    np.testing.assert_allclose(found["spread"], 0, atol=1e-9)


def test_the_screen_tells_an_interaction_by_its_spread() -> None:
    places = morris_points(2, 40, 1)
    found = morris(places, places[:, 0] * places[:, 1], 1)
    assert found["spread"].min() > 0.2


def test_shares_of_a_linear_function_are_its_squared_weights() -> None:
    places = sobol_points(4, 512, 1)
    found = sobol(linear(places), "abcd", 1)
    for measure in ("first", "total"):
        np.testing.assert_allclose(found[measure], SHARES, atol=0.04)
        assert (np.abs(found[measure] - SHARES) <= 2 * found[f"{measure}_half"] + 1e-9).all()


def test_an_interaction_stands_in_the_total_only() -> None:
    places = sobol_points(2, 512, 1)
    found = sobol((places[:, 0] - 0.5) * (places[:, 1] - 0.5), "ab", 1)
    np.testing.assert_allclose(found["first"], 0, atol=0.06)
    np.testing.assert_allclose(found["total"], 1, atol=0.15)


def test_shares_of_groups_add_their_members() -> None:
    groups = ["one", "other", "one", "other"]
    places = sobol_points(4, 512, 1, groups)
    assert len(places) == 512 * (2 + 2)
    found = sobol(linear(places), ["one", "other"], 1)
    np.testing.assert_allclose(found["total"], [SHARES[0] + SHARES[2], SHARES[1]], atol=0.05)


def test_what_does_not_vary_has_no_shares() -> None:
    assert sobol(np.ones(8 * 4), "ab", 1)["total"].tolist() == [0.0, 0.0]
    assert alone(np.random.default_rng(1).random((100, 2)), np.ones(100))[0].tolist() == [0.0, 0.0]


def test_a_random_sample_finds_shares_within_their_error_and_nothing_in_nothing() -> None:
    luck = np.random.default_rng(1)
    places = luck.random((4_000, 4))
    values = linear(places) + luck.normal(0, 1, 4_000)
    whole = (WEIGHTS**2).sum() / 12 + 1
    share, error = alone(places, values)
    # Ten slices leave 1% of a straight line inside them.
    np.testing.assert_allclose(share, 0.99 * WEIGHTS**2 / 12 / whole, atol=float(3 * error.max()))
    assert share[3] < chance(4_000, 4)
    shifts = pawn(places, values)
    assert list(np.argsort(-shifts)) == [0, 1, 2, 3]


def test_chance_is_what_the_largest_of_nothing_shows_in_one_sample_in_twenty() -> None:
    luck, k, n = np.random.default_rng(1), 10, 500
    largest = [alone(luck.random((n, k)), luck.normal(size=n))[0].max() for _ in range(200)]
    assert 0.01 <= np.mean(np.array(largest) > chance(n, k)) <= 0.12


def test_ranks_of_draws_find_what_goes_along_and_no_more() -> None:
    luck = np.random.default_rng(1)
    drawn = luck.normal(size=(200, 20))
    found, error, most = ranks_together(drawn, np.exp(drawn[:, 4] * 2))
    assert found[4] == pytest.approx(1.0)
    assert error[4] == pytest.approx(0.0, abs=1e-6)
    assert np.abs(np.delete(found, 4)).max() < most < 0.3


def test_the_split_finds_known_shares_of_levers_draws_both_and_luck() -> None:
    luck = np.random.default_rng(1)
    spread = np.sqrt([0.4, 0.3, 0.1, 0.2])
    shape = (60, 60, 4)
    values = (
        spread[0] * luck.normal(size=(60, 1, 1))
        + spread[1] * luck.normal(size=(1, 60, 1))
        + spread[2] * luck.normal(size=(60, 60, 1))
        + spread[3] * luck.normal(size=shape)
    )
    found = split(values)
    assert found.shares.sum() == pytest.approx(1.0)
    for part, share in enumerate(spread**2):
        low, high = found.interval(part)
        assert low <= share <= high
        assert found.shares[part] == pytest.approx(share, abs=0.12)
    # Luck alone: nothing is given to the others.
    np.testing.assert_allclose(components(luck.normal(size=shape)), [0, 0, 0, 1], atol=0.05)
    few = np.mean([components(luck.normal(size=(20, 3, 2))) for _ in range(200)], axis=0)
    assert few[0] < 0.08


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sensitivity") / "small"
    assert main(["sensitivity", *TINY, FEW, "threads=1", f"output={folder}"]) == 0
    return folder


def test_every_stage_leaves_its_measures(small: Path) -> None:
    with (small / "effects.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert {(row["belief"], row["stage"]) for row in rows} == {
        ("prior", stages.SCREEN), ("prior", stages.GROUPS), ("prior", stages.SHARES), ("prior", stages.SAMPLE),
        ("posterior", stages.POSTERIOR_SAMPLE), ("posterior", stages.DRAWS), ("posterior", stages.SPLIT),
    }  # fmt: skip
    groups = {row["setting"] for row in rows if row["stage"] == stages.GROUPS}
    assert groups == {"operational levers", "ties", "turnover"}
    shares = [float(row["value"]) for row in rows if row["stage"] == stages.SPLIT]
    assert sum(shares) == pytest.approx(2, abs=1e-4)
    record = json.loads((small / "record.json").read_text())
    assert record["runs"]["screen"] == 2 * (3 + 1) * 2
    assert record["runs"]["groups"] == 8 * (3 + 2) * 2
    assert record["runs"]["posterior-split"] == 3 * 3 * 4


def test_the_report_needs_nothing_else(small: Path) -> None:
    page = (small / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert page.count("<img") == len(list(small.glob("*.png")))
    assert "model's own scale" in page or "model&#x27;s own scale" in page


def test_two_threads_and_a_second_start_give_the_same_bits(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sensitivity", *TINY, FEW, "threads=2", f"output={tmp_path / 'again'}"]

    def stop(*shown: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(stages, "pawn", stop)
        assert main(words) == 130
    assert "resume with: partnersim sensitivity" in capsys.readouterr().err
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "again" / "screen").rglob("*.parquet")}
    assert main(words) == 0
    assert before
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert (tmp_path / "again" / "effects.csv").read_bytes() == (small / "effects.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cas=pccp"], "did you mean 'case'?"),
        (["case=nowhere"], "no case called 'nowhere'"),
        (["over=[enabling.leadrship,enabling.administration]"], "did you mean 'enabling.leadership'?"),
        (["over=enabling.leadership"], "over must be one of levers, uncertainties, all, or a list"),
        (["over=[enabling.leadership]"], "over must name at least two settings"),
        (["over=[weeks,enabling.leadership]"], "over: weeks is no lever"),
        (["outputs=synergi_last_year"], "did you mean 'synergy_last_year'?"),
        (["outputs="], "outputs must be a name or a list such as [A,B]; got nothing"),
        (["points=100"], "points must be a power of two, such as 64 or 128"),
        (["sample=5"], "sample must be a whole number from 100"),
        (["mixes=2"], "mixes must be a whole number from 3"),
        (["posterior=none"], "posterior must be cases or a file"),
        (["posterior=missing.npz"], "no such file: missing.npz"),
    ],
)
def test_a_mistake_is_told_before_anything_is_run(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sensitivity", *words]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert len(message.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["sensitivity", *TINY, FEW, f"output={tmp_path}"]) == 2
    assert main(["sensitivity", *TINY, FEW, f"output={tmp_path / 'letter.txt'}"]) == 2
    assert main(["sensitivity", *TINY, FEW, "seed=2", f"output={small}"]) == 2
    message = capsys.readouterr().err
    assert "holds something else" in message
    assert "letter.txt' is a file" in message
    assert "holds other results" in message
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_levers_are_varied_in_the_posterior_even_when_none_is_named() -> None:
    options = {name: row.default for name, row in SETTINGS.items()}
    question = sensitivity_question(options | {"over": ["parameters.trust_gain", "parameters.hazard_person"]})
    assert [axis.name.partition(".")[0] for axis in question.levers] == ["enabling"] * 13


def test_the_experiment_in_miniature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "CASES", ("chrp",))
    sizes = {
        "trajectories": 2,
        "keep": 2,
        "points": 8,
        "replicates": 1,
        "sample": 100,
        "mixes": 3,
        "weeks": 60,
        "over": "levers",
    }
    settings = sizes | {"folder": str(tmp_path), "threads": 1}
    found = json.loads(json.dumps(rounded({"made_with": settings, **experiment.measured(settings)})))
    page = experiment.STUDY.text(found)
    assert all(f"## {case.upper()}" in page for case in experiment.CASES)
    assert "nan" not in page
    experiment.picture(found, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000
