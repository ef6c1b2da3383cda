"""Tables of kinds and roles: what makes a resource of its kind, and a seat of its role.

All are conventions: they fix the rulers of the model and are not fitted. A kind of resource is a row of
traits, never code. Values are *assumed*; what they rest on is said at each table and in ``docs/model/model.md``.
"""

from __future__ import annotations

# Traits of the kinds of resource (conventions, assumed): columns in the order of ``Trait``.
# Legitimacy is lent rather than taught: it is taken up in part and fades fast. Information perishes.
TRAITS: dict[str, dict[str, float]] = {
    "funding": {"rival": 1, "fade": 0.0, "renewal": 0.02, "ease": 0.0, "ceiling": 1.0, "cost": 1.0},
    "in_kind": {"rival": 1, "fade": 0.0, "renewal": 0.10, "ease": 0.7, "ceiling": 1.0, "cost": 0.8},
    "skills": {"rival": 0, "fade": 0.004, "renewal": 0.02, "ease": 0.15, "ceiling": 0.6, "cost": 0.5},
    "information": {"rival": 0, "fade": 0.020, "renewal": 0.05, "ease": 0.5, "ceiling": 0.7, "cost": 0.2},
    "connections": {"rival": 0, "fade": 0.008, "renewal": 0.02, "ease": 0.3, "ceiling": 0.6, "cost": 0.4},
    "legitimacy": {"rival": 0, "fade": 0.030, "renewal": 0.02, "ease": 0.4, "ceiling": 0.5, "cost": 0.6},
}

# What a typical seat of each role holds of each kind, in resource units (assumed; after the roles of Table 4,
# loban2021).
ENDOWMENT: dict[str, dict[str, float]] = {
    "funding": {"clinician": 0.05, "decision_maker": 0.40, "researcher": 0.50, "coordinator": 0.00, "community": 0.10, "patient": 0.00},
    "in_kind": {"clinician": 0.40, "decision_maker": 0.50, "researcher": 0.30, "coordinator": 0.60, "community": 0.45, "patient": 0.15},
    "skills": {"clinician": 0.80, "decision_maker": 0.40, "researcher": 0.75, "coordinator": 0.60, "community": 0.35, "patient": 0.25},
    "information": {"clinician": 0.55, "decision_maker": 0.50, "researcher": 0.80, "coordinator": 0.50, "community": 0.65, "patient": 0.75},
    "connections": {"clinician": 0.40, "decision_maker": 0.70, "researcher": 0.45, "coordinator": 0.45, "community": 0.80, "patient": 0.30},
    "legitimacy": {"clinician": 0.60, "decision_maker": 0.90, "researcher": 0.55, "coordinator": 0.20, "community": 0.45, "patient": 0.50},
}

# How well each role sees each theme of need (conventions, assumed).
VANTAGE: dict[str, dict[str, float]] = {
    "clinician": {"clinical_access": 0.8, "service_organisation": 0.4, "evidence": 0.3, "navigation": 0.4, "community_reach": 0.1, "lived_experience": 0.2},
    "decision_maker": {"clinical_access": 0.3, "service_organisation": 0.8, "evidence": 0.2, "navigation": 0.3, "community_reach": 0.2, "lived_experience": 0.1},
    "researcher": {"clinical_access": 0.3, "service_organisation": 0.3, "evidence": 0.8, "navigation": 0.2, "community_reach": 0.1, "lived_experience": 0.1},
    "coordinator": {"clinical_access": 0.2, "service_organisation": 0.3, "evidence": 0.3, "navigation": 0.6, "community_reach": 0.2, "lived_experience": 0.2},
    "community": {"clinical_access": 0.1, "service_organisation": 0.2, "evidence": 0.1, "navigation": 0.5, "community_reach": 0.8, "lived_experience": 0.4},
    "patient": {"clinical_access": 0.3, "service_organisation": 0.1, "evidence": 0.1, "navigation": 0.4, "community_reach": 0.3, "lived_experience": 0.8},
}

# Which kinds of resource serve each theme: weights over themes of a kind's relevance (conventions, assumed).
RELEVANCE: dict[str, dict[str, float]] = {
    "funding": {"clinical_access": 0.6, "service_organisation": 0.7, "evidence": 0.6, "navigation": 0.5, "community_reach": 0.4, "lived_experience": 0.3},
    "in_kind": {"clinical_access": 0.6, "service_organisation": 0.4, "evidence": 0.3, "navigation": 0.7, "community_reach": 0.6, "lived_experience": 0.4},
    "skills": {"clinical_access": 0.9, "service_organisation": 0.4, "evidence": 0.9, "navigation": 0.5, "community_reach": 0.3, "lived_experience": 0.2},
    "information": {"clinical_access": 0.4, "service_organisation": 0.5, "evidence": 0.8, "navigation": 0.8, "community_reach": 0.5, "lived_experience": 0.9},
    "connections": {"clinical_access": 0.2, "service_organisation": 0.7, "evidence": 0.2, "navigation": 0.8, "community_reach": 0.9, "lived_experience": 0.5},
    "legitimacy": {"clinical_access": 0.3, "service_organisation": 0.9, "evidence": 0.3, "navigation": 0.3, "community_reach": 0.6, "lived_experience": 0.8},
}

# Stake of a role in the partnership's success and its exposure to being moved on (assumed; researchers'
# higher stake and coordinators' dependence on the project: loban2021).
STAKE: dict[str, float] = {
    "clinician": 0.4, "decision_maker": 0.4, "researcher": 0.9, "coordinator": 0.9, "community": 0.5, "patient": 0.5,
}
EXPOSURE: dict[str, float] = {
    "clinician": 0.9, "decision_maker": 1.5, "researcher": 0.6, "coordinator": 1.5, "community": 1.1, "patient": 1.2,
}

# Experience as a leader that a typical person of each role brings (assumed; a prescribed lead from the research
# team: impactguide).
LEADING: dict[str, float] = {
    "clinician": 0.35, "decision_maker": 0.40, "researcher": 0.50, "coordinator": 0.35, "community": 0.30, "patient": 0.15,
}

# What founders and newcomers expect: their first experience (conventions, assumed).
START_EXPERIENCE: dict[str, float] = {
    "received": 0.006, "used": 0.25, "win": 0.03, "contact": 0.05, "heard": 0.55, "company": 0.60,
    "decision": 0.40, "hours": 1.50, "frustration": 0.10, "unheard": 0.45, "order": 0.40, "funded": 0.0,
    "absent": 0.35,
}

# Rulers of the virtual questionnaire: middle and spread of what respondents perceive, per dimension, so that
# answers use the scale (conventions, assumed; see docs/model/questionnaire.md).
QUESTIONNAIRE_CENTRE = (0.45, 0.55, 0.70, 0.40, 0.30, 0.50, 0.70, 0.55, 0.30, 0.62)
QUESTIONNAIRE_SPREAD = (0.20, 0.18, 0.15, 0.25, 0.20, 0.20, 0.15, 0.15, 0.12, 0.12)
