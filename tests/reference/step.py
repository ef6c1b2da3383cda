"""One week of the reference model: staffing and the ten rules in their order (docs/model/model.md, section 3)."""

from __future__ import annotations

from collections.abc import Callable

from sim.core.vocabulary import Rule, Status, word
from tests.reference.common import Settings, World, new_flows
from tests.reference.philox import Draw, drawer
from tests.reference.rules_context import context
from tests.reference.rules_exchange import exchange
from tests.reference.rules_integration import appraisal, integration
from tests.reference.rules_meetings import encounters, meetings
from tests.reference.rules_progress import adaptation, ending, progress
from tests.reference.rules_staffing import staffing
from tests.reference.rules_turnover import turnover

RULES: dict[str, Callable[[World, Settings, Draw, int], None]] = {
    "staffing": staffing,
    "context": context,
    "turnover": turnover,
    "meetings": meetings,
    "encounters": encounters,
    "exchange": exchange,
    "integration": integration,
    "appraisal": appraisal,
    "progress": progress,
    "adaptation": adaptation,
    "ending": ending,
}
"""Staffing and the ten rules by name; ``draw`` comes from ``tests.reference.philox.drawer``."""

OFF_UNDER_TURNOVER_ONLY = ("encounters", "exchange", "integration", "appraisal", "progress", "adaptation")


def is_on(settings: Settings, name: str) -> bool:
    """Tell whether a rule acts under these settings."""
    if settings["null_model"] == "turnover_only" and name in OFF_UNDER_TURNOVER_ONLY:
        return False
    return name not in settings["rules_off"]


def step(world: World, settings: Settings, seed: int, replicate: int, week: int) -> None:
    """Change the world in place by one week; an ended partnership does nothing."""
    if world["state"]["status"] != Status.ALIVE:
        return
    draw = drawer(seed, replicate)
    world["state"]["week"] = week
    world["flows"] = new_flows(len(world["state"]["is_seat"]))
    staffing(world, settings, draw, week)
    for rule in Rule:
        if is_on(settings, word(rule)):
            RULES[word(rule)](world, settings, draw, week)
