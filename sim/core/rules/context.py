"""Rule 1, context: shocks strike, need, climate and policy move, backing follows (docs/model/model.md §6, §7.1)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp, power
from sim.core.inputs import MAX_SHOCKS
from sim.core.lanes.values import any_of, clip, floor, maximum, where
from sim.core.rng import draw, normal, uniform
from sim.core.rules._common import active_churn, active_size
from sim.core.shocks import SHOCKS
from sim.core.state import N_RESOURCES, N_ROLES, N_SHOCK_KINDS, N_THEMES
from sim.core.vocabulary import WEEKS_PER_YEAR, Purpose, Role, ShockKind, words

_DRIFT, _CLIMATE = int(Purpose.DRIFT), int(Purpose.CLIMATE)
_RANDOM_SHOCK, _ALIGNMENT = int(Purpose.RANDOM_SHOCK), int(Purpose.ALIGNMENT)
_DECISION_MAKER = int(Role.DECISION_MAKER)
_REFORM, _MERGER = int(ShockKind.POLICY_REFORM), int(ShockKind.MERGER)
_RIVAL, _WITHDRAWN = int(ShockKind.RIVAL_PRIORITY), int(ShockKind.ROLE_WITHDRAWN)
_DISSOLUTION = int(ShockKind.DISSOLUTION)

_ROWS = tuple(SHOCKS.values())
_LASTS = tuple(row.lasts for row in _ROWS)
_IS_RANDOM = tuple(row.random for row in _ROWS)
_LEAVE = tuple(row.leave for row in _ROWS)
_ANY_ROLE = tuple(row.role == "any" for row in _ROWS)
_USUAL_ROLE = tuple(words(Role).index(row.role) if row.role in words(Role) else -1 for row in _ROWS)


@kernel
def context_rule(state, context, flows, params, practice, now):
    """Let the surroundings act for a week; changes state and context in place (arguments as in ``staffing``)."""
    _dated_shocks(state, context, params, practice, now.week)
    _random_shocks(state, context, params, practice, now)
    _drift_need(context, params, now)
    step = params.climate_return * (1.0 - context.climate) + params.climate_drift * normal(now, _CLIMATE, 0, 0)
    context.climate = clip(context.climate + step, params.climate_low, params.climate_high)
    _move_policy(state, context, params, practice, now)
    _move_backing(state, context, params, practice, now.week)


@inner_kernel
def _dated_shocks(state, context, params, practice, week):
    for s in range(MAX_SHOCKS):
        if not any_of(params.n_shocks > s):
            break
        due = (params.n_shocks > s) & (params.shock_week[s] == week)
        if any_of(due):
            event = (params.shock_size[s], params.shock_duration[s], params.shock_role[s], params.shock_theme[s])
            home = params.shock_organisation[s]
            for kind in range(N_SHOCK_KINDS):
                struck = due & (params.shock_kind[s] == kind)
                if any_of(struck):
                    _strike(state, context, params, practice, week, kind, event, home, struck)
                    if kind == _REFORM:
                        context.changed_week = where(struck, week, context.changed_week)


@inner_kernel
def _random_shocks(state, context, params, practice, now):
    chance = params.random_shock_rate / WEEKS_PER_YEAR
    for kind in range(N_SHOCK_KINDS):
        if not _IS_RANDOM[kind]:
            continue
        u0, u1, u2, u3 = draw(now, _RANDOM_SHOCK, kind, 0)
        struck = u0 < chance
        if any_of(struck):
            size = params.random_size + params.random_size_range * u1
            duration = floor(params.random_weeks + floor(params.random_weeks_range * u2))
            role = where(_ANY_ROLE[kind], floor(N_ROLES * u3), -1.0)
            theme = floor(N_THEMES * u3)
            event = (size, duration, role, theme)
            _strike(state, context, params, practice, now.week, kind, event, size * 0.0 - 1.0, struck)


@inner_kernel
def _strike(state, context, params, practice, week, kind, event, home, who):
    """Let one shock begin in the lanes of ``who``.

    ``event`` is (size, duration in weeks, role, theme) and ``home`` an organisation; -1 for none.
    """
    size, duration, given, theme = event
    role = where(given >= 0.0, given, _USUAL_ROLE[kind])
    if _LASTS[kind]:
        old = active_size(context, kind, week)
        context.shock_size[kind] = where(who, 1.0 - (1.0 - old) * (1.0 - size), context.shock_size[kind])
        until = maximum(week + duration, context.shock_until[kind])
        context.shock_until[kind] = where(who, until, context.shock_until[kind])
    if _LEAVE[kind]:
        for g in range(N_ROLES):
            struck = who & ((role < 0.0) | (role == g))
            at_once = size * params.merger_at_once if kind == _MERGER else size
            gone = 1.0 - (1.0 - context.exit_chance[g]) * (1.0 - at_once)
            context.exit_chance[g] = where(struck, gone, context.exit_chance[g])
    if kind == _REFORM:
        _stir(context, params.reform_churn * size, role, week, duration, who)
        _reform(context, params, practice, size, theme, who)
        _outdate(state, params, size, who)
    elif kind == _MERGER:
        _stir(context, params.merger_churn * size, role, week, duration, who)
        _merge(state, params, size, role, who)
    elif kind == _DISSOLUTION:
        _dissolve(state, params, size, role, home, who)
    elif kind == _WITHDRAWN:
        for g in range(N_ROLES):
            struck = who & ((role < 0.0) | (role == g))
            until = maximum(context.closed_until[g], week + duration)
            context.closed_until[g] = where(struck, until, context.closed_until[g])


@inner_kernel
def _stir(context, size, role, week, duration, who):
    """Let the people of ``role`` move on more readily for ``duration`` weeks."""
    for g in range(N_ROLES):
        struck = who & (role == g)
        churn = maximum(size, active_churn(context, g, week))
        context.churn[g] = where(struck, churn, context.churn[g])
        until = maximum(context.churn_until[g], week + duration)
        context.churn_until[g] = where(struck, until, context.churn_until[g])


@inner_kernel
def _reform(context, params, practice, size, theme, who):
    top, least = size * 0.0, size * 0.0
    base = context.need_base
    for d in range(1, N_THEMES):
        top = where(base[d] > base[top], d, top)
        least = where(base[d] < base[least], d, least)
    new = where(theme >= 0.0, theme, least)
    moved = who & ((new < top) | (new > top))
    _swap_part(base, top, new, size, moved)
    _swap_part(context.need, top, new, size, moved)
    softened = 1.0 - size * (1.0 - params.policy_shield * practice.policy_alignment)
    context.policy_fit *= where(who, softened, 1.0)


@inner_kernel
def _swap_part(profile, one, other, size, who):
    """Let two themes of a profile swap a share ``size`` of their weights, in the lanes of ``who``."""
    a, b = profile[one], profile[other]
    profile[one] = where(who, (1.0 - size) * a + size * b, a)
    profile[other] = where(who, (1.0 - size) * b + size * a, profile[other])


@inner_kernel
def _outdate(state, params, size, who):
    """Make part of what members know, whom they know and what they stand for obsolete; their places renew it."""
    left = 1.0 - params.reform_obsolescence * size
    for i in range(state.n_slots):
        for k in range(N_RESOURCES):
            state.holdings[i, k] *= where(who & state.is_member[i] & ~state.is_rival[k], left, 1.0)


@inner_kernel
def _merge(state, params, size, role, who):
    """Let each organisation with a member of the merging role lose backing, once."""
    for g in range(len(state.is_organisation)):
        if any_of(who & state.is_organisation[g]):
            struck = who & state.is_organisation[g] & _has_member_of(state, g, role)
            state.backing[g] *= where(struck, 1.0 - params.merger_backing * size, 1.0)


@inner_kernel
def _has_member_of(state, g, role):
    """Tell whether a member of organisation ``g`` has the role."""
    found = False
    for i in range(state.n_slots):
        found = found | (state.is_member[i] & (state.role[i] == role) & (state.organisation_id[i] == g))
    return found


@inner_kernel
def _dissolve(state, params, size, role, home, who):
    """Let a successor body take over an organisation, or each one with a member of the role: seats and people stay."""
    for g in range(len(state.is_organisation)):
        if any_of(who & state.is_organisation[g]):
            named = (home == g) | ((home < 0.0) & _has_member_of(state, g, role))
            struck = who & state.is_organisation[g] & named
            lost = where(struck, size, 0.0)
            state.successions += where(struck, 1.0, 0.0)
            state.organisation_tenure[g] = where(struck, 0.0, state.organisation_tenure[g])
            state.backing[g] = (1.0 - lost) * state.backing[g] + lost * params.each_backing
            state.backing_base[g] = (1.0 - lost) * state.backing_base[g] + lost * params.each_backing
            for k in range(N_RESOURCES):
                state.memory[g, k] *= 1.0 - lost


@inner_kernel
def _drift_need(context, params, now):
    every = floor(params.need_drift_every + 0.5)
    due = now.week == floor(now.week / every) * every
    if not any_of(due):
        return
    total = 0.0
    for d in range(N_THEMES):
        need = context.need[d]
        pulled = power(need, 1.0 - params.need_return) * power(context.need_base[d], params.need_return)
        moved = pulled * exp(params.need_drift * normal(now, _DRIFT, d, 0))
        context.need[d] = where(due & (need > 0.0), moved, need)
        total += context.need[d]
    for d in range(N_THEMES):
        context.need[d] = where(due, context.need[d] / total, context.need[d])


@inner_kernel
def _move_policy(state, context, params, practice, now):
    context.policy_fit *= 1.0 - params.policy_decay
    missed = 1.0
    for i in range(state.n_slots):
        reaching = state.is_member[i] & (state.role[i] == _DECISION_MAKER)
        missed *= where(reaching, 1.0 - params.policy_reach * state.engagement[i], 1.0)
    work = params.policy_base + (1.0 - params.policy_base) * practice.policy_alignment
    aligned = uniform(now, _ALIGNMENT, 0, 0) < params.policy_rate * work * (1.0 - missed)
    context.policy_fit += where(aligned, params.policy_step * (1.0 - context.policy_fit), 0.0)


@inner_kernel
def _move_backing(state, context, params, practice, week):
    rival = active_size(context, _RIVAL, week)
    for g in range(len(state.is_organisation)):
        if any_of(state.is_organisation[g]):
            base = state.backing_base[g]
            target = (base + (1.0 - base) * params.backing_gain * practice.organisational_backing) * (
                1.0 - params.rival_backing * rival
            )
            moved = params.backing_rate * (target - state.backing[g])
            state.backing[g] += where(state.is_organisation[g], moved, 0.0)
