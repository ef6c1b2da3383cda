"""Pages of results that the model must not outrun."""

from __future__ import annotations

import json
from types import ModuleType

import numpy as np
import pytest

from experiments import pages
from experiments.calibration import emergent, priors, recovery, rivals
from experiments.calibration.model_evidence import RIVALS, Confusion, confusion, evidence, held_out, pseudo_data
from experiments.pages import may_stand, rounded, table
from experiments.questions import comparison, people, portfolios, sensitivity, validity
from experiments.settings import settings_of, that_matters
from sim.analysis.calibration.observation import log_likelihood
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.config.cases import load_case
from sim.config.version import made_by_this_model
from sim.core.sources import model_hash
from tests.analysis.test_calibration import BAND, NUMBER, toy
from tests.experiments.test_questions import QUESTIONS

PAGES = (comparison, emergent, people, portfolios, priors, recovery, rivals, sensitivity, validity, *QUESTIONS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_the_page_is_the_one_of_its_results_and_the_model_has_not_changed(page: ModuleType) -> None:
    found = json.loads(page.STUDY.kept.read_text())
    assert page.STUDY.page_file.read_text(encoding="utf-8") == page.STUDY.text(found)
    assert may_stand(page.STUDY.page_file.read_text(encoding="utf-8"), found["made_with"]["model_hash"]), (
        f"python -m {page.__name__}"
    )


def test_a_page_of_another_model_may_stand_only_marked_and_only_while_the_model_is_in_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, marked_page = model_hash(), "\n".join(pages.marked(["# A page", "text"], "00000000"))
    assert pages.marked(["# A page", "text"], now) == ["# A page", "text"]
    assert may_stand("# A page", now)
    assert not may_stand("# A page", "00000000")
    monkeypatch.setattr(pages, "MODEL_IN_WORK", True)
    assert may_stand(marked_page, "00000000")
    monkeypatch.setattr(pages, "MODEL_IN_WORK", False)
    assert not may_stand(marked_page, "00000000")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_the_page_was_made_with_the_settings_as_they_stand(page: ModuleType) -> None:
    settings = that_matters(settings_of(page.STUDY.name))
    assert settings
    made_with = json.loads(page.STUDY.kept.read_text())["made_with"]
    assert {name: made_with[name] for name in settings} == settings


def test_rivals_were_fitted_to_these_targets() -> None:
    both = [target for name in ("pccp", "chrp") for target in targets_of(load_case(name))]
    found = json.loads(rivals.STUDY.kept.read_text())
    if made_by_this_model(found["made_with"]["model_hash"]):  # a page of the model before says so
        assert found["made_with"]["targets_hash"] == targets_hash(both)
    assert {row["name"] for row in found["models"]} >= {rival.name for rival in RIVALS}


def test_a_pulse_comes_back_by_no_way_that_is_not_named() -> None:
    found = json.loads(emergent.STUDY.kept.read_text())
    for case in found["cases"].values():
        assert case["pulse"]["no route"]["largest"] == 0.0
        assert case["pulse"]["all routes"]["mean"] > 3 * case["pulse"]["all routes"]["error"]


def test_without_any_route_back_a_pulse_changes_no_bit_of_engagement() -> None:
    base = emergent.api.make_scenario("pccp", settings={"weeks": 135, "posterior": "none"})
    cut = emergent._with(base, dict.fromkeys(emergent.ROUTES_BACK, 0.0))
    assert np.nanmax(np.abs(emergent.pulse(base, 1))) > 0
    assert np.nanmax(np.abs(emergent.pulse(cut, 1))) == 0


def test_the_evidence_is_the_mean_weight() -> None:
    luck = np.random.default_rng(1)
    logs = luck.normal(-3, 0.5, 50_000)
    found = evidence(logs)
    assert found.log == pytest.approx(-3 + 0.125, abs=4 * found.error)
    assert evidence(logs - 1000).log == pytest.approx(found.log - 1000)


def test_evidence_finds_the_model_that_made_the_data() -> None:
    targets = {"toy": [NUMBER, BAND]}
    models = {"near": {"toy": toy(2_000, 1)}, "far": {"toy": toy(2_000, 2, shift=15.0)}}
    found = confusion(models, targets, 40)
    assert found.pair("near", "far") > 0.75
    same = confusion({"one": {"toy": toy(2_000, 1)}, "other": {"toy": toy(2_000, 3)}}, targets, 60)
    assert 0.3 < same.pair("one", "other") < 0.7
    np.testing.assert_allclose(found.chosen().sum(axis=1), 1.0)


def test_a_pair_counts_right_answers_of_two_models_alone() -> None:
    logs = np.array([[[0.0, -1.0, 9.0]], [[-1.0, -2.0, 9.0]], [[0.0, 0.0, 1.0]]])
    assert Confusion(("a", "b", "c"), logs).pair("a", "b") == 0.5


def test_a_held_out_target_is_scored_by_the_fit_to_the_others() -> None:
    table_ = toy(20_000)
    targets = {"toy": [NUMBER, BAND]}
    scores = held_out({"toy": table_}, targets)
    weights = np.exp(log_likelihood(BAND, table_.quantities["people_ever"]) * BAND.weight)
    likely = np.exp(log_likelihood(NUMBER, table_.quantities["members_at_2018"]))
    assert scores[NUMBER.title()] == pytest.approx(np.log((weights * likely).sum() / weights.sum()))


def test_pseudo_data_are_coded_as_the_targets_are() -> None:
    seen = pseudo_data({"toy": toy(500)}, {"toy": [NUMBER, BAND]}, 7, np.random.default_rng(1))["toy"]
    assert [(one.type, one.name) for one in seen] == [(NUMBER.type, NUMBER.name), (BAND.type, BAND.name)]
    assert seen[1].high - seen[1].low == pytest.approx(BAND.high - BAND.low)


def test_numbers_and_tables() -> None:
    assert rounded({"a": [1.23456, 2]}) == {"a": [1.235, 2]}
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
