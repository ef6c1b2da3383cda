"""The schema of a case and of a scenario, the files that hold them, and the words of every refusal."""
# ruff: noqa: E501  (tables of messages: one row, one line)

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.config.cases import CaseError, build_scenario, load_case, load_scenario, new_case
from sim.config.schema import scenario_problems
from sim.config.target_quantities import TARGET_QUANTITIES
from tests.config.test_cases import CONF, problems, without_patients


def written(folder: Path, kind: str, name: str, text: str) -> tuple[Path, ...]:
    (folder / kind).mkdir(parents=True, exist_ok=True)
    (folder / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
    return (folder, *CONF)


# --- the schema of a case --------------------------------------------------------------------------------


def changed(case: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """Return a copy with one place set, or removed when the value is ``...``."""
    copied = copy.deepcopy(case)
    *front, last = place.split(".")
    inner = copied
    for key in front:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return copied


NAN = float("nan")


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        ("meetings.core_team.status", ..., "meetings.core_team.status is missing"),
        ("meetings.core_team.source", ..., "meetings.core_team.source is missing"),
        ("meetings.core_team.low", ..., "meetings.core_team.low is missing"),
        ("meetings.core_team", 8, "meetings.core_team must be {value, low, high, status, source}, not the bare number 8"),
        ("meetings.core_team.value", "often", "meetings.core_team.value must be a number from 1 to 52 (weeks); got 'often'"),
        ("meetings.core_team.value", None, "meetings.core_team.value must be a number from 1 to 52 (weeks); got nothing"),
        ("meetings.core_team.value", NAN, "meetings.core_team.value must be a number from 1 to 52 (weeks); got nan"),
        ("meetings.core_team.high", 60, "meetings.core_team.high must be a number from 1 to 52 (weeks); got 60"),
        (
            "meetings.core_team.low",
            9,
            "meetings.core_team must have low <= value <= high; got low 9, value 8, high 13",
        ),
        (
            "funding.start_purse.status",
            "guessed",
            "funding.start_purse.status must be one of read, derived, inferred, assumed; got 'guessed'",
        ),
        (
            "funding.start_purse.source",
            "loban2012",
            "funding.start_purse.source 'loban2012' is not in the list of sources; did you mean 'loban2021'?",
        ),
        (
            "funding.start_purse.source",
            "zzz",
            "funding.start_purse.source 'zzz' is not in the list of sources; add it under 'sources' at the top of the file",
        ),
        (
            "founding.patients.seats.status",
            "read",
            None,
        ),
        (
            "meetings.core_team.status",
            "read",
            "meetings.core_team.source must name a source when the status is read; got 'assumed'",
        ),
        ("founding.patients.role", "patiant", "founding.patients.role must be one of clinician, decision_maker, researcher, "
         "coordinator, community, patient; got 'patiant'; did you mean 'patient'?"),
        ("founding.patients.organisation", "universty", "founding.patients.organisation must be one of university, "
         "regional_agency, health_centre, each, none; got 'universty'; did you mean 'university'?"),
        ("founding.patients.seats.value", 1.5, "founding.patients.seats.value must be a whole number from 1 to 1000 (seats); got 1.5"),
        ("founding", [1], "founding must be a mapping (name: value), not a list"),
        ("shocks", ["a"], "shocks must be a mapping (name: value), not a list"),
        ("meetings", ..., "meetings is missing"),
        ("meeting", {}, "unknown setting 'meeting'; did you mean 'meetings'?"),
        ("enabling.leadershp", {}, "unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?"),
        ("weeks.value", 600, "weeks.value must be a whole number from 1 to 520 (weeks); got 600"),
        ("start.value", "soon", "start.value must be a date such as 2013-10-01; got 'soon'"),
        ("sentence", "", "sentence must be a line of text; got nothing"),
        ("targets.members_2018.quantity", "member_at_2018", "targets.members_2018.quantity must be one of "
         f"{', '.join(TARGET_QUANTITIES)}; got 'member_at_2018'; did you mean 'members_at_2018'?"),
        ("targets.members_2018.unit", ..., "targets.members_2018.unit is missing"),
        ("targets.members_2018.low", 20, "targets.members_2018 must have low <= value <= high; got low 20, value 13, high 14"),
        ("targets.members_2018.from_week", 261, "targets.members_2018.from_week 261 is after to_week 260"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_case_is_one_line(pccp: dict[str, Any], place: str, value: object, line: str | None) -> None:
    assert problems(changed(pccp, place, value)) == ([f"F: {line}"] if line else [])


def test_a_shock_after_the_end_of_its_case(pccp: dict[str, Any]) -> None:
    late = changed(
        pccp,
        "shocks.mergers_2015.week",
        {**pccp["shocks"]["mergers_2015"]["week"], "value": 300, "high": 300},
    )
    assert problems(late) == ["F: shocks.mergers_2015.week is 300, after the end (the case runs 260 weeks)"]


def test_more_seats_than_there_is_room_for(pccp: dict[str, Any]) -> None:
    many = {**pccp["founding"]["patients"]["seats"], "value": 990, "high": 990}
    assert problems(changed(pccp, "founding.patients.seats", many)) == [
        "F: founding has 1002 seats; there is room for 1000 at most"
    ]


def test_a_shock_on_a_role_that_is_not_there(pccp: dict[str, Any]) -> None:
    lacking = changed(without_patients(pccp), "shocks.mergers_2015.role", "patient")
    assert problems(lacking) == [
        "F: shocks.mergers_2015.role is patient, a role that the case neither founds nor recruits"
    ]


def test_all_mistakes_of_a_case_are_named_together(pccp: dict[str, Any]) -> None:
    wrong = changed(changed(pccp, "weeks.status", ...), "staff.facilitator_hours.value", -1)
    assert problems(wrong) == [
        "F: weeks.status is missing",
        "F: staff.facilitator_hours.value must be a number from 0 to 40 (hours per week); got -1",
    ]


def test_a_case_may_bring_its_own_sources(pccp: dict[str, Any]) -> None:
    own = changed({**pccp, "sources": {"minutes": "Minutes of 2023"}}, "weeks.source", "minutes")
    assert problems(own) == []


# --- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title: a\nfounding: [1, 2\n", "broken YAML in line 3: expected ',' or ']', but got '<stream end>'"),
        (
            "title: a\n\tweeks: 3\n",
            "broken YAML in line 2: found character '\\t' that cannot start any token",
        ),
        ("title: a\ntitle: b\n", "broken YAML in line 2: 'title' is given twice"),
        ("- a\n- b\n", "must hold a mapping (name: value), not a list"),
        ("", "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    folders = written(tmp_path, "case", "mine", text)
    with pytest.raises(CaseError) as caught:
        load_case("mine", folders)
    assert caught.value.problems == (f"{tmp_path / 'case' / 'mine.yaml'}: {line}",)


def test_an_unknown_case_or_file_is_one_line() -> None:
    with pytest.raises(CaseError) as caught:
        load_case("pcpc", CONF)
    assert caught.value.problems == ("no case called 'pcpc'; did you mean 'pccp'? Available: chrp, pccp",)
    with pytest.raises(CaseError, match=r"^no such file: nowhere\.yaml$"):
        load_case("nowhere.yaml", CONF)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("enabling: {leadership: 0.8}\n", "sentence is missing"),
        (
            "sentence: What?\nenabling: {leadershp: 1}\n",
            "unknown setting 'enabling.leadershp'; did you mean 'enabling.leadership'?",
        ),
        ("sentence: What?\nrings: three\n", "rings must be one of one, two; got 'three'"),
        ("sentence: What?\nshocks: [cut]\n", "shocks must be a mapping (name: value), not a list"),
        ("sentence: What?\nincludes: funding_cut\n", "includes must be a list of names such as [a, b]"),
        ("sentence: What?\nshocks_: {}\n", "unknown setting 'shocks_'; did you mean 'shocks'?"),
        (
            "sentence: What?\nmeetings: {core_team: 0}\n",
            "meetings.core_team must be a number from 1 to 52 (weeks); got 0",
        ),
    ],
)
def test_each_mistake_in_a_scenario_is_one_line(text: str, line: str) -> None:
    assert scenario_problems(yaml.safe_load(text), "F") == [f"F: {line}"]


def test_includes_that_are_unknown_or_go_round_are_refused(tmp_path: Path) -> None:
    folders = written(tmp_path, "scenario", "a", "sentence: What?\nincludes: [b]\n")
    written(tmp_path, "scenario", "b", "sentence: What?\nincludes: [a]\n")
    with pytest.raises(CaseError, match=r"includes go round in a circle: a > b > a"):
        load_scenario("a", folders)
    written(tmp_path, "scenario", "b", "sentence: What?\nincludes: [funding_cat]\n")
    with pytest.raises(CaseError, match=r"^no scenario called 'funding_cat'; did you mean 'funding_cut'\? Available: "):
        load_scenario("a", folders)


def test_a_new_case_is_a_commented_copy_that_runs(tmp_path: Path) -> None:
    path = new_case("my_town", "chrp", tmp_path, CONF)
    assert path == tmp_path / "case" / "my_town.yaml"
    assert path.read_text(encoding="utf-8").startswith("# Case my_town, copied from chrp.")
    case = load_case("my_town", (tmp_path, *CONF))
    assert build_scenario(case).case == "my_town"
    with pytest.raises(CaseError, match="exists already; nothing was written"):
        new_case("my_town", "pccp", tmp_path, CONF)


def test_a_new_case_needs_a_name_that_will_do(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        new_case("../x", "pccp", tmp_path, CONF)
    assert caught.value.problems == (
        "a case cannot be called '../x'; use letters, digits and underscores, a letter first",
    )
    assert not list(tmp_path.iterdir())
