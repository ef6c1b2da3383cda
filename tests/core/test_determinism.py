"""The same answer: for any number of threads, order, process and state of the compile cache; and never a stale one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.config.cases import build_scenario, load_case
from sim.core import engine
from sim.core._jit import CACHE_FOLDER
from sim.core.engine import WIDTH, Batch, Ensemble, Recorded, run_batch, run_many
from sim.core.inputs import room_for, settings_of_runs, stack_foundings
from sim.core.loop import run_group
from sim.core.scenario import MAX_SEATS, Scenario
from sim.core.shocks import MAX_WEEKS
from sim.core.sources import hash_of_statements, model_hash
from tests.helpers.scenarios import LIVELY, SMALL
from tests.helpers.worlds import COMPILED

ROOT = Path(__file__).resolve().parents[2]
CONF = (ROOT / "conf",)
ASKED = replace(LIVELY, questionnaire_weeks=(26, 104))
REPLICATES = tuple(range(12))


def content_hash(ensemble: Ensemble) -> str:
    """Return a hash of every number, in the order of the replicates' numbers."""
    order = np.argsort(ensemble.replicates)
    digest = hashlib.sha256()
    for part in (ensemble.weekly, ensemble.answers, ensemble.status, ensemble.ended_week):
        digest.update(np.ascontiguousarray(part[order]).tobytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="module")
def expected() -> str:
    return content_hash(run_many(ASKED, 5, REPLICATES))


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads(expected: str, threads: int) -> None:
    assert content_hash(run_many(ASKED, 5, REPLICATES, threads)) == expected


def test_any_order_of_replicates(expected: str) -> None:
    shuffled = np.random.default_rng(0).permutation(REPLICATES)
    assert content_hash(run_many(ASKED, 5, shuffled)) == expected


def test_replicates_one_by_one(expected: str) -> None:
    whole = run_many(ASKED, 5, REPLICATES)
    for row, replicate in enumerate(REPLICATES):
        alone = run_many(ASKED, 5, [replicate])
        np.testing.assert_array_equal(alone.weekly[0], whole.weekly[row])
        np.testing.assert_array_equal(alone.answers[0], whole.answers[row])
    assert content_hash(whole) == expected


def test_another_seed_is_another_answer(expected: str) -> None:
    assert content_hash(run_many(ASKED, 6, REPLICATES)) != expected


# --- lanes -------------------------------------------------------------------------------------------------


def unlike_runs() -> Batch:
    """Return runs that differ in case, settings, structure, seeds and shocks, ready to be run side by side."""
    lively = replace(LIVELY, questionnaire_weeks=(26,))
    others = [
        replace(lively, route="structural"),
        replace(lively, parameters={**lively.parameters, "min_active": 5, "random_shock_rate": 2.0}),
        replace(lively, rules_off=frozenset({"exchange"})),
        replace(lively, shocks=(), seats=lively.seats[:3]),
    ]
    scenarios = [lively, *others]
    which = np.arange(23) % len(scenarios)
    keys = np.column_stack([np.arange(23) % 3, np.arange(23)])
    tables = [settings_of_runs(one, np.zeros(1, dtype=np.int64)) for one in scenarios]
    table = np.concatenate([tables[place] for place in which])
    weeks = np.array([26], dtype=np.int64)
    founded, room = stack_foundings(scenarios), room_for(scenarios)
    return Batch(table, founded, which, keys, room, lively.weeks, weeks, weeks, respondents=True)


def chosen(batch: Batch, rows: np.ndarray) -> Batch:
    return replace(batch, table=batch.table[rows], which=batch.which[rows], keys=batch.keys[rows])


RECORDED = ("weekly", "answers", "seats", "ends", "respondents")


def assert_same(found: Recorded, expected: Recorded) -> None:
    for name in RECORDED:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize("width", [1, WIDTH])
@pytest.mark.parametrize("luck", range(3))
def test_no_run_depends_on_its_companions(luck: int, width: int) -> None:
    """Whole, in any order, in any company or alone: the same bits."""
    batch = unlike_runs()
    whole = run_batch(batch)
    rows = np.random.default_rng(luck).permutation(len(batch.keys))[: 5 + 6 * luck]
    parts = Recorded(*(getattr(whole, name)[rows] for name in RECORDED))
    assert_same(run_batch(chosen(batch, rows), 1, width), parts)
    assert len({status for status, _ in whole.ends}) > 1, "some of them end"


# --- memory ------------------------------------------------------------------------------------------------


def test_where_memory_is_short_runs_go_one_by_one_and_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = unlike_runs()
    expected = run_batch(batch, 1, WIDTH)
    assert engine.width_for(batch) == WIDTH
    monkeypatch.setattr(engine, "BENCH_BYTES", engine.bench_bytes(batch, WIDTH) - 1)
    assert engine.width_for(batch) == engine.NARROW
    assert_same(run_batch(batch), expected)


def test_no_thread_needs_more_than_the_budget() -> None:
    batch = unlike_runs()
    for room in (40, 300, 400, MAX_SEATS):
        large = replace(batch, room=room, weeks=MAX_WEEKS)
        width = engine.width_for(large)
        assert width == (WIDTH if room < 350 else engine.NARROW)
        assert engine.bench_bytes(large, width) <= engine.BENCH_BYTES


@pytest.mark.parametrize("width", [engine.NARROW, WIDTH])
def test_the_memory_of_a_bench_is_known(width: int) -> None:
    batch = unlike_runs()
    bench = engine.Bench(batch, width)
    records = (bench.params, bench.founding, bench._history, bench._weekly, bench._survey, bench._panel)
    taken = sum(record._memory.nbytes for record in (*bench.partnership, *records))
    assert engine.bench_bytes(batch, width) == taken


# --- other processes ---------------------------------------------------------------------------------------

ANSWER = """
from tests.core.test_determinism import ASKED, REPLICATES, content_hash
from sim.core.engine import run_many
print(content_hash(run_many(ASKED, 5, REPLICATES)))
"""


def answer_of(tree: Path = ROOT, cache: Path | None = None) -> str:
    """Return the hash that a process of its own finds with the code of ``tree``."""
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    if cache is not None:
        env["PARTNERSIM_CACHE"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-c", ANSWER], cwd=tree, env=env, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()[-1]


def test_two_other_processes_find_the_same(expected: str) -> None:
    """They load compiled code from the cache that this process has filled."""
    assert answer_of() == expected
    assert answer_of() == expected


@pytest.mark.slow
def test_an_empty_cache_gives_the_same_and_is_filled(expected: str, tmp_path: Path) -> None:
    assert answer_of(cache=tmp_path) == expected
    assert list(tmp_path.rglob("loop.run_group*.nbc"))
    assert answer_of(cache=tmp_path) == expected


USED = """
from tests.core.test_determinism import ASKED, REPLICATES, content_hash
from sim.core.engine import run_many
from sim.core.loop import run_group
answer = content_hash(run_many(ASKED, 5, REPLICATES))
print(sum(run_group.stats.cache_hits.values()), sum(run_group.stats.cache_misses.values()), answer)
"""


@pytest.mark.skipif(not COMPILED, reason="the compiler is off")
@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such modes")
def test_a_filled_cache_that_cannot_be_written_is_used(expected: str, tmp_path: Path) -> None:
    """As in an image, or an installation that many share: nothing is compiled, nothing is said."""
    kept = tmp_path / "cache" / CACHE_FOLDER.name
    shutil.copytree(CACHE_FOLDER, kept, ignore=shutil.ignore_patterns(".probe*", "*.tmp.*"))
    for folder in (kept, *(path for path in kept.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    before = sorted(kept.rglob("*"))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PARTNERSIM_CACHE": str(kept.parent), "TMPDIR": str(tmp_path)}
    # Root may write everywhere, unless that right is taken from it.
    root = os.getuid() == 0
    if root and shutil.which("setpriv") is None:
        pytest.skip("root cannot be kept from writing here")
    front = ["setpriv", "--bounding-set", "-dac_override"] if root else []
    command = [*front, sys.executable, "-c", USED]
    try:
        for _ in range(2):
            done = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
            assert done.stdout.split() == ["1", "0", expected], done.stderr[-2000:]
            assert done.stderr == ""
        assert sorted(kept.rglob("*")) == before
    finally:
        for folder in (kept, *(path for path in kept.rglob("*") if path.is_dir())):
            folder.chmod(0o755)


# --- never stale -------------------------------------------------------------------------------------------

EDITS = {
    "metrics": ("sim/core/metrics.py", "state.offering + flows.effort", "flows.effort"),
    "kernel": ("sim/core/rules/founding.py", "context.climate = 1.0", "context.climate = 0.9"),
    "metric table": ("sim/core/metric_table.py", '"share of joint yield", -1, 1', '"share", -1, 1'),
    "vocabulary": ("sim/core/vocabulary.py", "CONTEXT_SENSING = 12", "CONTEXT_SENSING = 0x0C"),
}
"""A file, a piece of text in it, and what takes its place, the first time that it occurs."""


def copied_tree(target: Path) -> Path:
    """Copy what a run needs."""
    for folder in ("sim", "conf", "tests"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def edit(tree: Path, name: str) -> None:
    file, old, new = EDITS[name]
    text = (tree / file).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    (tree / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def hash_of_sources(tree: Path) -> str:
    """Return what names the cache folder of a tree, without compiling anything."""
    script = "from sim.core._jit import source_hash; print(source_hash())"
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tree, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_moves_the_cache(name: str, tmp_path: Path) -> None:
    tree = copied_tree(tmp_path / "tree")
    before = hash_of_sources(tree)
    edit(tree, name)
    assert hash_of_sources(tree) != before


# --- the model hash ----------------------------------------------------------------------------------------

MODEL = """
\"\"\"A file of a model.\"\"\"

from __future__ import annotations

import math

RATE = 0.25
\"\"\"A rate.\"\"\"

KINDS = ("funding", "skills")


def grow(x: float, week: int = 3) -> float:
    \"\"\"Return x, grown.\"\"\"
    if week < 0:
        raise ValueError(f"week must be at least 0; got {week}")
    return x * (1.0 + RATE * math.sqrt(week))  # per week
"""
SAME = {
    "a comment": ("# per week", "# per week, as a share"),
    "a docstring": ("Return x, grown.", "Return x after growth."),
    "a docstring of a constant": ("A rate.", "A rate, per week."),
    "an annotation": ("x: float", "x: object"),
    "a return annotation": ("-> float", "-> object"),
    "an import": ("import math\n", "import math\nimport os\n"),
    "the prose of a message": ("week must be at least 0; got", "no week before the first one; got"),
    "white space": ("x * (1.0", "x * ( 1.0"),
}
"""Edits that move no number."""
OTHER = {
    "a constant": ("RATE = 0.25", "RATE = 0.26"),
    "a number in a formula": ("(1.0 +", "(1.1 +"),
    "a default": ("week: int = 3", "week: int = 4"),
    "an operator": ("1.0 + RATE", "1.0 - RATE"),
    "a name": ("math.sqrt", "math.exp"),
    "a word": ('"skills"', '"knowledge"'),
    "a comparison": ("week < 0", "week <= 0"),
}
"""Edits that may move one."""


def edited(edits: dict[str, tuple[str, str]], name: str) -> str:
    old, new = edits[name]
    assert MODEL.count(old) == 1
    return MODEL.replace(old, new)


@pytest.mark.parametrize("name", SAME)
def test_the_model_hash_ignores(name: str) -> None:
    assert hash_of_statements(iter([edited(SAME, name)])) == hash_of_statements(iter([MODEL]))


@pytest.mark.parametrize("name", OTHER)
def test_the_model_hash_sees(name: str) -> None:
    assert hash_of_statements(iter([edited(OTHER, name)])) != hash_of_statements(iter([MODEL]))


def test_the_model_hash_ignores_the_file_and_the_place_of_a_definition() -> None:
    more = "SHARE = 0.5\n"
    expected = hash_of_statements(iter([MODEL, more]))
    assert hash_of_statements(iter([more, MODEL])) == expected
    assert hash_of_statements(iter([MODEL + more])) == expected
    assert hash_of_statements(iter([MODEL])) != expected


HASHES = """
import sys
from sim.core.sources import hash_of_statements, model_hash
print(model_hash(), hash_of_statements(iter([sys.stdin.read()])))
"""


def pythons() -> list[str]:
    """Return the Pythons from 3.11 on that are installed here: ours, those on the path and those of uv and pyenv."""
    on_path = [there for minor in range(11, 20) if (there := shutil.which(f"python3.{minor}"))]
    found = {sys.executable, *(there for there in on_path if "shims" not in there)}  # a shim may stand for nothing
    homes = (Path.home() / ".local" / "share" / "uv" / "python", Path.home() / ".pyenv" / "versions")
    found |= {str(python) for home in homes for python in home.glob("*/bin/python3.1[1-9]")}
    return sorted(found)


def test_the_model_hash_is_the_same_on_every_python_here() -> None:
    """The hash is worked out from syntax trees, which each version of Python writes a little differently."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    seen = {
        subprocess.run(
            [python, "-c", HASHES], cwd=ROOT, env=env, input=MODEL, check=True, capture_output=True, text=True
        ).stdout
        for python in pythons()
    }
    assert seen == {f"{model_hash()} {hash_of_statements(iter([MODEL]))}\n"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["metrics", "kernel"])
def test_an_edited_source_changes_the_answer(name: str, tmp_path: Path) -> None:
    tree, cache = copied_tree(tmp_path / "tree"), tmp_path / "cache"
    before = answer_of(tree, cache)
    edit(tree, name)
    assert answer_of(tree, cache) != before


# --- a fixed set of compiled forms -------------------------------------------------------------------------


def cases() -> list[Scenario]:
    found = [build_scenario(load_case(name, CONF)) for name in ("pccp", "chrp")]
    return [replace(scenario, weeks=30, shocks=(), questionnaire_weeks=()) for scenario in found]


def test_one_compiled_form_serves_every_scenario_and_size() -> None:
    for scenario in (*cases(), SMALL, ASKED, replace(SMALL, capacity=70, shocks=(), schedule=())):
        run_many(scenario, 1, [0], 1)
        run_many(scenario, 2**32 - 1, np.arange(3, dtype=np.int32), None)
    widths = {str(signature[0]) for signature in run_group.signatures}
    assert f"record(state,{WIDTH})" in widths
    assert len(run_group.signatures) == len(widths), "one per number of lanes that was used here"
