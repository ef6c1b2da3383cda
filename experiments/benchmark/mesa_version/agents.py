"""A seat and the person in it: what a stakeholder holds, feels, remembers and does alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from experiments.benchmark.mesa_version.formulas import clip, logistic
from experiments.benchmark.mesa_version.settings import (
    CONNECTIONS,
    FUNDING,
    KINDS,
    LEGITIMACY,
    ROLE_ENDOWMENT,
    ROLE_EXPOSURE,
    ROLE_LEADING,
    ROLE_STAKE,
    ROLE_VANTAGE,
)
from sim.core.vocabulary import Ring, Role

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.model import MesaPartnership
    from experiments.benchmark.mesa_version.organisation import Organisation
    from experiments.benchmark.mesa_version.ties import Tie
    from sim.core.scenario import Post


class StakeholderAgent(mesa.Agent):
    """A seat in the partnership. Persons come and go; the agent is removed when its seat is given up.

    Parameters
    ----------
    model : MesaPartnership
        The partnership.
    role : Role
        Whose viewpoint the seat brings.
    ring : Ring
        Research team or core team.
    home : Organisation, optional
        None for those who speak for themselves.

    Attributes
    ----------
    ties : dict of StakeholderAgent to Tie
        Towards every other seat.
    member_ties : list of Tie
        Towards the other members.
    holdings, endowment : list of float
        Per kind of resource.
    experience : dict of str to float
        Memory of what was met.
    """

    model: MesaPartnership

    def __init__(self, model: MesaPartnership, role: Role, ring: Ring, home: Organisation | None) -> None:
        super().__init__(model)
        self.parameters = model.settings.parameters
        self.role = int(role)
        self.is_coordinator = role == Role.COORDINATOR
        self.is_decision_maker = role == Role.DECISION_MAKER
        self.in_research_team = ring == Ring.RESEARCH_TEAM
        self.home = home
        self.stake = ROLE_STAKE[role]
        self.exposure = ROLE_EXPOSURE[role]
        self.vantage = ROLE_VANTAGE[role]
        self.is_member = False
        self.vacant_weeks = 0
        self.holdings = [0.0] * len(KINDS)
        self.endowment = [0.0] * len(KINDS)
        self.posts: list[Post] = []
        self.paid_share = 0.0
        self.ties: dict[StakeholderAgent, Tie] = {}
        self.member_ties: list[Tie] = []
        model.roster.add(self)

    # --- a person takes the seat ---------------------------------------------------------------------------

    def seat_person(self, number: int, standing: float, expected: dict[str, float]) -> None:
        """Let a new person take the seat, who expects to meet what founders expect or members tell."""
        self.person_number = number
        self.leniency: float | None = None
        self.is_member = True
        self.tenure = 0
        self.vacant_weeks = 0
        self.standing = standing
        self.experience = dict(expected)
        self.pay, self.wear = 1.0, 0.0
        self.leading = self.draw_leading()
        self.begin_week()

    def begin(self) -> None:
        """Weigh what is expected, and be as engaged as that makes one."""
        self.weigh()
        self.aspiration = self.benefit
        self.engagement = self.eagerness(self.net)

    def draw_endowment(self) -> None:
        """Draw what the person's own place gives."""
        uniform = self.random.random
        usual, spread = ROLE_ENDOWMENT[self.role], self.parameters.endowment_spread
        self.endowment = [amount * (1.0 + spread * (2.0 * uniform() - 1.0)) for amount in usual]

    def draw_leading(self) -> float:
        """Draw the experience as a leader that the person brings."""
        varied = 1.0 + self.parameters.endowment_spread * (2.0 * self.random.random() - 1.0)
        return min(1.0, ROLE_LEADING[self.role] * varied)

    def begin_week(self) -> None:
        """Empty the record of the week."""
        self.attends = self.heard = False
        self.partners = 0
        self.hours = self.contact = self.frustration = self.received = self.funded = 0.0

    # --- posts and leading ---------------------------------------------------------------------------------

    def active_post(self) -> Post | None:
        """Return the post that pays for the seat this week."""
        week = self.model.week
        return next((post for post in self.posts if post.from_week <= week <= post.to_week), None)

    def price_of(self, post: Post) -> float:
        """Return what a post costs the purse in a week."""
        full = self.parameters.salary if post.pay < 0.0 else post.pay
        return 0.0 if post.seconded else full * post.share

    @property
    def strength(self) -> float:
        """Strength as a leader."""
        return self.leading * self.engagement * (1.0 - self.wear)

    def give_hours(self, hours: float) -> None:
        """Give hours by the clock, that weigh as they are paid, backed or supported."""
        self.hours += hours * self.burden
        if not self.is_coordinator:
            self.model.member_hours += hours

    # --- ties ----------------------------------------------------------------------------------------------

    def respond(
        self, tie: Tie, growth: float, evidence: float, weaker: float, *, conflict: bool, handled: bool
    ) -> None:
        """Let an encounter work on the tie to the other.

        Parameters
        ----------
        tie : Tie
            To the other.
        growth : float
            Share by which familiarity closes its gap.
        evidence : float
            What the encounter says of the other, before what is owed.
        weaker : float
            How much the other outweighs oneself, 0 for the stronger side.
        conflict, handled : bool
            Whether they disagreed, and well.
        """
        p = self.parameters
        gain = growth * (1.0 - tie.familiarity)
        tie.familiarity += gain
        self.contact += gain
        strain = tie.strain
        if handled:
            strain *= 1.0 - p.strain_relief
        elif conflict:
            strain += p.strain_gain * (1.0 - strain)
            self.frustration += 1.0
        strain += p.strain_power * weaker * (1.0 - strain)
        tie.strain = strain
        evidence += p.evidence_balance * math.tanh(tie.balance / p.balance_scale) + p.evidence_given * tie.back.use
        gap = clip(evidence, 0.0, 1.0) * (1.0 - p.trust_strain * strain) - tie.trust
        tie.trust += gap * (p.trust_gain if gap >= 0.0 else min(1.0, p.trust_gain * p.trust_loss_ratio))

    def mean_trust_and_strain(self) -> tuple[float, float]:
        """Return the means of own trust and strain towards the other members, 0 without any."""
        trust = strain = 0.0
        for tie in self.member_ties:
            trust += tie.trust
            strain += tie.strain
        others = len(self.member_ties) or 1
        return trust / others, strain / others

    # --- what stands behind a person -----------------------------------------------------------------------

    @property
    def backing(self) -> float:
        """Backing of the organisation, or what a person alone has."""
        return self.parameters.own_backing if self.home is None else self.home.backing

    @property
    def permitted(self) -> float:
        """Share of its time for the partnership that what backs it allows."""
        p = self.parameters
        return p.unbacked_hours + (1.0 - p.unbacked_hours) * self.backing

    @property
    def effort(self) -> float:
        """Work taken on, as a share of full time."""
        return self.engagement * self.permitted

    @property
    def burden(self) -> float:
        """Weight of an hour given: less where it is paid, backed or supported."""
        p, unpaid = self.parameters, 1.0 - self.paid_share
        if self.is_coordinator:
            return unpaid
        if self.home is None:
            return unpaid * p.unpaid_weight * (1.0 - p.support_relief * self.model.levers.participation_support)
        return unpaid * (1.0 - p.backing_relief * self.backing)

    @property
    def net(self) -> float:
        """Net benefit."""
        return self.benefit - self.drawback

    def raw_power(self) -> float:
        """Return structural power, before it is made a share."""
        p = self.parameters
        known = 0.5 * (self.holdings[LEGITIMACY] + self.holdings[CONNECTIONS])
        return p.power_base + p.power_resources * known + (p.power_ring if self.in_research_team else 0.0)

    # --- exchange: upkeep ----------------------------------------------------------------------------------

    def keep_up(self) -> None:
        """Let what was taught fade towards the own endowment, and the own endowment renew."""
        ledger, backing = self.model.ledger, self.backing
        for kind in self.model.settings.kinds:
            k = kind.number
            held = self.holdings[k]
            gap = self.endowment[k] - held
            if not kind.is_rival:
                self.holdings[k] = held + (kind.fade if gap < 0.0 else kind.renewal) * gap
                continue
            renewed = kind.renewal * backing * gap if gap > 0.0 else 0.0
            faded = kind.fade * (held + renewed)
            self.holdings[k] = held + renewed - faded
            if k == FUNDING:
                ledger.inflow += renewed
                ledger.spent += faded

    # --- appraisal -----------------------------------------------------------------------------------------

    def remember_week(self) -> None:
        """Move weekly experience towards what the week brought."""
        met, rate = self.experience, 1.0 / self.parameters.memory_weeks
        met["received"] += rate * (self.received - met["received"])
        met["funded"] += rate * (self.funded - met["funded"])
        met["contact"] += rate * (self.contact - met["contact"])
        met["hours"] += rate * (self.hours - met["hours"])
        met["frustration"] += rate * (self.frustration - met["frustration"])

    def weigh(self) -> None:
        """Set perceived benefits and drawbacks."""
        p, met = self.parameters, self.experience
        good = (
            p.benefit_received * (met["received"] + met["funded"])
            + p.benefit_win * met["win"]
            + p.benefit_contact * met["contact"]
            + p.benefit_heard * met["heard"]
            + p.benefit_used * met["used"]
        )
        bad = (
            p.drawback_hours * met["hours"]
            + p.drawback_frustration * met["frustration"]
            + p.drawback_control * met["unheard"]
            + p.drawback_absent * met["absent"]
        )
        self.benefit = 1.0 - math.exp(-good / p.benefit_scale)
        self.drawback = 1.0 - math.exp(-bad / p.drawback_scale)

    def appraise(self) -> None:
        """Weigh what was met, get used to it, and engage accordingly."""
        p = self.parameters
        self.remember_week()
        self.weigh()
        self.aspiration += p.aspiration_rate * (self.benefit - self.aspiration)
        felt = self.net + p.aspiration_weight * (self.benefit - self.aspiration)
        self.engagement += p.engagement_rate * (self.eagerness(felt) - self.engagement)

    def eagerness(self, felt: float) -> float:
        """Return the engagement that felt benefit calls for."""
        p = self.parameters
        odds = p.engagement_base + p.engagement_net * felt
        return logistic(odds + p.engagement_ambition * self.model.ambition + p.engagement_stake * self.stake)
