"""The plan: every run known, checked and hashed before anything is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.cases import build_scenario, load_case
from sim.config.resolve import resolve
from sim.core.gate import numeric_range, setting_names
from sim.core.inputs import settings_record, write_numbers
from sim.core.scenario_json import from_line, to_line
from sim.results.tables import content_hash
from sim.sweeps.plan import ROWS_PER_GROUP, is_numeric
from sim.sweeps.planning import plan_sweep
from tests.helpers.scenarios import LIVELY
from tests.helpers.sweeps import begin

NUMBERS = [name for name in setting_names() if is_numeric(name)]


@given(st.dictionaries(st.sampled_from(NUMBERS), st.floats(0, 1), max_size=6))
def test_numbers_laid_over_a_record_are_those_of_a_scenario(shares: dict[str, float]) -> None:
    """The short way of a sweep gives the settings that the long way through Hydra gives."""
    values = {}
    for name, share in shares.items():
        low, high, _ = numeric_range(name) or (0, 0, "")
        values[name] = low + share * (high - low)
    nested: dict[str, dict] = {}
    for name, value in values.items():
        head, _, rest = name.partition(".")
        if head == "traits":
            kind, _, trait = rest.partition(".")
            nested.setdefault("traits", {}).setdefault(kind, {})[trait] = value
        else:
            nested.setdefault(head, {})[rest] = value
    case = load_case("pccp")
    long_way = settings_record(build_scenario(case, None, nested))
    short_way = settings_record(build_scenario(case))
    write_numbers(short_way, {name: np.array([value]) for name, value in values.items()})
    assert short_way.tobytes() == long_way.tobytes()


@pytest.mark.parametrize("name", [name for name in setting_names() if numeric_range(name)])
def test_a_number_that_is_laid_over_moves_nothing_but_the_record(name: str) -> None:
    """What goes into founders, length or events must make a variant."""
    low, high, _ = numeric_range(name) or (0.0, 0.0, "")
    head, *rest = name.split(".")
    value: object = (low + high) / 2 if (low + high) / 2 != 0.5 else high
    for part in reversed(rest):
        value = {part: value}
    case = load_case("pccp")
    before, after = build_scenario(case), build_scenario(case, None, {head: value})
    plain = {"parameters": {}, "enabling": {}, "traits": {}}
    assert (replace(before, **plain) == replace(after, **plain)) == is_numeric(name)


def test_a_point_is_what_run_would_resolve() -> None:
    words = ["case=chrp", "scenario=funding_cut", "enabling.leadership=0.2,0.7", "shocks.funding_cut.size=0.3,0.9"]
    plan = plan_sweep([*words, "route=both,relational", "replicates=1"]).plan
    for row in plan.rows(0, plan.n_runs).to_pylist():
        typed = [f"{name}={row[name]}" for name in ("enabling.leadership", "shocks.funding_cut.size", "route")]
        single = resolve([*words[:2], *typed]).scenario
        record = settings_record(plan.variants[row["variant"]])
        write_numbers(record, {"enabling.leadership": np.array([row["enabling.leadership"]])})
        assert record.tobytes() == settings_record(single).tobytes()


@pytest.mark.parametrize("scenario", [LIVELY, build_scenario(load_case("pccp"))], ids=str)
def test_a_scenario_survives_a_line_of_text(scenario) -> None:
    changed = replace(scenario, rules_off=frozenset({"context"}))
    assert from_line(to_line(changed)) == changed


def test_common_luck_repeats_keys_across_points_and_independent_luck_never_does() -> None:
    words = ["enabling.leadership=0.1,0.2,0.3", "replicates=7"]
    common, independent = (plan_sweep([*words, f"luck={luck}"]).plan for luck in ("common", "independent"))
    keys = common.rows(0, 21)["key"].to_pylist()
    assert keys == list(range(7)) * 3
    pairs = independent.rows(0, 21)
    assert len(set(zip(pairs["seed"].to_pylist(), pairs["key"].to_pylist(), strict=True))) == 21


def test_independent_keys_stay_distinct_far_out() -> None:
    plan = plan_sweep(["design=lhs", "design.points=3000", "replicates=1000", "luck=independent"]).plan
    keys = np.concatenate([plan.rows(start, start + 1000)["key"].to_numpy() for start in range(0, 3_000_000, 100_000)])
    assert len(np.unique(keys)) == len(keys)
    assert keys.max() < 2**32


def test_more_points_leave_the_keys_of_the_first_ones_alone() -> None:
    few, many = (
        plan_sweep([f"enabling.leadership={values}", "replicates=5", "luck=independent"]).plan
        for values in ("0.1,0.2", "0.1,0.2,0.3")
    )
    assert content_hash(few.rows(0, 10)) == content_hash(many.rows(0, 10))


def test_the_plan_has_one_hash_whatever_part_is_read() -> None:
    plan = plan_sweep(["enabling.leadership=0.1,0.2", "replicates=50000"]).plan
    groups = list(plan.groups())
    assert [len(group) for group in groups] == [ROWS_PER_GROUP, 100_000 - ROWS_PER_GROUP]
    assert plan.content_hash() == content_hash(plan.rows(0, plan.n_runs))
    assert plan.content_hash() != plan_sweep(["enabling.leadership=0.1,0.3", "replicates=50000"]).plan.content_hash()


def test_chunks_read_the_whole_plan_across_its_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("plan", "folder"):
        monkeypatch.setattr(f"sim.sweeps.{module}.ROWS_PER_GROUP", 4)
    folder = begin(tmp_path / "a", ("enabling.leadership=0.1,0.2,0.3", "replicates=5"), chunk=6)
    chunks = [folder.rows(chunk) for chunk in range(folder.n_chunks)]
    assert [chunk.num_rows for chunk in chunks] == [folder.size_of(chunk) for chunk in range(3)] == [6, 6, 3]
    assert pa.concat_tables(chunks)["run"].to_pylist() == list(range(15))


def test_a_folder_knows_its_own_plan_from_one_with_another_setting(tmp_path: Path) -> None:
    words = ("enabling.leadership=0.1,0.2", "replicates=2", "weeks=40")
    folder = begin(tmp_path / "a", words)
    assert folder.holds(plan_sweep(words).plan)
    others = ("weeks=41", "replicates=3", "enabling.leadership=0.1,0.3")
    for other in others:
        name = other.partition("=")[0]
        assert not folder.holds(plan_sweep([*(word for word in words if not word.startswith(name)), other]).plan), other
    for more in ("seed=2", "weekly=10", "rules.exchange=false", "parameters.trust_gain=0.2"):
        assert not folder.holds(plan_sweep([*words, more]).plan), more


def test_seeds_can_be_varied() -> None:
    plan = plan_sweep(["seed=3,9", "replicates=2"]).plan
    assert plan.rows(0, 4)["seed"].to_pylist() == [3, 3, 9, 9]


def test_a_population_varies_composition_cadence_and_levers() -> None:
    plan = plan_sweep(["design=population", "design.points=60", "weeks=52"]).plan
    assert len({len(variant.seats) for variant in plan.variants}) > 5
    assert len({variant.parameters["meeting_every_core"] for variant in plan.variants}) > 20
    levers = np.column_stack([plan.columns[name] for name in plan.columns if name.startswith("enabling.")])
    assert levers.shape == (60, 13)
    assert plan.want.answers
    assert plan.want.seats


def test_composing_happens_once_per_choice_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.config.resolve

    calls = []
    compose = sim.config.resolve.compose
    monkeypatch.setattr(sim.config.resolve, "compose", lambda *words: calls.append(1) or compose(*words))
    plan = plan_sweep(["case=pccp,chrp", "design=lhs", "design.points=1000"]).plan
    assert plan.n_points == 2000
    assert len(calls) == 2
