"""Settings: where the files come from, how words are taken apart, what Hydra makes of them."""

from pathlib import Path

import pytest

from sim.config.arguments import bracket_problem, parse_run_arguments, plain_value
from sim.config.folders import ConfFolders, clone_folder, find_conf_folders, project_folder
from sim.config.resolve import dotted, nested, resolve, without_empty
from sim.config.settings import FIELDS, RUN_SETTINGS, known_names
from sim.core.gate import setting_names

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "sentence: What if?\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def own(folder, kind, name, text=SENTENCE):
    path = folder / "conf" / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- folders -----------------------------------------------------------------------------------------------


def test_a_clone_uses_its_own_folder():
    if clone_folder() is None:
        pytest.skip("installed, not a clone")
    assert project_folder() == ROOT / "conf"


def test_another_projects_pyproject_is_not_ours(tmp_path, monkeypatch):
    from sim.config import folders as conf_folders

    (tmp_path / "sim" / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    monkeypatch.setattr(conf_folders, "__file__", str(tmp_path / "sim" / "config" / "folders.py"))
    assert clone_folder() is None
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "partnersim"\n')
    assert clone_folder() == tmp_path


def test_a_conf_folder_without_cases_is_not_taken(elsewhere):
    (elsewhere / "conf").mkdir()
    assert find_conf_folders().user is None


def test_the_projects_own_folder_is_not_announced(monkeypatch):
    if clone_folder() is None:
        pytest.skip("installed, not a clone")
    monkeypatch.chdir(ROOT)
    assert find_conf_folders() == ConfFolders(ROOT / "conf")
    assert find_conf_folders().announcement() is None


def test_own_folder_is_announced_and_its_names_are_found(elsewhere):
    own(elsewhere, "scenario", "mine")
    folders = find_conf_folders()
    assert folders.announcement() == "using your ./conf"
    assert "mine" in folders.names("scenario")
    assert resolve(["scenario=mine"]).scenario_name == "mine"


def test_a_file_that_replaces_a_built_in_one_is_announced_and_wins(elsewhere):
    own(elsewhere, "scenario", "funding_cut", f"{SENTENCE}enabling: {{leadership: 0.9}}\n")
    folders = find_conf_folders()
    assert folders.announcement() == "using your ./conf (it replaces the built-in scenario 'funding_cut')"
    assert resolve(["scenario=funding_cut"]).scenario.enabling["leadership"] == 0.9


def test_a_folder_with_odd_signs_in_its_name(tmp_path, monkeypatch):
    odd = tmp_path / "it's, [my] {town}"
    odd.mkdir()
    monkeypatch.chdir(odd)
    own(odd, "scenario", "mine")
    assert resolve(["scenario=mine"]).scenario_name == "mine"


# --- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("inf", float("inf")),
        ("null", None),
        ("True", True),
        ("false", False),
        ("chrp", "chrp"),
        ("'two words'", "two words"),
        ("{kind: merger, week: 9}", {"kind": "merger", "week": 9}),
        ("{kind:merger,week:9}", {"kind": "merger", "week": 9}),
        ("[1, 2]", [1, 2]),
        ("", ""),
    ],
)
def test_plain_values(text, value):
    assert plain_value(text) == value


@pytest.mark.parametrize("text", ["{a: [1, 2]}", "'it[s'", "()", "plain"])
def test_balanced_brackets(text):
    assert bracket_problem("x", text) is None


@pytest.mark.parametrize("text", ["{", "]", "[1, 2}", "'half", "({)}"])
def test_unbalanced_brackets(text):
    assert bracket_problem("x", text) is not None


@pytest.mark.parametrize("sign", ["", "+", "++"])
def test_signs_before_a_known_name_change_nothing(sign):
    parsed = parse_run_arguments([f"{sign}enabling.leadership=0.3"], find_conf_folders())
    assert parsed.problems == []
    assert parsed.values == {"enabling.leadership": 0.3}


def test_a_setting_given_twice_is_refused():
    parsed = parse_run_arguments(["seed=1", "seed=2"], find_conf_folders())
    assert parsed.problems == ["seed is given twice: 1 and 2; give it once"]


def test_a_whole_number_has_no_fraction():
    row = RUN_SETTINGS["replicates"]
    assert row.problem(2) is None
    assert row.problem(2.5) == "replicates must be a whole number from 1 to 1000000 (runs); got 2.5"


# --- resolving ---------------------------------------------------------------------------------------------


def test_every_known_setting_has_its_place_in_the_tree():
    settings = resolve([]).settings
    there = {name for name in dotted(settings) if name.split(".")[0] not in FIELDS}
    assert there == {*RUN_SETTINGS, *setting_names()}
    assert set(known_names()) == there | {"case", "scenario"}


def test_an_empty_command_leaves_everything_to_the_case():
    resolved = resolve([])
    assert (resolved.case, resolved.scenario_name) == ("pccp", "baseline")
    assert (resolved.seed, resolved.replicates, resolved.threads, resolved.output) == (1, 200, None, None)
    assert set(without_empty(resolved.settings)) == {"seed", "replicates", "posterior"}


def test_the_users_word_wins_over_scenario_and_case():
    words = ["case=chrp", "scenario=funding_cut", "shocks.funding_cut.size=0.8", "parameters.trust_gain=0.1"]
    scenario = resolve([*words, "turnover.cause=benefit", "rules.exchange=false", "null_model=null"]).scenario
    (cut,) = (shock for shock in scenario.shocks if shock.name == "funding_cut")
    assert cut.size == 0.8
    assert scenario.parameters["trust_gain"] == 0.1
    assert scenario.cause == "benefit"
    assert scenario.rules_off == frozenset({"exchange"})


def test_a_shock_can_be_added_whole_and_removed():
    whole = "shocks.extra={kind: funding_cut, week: 100, size: 0.5, duration: 10}"
    names = [shock.name for shock in resolve([whole]).scenario.shocks]
    assert "extra" in names
    kept = [shock.name for shock in resolve([f"shocks.{names[0]}=null"]).scenario.shocks]
    assert names[0] not in kept


def test_a_case_given_as_a_path(elsewhere):
    source = find_conf_folders().find("case", "chrp")
    (elsewhere / "my town.yaml").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    resolved = resolve(["case=my town.yaml"])
    assert resolved.case == "my town"
    assert resolved.words == ("case=my town.yaml",)


def test_the_hash_follows_what_is_run_and_nothing_else():
    base = resolve([]).hash8()
    assert len(base) == 8
    assert resolve(["threads=1", "output=elsewhere"]).hash8() == base
    assert resolve(["case=pccp", "scenario=baseline", "seed=1"]).hash8() == base
    others = [
        ["seed=2"],
        ["replicates=3"],
        ["weeks=200"],
        ["enabling.leadership=0.51"],
        ["scenario=funding_cut"],
    ]
    assert len({base, *(resolve(words).hash8() for words in others)}) == 6


def test_seed_zero_is_a_seed():
    assert resolve(["seed=0"]).seed == 0


@pytest.mark.parametrize("value", ["${seed}", "\\", "a'b\\'c", "x=y", "ä ö"])
def test_odd_texts_are_taken_as_they_are(value):
    assert resolve([f"output={value}"]).output == value


def test_nested_and_dotted_are_opposites():
    flat = {"seed": 1, "turnover.cause": "both", "traits.skills.fade": 0.1}
    assert dotted(nested(flat)) == flat
