"""Every mistake is named in one line of exact text, exit 2, and nothing is written."""

from pathlib import Path

import pytest
import yaml

from sim.commands.cli import main
from sim.config.folders import find_conf_folders

SCENARIOS = ", ".join(find_conf_folders().names("scenario"))
CASES = ", ".join(find_conf_folders().names("case"))
HERE = Path(__file__).resolve().parents[2]

LEADERSHIP = "enabling.leadership must be a number from 0 to 1 (share of full effort)"
REPLICATES = "replicates must be a whole number from 1 to 1000000 (runs)"
SEED = "seed must be a whole number from 0 to 4294967295"

WORDS = [
    # misspelt settings, with and without Hydra's signs
    (
        ["enabling.leadershp=0.3"],
        ["unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?"],
    ),
    (
        ["+enabling.leadershp=0.3"],
        ["unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?"],
    ),
    (
        ["++enabling.leadershp=0.3"],
        ["unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?"],
    ),
    (["leadership=0.3"], ["unknown setting 'leadership'; did you mean 'enabling.leadership'?"]),
    (
        ["+zzzz=1"],
        ["unknown setting 'zzzz'; 'partnersim list parameters' and 'partnersim list levers' show all"],
    ),
    (["shocks.cut.sise=0.3"], ["unknown setting 'shocks.cut.sise'; did you mean 'shocks.cut.size'?"]),
    (
        ["~enabling.leadership"],
        ["'~enabling.leadership' is not a setting; did you mean 'enabling.leadership=VALUE'?"],
    ),
    # unknown choices
    (["case=chrpp"], [f"no case called 'chrpp'; did you mean 'chrp'? Available: {CASES}"]),
    (["case=zzzz"], [f"no case called 'zzzz'. Available: {CASES}"]),
    (
        ["scenario=fundng_cut"],
        [f"no scenario called 'fundng_cut'; did you mean 'funding_cut'? Available: {SCENARIOS}"],
    ),
    (["case=nowhere/at_all.yaml"], ["no such file: nowhere/at_all.yaml"]),
    (["case="], [f"case is empty. Available: {CASES}"]),
    (
        ["turnover.cause=benefits"],
        ["turnover.cause must be one of exogenous, benefit, both; got 'benefits'; did you mean 'benefit'?"],
    ),
    # values
    (["enabling.leadership=high"], [f"{LEADERSHIP}; got 'high'"]),
    (["enabling.leadership="], [f"{LEADERSHIP}; got nothing"]),
    (["enabling.leadership=7"], [f"{LEADERSHIP}; got 7"]),
    (["enabling.leadership=-0.1"], [f"{LEADERSHIP}; got -0.1"]),
    (["enabling.leadership=nan"], [f"{LEADERSHIP}; got nan"]),
    (["enabling.leadership=inf"], [f"{LEADERSHIP}; got inf"]),
    (["enabling.leadership=-inf"], [f"{LEADERSHIP}; got -inf"]),
    (["enabling.leadership=true"], [f"{LEADERSHIP}; got True"]),
    (["enabling.leadership=[0.1, 0.2]"], [f"{LEADERSHIP}; got [0.1, 0.2]"]),
    (["enabling.leadership=0.1,0.2"], [f"{LEADERSHIP}; got '0.1,0.2'"]),
    (["replicates=-5"], [f"{REPLICATES}; got -5"]),
    (["replicates=0"], [f"{REPLICATES}; got 0"]),
    (["replicates=1000001"], [f"{REPLICATES}; got 1000001"]),
    (["replicates=2.5"], [f"{REPLICATES}; got 2.5"]),
    (["replicates="], [f"{REPLICATES}; got nothing"]),
    (["seed=-1"], [f"{SEED}; got -1"]),
    (["seed=4294967296"], [f"{SEED}; got 4294967296"]),
    (["seed=word"], [f"{SEED}; got 'word'"]),
    (["weeks=521"], ["weeks must be a whole number from 1 to 520 (weeks); got 521"]),
    (["threads=0"], ["threads must be a whole number from 1 to 1024 (threads); got 0"]),
    (["rules.exchange=off"], ["rules.exchange must be true or false; got 'off'"]),
    # the form of words
    (["funding_cut"], ["'funding_cut' is not a setting; did you mean 'scenario=funding_cut'?"]),
    (["replicates"], ["'replicates' is not a setting; did you mean 'replicates=VALUE'?"]),
    (["=3"], ["'=3' is not a setting; write NAME=VALUE"]),
    (["--dryrun"], ["unknown option '--dryrun'; 'run' knows --dry-run and --help"]),
    (["seed=1", "seed=2"], ["seed is given twice: 1 and 2; give it once"]),
    (["shocks.x={week: 9"], ["unbalanced '{' in shocks.x={week: 9"]),
    (["enabling.leadership=0.5]"], ["unbalanced ']' in enabling.leadership=0.5]"]),
    (["name='half"], ["unbalanced ''' in name='half"]),
    # shocks
    (
        ["shocks.x=3"],
        ["shocks.x must be a mapping such as {kind: funding_cut, week: 100}, or null to remove it, not 3"],
    ),
    # two at once: both are named
    (["seed=-1", "enabling.leadership=7"], [f"{SEED}; got -1", f"{LEADERSHIP}; got 7"]),
    (
        ["case=chrpp", "+enabling.leadershp=0.3"],
        [
            "unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?",
            f"no case called 'chrpp'; did you mean 'chrp'? Available: {CASES}",
        ],
    ),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty current folder, so that anything written would be seen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARTNERSIM_DEBUG", raising=False)
    return tmp_path


def message_of(capsys, words):
    status = main(words)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert all(line.startswith("partnersim: ") for line in captured.err.splitlines())
    return status, [line.removeprefix("partnersim: ") for line in captured.err.splitlines()]


def snapshot(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


@pytest.mark.parametrize(("words", "lines"), WORDS, ids=[" ".join(words) for words, _ in WORDS])
def test_mistake_in_the_words(capsys, elsewhere, words, lines):
    assert message_of(capsys, ["run", *words]) == (2, lines)
    assert snapshot(elsewhere) == []


def test_mistakes_in_words_and_in_what_follows_from_them_are_told_together(capsys):
    status, lines = message_of(capsys, ["run", "seed=-1", "shocks.x={kind: funding_cut, week: 400, size: 0.5}"])
    assert status == 2
    assert lines[0] == f"{SEED}; got -1"
    assert len(lines) == 2
    assert "400" in lines[1]


VERBS = (
    "Available: run, sweep, resume, status, query, calibrate, compare, report, sensitivity, portfolio, lab, lesson, "
    "list, explain, new-case, new-answers, doctor"
)
KINDS = "Available: cases, scenarios, levers, parameters, metrics, designs, sweeps, settings"
SHARED = "say 'scenario.funding_cut' (a scenario) or 'shock_kinds.funding_cut' (a kind of shock)"
FROM = "write: partnersim new-case NAME --from pccp"
CASE_NAME = "use letters, digits and underscores, a letter first"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["rum"], f"no verb called 'rum'; did you mean 'run'? {VERBS}"),
        (["zzzz"], f"no verb called 'zzzz'. {VERBS}"),
        (["case=chrp"], "no verb before 'case=chrp'; did you mean 'partnersim run case=chrp'?"),
        (["list", "scenario"], f"cannot list 'scenario'; did you mean 'scenarios'? {KINDS}"),
        (["explain"], "explain what? Give a name, such as: partnersim explain leadership"),
        (["explain", "leadershp"], "nothing is called 'leadershp'; did you mean 'enabling.leadership'?"),
        (["explain", "funding_cut"], f"'funding_cut' means more than one thing; {SHARED}"),
        (["new-case"], f"new-case needs one name; {FROM}"),
        (["new-case", "town", "--from"], f"--from needs the name of a case; {FROM}"),
        (
            ["new-case", "town", "--from", "chrpp"],
            f"no case called 'chrpp'; did you mean 'chrp'? Available: {CASES}",
        ),
        (["new-case", "../town"], f"a case cannot be called '../town'; {CASE_NAME}"),
        (["doctor", "who"], "doctor takes nothing but --compile; got 'who'"),
    ],
)
def test_mistake_in_the_verb(capsys, elsewhere, words, line):
    assert message_of(capsys, words) == (2, [line])
    assert snapshot(elsewhere) == []


# --- output ------------------------------------------------------------------------------------------------


def test_existing_output_is_never_overwritten(capsys, elsewhere):
    (elsewhere / "mine").mkdir()
    line = "output 'mine' exists already; give another with output=FOLDER, or remove it"
    assert message_of(capsys, ["run", "output=mine"]) == (2, [line])
    assert snapshot(elsewhere) == [Path("mine")]


def test_output_under_a_file(capsys, elsewhere):
    (elsewhere / "file").write_text("")
    line = "cannot write to 'file/run': 'file' is a file, not a folder; give another with output=FOLDER"
    assert message_of(capsys, ["run", "output=file/run"]) == (2, [line])
    assert snapshot(elsewhere) == [Path("file")]


def test_existing_output_and_a_bad_value_are_told_together(capsys, elsewhere):
    (elsewhere / "mine").mkdir()
    assert message_of(capsys, ["run", "output=mine", "seed=-1"]) == (
        2,
        [f"{SEED}; got -1", "output 'mine' exists already; give another with output=FOLDER, or remove it"],
    )


# --- files -------------------------------------------------------------------------------------------------


def own_case(folder, change):
    """Write ``town.yaml``: the built-in case with a change."""
    path = find_conf_folders().project / "case" / "pccp.yaml"
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(case)
    (folder / "town.yaml").write_text(yaml.safe_dump(case, sort_keys=False), encoding="utf-8")


def without(field):
    def change(case):
        del case["weeks"][field]

    return change


def as_list(case):
    case["need"] = [1, 2]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (without("status"), "town.yaml: weeks.status is missing"),
        (without("source"), "town.yaml: weeks.source is missing"),
        (as_list, "town.yaml: need must be a mapping (name: value), not a list"),
    ],
    ids=["status", "source", "list"],
)
def test_faulty_case_file(capsys, elsewhere, change, line):
    own_case(elsewhere, change)
    status, lines = message_of(capsys, ["run", "case=town.yaml"])
    assert status == 2
    assert lines[0].startswith(line)
    assert snapshot(elsewhere) == [Path("town.yaml")]


def test_broken_yaml(capsys, elsewhere):
    (elsewhere / "town.yaml").write_text("title: [open\n")
    status, lines = message_of(capsys, ["run", "case=town.yaml"])
    assert status == 2
    assert len(lines) == 1
    assert lines[0].startswith("town.yaml: broken YAML")


def own_scenario(folder, text):
    """Write a scenario ``mine`` into the user's own conf folder."""
    place = folder / "conf" / "scenario"
    place.mkdir(parents=True)
    (place / "mine.yaml").write_text(f"sentence: What if?\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize("seats", [-1, 0, 100000])
def test_number_of_seats(capsys, elsewhere, seats):
    own_scenario(elsewhere, f"founding: {{clinicians: {{seats: {seats}}}}}")
    status, lines = message_of(capsys, ["run", "scenario=mine"])
    assert status == 2
    assert len(lines) == 1
    assert "seats" in lines[0]


def test_shock_after_the_end(capsys):
    status, lines = message_of(capsys, ["run", "shocks.x={kind: funding_cut, week: 400, size: 0.5}"])
    assert status == 2
    assert len(lines) == 1
    assert lines[0].startswith("shocks.x.week must be ")


def test_a_shock_that_is_not_there_is_told_by_name(capsys):
    status, lines = message_of(capsys, ["run", "shocks.nowhere.size=0.5"])
    assert status == 2
    assert len(lines) == 1
    assert "nowhere" in lines[0]


def test_own_names_are_among_those_available(capsys, elsewhere):
    own_scenario(elsewhere, "")
    _, lines = message_of(capsys, ["run", "scenario=mene"])
    assert lines[0].startswith("no scenario called 'mene'; did you mean 'mine'? Available: ")
    assert " mine," in lines[0]


# --- our own fault -----------------------------------------------------------------------------------------


def test_our_own_fault_is_told_apart(capsys, monkeypatch):
    def broken(words):
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("sim.commands.run.run", broken)
    assert message_of(capsys, ["run"]) == (
        1,
        [
            "something went wrong that is not your fault: RuntimeError: a wheel came off",
            "PARTNERSIM_DEBUG=1 shows where",
        ],
    )


def test_debugging_shows_the_traceback(capsys, monkeypatch):
    monkeypatch.setenv("PARTNERSIM_DEBUG", "1")
    assert main(["run", "seed=-1"]) == 2
    assert "Traceback" in capsys.readouterr().err
