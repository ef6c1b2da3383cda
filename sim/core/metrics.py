"""Observers: metrics as compiled functions of State, Flows and Context, never of settings or levers.

Names, units and ranges are rows of ``sim.core.metric_table``; formulas and references are in docs/model/model.md §8.
The compiled run and the Mesa front call the same functions, so there is one definition.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core._jit import entry_kernel, inner_kernel, kernel
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.rules._common import total_variation
from sim.core.state import N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import Resource, Role

ACTIVE_LEVEL = 0.15
SKILL_WINDOW = 104
SKILL_FROM_WEEK = 26
SKILL_LEAST_ERROR = 0.02

_MISSING = np.nan
_N_OBSERVED = len(OBSERVED_NAMES)
_PATIENT = int(Role.PATIENT)
_FUNDING, _IN_KIND = int(Resource.FUNDING), int(Resource.IN_KIND)
_N_NONRIVAL = N_RESOURCES - 2
_COLUMN = {name: index for index, name in enumerate(OBSERVED_NAMES)}
_INTEGRATION, _POTENTIAL, _REALISED = (
    _COLUMN["integration"],
    _COLUMN["integration_potential"],
    _COLUMN["integration_realised"],
)
_ATMOSPHERE, _ATMOSPHERE_SPREAD = _COLUMN["atmosphere"], _COLUMN["atmosphere_spread"]
_BENEFIT, _BENEFIT_SPREAD, _WORST = (
    _COLUMN["benefit"],
    _COLUMN["benefit_spread"],
    _COLUMN["benefit_worst_role"],
)
ADAPTATION_COLUMN = _COLUMN["adaptation"]
_OUTPUT, _FIT, _MEMBERS, _PEOPLE, _LEAVERS = (
    _COLUMN["output"],
    _COLUMN["fit"],
    _COLUMN["members"],
    _COLUMN["people_ever"],
    _COLUMN["leavers"],
)
_ORGANISATIONS, _KEPT, _FOUNDERS = (
    _COLUMN["organisations"],
    _COLUMN["organisations_kept"],
    _COLUMN["founders_present"],
)
_ROLES, _HETEROGENEITY, _PATIENTS = _COLUMN["roles_present"], _COLUMN["heterogeneity"], _COLUMN["patients"]
_VITALITY, _ATTENDANCE = _COLUMN["vitality"], _COLUMN["attendance"]
_TRUST, _STRAIN, _STRAIN_MET, _FAMILIARITY = (
    _COLUMN["trust"],
    _COLUMN["strain"],
    _COLUMN["strain_met"],
    _COLUMN["familiarity"],
)
_UNDERSTANDING, _POWER_GINI, _BENEFIT_GINI = (
    _COLUMN["understanding"],
    _COLUMN["power_gini"],
    _COLUMN["benefit_gini"],
)
_RECIPROCITY, _DISPERSION, _KNOWLEDGE = _COLUMN["reciprocity"], _COLUMN["dispersion"], _COLUMN["knowledge"]
_EXCHANGE_FIRST, _REFUSED = _COLUMN["exchange_funding"], _COLUMN["refused"]
_COVER, _PURSE, _POLICY, _WINS, _OUTCOME = (
    _COLUMN["staff_cover"],
    _COLUMN["purse"],
    _COLUMN["policy_fit"],
    _COLUMN["wins"],
    _COLUMN["outcome"],
)


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
        done, asked = activity[d], need[d]
        for s in range(missed.size):
            missed[s] += abs(done[start + 1 + s] - asked[start + 1 + s])
            still[s] += abs(done[start] - asked[start + 1 + s])
    error, frozen = 0.0, 0.0
    for s in range(missed.size):
        error += 0.5 * missed[s]
        frozen += 0.5 * still[s]
    if frozen < SKILL_LEAST_ERROR * (week - start):
        return _MISSING
    return max(-1.0, 1.0 - error / frozen)


@entry_kernel
def observe(state, context, flows, out):
    """Write one week's metrics into ``out``, (N_OBSERVED,) float64; the adaptation skill is written by the run."""
    for m in range(_N_OBSERVED):
        out[m] = _MISSING
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
    out[_MEMBERS] = n
    out[_PEOPLE] = state.people_ever
    out[_LEAVERS] = state.leavers
    out[_UNDERSTANDING] = state.understanding
    out[_PURSE] = state.pool[_FUNDING]
    out[_POLICY] = context.policy_fit
    out[_WINS] = state.wins
    out[_OUTCOME] = state.outcome
    out[_FIT] = 1.0 - total_variation(state.activity, context.need)
    active, kept = 0, 0
    for g in range(state.is_organisation.shape[0]):
        active += state.is_organisation[g]
        if g < state.n_founding_organisations:
            kept += state.is_organisation[g]
    out[_ORGANISATIONS] = active
    if state.n_founding_organisations > 0:
        out[_KEPT] = kept / state.n_founding_organisations
    if state.week == 0:
        return
    out[_COVER] = flows.cover
    out[_OUTPUT] = flows.output
    for k in range(N_RESOURCES):
        out[_EXCHANGE_FIRST + k] = flows.volume[k]
    if flows.n_invited > 0 and flows.meeting > 0:
        out[_ATTENDANCE] = flows.n_attends / flows.n_invited
    if flows.n_given + flows.n_refused > 0:
        out[_REFUSED] = flows.n_refused / (flows.n_given + flows.n_refused)
    if n > 0:
        out[_INTEGRATION] = integration(flows.joint, flows.alone)
        out[_POTENTIAL] = integration(flows.alone + flows.potential, flows.alone)
        if flows.potential > 1e-9:
            out[_REALISED] = flows.gain / flows.potential


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
        active += state.engagement[i] >= ACTIVE_LEVEL
        benefit[a] = state.benefit[i]
        power[a] = state.power[i]
        a += 1
    mean = total / n
    out[_BENEFIT] = mean
    out[_BENEFIT_SPREAD] = math.sqrt(max(0.0, square / n - mean * mean))
    worst, roles, blau = 1.0, 0, 1.0
    for g in range(N_ROLES):
        if count[g] > 0.0:
            roles += 1
            worst = min(worst, by_role[g] / count[g])
            blau -= (count[g] / n) ** 2
    out[_WORST] = worst
    out[_ROLES] = roles
    out[_HETEROGENEITY] = blau / (1.0 - 1.0 / N_ROLES)
    out[_PATIENTS] = count[_PATIENT]
    out[_VITALITY] = engaged / n * active / n
    out[_BENEFIT_GINI] = gini(benefit, n)
    out[_POWER_GINI] = gini(power, n)


@inner_kernel
def _observe_people(state, out, n):
    """Founding persons have the lowest person numbers: as many as had come by the first week."""
    founders = 0
    for i in range(state.n_slots):
        if state.is_member[i] and state.person_id[i] < state.n_founders:
            founders += 1
    out[_FOUNDERS] = founders / state.n_founders


@inner_kernel
def _observe_knowledge(state, out, n):
    learnt, variation = 0.0, 0.0
    for k in range(N_RESOURCES):
        if k == _FUNDING or k == _IN_KIND:
            continue
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
    out[_KNOWLEDGE] = learnt / n
    out[_DISPERSION] = variation / _N_NONRIVAL


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
    out[_TRUST] = trust / ties
    out[_STRAIN] = strain / ties
    out[_FAMILIARITY] = familiarity / ties
    if flows.n_encounters > 0:
        out[_STRAIN_MET] = strain_met / (2.0 * flows.n_encounters)
    if stronger > 1e-9:
        out[_RECIPROCITY] = weaker / stronger


@inner_kernel
def _observe_atmosphere(state, out):
    total, square, seats = 0.0, 0.0, 0
    for i in range(state.n_slots):
        if not (state.is_member[i] and state.engagement[i] >= ACTIVE_LEVEL):
            continue
        net, others = 0.0, 0
        for j in range(state.n_slots):
            if i != j and state.is_member[j] and state.engagement[j] >= ACTIVE_LEVEL:
                net += state.trust[i, j] - state.strain[i, j]
                others += 1
        if others > 0:
            net /= others
            total += net
            square += net * net
            seats += 1
    if seats > 1:
        mean = total / seats
        out[_ATMOSPHERE] = mean
        out[_ATMOSPHERE_SPREAD] = math.sqrt(max(0.0, square / seats - mean * mean))
