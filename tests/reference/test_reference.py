"""The reference model on its own: known random numbers, founding, the ledger, ranges."""

import math

import pytest

from sim.core.parameters import LEVERS
from sim.core.scenario import Change, Organisation, Scenario, Seat, Shock
from sim.core.traits import ENDOWMENT
from sim.core.vocabulary import Resource, Ring, Role, Rule, ShockKind, words
from tests.reference.founding import found, settings_of
from tests.reference.philox import drawer, normal, philox
from tests.reference.step import RULES, step

WEEKS = 60
RESEARCH, CORE = Ring.RESEARCH_TEAM, Ring.CORE_TEAM
SEATS = (
    Seat("lead", Role.RESEARCHER, RESEARCH, 0),
    Seat("lead", Role.RESEARCHER, RESEARCH, 0),
    Seat("office", Role.COORDINATOR, RESEARCH, 0),
    Seat("clinic", Role.CLINICIAN, CORE, 1),
    Seat("clinic", Role.CLINICIAN, CORE, 1),
    Seat("board", Role.DECISION_MAKER, CORE, 2),
    Seat("group", Role.COMMUNITY, CORE, 3),
    Seat("patients", Role.PATIENT, CORE, -1),
    Seat("patients", Role.PATIENT, CORE, -1),
)
ORGANISATIONS = (
    Organisation("university", 0.8),
    Organisation("clinic", 0.5),
    Organisation("board", 0.6),
    Organisation("group", 0.4),
)


def scenario(**changes) -> Scenario:
    plain = {"name": "small", "case": "small", "weeks": WEEKS, "seats": SEATS, "organisations": ORGANISATIONS}
    return Scenario(**(plain | {"capacity": 14} | changes))


def lively(**changes) -> Scenario:
    """A scenario in which much happens: turnover, recruiting, every kind of shock."""
    shocks = tuple(
        Shock(name, ShockKind(number), 5 + 5 * number, 0.5, 10) for number, name in enumerate(words(ShockKind))
    )
    parameters = {
        "hazard_person": 0.8,
        "hazard_organisation": 0.3,
        "approaches_per_year": 30,
        "vacancy_limit": 8,
        "replacement_rate": 0.4,
        "invitation_rate": 0.5,
        "random_shock_rate": 1.0,
        "win_threshold": 1,
        "min_active": 0,
    }
    schedule = (Change(20, "leadership", 1.0), Change(40, "leadership", 0.0))
    return scenario(**({"parameters": parameters, "shocks": shocks, "schedule": schedule} | changes))


def run(given: Scenario, seed: int = 7, replicate: int = 0):
    settings = settings_of(given)
    world = found(given, seed, replicate)
    for week in range(1, given.weeks + 1):
        step(world, settings, seed, replicate, week)
        yield world


# --- random numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter, key, expected):
    assert philox(counter, key) == expected


def test_numbers_by_address():
    draw = drawer(3, 4)
    words_there = philox((1, 2, 5, 6), (3, 4))
    assert draw(1, 2, 5, 6) == [(word + 0.5) / 2**32 for word in words_there]
    values = [normal(draw(week, 0, 0, 0)) for week in range(2000)]
    assert abs(sum(values) / 2000) < 0.1
    assert abs(sum(value**2 for value in values) / 2000 - 1) < 0.1


# --- founding ----------------------------------------------------------------------------------------------


def test_founding():
    world = found(scenario(), 7, 0)
    state = world["state"]
    assert state["n_slots"] == state["people_ever"] == 9
    assert state["is_member"] == [True] * 9 + [False] * 5
    assert state["is_organisation"] == [True] * 4 + [False] * 14
    assert state["person_id"][:9] == list(range(9))
    for i, seat in enumerate(SEATS):
        for k, by_role in enumerate(ENDOWMENT.values()):
            typical = by_role[words(Role)[seat.role]]
            assert 0.75 * typical <= state["holdings"][i][k] <= 1.25 * typical
    assert state["holdings"] == state["endowment"]
    assert state["holdings"][0] is not state["endowment"][0]
    assert sum(state["power"][:9]) == pytest.approx(9)
    assert state["trust"][0][1] == pytest.approx(0.53)
    assert state["trust"][0][3] == state["trust"][7][8] == pytest.approx(0.33)
    assert state["trust"][0][0] == state["trust"][0][9] == 0
    assert state["aspiration"] == state["benefit"]
    for name in ("activity", "belief", "plan"):
        assert sum(state[name]) == pytest.approx(1)
    assert state["pool"] == [20] + [0] * (len(Resource) - 1)


def test_settings():
    settings = settings_of(scenario(parameters={"purpose": 3}, traits={"skills.fade": 0.5}))
    assert settings["parameters"]["purpose"] == 3
    assert settings["traits"]["skills"]["fade"] == 0.5
    assert settings["organisation_capacity"] == 18
    assert set(settings["enabling"]) == set(LEVERS)


# --- the weeks ---------------------------------------------------------------------------------------------


def test_rules_are_the_ten_after_staffing():
    assert list(RULES) == ["staffing", *words(Rule)]


@pytest.mark.parametrize("given", [scenario(), lively()], ids=["quiet", "lively"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_funding_is_conserved(given, seed):
    world = found(given, seed, 0)
    state = world["state"]
    start = state["pool"][Resource.FUNDING] + sum(row[Resource.FUNDING] for row in state["holdings"])
    for world in run(given, seed):
        state = world["state"]
        there = state["pool"][Resource.FUNDING] + sum(row[Resource.FUNDING] for row in state["holdings"])
        expected = start + state["inflow"] - state["spent"] - state["withdrawn"]
        assert there == pytest.approx(expected, rel=1e-9)
        assert min(row[k] for row in state["holdings"] for k in Resource) >= 0
        assert state["pool"][Resource.FUNDING] >= -1e-12


def out_of_range(world) -> list[str]:
    state, context = world["state"], world["context"]
    wrong = []
    for name in ("standing", "engagement", "benefit", "drawback"):
        wrong += [name for value in state[name] if not 0 <= value <= 1]
    for name in ("trust", "strain", "familiarity", "use"):
        wrong += [name for row in state[name] for value in row if not 0 <= value <= 1]
    for name in ("understanding", "coordination", "ambition", "win_memory"):
        wrong += [name] * (not 0 <= state[name] <= 1)
    for name in ("activity", "belief", "plan"):
        wrong += [name] * (not math.isclose(sum(state[name]), 1, rel_tol=1e-9))
    wrong += ["need"] * (not math.isclose(sum(context["need"]), 1, rel_tol=1e-9))
    wrong += ["policy_fit"] * (not 0 <= context["policy_fit"] <= 1)
    wrong += ["practice" for value in world["practice"] if not 0 <= value <= 1 + 1e-12]
    for name in ("paid", "cover"):
        wrong += [name] * (not 0 <= world["flows"][name] <= 1 + 1e-12)
    wrong += ["gain"] * (world["flows"]["gain"] < -1e-12)
    wrong += ["potential"] * (world["flows"]["potential"] < -1e-12)
    people = state["people_ever"] - state["leavers"]
    wrong += ["people"] * (people != sum(state["is_member"]))
    return wrong


@pytest.mark.parametrize("route", ["structural", "relational", "both"])
@pytest.mark.parametrize("null_model", ["none", "turnover_only", "random_exchange"])
def test_shares_stay_in_range(route, null_model):
    for world in run(lively(route=route, null_model=null_model)):
        assert out_of_range(world) == []


@pytest.mark.parametrize("cause", ["exogenous", "benefit", "both"])
@pytest.mark.parametrize("buffer", ["none", "organisation", "coordinator", "both"])
def test_rival_explanations_run(cause, buffer):
    for world in run(lively(cause=cause, buffer=buffer, weeks=WEEKS)):
        assert out_of_range(world) == []


def test_a_lively_run_is_lively():
    """Otherwise the ranges above would say little."""
    totals: dict[str, float] = {}
    for world in run(lively()):
        for name, value in world["flows"].items():
            if isinstance(value, int | float):
                totals[name] = totals.get(name, 0) + value
    for name in ("departures", "arrivals", "organisation_exits", "n_encounters", "n_unhandled", "n_given"):
        assert totals[name] > 0, name
    assert totals["win"] > 0
    assert totals["n_refused"] > 0


@pytest.mark.parametrize("rule", words(Rule))
def test_each_rule_can_be_switched_off(rule):
    for world in run(lively(rules_off=frozenset({rule}))):
        assert math.isfinite(world["flows"]["cover"])


def test_the_same_luck_gives_the_same_run():
    first, second = list(run(lively(), 5, 2))[-1], list(run(lively(), 5, 2))[-1]
    assert first == second
    assert list(run(lively(), 5, 3))[-1] != first


def test_an_ended_partnership_does_nothing():
    given = scenario(parameters={"meeting_every_core": 52, "meeting_every_research": 52, "meeting_gap": 3})
    settings, world = settings_of(given), found(given, 1, 0)
    for week in range(1, 10):
        step(world, settings, 1, 0, week)
    assert world["state"]["ended_week"] == 4
    assert world["state"]["week"] == 4
