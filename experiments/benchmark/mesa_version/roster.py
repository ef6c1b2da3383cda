"""Who sits where, and the ties among those who are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.ties import Tie

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.settings import Parameters


class Roster:
    """Slots for seats, numbered from 0; a slot that is given up is used again.

    Attributes
    ----------
    members : list of StakeholderAgent
        Filled seats, ascending by slot. A list in place of ``model.agents.select``, which takes 6 µs for 14
        agents against 0.3: members change a few times a year and are gone through some thirty times a week,
        and to go through an AgentSet takes 1.7 µs against 0.2 (``agg``: 2.5 against 0.35).
    ties : list of Tie
        Ties among members, both directions.
    """

    def __init__(self, parameters: Parameters, capacity: int) -> None:
        self._parameters = parameters
        self._capacity = capacity
        self._slots: list[StakeholderAgent | None] = []
        self.members: list[StakeholderAgent] = []
        self.ties: list[Tie] = []

    def seats(self) -> list[StakeholderAgent]:
        """Return all seats, filled or not, ascending by slot."""
        return [seat for seat in self._slots if seat is not None]

    def add(self, seat: StakeholderAgent) -> None:
        """Put a new seat in the lowest free slot, with ties as among people who have not met."""
        for other in self.seats():
            prior = self.prior_trust(seat, other)
            tie, back = Tie(prior), Tie(prior)
            tie.back, back.back = back, tie
            seat.ties[other], other.ties[seat] = tie, back
        if None in self._slots:
            self._slots[self._slots.index(None)] = seat
        else:
            self._slots.append(seat)

    def remove(self, seat: StakeholderAgent) -> None:
        """Free the slot of a seat."""
        self._slots[self._slots.index(seat)] = None
        for other in seat.ties:
            del other.ties[seat]

    def is_full(self, kept: int) -> bool:
        """Tell whether there is no room for another seat, beside those kept for posts to come."""
        return len(self.seats()) + kept >= self._capacity

    def prior_trust(self, one: StakeholderAgent, other: StakeholderAgent) -> float:
        """Return the trust between two seats that have not met."""
        p = self._parameters
        is_colleague = one.home is not None and one.home is other.home
        return min(1.0, p.trust_prior + (p.trust_same_organisation if is_colleague else 0.0))

    def count(self) -> None:
        """Find the members and the ties among them anew; to be called when a person came or went."""
        self.members = [seat for seat in self.seats() if seat.is_member]
        for member in self.members:
            member.member_ties = [tie for other, tie in member.ties.items() if other.is_member]
        self.ties = [tie for member in self.members for tie in member.member_ties]
