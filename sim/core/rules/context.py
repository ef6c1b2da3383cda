"""Rule 1, context: shocks strike, need, climate and policy move, backing follows (docs/model/model.md §6, §7.1)."""

from __future__ import annotations

import math

from sim.core._elementary import exp, power
from sim.core._jit import inner_kernel, kernel
from sim.core.rng import draw, normal
from sim.core.rules._common import active_size, clip
from sim.core.shocks import SHOCKS
from sim.core.state import N_RESOURCES, N_ROLES, N_SHOCK_KINDS, N_THEMES
from sim.core.vocabulary import WEEKS_PER_YEAR, Lever, Purpose, Role, ShockKind, words

_DRIFT, _CLIMATE = int(Purpose.DRIFT), int(Purpose.CLIMATE)
_RANDOM_SHOCK, _ALIGNMENT = int(Purpose.RANDOM_SHOCK), int(Purpose.ALIGNMENT)
_POLICY_ALIGNMENT, _BACKING = int(Lever.POLICY_ALIGNMENT), int(Lever.ORGANISATIONAL_BACKING)
_DECISION_MAKER = int(Role.DECISION_MAKER)
_REFORM, _MERGER = int(ShockKind.POLICY_REFORM), int(ShockKind.MERGER)
_RIVAL, _WITHDRAWN = int(ShockKind.RIVAL_PRIORITY), int(ShockKind.ROLE_WITHDRAWN)

_ROWS = tuple(SHOCKS.values())
_LASTS = tuple(row.lasts for row in _ROWS)
_IS_RANDOM = tuple(row.random for row in _ROWS)
_LEAVE = tuple(row.leave for row in _ROWS)
_ANY_ROLE = tuple(row.role == "any" for row in _ROWS)
_USUAL_ROLE = tuple(words(Role).index(row.role) if row.role in words(Role) else -1 for row in _ROWS)


@kernel
def context_rule(state, context, flows, params, practice, now):
    """Let the surroundings act for a week; changes state and context in place (arguments as in ``staffing``)."""
    week = now[2]
    for s in range(params.n_shocks):
        if params.shock_week[s] == week:
            event = (params.shock_kind[s], params.shock_size[s], params.shock_duration[s])
            _strike(state, context, params, practice, week, event, params.shock_role[s], params.shock_theme[s])
    _random_shocks(state, context, params, practice, now)
    if week % int(params.need_drift_every + 0.5) == 0:
        _drift_need(context, params, now)
    step = params.climate_return * (1.0 - context.climate) + params.climate_drift * normal(now, _CLIMATE, 0, 0)
    context.climate = clip(context.climate + step, params.climate_low, params.climate_high)
    _move_policy(state, context, params, practice, now)
    _move_backing(state, context, params, practice, week)


@inner_kernel
def _random_shocks(state, context, params, practice, now):
    chance = params.random_shock_rate / WEEKS_PER_YEAR
    for kind in range(N_SHOCK_KINDS):
        if not _IS_RANDOM[kind]:
            continue
        u0, u1, u2, u3 = draw(now, _RANDOM_SHOCK, kind, 0)
        if u0 < chance:
            size = params.random_size + params.random_size_range * u1
            duration = int(params.random_weeks + math.floor(params.random_weeks_range * u2))
            role = int(math.floor(N_ROLES * u3)) if _ANY_ROLE[kind] else -1
            theme = int(math.floor(N_THEMES * u3))
            _strike(state, context, params, practice, now[2], (kind, size, duration), role, theme)


@inner_kernel
def _strike(state, context, params, practice, week, event, role, theme):
    """Let one shock begin; ``event`` is (kind, size, duration in weeks)."""
    kind, size, duration = event
    struck = role if role >= 0 else _USUAL_ROLE[kind]
    if _LASTS[kind]:
        old = active_size(context, kind, week)
        context.shock_size[kind] = 1.0 - (1.0 - old) * (1.0 - size)
        context.shock_until[kind] = max(week + duration, context.shock_until[kind])
    if _LEAVE[kind]:
        for g in range(N_ROLES):
            if struck < 0 or g == struck:
                context.exit_chance[g] = 1.0 - (1.0 - context.exit_chance[g]) * (1.0 - size)
    if kind == _REFORM:
        _reform(context, params, practice, size, theme)
        _outdate(state, params, size)
    elif kind == _MERGER:
        _merge(state, params, size, struck)
    elif kind == _WITHDRAWN:
        for g in range(N_ROLES):
            if struck < 0 or g == struck:
                context.closed_until[g] = max(context.closed_until[g], week + duration)


@inner_kernel
def _reform(context, params, practice, size, theme):
    base, top, least = context.need_base, 0, 0
    for d in range(1, N_THEMES):
        if base[d] > base[top]:
            top = d
        if base[d] < base[least]:
            least = d
    new = theme if theme >= 0 else least
    if new != top:
        base[top], base[new] = (
            (1.0 - size) * base[top] + size * base[new],
            (1.0 - size) * base[new] + size * base[top],
        )
        need = context.need
        need[top], need[new] = (
            (1.0 - size) * need[top] + size * need[new],
            (1.0 - size) * need[new] + size * need[top],
        )
    context.policy_fit *= 1.0 - size * (1.0 - params.policy_shield * practice[_POLICY_ALIGNMENT])


@inner_kernel
def _outdate(state, params, size):
    """Make part of what members know, whom they know and what they stand for obsolete; their places renew it."""
    for i in range(state.n_slots):
        if state.is_member[i]:
            for k in range(N_RESOURCES):
                if not state.is_rival[k]:
                    state.holdings[i, k] *= 1.0 - params.reform_obsolescence * size


@inner_kernel
def _merge(state, params, size, role):
    """Let each organisation with a member of the merging role lose backing, once."""
    for g in range(state.is_organisation.shape[0]):
        if not state.is_organisation[g]:
            continue
        for i in range(state.n_slots):
            if state.is_member[i] and state.role[i] == role and state.organisation_id[i] == g:
                state.backing[g] *= 1.0 - params.merger_backing * size
                break


@inner_kernel
def _drift_need(context, params, now):
    total = 0.0
    for d in range(N_THEMES):
        if context.need[d] > 0.0:
            pulled = power(context.need[d], 1.0 - params.need_return) * power(context.need_base[d], params.need_return)
            context.need[d] = pulled * exp(params.need_drift * normal(now, _DRIFT, d, 0))
        total += context.need[d]
    for d in range(N_THEMES):
        context.need[d] /= total


@inner_kernel
def _move_policy(state, context, params, practice, now):
    context.policy_fit *= 1.0 - params.policy_decay
    missed = 1.0
    for i in range(state.n_slots):
        if state.is_member[i] and state.role[i] == _DECISION_MAKER:
            missed *= 1.0 - params.policy_reach * state.engagement[i] * state.standing[i]
    u0, _, _, _ = draw(now, _ALIGNMENT, 0, 0)
    work = params.policy_base + (1.0 - params.policy_base) * practice[_POLICY_ALIGNMENT]
    if u0 < params.policy_rate * work * (1.0 - missed):
        context.policy_fit += params.policy_step * (1.0 - context.policy_fit)


@inner_kernel
def _move_backing(state, context, params, practice, week):
    rival = active_size(context, _RIVAL, week)
    for g in range(state.is_organisation.shape[0]):
        if state.is_organisation[g]:
            base = state.backing_base[g]
            target = (base + (1.0 - base) * params.backing_gain * practice[_BACKING]) * (
                1.0 - params.rival_backing * rival
            )
            state.backing[g] += params.backing_rate * (target - state.backing[g])
