"""Settings as plain dictionaries, and the world before the first week (docs/model/model.md, section 5)."""

from __future__ import annotations

import math

from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.scenario import Scenario
from sim.core.traits import START_EXPERIENCE, TRAITS
from sim.core.vocabulary import Experience, LeavingCause, Lever, Purpose, Resource, Role, ShockKind, Status, words
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    endowment_of,
    expect,
    first_pay,
    is_rival,
    leading_of,
    members_of,
    new_flows,
    normalised,
    prior_trust,
    structural_power,
    vantage,
)
from tests.reference.philox import Draw, drawer
from tests.reference.posts import is_open_at_founding, posts_of


def settings_of(scenario: Scenario) -> Settings:
    """Return everything that a run reads besides the world."""
    parameters = {name: float(row.default) for name, row in PARAMETERS.items()}
    parameters.update({name: float(value) for name, value in scenario.parameters.items()})
    enabling = {name: float(row.default) for name, row in LEVERS.items()}
    enabling.update({name: float(value) for name, value in scenario.enabling.items()})
    traits = {kind: {name: float(value) for name, value in row.items()} for kind, row in TRAITS.items()}
    for dotted, value in scenario.traits.items():
        kind, _, name = dotted.partition(".")
        traits[kind][name] = float(value)
    return {
        "parameters": parameters,
        "enabling": enabling,
        "traits": traits,
        "cause": scenario.cause,
        "buffer": scenario.buffer,
        "route": scenario.route,
        "null_model": scenario.null_model,
        "rules_off": set(scenario.rules_off),
        "shocks": list(scenario.shocks),
        "schedule": list(scenario.schedule),
        "posts": list(scenario.paid_posts),
        "recruiting": [float(weight) for weight in scenario.recruiting],
        "n_founding_organisations": len(scenario.organisations),
        "organisation_capacity": len(scenario.organisations) + scenario.capacity,
    }


def found(scenario: Scenario, seed: int, replicate: int) -> World:
    """Return the world in week 0."""
    settings = settings_of(scenario)
    draw = drawer(seed, replicate)
    world: World = {
        "state": empty_state(scenario.capacity, settings),
        "context": found_context(scenario, settings),
        "flows": new_flows(scenario.capacity),
        "practice": [0.0] * len(Lever),
    }
    found_organisations(world, scenario, settings)
    found_seats(world, scenario, settings, draw)
    found_ties(world, settings)
    found_work(world, settings)
    for i in members_of(world):
        expect(world, settings, i)
    return world


def empty_state(capacity: int, settings: Settings) -> dict:
    """Return a state without seats, organisations or memories."""
    organisations = settings["organisation_capacity"]
    state: dict = {}
    for name in ("pay", "leading", "wear", "standing", "engagement", "power", "benefit", "drawback", "aspiration"):
        state[name] = [0.0] * capacity
    for name in ("role", "ring", "vacant_weeks", "tenure"):
        state[name] = [0] * capacity
    for name in ("organisation_id", "person_id"):
        state[name] = [-1] * capacity
    for name in ("is_seat", "is_member", "is_post"):
        state[name] = [False] * capacity
    for name in ("holdings", "endowment"):
        state[name] = [[0.0] * len(KINDS) for _ in range(capacity)]
    state["experience"] = [[0.0] * len(Experience) for _ in range(capacity)]
    for name in ("trust", "strain", "familiarity", "balance", "use"):
        state[name] = [[0.0] * capacity for _ in range(capacity)]
    state["is_organisation"] = [False] * organisations
    state["backing"] = [0.0] * organisations
    state["backing_base"] = [0.0] * organisations
    state["organisation_tenure"] = [0] * organisations
    state["memory"] = [[0.0] * len(KINDS) for _ in range(organisations)]
    state["pool"] = [0.0] * len(KINDS)
    for name in ("activity", "belief", "plan"):
        state[name] = [0.0] * len(THEMES)
    state["pipeline"] = [0.0, 0.0, 0.0]
    for name in ("week", "n_slots", "people_ever", "leavers", "wins", "purposes"):
        state[name] = 0
    for name in ("weeks_without_meeting", "weeks_inactive", "meeting_owed"):
        state[name] = 0
    for name in ("meetings", "forums", "guests_ever", "grants_won", "successions"):
        state[name] = 0
    state["left_for"] = [0] * len(LeavingCause)
    for name in ("win_progress", "win_memory", "outcome", "inflow", "spent", "withdrawn"):
        state[name] = 0.0
    for name in ("staff_hours", "member_hours"):
        state[name] = 0.0
    state["grant_until"] = math.floor(settings["parameters"]["funding_end_week"])
    state["grant_level"] = 1.0
    state["active_level"] = settings["parameters"]["active_level"]
    state["is_rival"] = [is_rival(settings, kind) for kind in range(len(KINDS))]
    state["status"] = int(Status.ALIVE)
    state["ended_week"] = -1
    state["aim"] = settings["parameters"]["purpose"]
    state["turnout"] = state["offering"] = -1.0
    for name in ("understanding", "coordination", "ambition"):
        state[name] = settings["parameters"][f"start_{name}"]
    return state


def found_context(scenario: Scenario, settings: Settings) -> dict:
    """Return the surroundings in week 0."""
    need = normalised([float(weight) for weight in scenario.need])
    return {
        "need": list(need),
        "need_base": list(need),
        "climate": 1.0,
        "policy_fit": settings["parameters"]["policy_start"],
        "changed_week": -1,
        "shock_until": [0] * len(ShockKind),
        "shock_size": [0.0] * len(ShockKind),
        "exit_chance": [0.0] * len(Role),
        "closed_until": [0] * len(Role),
        "churn": [0.0] * len(Role),
        "churn_until": [0] * len(Role),
    }


def found_organisations(world: World, scenario: Scenario, settings: Settings) -> None:
    """Set the organisations of the case, which have worked together before."""
    state = world["state"]
    for g, organisation in enumerate(scenario.organisations):
        state["is_organisation"][g] = True
        state["backing"][g] = float(organisation.backing)
        state["backing_base"][g] = float(organisation.backing)
        state["organisation_tenure"][g] = math.floor(settings["parameters"]["founding_weeks"])


def found_seats(world: World, scenario: Scenario, settings: Settings, draw: Draw) -> None:
    """Fill slots 0, 1, ... in the order of the case, but for staff who come later."""
    state = world["state"]
    state["n_slots"] = len(scenario.seats)
    for i, seat in enumerate(scenario.seats):
        state["role"][i] = int(seat.role)
        state["ring"][i] = int(seat.ring)
        state["organisation_id"][i] = int(seat.organisation)
        state["is_post"][i] = bool(posts_of(settings, i))
        if is_open_at_founding(settings, seat.role, i):
            found_person(world, settings, draw, i)
    for i, share in structural_power(world, settings, members_of(world)).items():
        state["power"][i] = share


def found_person(world: World, settings: Settings, draw: Draw, i: int) -> None:
    """Seat a founder in slot i."""
    state, role = world["state"], world["state"]["role"][i]
    state["person_id"][i] = state["people_ever"]
    state["people_ever"] += 1
    state["is_seat"][i] = True
    state["is_member"][i] = True
    state["standing"][i] = 1.0
    state["pay"][i] = first_pay(role)
    state["leading"][i] = leading_of(role, settings, draw, 0, i)
    state["endowment"][i] = endowment_of(role, settings, draw, 0, Purpose.FOUNDING, i)
    state["holdings"][i] = list(state["endowment"][i])
    state["experience"][i] = [float(START_EXPERIENCE[name]) for name in words(Experience)]


def found_ties(world: World, settings: Settings) -> None:
    """Give founders prior trust, and the familiarity and the working ties of earlier work."""
    state = world["state"]
    for i in members_of(world):
        for j in members_of(world):
            if i != j:
                state["trust"][i][j] = prior_trust(world, settings, i, j)
                state["familiarity"][i][j] = settings["parameters"]["founding_familiarity"]
                state["use"][i][j] = settings["parameters"]["founding_use"]


def found_work(world: World, settings: Settings) -> None:
    """Set the purse and the first activity: people do what they know."""
    state = world["state"]
    state["pool"][Resource.FUNDING] = settings["parameters"]["start_purse"]
    roles = [state["role"][i] for i in members_of(world)]
    known = [sum(vantage(role, d) for role in roles) for d in range(len(THEMES))]
    known = normalised(known)
    need, share = world["context"]["need"], settings["parameters"]["founding_need"]
    for name in ("activity", "belief", "plan"):
        state[name] = [share * need[d] + (1.0 - share) * known[d] for d in range(len(THEMES))]
