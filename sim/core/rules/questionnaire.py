"""The virtual questionnaire: what members would answer, from what a respondent can perceive.

Ten dimensions (``Dimension``), worded in ``docs/model/questionnaire.md``. A latent score in [0, 1] per dimension is
made of the seat's own experience, ties, benefits and drawbacks; never of a lever or a metric. The response
model then adds what questionnaires add: a general impression (halo), a person's own leniency, noise,
rounding to five points, "don't know" and non-return. Its constants follow published reliabilities and
spreads (cramm2011: item standard deviations about 0.8, scale alphas 0.75 to 0.87, "don't know" up to 20%;
loban2021plos: 90% returned) and were fixed before any correlation was looked at.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core._elementary import exp
from sim.core._jit import kernel
from sim.core.rng import draw, normal
from sim.core.rulers import RULERS
from sim.core.rules._common import clip, count_members, mean_trust_and_strain
from sim.core.traits import QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
from sim.core.vocabulary import Dimension, Experience, Purpose

N_DIMENSIONS = len(Dimension)
_ANSWER, _RESPONDENT = int(Purpose.QUESTIONNAIRE), int(Purpose.RESPONDENT)
_RECEIVED, _JOINT, _WIN = int(Experience.RECEIVED), int(Experience.JOINT), int(Experience.WIN)
_HEARD, _COMPANY, _DECISION = int(Experience.HEARD), int(Experience.COMPANY), int(Experience.DECISION)
_HOURS, _FRUSTRATION, _ORDER = int(Experience.HOURS), int(Experience.FRUSTRATION), int(Experience.ORDER)

_CENTRE, _SPREAD = QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
_RETURNED, _KNOWN = RULERS["returned"], RULERS["known"]
_TRUE, _HALO = RULERS["answer_true"], RULERS["answer_halo"]
_LENIENCY, _NOISE = RULERS["answer_leniency"], RULERS["answer_noise"]
_MIDDLE, _POINTS_PER_SD = RULERS["answer_middle"], RULERS["answer_spread"]
_BY_JOINT, _BY_WINS = RULERS["perceived_joint"], RULERS["perceived_wins"]
_BY_HOURS, _BY_RECEIVED, _SAY = RULERS["perceived_hours"], RULERS["perceived_received"], RULERS["perceived_say"]
_DRAWBACKS = int(Dimension.DRAWBACKS)


@kernel
def perceive(state, i, out):
    """Write what member ``i`` perceives into ``out``, (10,) float64 in [0, 1], in the order of ``Dimension``."""
    x = state.experience
    trust, strain = mean_trust_and_strain(state, i, count_members(state))
    out[0] = 0.5 * (1.0 - exp(-_BY_JOINT * max(0.0, x[i, _JOINT]))) + 0.5 * (1.0 - exp(-_BY_WINS * x[i, _WIN]))
    out[1] = 0.5 * x[i, _COMPANY] + 0.5 * x[i, _DECISION]
    out[2] = exp(-x[i, _FRUSTRATION]) * out[0] / (out[0] + _BY_HOURS * x[i, _HOURS]) if out[0] > 0.0 else 0.0
    out[3] = x[i, _ORDER]
    out[4] = 1.0 - exp(-_BY_RECEIVED * x[i, _RECEIVED])
    out[5] = _SAY * x[i, _HEARD] + (1.0 - _SAY) * x[i, _DECISION]
    out[6] = clip(0.5 + trust - strain, 0.0, 1.0)
    out[7] = state.benefit[i]
    out[8] = state.drawback[i]
    out[9] = 0.5 + 0.5 * clip(state.benefit[i] - state.drawback[i], -1.0, 1.0)


@kernel
def survey_members(state, now, out):
    """Let members answer the questionnaire; write mean answers, then the number returned, into ``out``.

    Parameters
    ----------
    state : State
        The partnership; not changed.
    now : tuple of three int64
        Seed, replicate and week.
    out : (11,) float64
        Mean answer per dimension in points 1 to 5, NaN without answers; last the questionnaires returned.
    """
    total, count = np.zeros(N_DIMENSIONS), np.zeros(N_DIMENSIONS)
    scores = np.empty(N_DIMENSIONS)
    returned = 0
    for i in range(state.n_slots):
        if not state.is_member[i]:
            continue
        u0, _, _, _ = draw(now, _ANSWER, i, N_DIMENSIONS)
        if u0 >= _RETURNED:
            continue
        returned += 1
        perceive(state, i, scores)
        halo = 0.0
        for d in range(N_DIMENSIONS):
            scores[d] = (scores[d] - _CENTRE[d]) / _SPREAD[d]
            halo += (-scores[d] if d == _DRAWBACKS else scores[d]) / N_DIMENSIONS
        person = (now[0], now[1], np.int64(0))
        lenient = _LENIENCY * normal(person, _RESPONDENT, state.person_id[i], 0)
        for d in range(N_DIMENSIONS):
            u0, _, _, _ = draw(now, _ANSWER, i, d)
            if u0 >= _KNOWN:
                continue
            side = -1.0 if d == _DRAWBACKS else 1.0
            felt = _TRUE * scores[d] + side * (_HALO * halo + lenient)
            felt += _NOISE * normal(now, _ANSWER, i, N_DIMENSIONS + 1 + d)
            total[d] += clip(math.floor(_MIDDLE + _POINTS_PER_SD * felt + 0.5), 1.0, 5.0)
            count[d] += 1.0
    for d in range(N_DIMENSIONS):
        out[d] = total[d] / count[d] if count[d] > 0.0 else np.nan
    out[N_DIMENSIONS] = returned
