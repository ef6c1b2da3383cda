"""The command as users meet it: what it prints, what it writes, what it imports, how it stops."""

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
import sim.commands
from sim.commands.cli import FOUR_LINES, main
from sim.commands.verbs import VERBS, Verb
from sim.core.metric_table import METRICS, RUN_COLUMNS
from sim.results.tables import content_hash
from tests.helpers.interrupts import hears_interrupts

ROOT = Path(__file__).resolve().parents[2]
FILES = ["columns.csv", "figure.png", "record.json", "runs.parquet", "summary.csv", "weekly.parquet"]
HEAVY = ("numba", "pandas", "matplotlib", "mesa", "hydra", "omegaconf", "pyarrow", "numpy")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys, *words):
    status = main(words)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def command(*words):
    """Run the command in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "sim", *words], capture_output=True, text=True, env=environment, check=False
    )


# --- words out ---------------------------------------------------------------------------------------------


def test_nothing_prints_four_lines_to_copy(capsys):
    status, out, err = printed(capsys)
    assert (status, out, err) == (0, FOUR_LINES + "\n", "")
    lines = [shlex.split(line, comments=True) for line in out.splitlines()]
    assert len(lines) == 4
    assert all(words[0] == "partnersim" and words[1] in VERBS for words in lines)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["help"]])
def test_help_names_every_verb(capsys, words):
    status, out, _ = printed(capsys, *words)
    assert status == 0
    assert all(f"\n  {verb} " in out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_row_of_the_table_of_verbs_leads_to_a_function(verb):
    assert callable(VERBS[verb].load())


def test_a_new_verb_is_a_row_and_its_file(capsys, tmp_path, monkeypatch):
    """The recipe of CONTRIBUTING: a file in ``sim/commands`` and a row in ``sim/commands/verbs.py``."""
    (tmp_path / "greet.py").write_text("def greet(arguments):\n    print('hello', *arguments)\n    return 0\n")
    monkeypatch.setattr(sim.commands, "__path__", [*sim.commands.__path__, str(tmp_path)])
    monkeypatch.setitem(VERBS, "greet", Verb("greet", "greet", "say hello"))
    assert printed(capsys, "greet", "Ann") == (0, "hello Ann\n", "")
    assert "\n  greet       say hello\n" in printed(capsys, "--help")[1]
    assert "did you mean 'greet'? Available: run, " in printed(capsys, "gret")[2]
    monkeypatch.delitem(sys.modules, "sim.commands.greet")


def test_version(capsys):
    assert printed(capsys, "--version") == (0, f"partnersim {sim.__version__}\n", "")


def test_list_shows_a_sentence_for_each_file(capsys):
    status, out, err = printed(capsys, "list")
    assert (status, err) == (0, "")
    rows = [line.split(maxsplit=1) for line in out.splitlines() if line.startswith("  ")]
    assert {"pccp", "chrp", "baseline", "funding_cut"} <= {row[0] for row in rows}
    assert all(len(row) == 2 for row in rows)


@pytest.mark.parametrize("kind", ["levers", "parameters", "metrics", "settings", "cases", "scenarios"])
def test_list_of_each_kind(capsys, kind):
    status, out, _ = printed(capsys, "list", kind)
    assert status == 0
    assert len(out.splitlines()) > 2


@pytest.mark.parametrize(
    ("word", "facts"),
    [
        (
            "leadership",
            [
                "enabling.leadership (lever)",
                "level:",
                "range: 0 to 1",
                "default: 0.5",
                "what it moves: integration -",
                "source:",
            ],
        ),
        ("trust_gain", ["parameters.trust_gain (parameter)", "per encounter", "source:"]),
        (
            "metrics.integration",
            ["metrics.integration (metric)", "range:", "weekly.parquet", "moved most by: administration"],
        ),
        ("rules.exchange", ["rules.exchange (rule)", "what it moves: integration -"]),
        ("pccp", ["case.pccp (case)", "partnersim run case=pccp"]),
        ("scenario.funding_cut", ["scenario.funding_cut (scenario)"]),
        ("funding", ["resources.funding (resource)"]),
        ("patient", ["roles.patient (role)"]),
        ("merger", ["shock_kinds.merger (kind of shock)"]),
        ("seed", ["seed (setting)", "a whole number from 0 to 4294967295", "default: 1"]),
        ("route", ["route (setting)", "one of:"]),
    ],
)
def test_explain(capsys, word, facts):
    status, out, _ = printed(capsys, "explain", word)
    assert status == 0
    said = " ".join(out.split())
    assert [fact for fact in facts if fact not in said] == []


def test_everything_that_can_be_explained_has_one_full_name():
    from sim.config.glossary import all_entries

    names = [entry.full_name for entry in all_entries() if entry.kind != "metric"]
    assert len(names) == len(set(names))


def test_new_case_is_found_at_once(capsys, elsewhere):
    status, out, _ = printed(capsys, "new-case", "town", "--from", "chrp")
    assert status == 0
    assert (elsewhere / "conf" / "case" / "town.yaml").is_file()
    assert "partnersim run case=town" in out
    status, out, err = printed(capsys, "run", "case=town", "--dry-run")
    assert status == 0
    assert err == "using your ./conf\n"
    status, _, err = printed(capsys, "new-case", "town")
    assert (status, err) == (2, "partnersim: conf/case/town.yaml exists already; nothing was written\n")


# --- dry run -----------------------------------------------------------------------------------------------


def test_dry_run_shows_differences_and_writes_nothing(capsys, elsewhere):
    words = ("scenario=funding_cut", "enabling.leadership=0.2", "turnover.cause=benefit", "seed=7")
    status, out, err = printed(capsys, "run", "--dry-run", *words)
    assert (status, err) == (0, "")
    assert list(elsewhere.iterdir()) == []
    differences = out.partition("Differences from the case pccp:")[2]
    assert "  enabling.leadership: 0.5 -> 0.2\n" in differences
    assert "  turnover.cause: both -> benefit\n" in differences
    assert "  shocks.funding_cut.size: none -> 0.5\n" in differences
    assert "seed=7 replicates=200" in out


def test_dry_run_of_the_bare_case_differs_in_nothing(capsys):
    _, out, _ = printed(capsys, "run", "--dry-run")
    assert "Differences from the case pccp:\n  none\n" in out


# --- a run -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of four replicates in a process of its own."""
    folder = tmp_path_factory.mktemp("run")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = ["run", "scenario=funding_cut", "replicates=4", "weeks=200", "seed=3"]
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    (result,) = (folder / "results" / "run").iterdir()
    return folder, result, done


def test_a_run_writes_its_six_files_and_nothing_else(finished):
    folder, result, _ = finished
    assert result.name.startswith("pccp-funding_cut-")
    assert sorted(path.name for path in result.iterdir()) == FILES
    assert sorted(path.name for path in folder.iterdir()) == ["results"]
    assert [path.name for path in (folder / "results" / "run").iterdir()] == [result.name]


def test_tables_have_the_columns_they_promise(finished):
    _, result, _ = finished
    weekly, runs = (pd.read_parquet(result / f"{name}.parquet") for name in ("weekly", "runs"))
    assert list(weekly.columns) == ["case", "scenario", "replicate", "week", *METRICS]
    assert list(runs.columns)[: 3 + len(RUN_COLUMNS)] == ["case", "scenario", "replicate", *RUN_COLUMNS]
    assert len(weekly) == 4 * 201
    assert len(runs) == 4
    assert set(weekly["scenario"]) == {"funding_cut"}
    with (result / "columns.csv").open(newline="") as file:
        described = {(row["file"], row["name"]) for row in csv.DictReader(file)}
    assert {("weekly.parquet", name) for name in METRICS} <= described
    assert {("runs.parquet", name) for name in list(runs.columns)[3:]} <= described


def test_summary_counts_what_is_missing(finished):
    _, result, _ = finished
    with (result / "summary.csv").open(newline="") as file:
        rows = {(row["scope"], row["name"]): row for row in csv.DictReader(file)}
    last = pd.read_parquet(result / "weekly.parquet").query("week == 200")
    row = rows["last week", "trust"]
    assert float(row["mean"]) == pytest.approx(last["trust"].mean(), rel=1e-5)
    assert float(row["share_missing"]) == pytest.approx(last["trust"].isna().mean())


def test_record_names_all_that_is_needed(finished):
    _, result, _ = finished
    record = json.loads((result / "record.json").read_text())
    assert (record["seed"], record["replicates"], record["completed"], record["interrupted"]) == (
        3,
        4,
        4,
        False,
    )
    assert record["settings"]["parameters"]["trust_gain"] == 0.07
    assert record["code"]["version"] == sim.__version__
    assert record["packages"]["numba"]
    for name in ("weekly.parquet", "runs.parquet"):
        assert record["content_hash"][name] == content_hash(pq.read_table(result / name))


def test_results_go_to_stdout_and_progress_to_stderr(finished):
    _, result, done = finished
    assert f"Results: results/run/{result.name}\n" in done.stdout
    assert "4 of 4 replicates done" in done.stderr
    assert "replicates done" not in done.stdout
    assert "simulated partnerships were still going after 200 weeks" in done.stdout
    assert len(done.stderr.splitlines()) < 5


def test_the_command_to_repeat_gives_the_same_content(finished):
    folder, result, done = finished
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Repeat:"))
    words = shlex.split(line.removeprefix("Repeat:"))
    words = words[words.index("run") :]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "sim", *words, "threads=1"], cwd=folder, env=environment, check=True)
    again = json.loads((result.with_name(f"{result.name}-again") / "record.json").read_text())
    first = json.loads((result / "record.json").read_text())
    assert again["content_hash"] == first["content_hash"]
    assert again["settings_hash"] == first["settings_hash"]


def test_the_same_run_twice_is_refused(finished, monkeypatch, capsys):
    folder, result, _ = finished
    monkeypatch.chdir(folder)
    before = (result / "record.json").read_bytes()
    status, out, err = printed(capsys, "run", "scenario=funding_cut", "replicates=4", "weeks=200", "seed=3")
    assert (status, out) == (2, "")
    advice = "give another with output=FOLDER, or remove it"
    assert err == f"partnersim: output 'results/run/{result.name}' exists already; {advice}\n"
    assert (result / "record.json").read_bytes() == before


def test_the_api_gives_the_same_content(finished):
    _, result, _ = finished
    what = sim.make_scenario("pccp", "funding_cut", {"weeks": 200})
    hashes = json.loads((result / "record.json").read_text())["content_hash"]
    found = sim.run(what, seed=3, replicates=4)
    assert sim.content_hash(found.weekly) == hashes["weekly.parquet"]
    assert sim.content_hash(found.runs) == hashes["runs.parquet"]


def test_ctrl_c_leaves_what_is_complete(elsewhere):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "sim", "run", "replicates=100000", "weeks=60", "output=mine"]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=hears_interrupts,
    )
    partial = None
    for _ in range(600):
        time.sleep(0.2)
        partial = next(elsewhere.glob(".mine.*/weekly.parquet"), None)
        if partial is not None or process.poll() is not None:
            break
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted: " in err
    assert sorted(path.name for path in elsewhere.iterdir()) == ["mine"]
    assert sorted(path.name for path in (elsewhere / "mine").iterdir()) == FILES
    record = json.loads((elsewhere / "mine" / "record.json").read_text())
    assert record["interrupted"]
    weekly = pq.read_table(elsewhere / "mine" / "weekly.parquet")
    assert 0 < record["completed"] < 100000
    assert weekly.num_rows == record["completed"] * 61
    assert record["content_hash"]["weekly.parquet"] == content_hash(weekly)
    assert "Results: mine" in out


def test_an_interruption_before_anything_is_complete_writes_nothing(capsys, elsewhere, monkeypatch):
    from sim.core import engine

    def stopped(*words, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run_many", stopped)
    status, out, err = printed(capsys, "run", "replicates=4", "output=mine")
    assert (status, out) == (130, "")
    assert err.splitlines()[-1] == "partnersim: interrupted; nothing was written"
    assert list(elsewhere.iterdir()) == []


def test_a_failure_leaves_nothing_half_written(capsys, elsewhere, monkeypatch):
    from sim.core import engine

    def broken(*words, **named):
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(engine, "run_many", broken)
    status, out, _ = printed(capsys, "run", "replicates=4", "output=deep/mine")
    assert (status, out) == (1, "")
    assert list((elsewhere / "deep").iterdir()) == []


# --- nothing heavy before it is needed ---------------------------------------------------------------------

BUDGET = """
import sys
from sim.commands.cli import main
status = main(sys.argv[1:])
heavy = sorted(set({heavy!r}) & set(sys.modules))
print("HEAVY", status, *heavy, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], 0),
        (["--help"], 0),
        (["--version"], 0),
        (["list"], 0),
        (["list", "parameters"], 0),
        (["list", "metrics"], 0),
        (["explain", "leadership"], 0),
        (["rum"], 2),
    ],
)
def test_nothing_heavy_is_imported(words, status):
    assert_light(words, status, HEAVY)


@pytest.mark.parametrize(
    "words",
    [["case=pcpp"], ["scenario=funding_cat"], ["enabling.leadershp=1"], ["seed=-1", "output=mine"], ["weeks"]],
    ids=" ".join,
)
def test_a_mistake_in_the_words_alone_loads_nothing_heavy(words):
    assert_light(["run", *words], 2, HEAVY)


@pytest.mark.parametrize("words", [["enabling.leadership=2"], ["shocks.cut={kind: funding_cut, week: -1}"]])
def test_a_mistake_in_a_value_needs_no_compiler_and_no_tables(words):
    """The Scenario judges all settings together, so Hydra composes them first; what a run needs is not loaded."""
    assert_light(["run", *words], 2, set(HEAVY) - {"hydra", "omegaconf", "numpy"})


def assert_light(words, status, heavy):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    script = BUDGET.format(heavy=tuple(heavy))
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stderr.splitlines()[-1] == f"HEAVY {status}"
