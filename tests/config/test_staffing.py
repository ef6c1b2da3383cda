"""Posts, hours of a facilitator, dissolved organisations: one grammar in cases, scenarios and on the command line."""

import copy
from pathlib import Path
from typing import Any

import pytest

from sim.commands.dry_run import differences
from sim.config.cases import build_scenario, load_case, load_scenario
from sim.config.glossary import explain
from sim.config.resolve import resolve
from sim.core.scenario import Change, Post, Scenario
from sim.core.scenario_json import from_line, to_line
from sim.core.vocabulary import Role
from tests.config.test_case_files import written
from tests.config.test_cases import CASES, CONF, problems, refused

STAFF = 4
"""Number of the first coordinator's seat in PCCP; there are two."""

GROUPS = "investigators, coordinators, clinicians, planners, managers, community_representatives, patients"
LEVERS = (
    "relationship_building, communication, conflict_handling, power_sharing, leadership, administration, "
    "inclusive_decisions, resource_matching, orientation, participation_support, policy_alignment, "
    "organisational_backing, context_sensing"
)
CAN_CHANGE = f"what can is lever: {LEVERS}; staff: facilitator_hours"


def posts(
    case: dict[str, Any], given: dict[str, Any], settings: dict[str, Any] | None = None
) -> tuple[Post, ...] | None:
    return build_scenario(case, {"name": "s", "posts": given}, settings).posts


def with_ranges(value: object) -> object:
    """Return plain values as a case writes them."""
    if isinstance(value, dict):
        return {key: item if key == "number" else with_ranges(item) for key, item in value.items()}
    if isinstance(value, str) or value is None:
        return value
    return {"value": value, "low": value, "high": value, "status": "assumed", "source": "assumed"}


# --- what a post becomes -----------------------------------------------------------------------------------


def test_coordinators_have_full_time_posts_that_go_without_saying(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp)
    assert built.posts == (Post(STAFF, seats=2),)
    assert [seat.role for seat in built.seats[STAFF : STAFF + 2]] == [Role.COORDINATOR] * 2


def test_the_usual_post_can_be_ended_and_taken_away(pccp: dict[str, Any]) -> None:
    assert posts(pccp, {"coordinators": {"to_week": 78}}) == (Post(STAFF, to_week=78, seats=2),)
    assert posts(pccp, {"coordinators": None}) == ()
    assert posts(pccp, {"coordinators": None}, {"posts": {"coordinators": {"to_week": 9}}}) == (
        Post(STAFF, to_week=9, seats=2),
    )


def test_the_usual_post_follows_the_seats(pccp: dict[str, Any]) -> None:
    more = {"name": "s", "founding": {"coordinators": {"seats": 3}}}
    assert build_scenario(pccp, more).posts == (Post(STAFF, seats=3),)
    assert build_scenario(pccp, more, {"posts": {"coordinators": {"share": 0.5}}}).posts == (Post(STAFF, 0.5, seats=3),)
    assert build_scenario(pccp, {"name": "s", "founding": {"coordinators": None}}).posts == ()
    others = {"name": "s", "founding": {"coordinators": {"role": "researcher"}}}
    assert build_scenario(pccp, others).posts == ()


def test_one_seat_two_posts_and_a_change_of_share(pccp: dict[str, Any]) -> None:
    given = {
        "coordinators": {"to_week": 78},
        "half_time": {"seats": "coordinators", "number": 2, "share": 0.5, "pay": 1.2, "from_week": 79},
        "lent": {"seats": "coordinators", "number": 1, "payer": "organisation", "from_week": 100, "to_week": 200},
    }
    assert posts(pccp, given) == (
        Post(STAFF, to_week=78, seats=2),
        Post(STAFF, from_week=100, to_week=200, seconded=True),
        Post(STAFF + 1, 0.5, from_week=79, pay=1.2),
    )


def test_a_group_for_a_later_post_is_added(pccp: dict[str, Any]) -> None:
    group = {"role": "coordinator", "ring": "core_team", "organisation": "health_centre", "seats": 1}
    later = {"name": "s", "founding": {"navigator": group}, "posts": {"navigator": {"from_week": 53, "share": 0.4}}}
    assert build_scenario(pccp, later).posts == (Post(STAFF, seats=2), Post(14, 0.4, from_week=53))
    later["posts"] = {"someone": {"seats": "navigator", "from_week": 53}}
    assert build_scenario(pccp, later).posts == (Post(STAFF, seats=2), Post(14, from_week=53))
    del later["posts"]
    assert build_scenario(pccp, later).posts == (Post(STAFF, seats=2), Post(14))


def test_other_roles_may_be_paid(pccp: dict[str, Any]) -> None:
    assert posts(pccp, {"patients": {"share": 0.1}}) == (Post(STAFF, seats=2), Post(12, 0.1, seats=2))


def test_the_user_changes_and_removes_a_post_of_the_scenario(pccp: dict[str, Any]) -> None:
    scenario = load_scenario("half_time_after_contract", CONF)
    changed = build_scenario(pccp, scenario, {"posts": {"half_time": {"share": 0.6}}}).posts
    assert changed == (Post(STAFF, to_week=78, seats=2), Post(STAFF, 0.6, from_week=79))
    without = build_scenario(pccp, scenario, {"posts": {"half_time": None}}).posts
    assert without == (Post(STAFF, to_week=78, seats=2),)


def test_posts_of_the_case_are_cut_where_the_run_ends(pccp: dict[str, Any]) -> None:
    given = {"coordinators": {"to_week": 156}, "half": {"seats": "coordinators", "from_week": 157, "to_week": 260}}
    case = {**pccp, "posts": with_ranges(given)}
    assert problems(case) == []
    assert build_scenario(case).posts == (Post(STAFF, to_week=156, seats=2), Post(STAFF, from_week=157, seats=2))
    assert build_scenario(case, {}, {"weeks": 100}).posts == (Post(STAFF, seats=2),)
    assert refused(case, {}, {"weeks": 100, "posts": {"coordinators": {"to_week": 156}}}) == (
        "posts.coordinators.to_week must be a whole number from 1 to 100 (the last week of the run); got 156",
    )


def test_a_numbered_post_of_the_case_needs_its_seat(pccp: dict[str, Any]) -> None:
    given = {"first": {"seats": "coordinators", "number": 1}, "second": {"seats": "coordinators", "number": 2}}
    case = {**pccp, "posts": with_ranges(given)}
    assert problems(case) == []
    assert build_scenario(case).posts == (Post(STAFF), Post(STAFF + 1))
    assert build_scenario(case, {"name": "s", "founding": {"coordinators": {"seats": 1}}}).posts == (Post(STAFF),)


# --- one grammar -------------------------------------------------------------------------------------------

SAME: dict[str, dict[str, Any]] = {
    "ended": {"coordinators": {"to_week": 78}},
    "two": {"coordinators": {"to_week": 78}, "half": {"seats": "coordinators", "share": 0.5, "from_week": 79}},
    "lent": {"coordinators": {"payer": "organisation", "pay": 1.5}},
    "nobody": {"coordinators": None},
    "one": {
        "coordinators": {"number": 1},
        "other": {"seats": "coordinators", "number": 2, "from_week": 20, "to_week": 90},
    },
}


@pytest.mark.parametrize("name", SAME)
def test_a_case_a_scenario_and_a_command_line_give_the_same(
    name: str, pccp: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = SAME[name]
    case = {**pccp, "posts": with_ranges(given)}
    assert problems(case) == []
    by_case = build_scenario(case)
    by_scenario = build_scenario(pccp, {"name": "baseline", "posts": given})
    typed = []
    for post, row in given.items():
        typed += [f"posts.{post}=null"] if row is None else [f"posts.{post}.{key}={row[key]}" for key in row]
    by_words = resolve([*typed, "posterior=none"]).scenario
    whole = [f"posts.{post}={str(row).replace(chr(39), '') if row else 'null'}" for post, row in given.items()]
    assert by_case == by_scenario == by_words == resolve([*whole, "posterior=none"]).scenario
    folders = written(tmp_path, "scenario", "mine", "sentence: What?\n" + _yaml({"posts": given}))
    assert build_scenario(pccp, {**load_scenario("mine", folders), "name": "baseline"}) == by_case


def _yaml(tree: dict[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(tree))


def test_the_analysts_question_on_the_command_line() -> None:
    words = ["schedule.after.staff=facilitator_hours", "schedule.after.week=79", "schedule.after.value=6"]
    scenario = resolve([*words, "posts.coordinators.to_week=78", "posterior=none"]).scenario
    assert scenario.schedule == (Change(79, "facilitator_hours", 6.0),)
    assert scenario.posts == (Post(STAFF, to_week=78, seats=2),)
    shipped = resolve(["scenario=facilitator_after_contract", "posterior=none"]).scenario
    assert (shipped.schedule, shipped.posts) == (scenario.schedule, scenario.posts)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["facilitator_after_contract", "half_time_after_contract", "in_kind_coordinator"])
def test_the_shipped_answers_survive_json(case: str, name: str) -> None:
    built = build_scenario(load_case(case, CONF), load_scenario(name, CONF))
    assert isinstance(built, Scenario)
    assert from_line(to_line(built)) == built


def test_a_dry_run_says_what_becomes_of_the_posts() -> None:
    lines = differences(resolve(["scenario=half_time_after_contract", "posterior=none"]))
    assert lines == [
        "post of coordinators, all seats, from week 1: to week 260, 1 of full time, pay salary, paid by the purse -> "
        "to week 78, 1 of full time, pay salary, paid by the purse",
        "post of coordinators, seat 1, from week 79: none -> to week 260, 0.5 of full time, pay salary, "
        "paid by the purse",
    ]


def test_posts_are_explained_under_any_name() -> None:
    assert explain("posts").startswith("posts (")
    assert explain("posts.coordinators.to_week") == explain("posts.NAME.to_week")
    assert "must be: a number from 0.01 to 1 (share of full time)" in explain("posts.half_time.share")


# --- bad posts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "line", "right"),
    [
        (
            {"half": {"seats": "coordinators", "share": 0.5, "from_week": 79}},
            "posts.coordinators and posts.half both pay for seat 1 of coordinators in week 79; posts of one seat must "
            "not overlap: posts.coordinators.to_week=78 makes room for posts.half",
            {"coordinators": {"to_week": 78}},
        ),
        (
            {"second": {"seats": "coordinators", "number": 2}},
            "posts.coordinators and posts.second both pay for seat 2 of coordinators in week 1; posts of one seat must "
            "not overlap: posts.coordinators=null makes room for posts.second",
            {"coordinators": None},
        ),
        (
            {"coordinators": {"to_week": 78}, "late": {"seats": "coordinators", "from_week": 261}},
            "posts.late.from_week must be a whole number from 1 to 260 (the last week of the run); got 261",
            {"late": {"from_week": 260}},
        ),
        (
            {"coordinators": {"to_week": 300}},
            "posts.coordinators.to_week must be a whole number from 1 to 260 (the last week of the run); got 300",
            {"coordinators": {"to_week": 260}},
        ),
        (
            {"coordinators": {"from_week": 79, "to_week": 78}},
            "posts.coordinators.to_week 78 is before from_week 79",
            {"coordinators": {"to_week": 79}},
        ),
        (
            {"coordinators": {"number": 3}},
            "posts.coordinators.number must be a whole number from 1 to 2 (seats of coordinators); got 3",
            {"coordinators": {"number": 2}},
        ),
        (
            {"half": {"seats": "coordinator", "from_week": 79}},
            f"posts.half.seats must be a founding group ({GROUPS}); got 'coordinator'; did you mean 'coordinators'?",
            {"coordinators": {"to_week": 78}, "half": {"seats": "coordinators"}},
        ),
        (
            {"coordinatrs": {"share": 0.5}},
            f"posts.coordinatrs.seats is missing and 'coordinatrs' is no founding group; there are {GROUPS}; "
            "did you mean 'coordinators'?",
            {"coordinatrs": {"seats": "patients"}},
        ),
        (
            {"patients": {"payer": "organisation"}},
            "posts.patients.payer must be purse: the seats of patients have no organisation; got 'organisation'",
            {"patients": {"payer": "purse"}},
        ),
        (
            {"coordnators": None},
            "posts.coordnators is not there and cannot be taken away; did you mean 'coordinators'?",
            None,
        ),
    ],
)
def test_a_post_that_cannot_be_is_one_line(
    pccp: dict[str, Any], given: dict[str, Any], line: str, right: dict[str, Any] | None
) -> None:
    assert refused(pccp, {}, {"posts": given})[0].removeprefix("scenario s: ") == line
    assert len(refused(pccp, {"name": "s", "posts": given})) == 1
    if right is not None:
        assert posts(pccp, given | {name: right[name] and {**given.get(name, {}), **right[name]} for name in right})


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        ("share", 1.2, "must be a number from 0.01 to 1 (share of full time); got 1.2"),
        ("share", 0, "must be a number from 0.01 to 1 (share of full time); got 0"),
        ("pay", -1, "must be a number from 0 to 5 (coordinator-weeks per week); got -1"),
        ("payer", "purze", "must be one of purse, organisation; got 'purze'; did you mean 'purse'?"),
        ("number", 0, "must be a whole number from 1 to 1000 (seat of the group); got 0"),
        ("from_week", 1.5, "must be a whole number from 1 to 520 (weeks after the start); got 1.5"),
        ("to_week", "soon", "must be a whole number from 1 to 520 (weeks after the start); got 'soon'"),
    ],
)
def test_a_wrong_value_of_a_post_is_one_line(pccp: dict[str, Any], field: str, value: object, line: str) -> None:
    assert refused(pccp, {}, {"posts": {"coordinators": {field: value}}}) == (f"posts.coordinators.{field} {line}",)


def test_unknown_fields_and_roles_are_one_line(pccp: dict[str, Any]) -> None:
    assert refused(pccp, {}, {"posts": {"coordinators": {"shares": 0.5}}}) == (
        "unknown setting 'posts.coordinators.shares'; did you mean 'posts.coordinators.share'?",
    )
    group = {"role": "coordinators_", "ring": "core_team", "organisation": "university", "seats": 1}
    assert refused(pccp, {}, {"founding": {"more": group}}) == (
        "founding.more.role must be one of clinician, decision_maker, researcher, coordinator, community, patient; "
        "got 'coordinators_'; did you mean 'coordinator'?",
    )


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"a": {"seats": "coordinators"}, "b": {"seats": "coordinators", "from_week": 9}},
            "posts.a and posts.b both pay for seat 1 of coordinators in week 9; posts of one seat must not overlap: "
            "posts.a.to_week=8 makes room for posts.b",
        ),
        ({"a": {"seats": "nobody"}}, f"posts.a.seats must be a founding group ({GROUPS}); got 'nobody'"),
        ({"coordinators": {"number": 3}}, "posts.coordinators.number must be a whole number from 1 to 2 (seats of "
         "coordinators); got 3"),
        ({"coordinators": {"to_week": 261}}, "posts.coordinators.to_week must be a whole number from 1 to 260 (the "
         "last week of the run); got 261"),
        ({"patients": None}, "posts.patients is empty, which only takes away the usual post of coordinators"),
    ],
)  # fmt: skip
def test_a_post_that_cannot_be_in_a_case_is_one_line(pccp: dict[str, Any], given: dict[str, Any], line: str) -> None:
    assert problems({**pccp, "posts": with_ranges(given)}) == [f"F: {line}"]


def test_numbers_of_posts_in_a_case_have_ranges(pccp: dict[str, Any]) -> None:
    assert problems({**pccp, "posts": {"coordinators": {"share": 0.5}}}) == [
        "F: posts.coordinators.share must be {value, low, high, status, source}, not the bare number 0.5"
    ]


# --- schedules ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"week": 9, "value": 1},
            f"schedule.a must give lever: NAME or staff: facilitator_hours; what can be scheduled is {LEVERS}, "
            "facilitator_hours",
        ),
        (
            {"lever": "leadership", "staff": "facilitator_hours", "week": 9, "value": 1},
            "schedule.a gives lever: leadership and staff: facilitator_hours; give one of them",
        ),
        (
            {"staff": "coordinators", "week": 9, "value": 1},
            f"schedule.a.staff 'coordinators' cannot be scheduled; {CAN_CHANGE}",
        ),
        (
            {"staff": "faciliator_hours", "week": 9, "value": 1},
            f"schedule.a.staff 'faciliator_hours' cannot be scheduled; {CAN_CHANGE}; did you mean "
            "'staff: facilitator_hours'?",
        ),
        (
            {"lever": "facilitator_hours", "week": 9, "value": 1},
            f"schedule.a.lever 'facilitator_hours' cannot be scheduled; {CAN_CHANGE}; did you mean "
            "'staff: facilitator_hours'?",
        ),
        (
            {"staff": "facilitator_hours", "week": 9, "value": 41},
            "schedule.a.value must be a number from 0 to 40 (hours per week); got 41",
        ),
        (
            {"lever": "leadership", "week": 9, "value": 6},
            "schedule.a.value must be a number from 0 to 1 (share of full effort); got 6",
        ),
        ({"lever": "leadership", "week": 9}, "schedule.a.value is missing"),
    ],
)
def test_a_wrong_entry_of_a_schedule_is_one_line(pccp: dict[str, Any], row: dict[str, Any], line: str) -> None:
    assert refused(pccp, {}, {"schedule": {"a": row}}) == (line,)


def test_the_range_is_that_of_what_the_scenario_schedules(pccp: dict[str, Any]) -> None:
    scenario = load_scenario("facilitator_after_contract", CONF)
    built = build_scenario(pccp, scenario, {"schedule": {"facilitator": {"value": 12}}})
    assert built.schedule == (Change(79, "facilitator_hours", 12.0),)
    assert refused(pccp, scenario, {"schedule": {"facilitator": {"value": 41}}}) == (
        "schedule.facilitator.value must be a number from 0 to 40 (hours per week; for a lever the share of full "
        "effort, at most 1); got 41",
    )
    assert refused(pccp, load_scenario("leadership_lapse", CONF), {"schedule": {"lapse": {"value": 6}}}) == (
        "schedule.lapse.value must be a number from 0 to 1 (share of full effort); got 6",
    )


def test_changes_are_in_the_order_of_weeks_and_of_the_table(pccp: dict[str, Any]) -> None:
    rows = {
        "c": {"staff": "facilitator_hours", "week": 9, "value": 3},
        "b": {"lever": "leadership", "week": 9, "value": 0.1},
        "a": {"lever": "communication", "week": 9, "value": 0.2},
        "d": {"lever": "orientation", "week": 2, "value": 0.2},
    }
    built = build_scenario(pccp, {"name": "s", "schedule": rows}).schedule
    assert [change.setting for change in built] == ["orientation", "communication", "leadership", "facilitator_hours"]


# --- shocks ------------------------------------------------------------------------------------------------


def test_an_organisation_is_dissolved_by_its_name(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp)
    (struck,) = (shock for shock in built.shocks if shock.name == "agency_dissolved")
    assert built.organisations[struck.organisation].name == "regional_agency"
    end = {"kind": "dissolution", "week": 9, "size": 1, "organisation": "clinicians_2"}
    built = build_scenario(pccp, {"name": "s", "shocks": {"end": end}})
    assert built.organisations[built.shocks[0].organisation].name == "clinicians_2"


def test_a_dissolution_of_the_case_is_left_out_where_its_organisation_is(pccp: dict[str, Any]) -> None:
    without = build_scenario(pccp, {"name": "s", "founding": {"planners": None}})
    assert "agency_dissolved" not in [shock.name for shock in without.shocks]


HOMES = "university, clinicians_1, clinicians_2, regional_agency, health_centre, community_representatives_1"


@pytest.mark.parametrize(
    ("shock", "line"),
    [
        (
            {"kind": "dissolution", "organisation": "regional_agncy"},
            f"shocks.a.organisation must be one of {HOMES}; got 'regional_agncy'; did you mean 'regional_agency'?",
        ),
        (
            {"kind": "dissolution", "organisation": "regional_agency", "role": "clinician"},
            "shocks.a names an organisation and a role; give only the one that is struck",
        ),
        (
            {"kind": "person_leaves", "duration": 9},
            "shocks.a.duration 9 would do nothing: a shock of kind person_leaves reads week, size, role",
        ),
        (
            {"kind": "merger", "theme": "evidence"},
            "shocks.a.theme 'evidence' would do nothing: a shock of kind merger reads week, size, duration, role",
        ),
        (
            {"kind": "funding_cut", "role": "patient", "duration": 9},
            "shocks.a.role 'patient' would do nothing: a shock of kind funding_cut reads week, size, duration",
        ),
        (
            {"kind": "merger", "organisation": "university"},
            "shocks.a.organisation 'university' would do nothing: a shock of kind merger reads week, size, duration, "
            "role",
        ),
    ],
)
def test_what_a_kind_of_shock_does_not_read_is_one_line(pccp: dict[str, Any], shock: dict[str, Any], line: str) -> None:
    given = {"week": 9, "size": 0.5, **shock}
    assert refused(pccp, {}, {"shocks": {"a": given}}) == (line,)
    if "must be one of" not in line:
        in_case = {**pccp, "shocks": {"a": {key: with_ranges(item) for key, item in given.items()}}}
        assert f"F: {line}" in problems(in_case)


def test_what_says_the_same_as_nothing_may_stand(pccp: dict[str, Any]) -> None:
    shock = {"kind": "person_leaves", "week": 9, "size": 1, "duration": 1, "role": "any"}
    assert build_scenario(pccp, {"name": "s", "shocks": {"a": shock}}).shocks[0].name == "a"


def test_a_shock_of_the_case_may_change_its_kind(pccp: dict[str, Any]) -> None:
    change = {"mergers_2015": {"kind": "funding_cut"}}
    (cut,) = (s for s in build_scenario(pccp, {"name": "s", "shocks": change}).shocks if s.name == "mergers_2015")
    assert (cut.role, cut.duration) == (-1, 104)
    one = {"mergers_2015": {"kind": "person_leaves"}}
    (left,) = (s for s in build_scenario(pccp, {"name": "s", "shocks": one}).shocks if s.name == "mergers_2015")
    assert (left.role, left.duration) == (Role.DECISION_MAKER, 1)


def test_a_case_says_how_long_a_shock_lasts(pccp: dict[str, Any]) -> None:
    short = copy.deepcopy(pccp)
    del short["shocks"]["mergers_2015"]["duration"]
    assert problems(short) == ["F: shocks.mergers_2015.duration is missing"]
    gone = copy.deepcopy(pccp)
    gone["shocks"]["agency_dissolved"]["organisation"] = "agency"
    assert problems(gone) == [f"F: shocks.agency_dissolved.organisation must be one of {HOMES}; got 'agency'"]


# --- people and forums -------------------------------------------------------------------------------------


def test_forums_guests_and_mobility_are_numbers_of_a_case(pccp: dict[str, Any]) -> None:
    plain = build_scenario(pccp).parameters
    assert [plain[name] for name in ("forum_every", "forum_guests", "mobility")] == [52, 12, 1]
    scenario = {"name": "s", "meetings": {"forum": 26, "guests": 20}, "people": {"mobility": 1.5}}
    changed = build_scenario(pccp, scenario)
    assert [changed.parameters[name] for name in ("forum_every", "forum_guests", "mobility")] == [26, 20, 1.5]
    assert {"parameters.forum_every", "parameters.mobility"} <= build_scenario(
        pccp, scenario, {"posterior": "cases"}
    ).given


def test_a_users_case_need_not_give_them(pccp: dict[str, Any]) -> None:
    short = {key: part for key, part in pccp.items() if key != "people"}
    short["meetings"] = {key: row for key, row in pccp["meetings"].items() if key not in ("forum", "guests")}
    assert problems(short) == []
    assert "mobility" not in build_scenario(short).parameters
    assert refused(pccp, {}, {"people": {"mobility": 9}}) == (
        "people.mobility must be a number from 0 to 5 (factor); got 9",
    )
