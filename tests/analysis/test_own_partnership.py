"""A posterior for one's own partnership: levels say nothing, contrasts do, and nothing of the answers leaks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from scipy.stats import multivariate_normal

from sim.analysis.calibration import response
from sim.analysis.calibration.answer_form import DIMENSIONS, sample
from sim.analysis.calibration.answers import Answers
from sim.analysis.calibration.checks import band_of_uniform, simulation_based_calibration
from sim.analysis.calibration.fit import fit
from sim.analysis.calibration.own import orders_left_out, varied_answers, with_answers
from sim.analysis.calibration.posterior import fit_one
from sim.analysis.calibration.reference import Reference
from sim.analysis.calibration.response import SIGN, AnswerComparison
from sim.analysis.calibration.target_check import FAR, refuse_unreachable, target_problems
from sim.analysis.calibration.targets import Target, targets_of
from sim.commands.cli import main
from sim.config.cases import load_case, new_case
from sim.core.errors import UserError
from sim.sweeps.designs import Axis

WAVES, N = 2, len(DIMENSIONS)
ERROR = np.full((WAVES, N), 0.2)
AXES = tuple(Axis(f"parameters.{name}", 0.0, 1.0) for name in ("trust_gain", "communication_base", "hazard_person"))
NUMBER = Target(
    "toy", "size", "number", "members_at_2018", 12.0, 11.0, 13.0, "people", "read", "a", "b", "calibrate", 1
)


def toy(n: int = 6000, seed: int = 1) -> Reference:
    """A table whose first parameter sets how synergy and trust change, the second the level, the third nothing."""
    luck = np.random.default_rng(seed)
    places = luck.random((n, 3))
    answers = 2.5 + places[:, 1, None, None] + luck.normal(0, 0.1, (n, WAVES, N))
    answers[:, 1, [0, 6]] += 3 * places[:, :1] - 1.5
    return Reference({"name": "toy"}, AXES, 3, places, {"members_at_2018": 20 * luck.random(n)}, answers)


def given(mean: np.ndarray) -> Answers:
    return Answers("abc", (39, 117), mean, ERROR, np.full(mean.shape, 12.0), 12, False)


def posterior_mean(table: Reference, mean: np.ndarray) -> np.ndarray:
    known, _ = with_answers(table, [], given(mean))
    return fit_one(known, []).mean(table.places)


# --- comparison ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("widened", [1.0, 2.0])
def test_the_likelihood_is_the_one_written_out_in_full(widened: float) -> None:
    """The whole covariance of every run, anchors included, one by one."""
    assert [name for name, sign in zip(DIMENSIONS, SIGN, strict=True) if sign < 0] == ["drawbacks"]
    luck = np.random.default_rng(3)
    simulated = luck.uniform(1.5, 4.5, (5, WAVES, N))
    error = luck.uniform(0.1, 0.4, (WAVES, N))
    error[0, 3] = np.nan
    observed = luck.uniform(1.5, 4.5, (WAVES, N))
    cells = [(w, d) for w in range(WAVES) for d in range(N) if np.isfinite(error[w, d])]
    expected = []
    for run in simulated:
        middle = np.array([run[cell] for cell in cells])
        covariance = np.zeros((len(cells), len(cells)))
        for i, (w, d) in enumerate(cells):
            for j, (v, e) in enumerate(cells):
                same = 1.0 if d == e else response.SHARED * SIGN[d] * SIGN[e]
                covariance[i, j] += same * error[w, d] * error[v, e] * widened**2 * (w == v)
                covariance[i, j] += (widened * response.DISCREPANCY) ** 2 * (i == j)
                covariance[i, j] += response.LEVEL_SD**2 + response.DIMENSION_SD**2 * (d == e)
                covariance[i, j] += response.SCALE_SD**2 * (middle[i] - 3) * (middle[j] - 3)
        seen = np.array([observed[cell] for cell in cells])
        expected.append(multivariate_normal(middle, covariance).logpdf(seen))
    found = AnswerComparison(simulated, error, widened).log_likelihood(observed)
    np.testing.assert_allclose(np.diff(found), np.diff(expected), atol=1e-6)


def test_a_run_whose_members_could_not_answer_never_counts() -> None:
    table = toy(50)
    assert table.answers is not None
    table.answers[7, 1] = np.nan
    compared = AnswerComparison(table.answers, ERROR)
    assert not compared.there[7]
    assert compared.log_likelihood(table.answers[3])[7] == -np.inf
    only_first = np.where(np.arange(WAVES)[:, None] == 0, ERROR, np.nan)
    assert AnswerComparison(table.answers, only_first).there.all()


def test_no_run_that_could_answer_is_a_mistake_that_is_told() -> None:
    table = replace(toy(50), answers=np.full((50, WAVES, N), np.nan))
    with pytest.raises(UserError, match="no simulated partnership had members who answered in week 117"):
        with_answers(table, [], given(np.full((WAVES, N), 3.0)))


def test_answers_one_point_higher_change_next_to_nothing_and_another_contrast_does() -> None:
    table = toy()
    assert table.answers is not None
    mean = table.answers[11]
    before = posterior_mean(table, mean)
    level = posterior_mean(table, mean + 1.0)
    turned = posterior_mean(table, mean[::-1])
    np.testing.assert_allclose(level, before, atol=0.005)
    assert abs(turned[0] - before[0]) > 0.2
    assert before[0] == pytest.approx(table.places[11, 0], abs=0.15)
    np.testing.assert_allclose(before[1:], 0.5, atol=0.1)


def test_what_is_made_up_for_a_run_follows_the_model_of_errors() -> None:
    table = toy(20)
    assert table.answers is not None
    compared = AnswerComparison(table.answers, ERROR)
    luck = np.random.default_rng(1)
    seen = np.array([compared.observe(4, luck) for _ in range(4000)])
    change = seen[:, 1] - seen[:, 0]
    expected = table.answers[4, 1] - table.answers[4, 0]
    np.testing.assert_allclose(change.mean(axis=0), expected, atol=0.05)
    stretched = response.SCALE_SD * expected
    np.testing.assert_allclose(change.var(axis=0), 2 * 0.2**2 + 2 * response.DISCREPANCY**2 + stretched**2, rtol=0.12)


# --- does the machinery tell the truth? ---------------------------------------------------------------------


def test_ranks_are_uniform_with_answers() -> None:
    table = toy()
    assert table.answers is not None
    compared = AnswerComparison(table.answers, ERROR)
    found = simulation_based_calibration(table, [NUMBER], 200, compared=compared)
    assert (found.furthest() <= band_of_uniform(200, 0.999)).all()
    for level in (0.5, 0.8, 0.9):
        np.testing.assert_allclose(found.coverage(level), level, atol=0.09)
    assert found.contractions.mean(axis=0)[0] > 0.5


def test_ranks_tell_when_answers_are_noisier_than_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = AnswerComparison.observe
    monkeypatch.setattr(
        AnswerComparison, "observe", lambda self, run, luck: honest(self, run, luck) + luck.normal(0, 1.5, (WAVES, N))
    )
    table = toy()
    assert table.answers is not None
    found = simulation_based_calibration(table, [], 200, compared=AnswerComparison(table.answers, ERROR))
    assert found.coverage(0.9)[0] < 0.8


@pytest.mark.slow
def test_ranks_are_uniform_on_the_model_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 pseudo-questionnaires of PCCP; errors as wide as a table of 5,000 runs bears."""
    monkeypatch.setattr("sim.results.null_bars.BAR_RUNS", 2)
    from sim.analysis.calibration.reference import make_reference, read_reference
    from sim.sweeps.conduct import DriveOptions

    table = read_reference(
        make_reference("pccp", 5000, tmp_path / "t", DriveOptions(workers=2), weeks=(39, 117, 195)), "pccp"
    )
    assert table.answers is not None
    error = np.full((3, N), 0.24)
    found = simulation_based_calibration(table, [], 100, compared=AnswerComparison(table.answers, error, scale=2.0))
    assert np.mean(found.furthest() <= band_of_uniform(100)) > 0.85
    for level in (0.5, 0.8, 0.9):
        assert found.coverage(level).mean() == pytest.approx(level, abs=0.02)


# --- the fit ------------------------------------------------------------------------------------------------


def test_targets_and_answers_are_fitted_together() -> None:
    table = toy()
    assert table.answers is not None
    known, survey = with_answers(table, [NUMBER], given(table.answers[11]))
    both = fit({"toy": known}, {"toy": [NUMBER]})
    assert both.predicted[0].agreement > both.predicted[0].agreement_prior
    assert "parameters.trust_gain" in [row.name for row in both.moved()]
    rows = {row.label: row for row in varied_answers("toy", known, [NUMBER], survey, both)}
    assert rows["every answer one point higher"].shift < 0.05
    assert rows["answers left out"].parameter == "parameters.trust_gain"
    assert rows["answers left out"].shift > 1
    assert rows["targets left out"].effective > both.posterior.effective


def test_errors_are_widened_until_the_table_bears_them() -> None:
    table = toy(300)
    assert table.answers is not None
    far = table.answers[5] + np.random.default_rng(1).normal(0, 1.0, (WAVES, N))
    known, survey = with_answers(table, [], given(far))
    assert survey.widened > 1
    assert fit_one(known, []).effective >= 150
    assert "more points sharpen the fit" in survey.sentence()
    assert with_answers(toy(), [], given(toy().answers[5]))[1].sentence() == ""  # type: ignore[index]


# --- targets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"low": -4.0}, "is outside what can be: members_at_2018 lies from 0 to 1000 (persons); got -4 to 13"),
        ({"quantity": "organisations_kept_share"}, "organisations_kept_share lies from 0 to 1 (share)"),
        ({"type": "presence", "value": 7.0}, "must have the value 0 or 1 (type presence); got 7"),
        ({"quantity": "person_exit_order"}, "is of type number; person_exit_order and order belong together"),
    ],
)
def test_a_target_that_cannot_be_is_told(changed: dict[str, object], line: str) -> None:
    problems = target_problems([replace(NUMBER, **changed)], "toy")  # type: ignore[arg-type]
    assert len(problems) == 1
    assert problems[0].startswith("toy: targets.size ")
    assert line in problems[0]


def test_a_target_beyond_every_run_is_told() -> None:
    tables = {"toy": toy()}
    refuse_unreachable(tables, {"toy": [NUMBER, replace(NUMBER, value=20 + FAR, low=20.0, high=21.0 + FAR)]})
    with pytest.raises(UserError, match=r"targets.size is outside what the model can do: 899 to 901 people, .*to 20;"):
        refuse_unreachable(tables, {"toy": [replace(NUMBER, value=900.0, low=899.0, high=901.0)]})


def test_targets_of_the_shipped_cases_can_be_fitted() -> None:
    for name in ("pccp", "chrp"):
        assert target_problems(targets_of(load_case(name)), name) == []


def test_an_order_without_its_other_case_is_told() -> None:
    targets = {"my_town": targets_of(load_case("pccp"))}
    assert orders_left_out(targets) == [
        "my_town: targets.person_exit_order compares with chrp, which is not fitted here: left out"
    ]
    assert orders_left_out({name: targets_of(load_case(name)) for name in ("pccp", "chrp")}) == []


# --- the command --------------------------------------------------------------------------------------------


def own_case(name: str, targets: tuple[str, ...] | None) -> None:
    """Write a copy of PCCP that keeps some targets only."""
    path = new_case(name)
    case = yaml.safe_load(path.read_text())
    if targets is None:
        del case["targets"]
    else:
        case["targets"] = {target: case["targets"][target] for target in targets}
    path.write_text(yaml.safe_dump(case, sort_keys=False))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.results.null_bars.BAR_RUNS", 10)
    monkeypatch.setattr("sim.analysis.calibration.prior.COMPOSITIONS", 4)
    return tmp_path


def test_a_copied_case_with_few_targets(elsewhere: Path, capsys) -> None:
    own_case("my_town", ("members_2018", "person_exit_order"))
    assert main(["calibrate", "case=my_town", "points=1000", "datasets=3"]) == 0
    output = capsys.readouterr()
    assert "1 of 1 fitted targets agree" in output.out
    assert "compares with chrp, which is not fitted here: left out" in output.err
    assert Path("results/calibration/my_town-1000/report.html").is_file()


def test_answers_in_miniature_and_nothing_of_them_leaks(elsewhere: Path, capsys) -> None:
    own_case("my_town", None)
    # Hyphens, so that no code can stand in a picture by chance.
    rows = [row.replace(",p", ",code-p") for row in sample().splitlines()]
    few = [f"252,hidden{i},cook,1,1,1,1,1,1,1,1,5,1" for i in range(4)]
    Path("ours.csv").write_text("\n".join([*rows, *few]) + "\n")
    assert main(["calibrate", "case=my_town", "answers=ours.csv", "points=1000", "datasets=3", "output=a"]) == 0
    output = capsys.readouterr()
    assert "respondents in weeks 39, 117, 195 and 240. Groups under 5 were left out" in output.out
    record = json.loads(Path("a/fit.json").read_text())
    assert set(record["answers"]["waves"]) == {"39", "117", "195", "240"}
    assert len(record["answers"]["sha256"]) == 64
    page = Path("a/report.html").read_text()
    assert "What the answers say" in page
    assert "every answer one point higher" in page
    written = b"".join(path.read_bytes() for path in Path("a").rglob("*") if path.is_file())
    for secret in (b"hidden", b"cook", b"code-p", b"ours.csv", rows[2].encode()):
        assert secret not in written
    assert "hidden" not in output.out + output.err
    assert "<td>252" not in page
    # Without answers the same case has nothing to fit; with them its table is another one.
    assert [path.name for path in Path("a").glob("table-*")] == ["table-my_town-asked-39-117-195-240"]
    waves = pq.read_table("a/table-my_town-asked-39-117-195-240/answers", columns=["week"])["week"].unique()
    assert sorted(waves.to_pylist()) == [39, 117, 195, 240]


@pytest.mark.parametrize(
    ("targets", "words", "line"),
    [
        (
            None,
            [],
            "case my_town has no targets with the role calibrate; add targets to its file, or give answers=FILE",
        ),
        ((), [], "case my_town has no targets with the role calibrate"),
        (("exits_per_member_year",), [], "case my_town has no targets with the role calibrate"),
        (("person_exit_order",), [], "case my_town has only an order, which needs the other case too"),
        (None, ["answers=nowhere.csv"], "answers: no such file: nowhere.csv"),
        (None, ["answer=nowhere.csv"], "did you mean 'answers'?"),
        (None, ["case=both", "answers=nowhere.csv"], "answers belong to one partnership; give case=NAME"),
    ],
)
def test_mistakes_are_told_before_anything_is_run(elsewhere: Path, capsys, targets, words, line: str) -> None:
    own_case("my_town", targets)
    case = [] if any(word.startswith("case=") for word in words) else ["case=my_town"]
    assert main(["calibrate", *case, "points=1000", *words]) == 2
    err = capsys.readouterr().err
    assert line in err
    assert len(err.splitlines()) == 1
    assert not Path("results").exists()


def test_a_broken_case_is_the_mistake_of_its_writer(elsewhere: Path, capsys) -> None:
    own_case("my_town", None)
    Path("conf/case/my_town.yaml").write_text("title: [\n")
    assert main(["calibrate", "case=my_town", "points=1000"]) == 2
    assert "my_town.yaml: broken YAML" in capsys.readouterr().err
