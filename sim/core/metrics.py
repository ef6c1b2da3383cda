"""Observers: metrics as compiled functions of State, Flows and Context, never of settings or levers.

Names, units and ranges are rows of ``sim.core.metric_table``; formulas and references are in docs/model/model.md §8.
The compiled run and the Mesa front call the same functions, so there is one definition.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core._jit import entry_kernel, inner_kernel, kernel
from sim.core.metric_table import METRICS, OBSERVED_NAMES, record_fields
from sim.core.rulers import RULERS
from sim.core.rules._common import is_active, total_variation
from sim.core.state import N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import Resource, Role

SKILL_WINDOW = int(RULERS["skill_window"])
SKILL_FROM_WEEK = int(RULERS["skill_from_week"])
SKILL_LEAST_ERROR = RULERS["skill_least_error"]

OBSERVED = np.dtype((np.record, record_fields(METRICS[name] for name in OBSERVED_NAMES)))
"""Record of one week: a float64 per observed metric, in the order of the table."""

_MISSING = np.nan
_NEXT_TO_NOTHING = 1e-9  # a yield or a use below which a ratio says nothing
_PATIENT = int(Role.PATIENT)
_FUNDING = int(Resource.FUNDING)


def as_records(rows: NDArray[np.float64], record: np.dtype[np.void]) -> NDArray[Any]:
    """Return rows of float64 as records that share their memory.

    Parameters
    ----------
    rows : (..., n) float64
        Contiguous; n is the number of float64 in a record.
    record : dtype
        ``OBSERVED``, or that of the seat panel.

    Returns
    -------
    (...) record array
        A view: a field that is written changes its column in ``rows``.
    """
    return rows.view(record).reshape(rows.shape[:-1]).view(np.recarray)


@kernel
def integration(joint, alone):
    """Return (joint - alone) / max(joint, alone), 0 if both are 0.

    >>> integration(2.0, 1.0)
    0.5
    """
    most = max(joint, alone)
    return (joint - alone) / most if most > 0.0 else 0.0


@kernel
def gini(values, n):
    """Return the Gini coefficient of the first ``n`` of ``values``, (m,) float64 of at least 0; NaN if all are 0."""
    apart = np.zeros(n)  # one sum per value, side by side: they run in vector lanes
    for a in range(n):
        for b in range(n):
            apart[b] += abs(values[a] - values[b])
    total, differences = 0.0, 0.0
    for a in range(n):
        total += values[a]
        differences += apart[a]
    return differences / (2.0 * n * total) if total > 0.0 else _MISSING


@kernel
def skill(activity, need, week):
    """Return the adaptation skill at ``week`` against a twin that stood still (docs/model/model.md §8).

    Parameters
    ----------
    activity, need : (D, T + 1) float64
        Profiles after each week, column 0 the start.
    week : int
        Column to judge.
    """
    if week < SKILL_FROM_WEEK:
        return _MISSING
    start = max(0, week - SKILL_WINDOW)
    missed, still = np.zeros(week - start), np.zeros(week - start)
    for d in range(N_THEMES):
        done, needed = activity[d], need[d]
        for s in range(missed.size):
            missed[s] += abs(done[start + 1 + s] - needed[start + 1 + s])
            still[s] += abs(done[start] - needed[start + 1 + s])
    error, frozen = 0.0, 0.0
    for s in range(missed.size):
        error += 0.5 * missed[s]
        frozen += 0.5 * still[s]
    if frozen < SKILL_LEAST_ERROR * (week - start):
        return _MISSING
    return max(-1.0, 1.0 - error / frozen)


@entry_kernel
def observe(state, context, flows, out):
    """Write one week's metrics into ``out``, a record ``OBSERVED`` filled with NaN; what is missing stays so.

    The adaptation skill looks back over weeks: the run writes it.
    """
    n = 0
    for i in range(state.n_slots):
        n += state.is_member[i]
    _observe_whole(state, context, flows, out, n)
    if n == 0:
        return
    _observe_seats(state, out, n)
    _observe_people(state, out, n)
    _observe_knowledge(state, out, n)
    if n > 1:
        _observe_ties(state, flows, out)
        _observe_atmosphere(state, out)


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
    active, kept = 0, 0
    for g in range(state.is_organisation.shape[0]):
        active += state.is_organisation[g]
        if g < state.n_founding_organisations:
            kept += state.is_organisation[g]
    out.organisations = active
    if state.n_founding_organisations > 0:
        out.organisations_kept = kept / state.n_founding_organisations
    if state.week == 0:
        return
    out.staff_cover = flows.cover
    out.output = flows.output
    for k in range(N_RESOURCES):
        out.exchange[k] = flows.volume[k]
    if flows.n_invited > 0 and flows.meeting > 0:
        out.attendance = flows.n_attends / flows.n_invited
    if flows.n_given + flows.n_refused > 0:
        out.refused = flows.n_refused / (flows.n_given + flows.n_refused)
    if n > 0:
        out.integration = integration(flows.joint, flows.alone)
        out.integration_potential = integration(flows.alone + flows.potential, flows.alone)
        if flows.potential > _NEXT_TO_NOTHING:
            out.integration_realised = flows.gain / flows.potential


@inner_kernel
def _observe_seats(state, out, n):
    total, square, engaged, active = 0.0, 0.0, 0.0, 0
    by_role, count = np.zeros(N_ROLES), np.zeros(N_ROLES)
    benefit, power = np.empty(n), np.empty(n)
    a = 0
    for i in range(state.n_slots):
        if not state.is_member[i]:
            continue
        net = state.benefit[i] - state.drawback[i]
        total += net
        square += net * net
        by_role[state.role[i]] += net
        count[state.role[i]] += 1.0
        engaged += state.engagement[i]
        active += is_active(state, i)
        benefit[a] = state.benefit[i]
        power[a] = state.power[i]
        a += 1
    mean = total / n
    out.benefit = mean
    out.benefit_spread = math.sqrt(max(0.0, square / n - mean * mean))
    worst, roles, blau = 1.0, 0, 1.0
    for g in range(N_ROLES):
        if count[g] > 0.0:
            roles += 1
            worst = min(worst, by_role[g] / count[g])
            blau -= (count[g] / n) ** 2
    out.benefit_worst_role = worst
    out.roles_present = roles
    out.heterogeneity = blau / (1.0 - 1.0 / N_ROLES)
    out.patients = count[_PATIENT]
    out.vitality = engaged / n * active / n
    out.benefit_gini = gini(benefit, n)
    out.power_gini = gini(power, n)


@inner_kernel
def _observe_people(state, out, n):
    """Founding persons have the lowest person numbers: as many as had come by the first week."""
    founders = 0
    for i in range(state.n_slots):
        if state.is_member[i] and state.person_id[i] < state.n_founders:
            founders += 1
    out.founders_present = founders / state.n_founders


@inner_kernel
def _observe_knowledge(state, out, n):
    learnt, variation, kinds = 0.0, 0.0, 0
    for k in range(N_RESOURCES):
        if state.is_rival[k]:
            continue
        kinds += 1
        total, square = 0.0, 0.0
        for i in range(state.n_slots):
            if state.is_member[i]:
                held = state.holdings[i, k]
                total += held
                square += held * held
                learnt += max(0.0, held - state.endowment[i, k])
        mean = total / n
        if mean > 0.0:
            variation += math.sqrt(max(0.0, square / n - mean * mean)) / mean
    out.knowledge = learnt / n
    if kinds > 0:
        out.dispersion = variation / kinds


@inner_kernel
def _observe_ties(state, flows, out):
    trust, strain, familiarity, weaker, stronger, ties = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    strain_met = 0.0
    for i in range(state.n_slots):
        if not state.is_member[i]:
            continue
        for j in range(state.n_slots):
            if i != j and state.is_member[j]:
                trust += state.trust[i, j]
                strain += state.strain[i, j]
                strain_met += state.strain[i, j] * flows.met[i, j]
                familiarity += state.familiarity[i, j]
                weaker += min(state.use[i, j], state.use[j, i])
                stronger += max(state.use[i, j], state.use[j, i])
                ties += 1
    out.trust = trust / ties
    out.strain = strain / ties
    out.familiarity = familiarity / ties
    if flows.n_encounters > 0:
        out.strain_met = strain_met / (2.0 * flows.n_encounters)
    if stronger > _NEXT_TO_NOTHING:
        out.reciprocity = weaker / stronger


@inner_kernel
def _observe_atmosphere(state, out):
    total, square, seats = 0.0, 0.0, 0
    for i in range(state.n_slots):
        if not is_active(state, i):
            continue
        net, others = 0.0, 0
        for j in range(state.n_slots):
            if i != j and is_active(state, j):
                net += state.trust[i, j] - state.strain[i, j]
                others += 1
        if others > 0:
            net /= others
            total += net
            square += net * net
            seats += 1
    if seats > 1:
        mean = total / seats
        out.atmosphere = mean
        out.atmosphere_spread = math.sqrt(max(0.0, square / seats - mean * mean))
