"""Rule 5: those who met ask and give; all is decided before anything changes hands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from experiments.benchmark.mesa_version.formulas import logistic

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership
    from experiments.benchmark.mesa_version.settings import Kind


class Answer(NamedTuple):
    """What becomes of a lack that was noticed."""

    giver: StakeholderAgent
    taker: StakeholderAgent
    kind: Kind
    is_given: bool
    amount: float


def exchange(model: MesaPartnership) -> None:
    """Let pairs that met exchange, and members keep up what they hold."""
    p = model.settings.parameters
    used, owed = 1.0 - p.use_fade, 1.0 - p.balance_fade
    for tie in model.roster.ties:
        tie.use *= used
        tie.balance *= owed
    if model.flows.pairs_met:
        answers = decide(model)
        transfer(answers)
        for answer in answers:
            if answer.is_given:
                settle_given(model, answer)
            else:
                settle_refused(model, answer)
        note_offers(model)
    for member in model.roster.members:
        member.keep_up()


def note_offers(model: MesaPartnership) -> None:
    """Let the partnership remember in how many encounters one gave to the other."""
    made = model.flows.n_given / (2 * len(model.flows.pairs_met))
    rate = 1.0 / model.settings.parameters.memory_meetings
    model.offering = made if model.offering is None else model.offering + rate * (made - model.offering)


def decide(model: MesaPartnership) -> list[Answer]:
    """Return what is given and refused, from the state before anything is."""
    settings = model.settings
    p, uniform = settings.parameters, model.random.random
    worth = [
        kind.ease * (p.worth_base + sum([b * fits for b, fits in zip(model.belief, kind.relevance, strict=True)]))
        for kind in settings.kinds
    ]
    overlooked = 1.0 - p.notice_matching * model.levers.resource_matching
    answers = []
    for one, other in model.flows.pairs_met:
        for giver, taker in ((one, other), (other, one)):
            unnoticed = (1.0 - giver.ties[taker].familiarity) * overlooked
            if uniform() < p.notice_base + (1.0 - p.notice_base) * (1.0 - unnoticed):
                if settings.is_exchange_random:
                    answer = answer_at_random(model, giver, taker)
                else:
                    answer = answer_to(model, giver, taker, worth)
                if answer is not None:
                    answers.append(answer)
    return answers


def lack_and_spare(
    model: MesaPartnership, giver: StakeholderAgent, taker: StakeholderAgent, kind: Kind
) -> tuple[float, float]:
    """Return what the taker lacks of a kind that the giver could mend, and what the giver can spare."""
    held, owned = giver.holdings[kind.number], taker.holdings[kind.number]
    if kind.is_rival:
        p = model.settings.parameters
        lack, spare = p.rival_want - owned, (held - p.rival_keep) / (p.rival_spread * giver.partners)
        return lack if lack > 0.0 else 0.0, spare if spare > 0.0 else 0.0
    lack = kind.ceiling * held - owned
    return lack if lack > 0.0 else 0.0, held


def answer_to(
    model: MesaPartnership, giver: StakeholderAgent, taker: StakeholderAgent, worth: list[float]
) -> Answer | None:
    """Return the answer to the request most worth making, None if nothing is worth one."""
    best, chosen, needed, moved = -1.0, model.settings.kinds[0], 0.0, 0.0
    for kind in model.settings.kinds:
        lack, spare = lack_and_spare(model, giver, taker, kind)
        amount = lack if lack < spare else spare
        value = amount * worth[kind.number]
        if value > best:
            best, chosen, needed, moved = value, kind, lack, amount
    if moved <= model.settings.parameters.exchange_floor or best <= 0.0:
        return None
    is_given = model.random.random() < logistic(odds_of_giving(model, giver, taker, chosen, needed))
    return Answer(giver, taker, chosen, is_given, chosen.ease * moved)


def odds_of_giving(
    model: MesaPartnership, giver: StakeholderAgent, taker: StakeholderAgent, kind: Kind, lack: float
) -> float:
    """Return the log-odds that a noticed lack is met."""
    p, tie = model.settings.parameters, giver.ties[taker]
    own, theirs = giver.holdings, taker.holdings
    could_return = max([k.ceiling * theirs[k.number] - own[k.number] for k in model.settings.nonrival], default=0.0)
    return (
        p.accept_base
        + p.accept_trust * tie.trust
        + p.accept_balance * math.tanh(tie.balance / p.balance_scale)
        + p.accept_dependence * lack / (lack + theirs[kind.number] + p.dependence_scale)
        + p.accept_return * max(0.0, could_return)
        - p.accept_strain * tie.strain
        - kind.cost
    )


def answer_at_random(model: MesaPartnership, giver: StakeholderAgent, taker: StakeholderAgent) -> Answer | None:
    """Return a random answer about a random kind: the null model."""
    uniform = model.random.random
    kind = model.random.choice(model.settings.kinds)
    moved = min(lack_and_spare(model, giver, taker, kind))
    if kind.ease * moved == 0.0:
        return None
    is_given = uniform() < model.settings.parameters.null_accept
    return Answer(giver, taker, kind, is_given, uniform() * kind.ease * moved)


def transfer(answers: list[Answer]) -> None:
    """Move holdings: what is rival changes hands, of several teachers the best counts."""
    taught: dict[tuple[StakeholderAgent, int], float] = {}
    for giver, taker, kind, is_given, amount in answers:
        k = kind.number
        if not is_given:
            continue
        if kind.is_rival:
            giver.holdings[k] -= amount
            taker.holdings[k] += amount
        else:
            taught[taker, k] = max(taught.get((taker, k), 0.0), amount)
    for (taker, k), amount in taught.items():
        taker.holdings[k] += amount


def settle_given(model: MesaPartnership, answer: Answer) -> None:
    """Let what was given work on the tie and on the taker."""
    p, flows = model.settings.parameters, model.flows
    giver, taker, kind, _, amount = answer
    tie, back = giver.ties[taker], taker.ties[giver]
    size = min(1.0, amount / p.gift_scale)
    tie.use += p.use_gain * size * (1.0 - tie.use)
    tie.balance -= amount
    back.balance += amount
    back.trust += p.trust_gain * size * max(0.0, p.delivered * (1.0 - p.trust_strain * back.strain) - back.trust)
    taker.received += amount
    flows.volume[kind.number] += amount
    flows.n_given += 1


def settle_refused(model: MesaPartnership, answer: Answer) -> None:
    """Let a refusal work on the one who asked."""
    p, taker = model.settings.parameters, answer.taker
    back = taker.ties[answer.giver]
    speed = min(1.0, p.trust_gain * p.trust_loss_ratio * p.refusal_weight)
    back.trust -= speed * max(0.0, back.trust - p.refused)
    taker.frustration += p.frustration_refusal
    model.flows.n_refused += 1
