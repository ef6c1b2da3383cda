"""The virtual questionnaire: what members would answer, from what a respondent can perceive.

Ten dimensions (``Dimension``), worded in ``docs/model/questionnaire.md``. A latent score in [0, 1] per dimension is
made of the seat's own experience, ties, benefits and drawbacks; never of a lever or a metric. The response
model then adds what questionnaires add: a general impression (halo), a person's own leniency, noise,
rounding to five points, "don't know" and non-return. Its constants follow published reliabilities and
spreads (cramm2011: item standard deviations about 0.8, scale alphas 0.75 to 0.87, "don't know" up to 20%;
loban2021plos: 90% returned) and were fixed before any correlation was looked at.
"""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp
from sim.core.lanes.values import any_of, clip, floor, where, zeros
from sim.core.rng import normal, normal_at, uniform
from sim.core.rulers import RULERS
from sim.core.rules._common import count_members, mean_trust_and_strain
from sim.core.traits import QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
from sim.core.vocabulary import Dimension, Experience, Purpose

N_DIMENSIONS = len(Dimension)
_ANSWER, _RESPONDENT = int(Purpose.QUESTIONNAIRE), int(Purpose.RESPONDENT)
_RECEIVED, _USED, _WIN = int(Experience.RECEIVED), int(Experience.USED), int(Experience.WIN)
_HEARD, _COMPANY, _DECISION = int(Experience.HEARD), int(Experience.COMPANY), int(Experience.DECISION)
_HOURS, _FRUSTRATION, _ORDER = int(Experience.HOURS), int(Experience.FRUSTRATION), int(Experience.ORDER)

_CENTRE, _SPREAD = QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
_RETURNED, _KNOWN = RULERS["returned"], RULERS["known"]
_TRUE, _HALO = RULERS["answer_true"], RULERS["answer_halo"]
_LENIENCY, _NOISE = RULERS["answer_leniency"], RULERS["answer_noise"]
_MIDDLE, _POINTS_PER_SD = RULERS["answer_middle"], RULERS["answer_spread"]
_BY_USE, _BY_WINS = RULERS["perceived_used"], RULERS["perceived_wins"]
_BY_HOURS, _BY_RECEIVED, _SAY = RULERS["perceived_hours"], RULERS["perceived_received"], RULERS["perceived_say"]
_DRAWBACKS = int(Dimension.DRAWBACKS)
_ROLE, _PERSON, _FIRST_ANSWER = 0, 1, 2

_MISSING = float("nan")


@kernel
def perceive(state, i, out):
    """Write what member ``i`` perceives into ``out``, ten shares in the order of ``Dimension``."""
    x = state.experience[i]
    trust, strain = mean_trust_and_strain(state, i, count_members(state))
    synergy = 0.5 * (1.0 - exp(-_BY_USE * x[_USED])) + 0.5 * (1.0 - exp(-_BY_WINS * x[_WIN]))
    efficient = exp(-x[_FRUSTRATION]) * synergy / (synergy + _BY_HOURS * x[_HOURS])
    out[0] = synergy
    out[1] = 0.5 * x[_COMPANY] + 0.5 * x[_DECISION]
    out[2] = where(synergy > 0.0, efficient, 0.0)
    out[3] = x[_ORDER]
    out[4] = 1.0 - exp(-_BY_RECEIVED * x[_RECEIVED])
    out[5] = _SAY * x[_HEARD] + (1.0 - _SAY) * x[_DECISION]
    out[6] = clip(0.5 + trust - strain, 0.0, 1.0)
    out[7] = state.benefit[i]
    out[8] = state.drawback[i]
    out[9] = 0.5 + 0.5 * clip(state.benefit[i] - state.drawback[i], -1.0, 1.0)


@kernel
def survey_members(state, now, out, each):
    """Let members answer the questionnaire; write mean answers, then the number returned, into ``out``.

    Parameters
    ----------
    state : State
        The partnership; not changed.
    now : Record NOW
        Seed, replicate and week.
    out : table of 11 lanes
        Mean answer per dimension in points 1 to 5, NaN without answers; last the questionnaires returned.
    each : table of n by 12 lanes
        Written where there is room for seats: role, person and answers of each respondent of a partnership that has
        not ended. It comes filled with NaN, which stays where nobody answers.
    """
    total, count = zeros(state, N_DIMENSIONS), zeros(state, N_DIMENSIONS)
    scores, returned = zeros(state, N_DIMENSIONS), 0.0
    for i in range(state.n_slots):
        returns = state.is_member[i] & (uniform(now, _ANSWER, i, N_DIMENSIONS) < _RETURNED)
        if any_of(returns):
            returned += where(returns, 1.0, 0.0)
            perceive(state, i, scores)
            _answer(state, now, i, returns, scores, total, count, each)
    for d in range(N_DIMENSIONS):
        out[d] = where(count[d] > 0.0, total[d] / count[d], _MISSING)
    out[N_DIMENSIONS] = returned


@inner_kernel
def _answer(state, now, i, returns, scores, total, count, each):
    """Add the answers of seat ``i`` in the lanes of ``returns`` to the totals, count them, and keep them if asked."""
    kept = i < len(each)
    if kept:
        there = returns & (state.status == 0.0)
        each[i, _ROLE] = where(there, state.role[i], _MISSING)
        each[i, _PERSON] = where(there, state.person_id[i], _MISSING)
    halo = 0.0
    for d in range(N_DIMENSIONS):
        scores[d] = (scores[d] - _CENTRE[d]) / _SPREAD[d]
        halo += where(d == _DRAWBACKS, -scores[d], scores[d]) / N_DIMENSIONS
    lenient = _LENIENCY * normal_at(now, 0, _RESPONDENT, state.person_id[i], 0)
    for d in range(N_DIMENSIONS):
        knows = returns & (uniform(now, _ANSWER, i, d) < _KNOWN)
        side = -1.0 if d == _DRAWBACKS else 1.0
        felt = _TRUE * scores[d] + side * (_HALO * halo + lenient)
        felt += _NOISE * normal(now, _ANSWER, i, N_DIMENSIONS + 1 + d)
        points = clip(floor(_MIDDLE + _POINTS_PER_SD * felt + 0.5), 1.0, 5.0)
        total[d] += where(knows, points, 0.0)
        count[d] += where(knows, 1.0, 0.0)
        if kept:
            each[i, _FIRST_ANSWER + d] = where(knows & (state.status == 0.0), points, _MISSING)
