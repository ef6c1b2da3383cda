"""What happened in one week, made anew each week; and the ledger of funding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.settings import KINDS

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent

NO_MEETING, RESEARCH_MEETING, CORE_MEETING = 0, 1, 2


@dataclass(slots=True)
class Flows:
    """The partnership's record of a week; what concerns one seat is kept by its agent."""

    paid: float = 0.0
    cover: float = 0.0
    project: float = 0.0
    facilitated: float = 0.0
    staffed: float = 0.0
    leader: StakeholderAgent | None = None
    leadership: float = 0.0
    led: float = 0.0
    is_forum: bool = False
    meeting: int = NO_MEETING
    n_invited: int = 0
    attendees: list[StakeholderAgent] = field(default_factory=list)
    pairs_met: list[tuple[StakeholderAgent, StakeholderAgent]] = field(default_factory=list)
    n_unhandled: int = 0
    n_given: int = 0
    n_refused: int = 0
    volume: list[float] = field(default_factory=lambda: [0.0] * len(KINDS))
    effort: float = 0.0
    alone: float = 0.0
    gain: float = 0.0
    cost: float = 0.0
    joint: float = 0.0
    potential: float = 0.0
    output: float = 0.0
    has_won: bool = False


@dataclass(slots=True)
class Ledger:
    """Funding that came from outside, was spent, or left with seats."""

    inflow: float = 0.0
    spent: float = 0.0
    withdrawn: float = 0.0
