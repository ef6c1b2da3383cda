"""What one seat feels towards another."""

from __future__ import annotations


class Tie:
    """A tie from one seat to another, with its opposite.

    An object with slots, changed in place. Measured for 14 seats: rows of floats per agent, rebuilt by
    comprehensions, take 2.3 times as long to fade, numpy rows per agent 2.2 times. Matrices of the whole
    partnership would take 0.4 times as long for all that a week does to every tie, but longer for each
    encounter: about 8% of a run, at the price of ties that belong to nobody.

    Attributes
    ----------
    trust, prior : float
        Trust in the other, and what it was before they met.
    strain, familiarity : float
        Strain felt towards the other, and how well the other is known.
    balance : float
        Received from the other less given.
    use : float
        Strength of the working tie, as giver.
    back : Tie
        The other's tie.
    """

    __slots__ = ("back", "balance", "familiarity", "prior", "strain", "trust", "use")

    back: Tie

    def __init__(self, prior: float) -> None:
        self.prior = self.trust = prior
        self.strain = self.familiarity = self.balance = self.use = 0.0

    def hand_over(self, keep: float, strain_kept: float) -> None:
        """Keep the share ``keep`` of the tie when there is a new person at one end, and of strain less."""
        self.trust = self.prior + keep * (self.trust - self.prior)
        self.strain *= strain_kept * keep
        self.familiarity *= keep
        self.balance *= keep
        self.use *= keep
