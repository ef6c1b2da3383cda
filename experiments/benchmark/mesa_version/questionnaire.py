"""The virtual questionnaire, answered after the chosen weeks (docs/model/questionnaire.md)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.formulas import clip, normal
from sim.core.rulers import RULERS
from sim.core.traits import QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
from sim.core.vocabulary import Dimension, words

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership

DIMENSIONS = words(Dimension)
ANSWER_COLUMNS = ("week", *DIMENSIONS, "returned")
SIDES = [-1.0 if name == "drawbacks" else 1.0 for name in DIMENSIONS]
RETURNED, KNOWN = RULERS["returned"], RULERS["known"]
OWN, HALO = RULERS["answer_true"], RULERS["answer_halo"]
LENIENCY, NOISE = RULERS["answer_leniency"], RULERS["answer_noise"]
MIDDLE, SPREAD = RULERS["answer_middle"], RULERS["answer_spread"]
BY_USE, BY_WINS, BY_HOURS = RULERS["perceived_used"], RULERS["perceived_wins"], RULERS["perceived_hours"]
BY_RECEIVED, SAY = RULERS["perceived_received"], RULERS["perceived_say"]


def perceive(member: StakeholderAgent) -> list[float]:
    """Return what a respondent perceives, per dimension in [0, 1]."""
    met = member.experience
    trust, strain = member.mean_trust_and_strain()
    used, won = 1.0 - math.exp(-BY_USE * met["used"]), 1.0 - math.exp(-BY_WINS * met["win"])
    achieved = 0.5 * used + 0.5 * won
    well_used = achieved / (achieved + BY_HOURS * met["hours"]) if achieved > 0.0 else 0.0
    return [
        achieved,
        0.5 * met["company"] + 0.5 * met["decision"],
        math.exp(-met["frustration"]) * well_used,
        met["order"],
        1.0 - math.exp(-BY_RECEIVED * met["received"]),
        SAY * met["heard"] + (1.0 - SAY) * met["decision"],
        clip(0.5 + trust - strain, 0.0, 1.0),
        member.benefit,
        member.drawback,
        0.5 + 0.5 * member.net,
    ]


def answers_of(member: StakeholderAgent) -> list[float | None]:
    """Return a respondent's answers in points, None for "don't know"."""
    random = member.random
    if member.leniency is None:
        member.leniency = LENIENCY * normal(random)
    rulers = zip(perceive(member), QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD, strict=True)
    scores = [(score - centre) / spread for score, centre, spread in rulers]
    halo = sum([side * score for side, score in zip(SIDES, scores, strict=True)]) / len(scores)
    answers: list[float | None] = []
    for score, side in zip(scores, SIDES, strict=True):
        felt = OWN * score + side * (HALO * halo + member.leniency) + NOISE * normal(random)
        points = clip(math.floor(MIDDLE + SPREAD * felt + 0.5), 1.0, 5.0)
        answers.append(points if random.random() < KNOWN else None)
    return answers


def survey_members(model: MesaPartnership) -> dict[str, float]:
    """Let members answer the questionnaire; return mean answers and how many sheets came back."""
    returning = model.agents.select(lambda seat: seat.is_member and seat.random.random() < RETURNED)
    sheets = returning.map(answers_of)
    row: dict[str, float] = {"week": model.week, "returned": len(sheets)}
    for place, name in enumerate(DIMENSIONS):
        known = [sheet[place] for sheet in sheets if sheet[place] is not None]
        row[name] = sum(known) / len(known) if known else math.nan
    return row
