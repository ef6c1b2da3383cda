"""Rulers: numbers that only say how something is measured, never how it comes about.

Metrics and the virtual questionnaire are given no settings (``docs/model/model.md`` §8), so what they need of a scale
stands here and nobody sets it. All are conventions, *assumed* but where a source is named.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ruler:
    """One number of a ruler: name, value, unit, meaning and source."""

    name: str
    value: float
    unit: str
    meaning: str
    source: str = "assumed"


_ROWS = (
    # --- adaptation skill --------------------------------------------------------------------------------
    Ruler("skill_window", 104, "weeks", "How far back the twin that stood still begins."),
    Ruler("skill_from_week", 26, "weeks", "First week in which skill can be judged."),
    Ruler(
        "skill_least_error",
        0.02,
        "share of activity",
        "Mean error of the twin below which there was nothing to adapt to.",
    ),
    # --- who returns a questionnaire and answers a question ----------------------------------------------
    Ruler("returned", 0.9, "share", "Questionnaires that come back.", "loban2021plos"),
    Ruler("known", 0.92, "share", 'Questions that are not answered with "don\'t know".', "cramm2011"),
    # --- what an answer is made of -----------------------------------------------------------------------
    Ruler(
        "answer_true",
        0.60,
        "points per standard deviation",
        "Weight of what the person perceives of the question itself.",
        "cramm2011",
    ),
    Ruler(
        "answer_halo", 0.40, "points per standard deviation", "Weight of the person's general impression.", "cramm2011"
    ),
    Ruler("answer_leniency", 0.45, "standard deviations", "Spread of leniency between persons.", "cramm2011"),
    Ruler("answer_noise", 0.50, "standard deviations", "Spread of an answer given twice.", "cramm2011"),
    Ruler("answer_middle", 3.0, "points", "Answer of somebody who perceives the middle."),
    Ruler("answer_spread", 0.8, "points", "Standard deviation of an item.", "cramm2011"),
    # --- from what was met to what is perceived, in [0, 1] -----------------------------------------------
    Ruler("perceived_used", 3.0, "per share", "How fast having one's view used is perceived as synergy."),
    Ruler("change_window", 78, "weeks", "How long after a dated change of need the answer to it is judged."),
    Ruler("perceived_wins", 15.0, "per win a week", "How fast wins are perceived as synergy."),
    Ruler("perceived_hours", 0.3, "per hour a week", "Weight of the hours given in perceived efficiency."),
    Ruler("perceived_received", 8.0, "per unit a week", "How fast what was received is perceived."),
    Ruler(
        "perceived_say",
        0.6,
        "share",
        "Weight of being heard in perceived decision-making; the rest is decisions carried.",
    ),
)

RULERS: dict[str, float] = {row.name: row.value for row in _ROWS}
RULER_ROWS: dict[str, Ruler] = {row.name: row for row in _ROWS}
