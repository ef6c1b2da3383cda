"""Observers: metrics as compiled functions of State, Flows and Context, never of settings or levers.

Names, units and ranges are rows of ``sim.core.metric_table``; formulas and references are in docs/model/model.md §8.
The compiled run and the Mesa front call the same functions, so there is one definition.
"""

from __future__ import annotations

from sim.core._jit import entry_kernel, inner_kernel, kernel
from sim.core.asked import ALL_OBSERVERS, Asked, Observer
from sim.core.lanes.records import Layout, Part, Record
from sim.core.lanes.values import any_of, maximum, minimum, sqrt, where, zeros
from sim.core.metric_table import METRICS, N_OBSERVED, OBSERVED_NAMES
from sim.core.rulers import RULERS
from sim.core.rules._common import count_members, is_active, total_variation
from sim.core.state import N_CAUSES, N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import Resource, Role

CHANGE_WINDOW = int(RULERS["change_window"])
SKILL_WINDOW = int(RULERS["skill_window"])
SKILL_FROM_WEEK = int(RULERS["skill_from_week"])
SKILL_LEAST_ERROR = RULERS["skill_least_error"]


def _parts() -> dict[str, Part]:
    """Return where each metric, or row of metrics, stands among all."""
    names = [METRICS[name].vector or name for name in OBSERVED_NAMES]
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    return {name: Part("all", names.index(name), count if count > 1 else 0) for name, count in counts.items()}


OBSERVED = Layout("observed", [("all", "f", (N_OBSERVED,))], _parts())
"""Record of one week: a number per observed metric, by name and, in the order of the table, in ``all``."""

HISTORY = Layout(
    "history",
    [
        ("activity", "f", ("t", N_THEMES)),
        ("need", "f", ("t", N_THEMES)),
        ("missed", "f", ("t",)),
        ("frozen", "f", (N_THEMES,)),
        ("missed_since", "f", ()),
        ("still_since", "f", ()),
    ],
)
"""What the skill of adaptation looks back on: what was worked on, what was needed, how far they were apart."""

WEEKLY = Layout("weekly", [("metrics", "o", ("t", N_OBSERVED))])
"""Metrics of every week, run by run."""

ASKED = Layout(
    "asked",
    [
        ("period", "s", ()),
        ("each_week", "s", ()),
        ("at_times", "s", ()),
        ("level", "s", (N_OBSERVED,)),
    ],
)
"""What is observed (``sim.core.asked``): weeks of a period, flags of observers within and at its end, and levels."""


def asked_record(asked: Asked, width: int) -> Record:
    """Return what is asked for as ``record_week`` takes it."""
    record = Record(ASKED, width)
    record.period = asked.period
    record.each_week, record.at_times = asked.observers()
    record._views["level"][:] = [[level] for level in asked.levels()]
    return record


_WHOLE, _YIELDS, _SEATS = int(Observer.WHOLE), int(Observer.YIELDS), int(Observer.SEATS)
_PEOPLE, _KNOWLEDGE = int(Observer.PEOPLE), int(Observer.KNOWLEDGE)
_ATMOSPHERE, _TIES = int(Observer.ATMOSPHERE), int(Observer.TIES)
_STAFF = int(Observer.STAFF)
_MISSING = float("nan")
_NEXT_TO_NOTHING = 1e-9  # a yield or a use below which a ratio says nothing
_PATIENT = int(Role.PATIENT)
_FUNDING = int(Resource.FUNDING)


@kernel
def integration(joint, alone):
    """Return (joint - alone) / max(joint, alone), 0 if both are 0."""
    most = maximum(joint, alone)
    return where(most > 0.0, (joint - alone) / most, 0.0)


@kernel
def skill(history, week):
    """Return the adaptation skill at ``week`` against a twin that stood still (docs/model/model.md §8).

    Parameters
    ----------
    history : Record HISTORY
        Profiles after each week up to ``week``, row 0 the start.
    week : int
        Row to judge.
    """
    if week < SKILL_FROM_WEEK:
        return history.missed[0] * 0.0 + _MISSING
    start = max(0, week - SKILL_WINDOW)
    error, frozen = 0.0, 0.0
    for s in range(start + 1, week + 1):
        still = 0.0
        for d in range(N_THEMES):
            still += abs(history.activity[start, d] - history.need[s, d])
        error += 0.5 * history.missed[s]
        frozen += 0.5 * still
    judged = frozen >= SKILL_LEAST_ERROR * (week - start)
    return where(judged, maximum(-1.0, 1.0 - error / frozen), _MISSING)


@kernel
def answer_to_change(state, context, history, week):
    """Return the skill since the last dated change of need, while it is judged (docs/model/model.md §8).

    Parameters
    ----------
    state, context : State, Context
        After the week.
    history : Record HISTORY
        With the row of this week; what is kept of the change is brought up to date, in place.
    week : int
        The week.
    """
    changed, missed, still = context.changed_week == week, 0.0, 0.0
    for d in range(N_THEMES):
        history.frozen[d] = where(changed, state.activity[d], history.frozen[d])
        missed += abs(state.activity[d] - context.need[d])
        still += abs(history.frozen[d] - context.need[d])
    history.missed_since = where(changed, 0.0, history.missed_since + 0.5 * missed)
    history.still_since = where(changed, 0.0, history.still_since + 0.5 * still)
    since = week - context.changed_week
    judged = (context.changed_week >= 0.0) & (since >= SKILL_FROM_WEEK) & (since <= CHANGE_WINDOW)
    judged = judged & (history.still_since >= SKILL_LEAST_ERROR * since)
    return where(judged, maximum(-1.0, 1.0 - history.missed_since / history.still_since), _MISSING)


@entry_kernel
def observe(state, context, flows, out):
    """Write one week's metrics into ``out``, a Record OBSERVED; what is missing is NaN.

    The adaptation skill looks back over weeks: the run writes it.
    """
    observe_some(state, context, flows, out, ALL_OBSERVERS)


@inner_kernel
def observe_some(state, context, flows, out, observers):
    """Write what some observers see, by their flags; all else is NaN."""
    n = count_members(state)
    for m in range(N_OBSERVED):
        out.all[m] = _MISSING
    if observers & _WHOLE:
        _observe_whole(state, context, flows, out, n)
    if observers & _YIELDS:
        _observe_yields(state, flows, out, n)
    if observers & _SEATS:
        _observe_seats(state, out, n)
    if observers & _PEOPLE:
        _observe_people(state, out, n)
    if observers & _STAFF:
        _observe_staff(state, flows, out, n)
    if observers & _KNOWLEDGE:
        _observe_knowledge(state, out, n)
    if observers & (_ATMOSPHERE | _TIES):
        _observe_ties(state, flows, out, n, observers & _TIES > 0)


@inner_kernel
def _observe_whole(state, context, flows, out, n):
    out.members = n
    out.people_ever = state.people_ever
    out.leavers = state.leavers
    out.understanding = state.understanding
    out.purse = state.pool[_FUNDING]
    out.policy_fit = context.policy_fit
    out.wins = state.wins
    out.outcome = state.outcome
    out.fit = 1.0 - total_variation(state.activity, context.need)
    out.purposes_met = state.purposes
    out.meetings_held = state.meetings
    out.guests_ever = state.guests_ever
    out.grants_won = state.grants_won
    out.money_spent = state.spent
    out.staff_hours = state.staff_hours
    out.member_hours = state.member_hours
    for c in range(N_CAUSES):
        out.left_for[c] = state.left_for[c]
    active, kept, founding = 0.0, 0.0, state.n_founding_organisations
    for g in range(len(state.is_organisation)):
        active += where(state.is_organisation[g], 1.0, 0.0)
        kept += where(state.is_organisation[g] & (founding > g), 1.0, 0.0)
    out.organisations = active
    out.organisations_kept = where(founding > 0.0, kept / founding, _MISSING)


@inner_kernel
def _observe_yields(state, flows, out, n):
    lived = state.week > 0
    asked, there = flows.n_given + flows.n_refused, n > 0.0
    out.staff_cover = where(lived, flows.cover, _MISSING)
    out.output = where(lived, flows.output, _MISSING)
    for k in range(N_RESOURCES):
        out.exchange[k] = where(lived, flows.volume[k], _MISSING)
    met = (flows.n_invited > 0.0) & (flows.meeting > 0.0)
    out.attendance = where(met, flows.n_attends / flows.n_invited, _MISSING)
    out.refused = where(asked > 0.0, flows.n_refused / asked, _MISSING)
    possible = integration(flows.alone + flows.potential, flows.alone)
    out.integration = where(there & lived, integration(flows.joint, flows.alone), _MISSING)
    out.integration_potential = where(there & lived, possible, _MISSING)
    possible_gain = there & lived & (flows.potential > _NEXT_TO_NOTHING)
    filled = n / maximum(_count_seats(state), 1.0)
    lively = there & lived & (state.turnout >= 0.0) & (state.offering >= 0.0)
    out.vitality = where(lively, 0.25 * (state.turnout + state.offering + flows.effort + filled), _MISSING)
    out.integration_realised = where(possible_gain, flows.gain / flows.potential, _MISSING)


@inner_kernel
def _count_seats(state):
    seats = 0.0
    for i in range(state.n_slots):
        seats += where(state.is_seat[i], 1.0, 0.0)
    return seats


@inner_kernel
def _observe_seats(state, out, n):
    total, square = 0.0, 0.0
    by_role, count = zeros(state, N_ROLES), zeros(state, N_ROLES)
    for i in range(state.n_slots):
        there, role = state.is_member[i], state.role[i]
        if any_of(there):
            net = where(there, state.benefit[i] - state.drawback[i], 0.0)
            total += net
            square += net * net
            by_role[role] += net
            count[role] += where(there, 1.0, 0.0)
    mean, some = total / n, n > 0.0
    worst, roles, blau = 1.0, 0.0, 1.0
    for g in range(N_ROLES):
        held, share = count[g] > 0.0, count[g] / n
        roles += where(held, 1.0, 0.0)
        worst = where(held, minimum(worst, by_role[g] / count[g]), worst)
        blau -= where(held, share * share, 0.0)
    out.benefit = where(some, mean, _MISSING)
    out.benefit_spread = where(some, sqrt(maximum(0.0, square / n - mean * mean)), _MISSING)
    out.benefit_worst_role = where(some, worst, _MISSING)
    out.roles_present = where(some, roles, _MISSING)
    out.heterogeneity = where(some, blau / (1.0 - 1.0 / N_ROLES), _MISSING)
    out.patients = where(some, count[_PATIENT], _MISSING)


@inner_kernel
def _observe_people(state, out, n):
    """Founding persons have the lowest person numbers: as many as had come by the first week."""
    founders = 0.0
    for i in range(state.n_slots):
        founders += where(state.is_member[i] & (state.person_id[i] < state.n_founders), 1.0, 0.0)
    out.founders_present = where(n > 0.0, founders / state.n_founders, _MISSING)


@inner_kernel
def _observe_staff(state, flows, out, n):
    active, posts, filled = 0.0, 0.0, 0.0
    for i in range(state.n_slots):
        active += where(is_active(state, i), 1.0, 0.0)
        post = state.is_seat[i] & (flows.post_share[i] > 0.0)
        posts += where(post, 1.0, 0.0)
        filled += where(post & state.is_member[i], 1.0, 0.0)
    out.active_share = where(n > 0.0, active / n, _MISSING)
    out.posts_filled = where(posts > 0.0, filled / posts, _MISSING)
    out.lead_strength = where(state.week > 0, flows.leadership, _MISSING)


@inner_kernel
def _observe_knowledge(state, out, n):
    learnt, variation, kinds = 0.0, 0.0, 0.0
    for k in range(N_RESOURCES):
        taught, total, square = ~state.is_rival[k], 0.0, 0.0
        kinds += where(taught, 1.0, 0.0)
        for i in range(state.n_slots):
            held = where(state.is_member[i], state.holdings[i, k], 0.0)
            total += held
            square += held * held
            more = maximum(0.0, held - state.endowment[i, k])
            learnt += where(taught & state.is_member[i], more, 0.0)
        mean = total / n
        varied = sqrt(maximum(0.0, square / n - mean * mean)) / mean
        variation += where(taught & (mean > 0.0), varied, 0.0)
    out.knowledge = where(n > 0.0, learnt / n, _MISSING)
    out.dispersion = where((n > 0.0) & (kinds > 0.0), variation / kinds, _MISSING)


@inner_kernel
def _observe_ties(state, flows, out, n, whole):
    """Observe all that takes pairs of members, in one pass: ties, inequality, atmosphere; or atmosphere alone."""
    zero = n * 0.0  # of lanes even where no seat is filled
    trust, strain, familiarity, weaker, stronger, strain_met = zero, zero, zero, zero, zero, zero
    benefit, benefit_apart, power, power_apart = zero, zero, zero, zero
    total, square, seats = zero, zero, zero
    for i in range(state.n_slots):
        me = state.is_member[i]
        if not any_of(me):
            continue
        active, net, others = is_active(state, i), zero, zero
        if not (whole or any_of(active)):
            continue
        own_benefit, own_power, from_benefit, from_power = state.benefit[i], state.power[i], zero, zero
        trusts, strains, known, uses = state.trust[i], state.strain[i], state.familiarity[i], state.use[i]
        for j in range(state.n_slots):
            if i != j:
                both = me & state.is_member[j]
                trusted, strained = where(both, trusts[j], 0.0), where(both, strains[j], 0.0)
                if whole:
                    trust += trusted
                    strain += strained
                    strain_met += where(flows.met[i, j], strained, 0.0)
                    familiarity += where(both, known[j], 0.0)
                    weaker += where(both, minimum(uses[j], state.use[j, i]), 0.0)
                    stronger += where(both, maximum(uses[j], state.use[j, i]), 0.0)
                    from_benefit += where(both, abs(state.benefit[j] - own_benefit), 0.0)
                    from_power += where(both, abs(state.power[j] - own_power), 0.0)
                lively = active & is_active(state, j)
                net += where(lively, trusted - strained, 0.0)
                others += where(lively, 1.0, 0.0)
        benefit += where(me, own_benefit, 0.0)
        benefit_apart += from_benefit
        power += where(me, own_power, 0.0)
        power_apart += from_power
        linked = others > 0.0
        net = where(linked, net / others, 0.0)
        total += net
        square += net * net
        seats += where(linked, 1.0, 0.0)
    several, some = n > 1.0, n > 0.0
    if whole:
        ties = n * (n - 1.0)
        out.trust = where(several, trust / ties, _MISSING)
        out.strain = where(several, strain / ties, _MISSING)
        out.familiarity = where(several, familiarity / ties, _MISSING)
        met = several & (flows.n_encounters > 0.0)
        out.strain_met = where(met, strain_met / (2.0 * flows.n_encounters), _MISSING)
        out.reciprocity = where(several & (stronger > _NEXT_TO_NOTHING), weaker / stronger, _MISSING)
        out.benefit_gini = where(some, gini(benefit_apart, benefit, n), _MISSING)
        out.power_gini = where(some, gini(power_apart, power, n), _MISSING)
    mean, felt = total / seats, several & (seats > 1.0)
    out.atmosphere = where(felt, mean, _MISSING)
    out.atmosphere_spread = where(felt, sqrt(maximum(0.0, square / seats - mean * mean)), _MISSING)


@inner_kernel
def gini(apart, total, n):
    """Return the Gini coefficient of ``n`` values from their sum and the sum of all differences; NaN if all are 0."""
    return where(total > 0.0, apart / (2.0 * n * total), _MISSING)
