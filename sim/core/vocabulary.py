"""The words of the domain, each spelt once: enumerations, no logic.

Every enumeration is an ``IntEnum`` so that its members index arrays inside kernels; the lower-case member
name (``Role.DECISION_MAKER`` -> ``decision_maker``) is the word used in files, columns and messages.
Members are appended, never reordered: their numbers are addresses of random numbers and columns of data.
"""

from __future__ import annotations

from enum import IntEnum

WEEKS_PER_YEAR = 52
"""Length of a year in steps: a step is one week, and all rates are per the unit that their row states."""


class Role(IntEnum):
    """Whose viewpoint a seat brings (Table 4 of Loban et al. 2021, see ``docs/model/evidence.md``)."""

    CLINICIAN = 0
    DECISION_MAKER = 1
    RESEARCHER = 2
    COORDINATOR = 3
    COMMUNITY = 4
    PATIENT = 5


class Ring(IntEnum):
    """The research team sits inside the core team; each ring has its own cadence and say."""

    RESEARCH_TEAM = 0
    CORE_TEAM = 1


class Resource(IntEnum):
    """Kinds of resource; their traits are rows of ``sim.core.traits.TRAITS``."""

    FUNDING = 0
    IN_KIND = 1
    SKILLS = 2
    INFORMATION = 3
    CONNECTIONS = 4
    LEGITIMACY = 5


class Theme(IntEnum):
    """What the population may need work on, and what the partnership may work on."""

    CLINICAL_ACCESS = 0
    SERVICE_ORGANISATION = 1
    EVIDENCE = 2
    NAVIGATION = 3
    COMMUNITY_REACH = 4
    LIVED_EXPERIENCE = 5


class Level(IntEnum):
    """Levels of enabling processes (Loban et al. 2021, abstract)."""

    INTERPERSONAL = 0
    OPERATIONAL = 1
    SYSTEM = 2


class Lever(IntEnum):
    """Enabling processes that can be tuned, grouped by level."""

    RELATIONSHIP_BUILDING = 0
    COMMUNICATION = 1
    CONFLICT_HANDLING = 2
    POWER_SHARING = 3
    LEADERSHIP = 4
    ADMINISTRATION = 5
    INCLUSIVE_DECISIONS = 6
    RESOURCE_MATCHING = 7
    ORIENTATION = 8
    PARTICIPATION_SUPPORT = 9
    POLICY_ALIGNMENT = 10
    ORGANISATIONAL_BACKING = 11
    CONTEXT_SENSING = 12


class ShockKind(IntEnum):
    """Dated or random outside changes."""

    FUNDING_CUT = 0
    POLICY_REFORM = 1
    MERGER = 2
    PERSON_LEAVES = 3
    LOST_MEETINGS = 4
    RIVAL_PRIORITY = 5
    ONLINE_MEETINGS = 6
    ROLE_WITHDRAWN = 7
    DISSOLUTION = 8


class Rule(IntEnum):
    """The ten rules of a week, in the order in which they act."""

    CONTEXT = 0
    TURNOVER = 1
    MEETINGS = 2
    ENCOUNTERS = 3
    EXCHANGE = 4
    INTEGRATION = 5
    APPRAISAL = 6
    PROGRESS = 7
    ADAPTATION = 8
    ENDING = 9


class Status(IntEnum):
    """State of a run, and how it ended: too few active or nobody convening, not meeting, or its purpose met."""

    ALIVE = 0
    FAILED = 1
    DORMANT = 2
    FULFILLED = 3


class LeavingCause(IntEnum):
    """Why a person left, counted apart."""

    MOVED_ON = 0
    UNPAID = 1
    DISENGAGED = 2
    EVENT = 3
    ORGANISATION_LEFT = 4


class TurnoverCause(IntEnum):
    """Rival explanations of why persons leave (``turnover.cause``)."""

    EXOGENOUS = 0
    BENEFIT = 1
    BOTH = 2


class TurnoverBuffer(IntEnum):
    """Rival explanations of what buffers the loss of a person (``turnover.buffer``)."""

    NONE = 0
    ORGANISATION = 1
    COORDINATOR = 2
    BOTH = 3


class Route(IntEnum):
    """Rival explanations of how contributions come to be combined (``route``)."""

    STRUCTURAL = 0
    RELATIONAL = 1
    BOTH = 2


class Null(IntEnum):
    """Null models: the full model, turnover alone, or random partners and amounts (``null``)."""

    NONE = 0
    TURNOVER_ONLY = 1
    RANDOM_EXCHANGE = 2


class Purpose(IntEnum):
    """What a random number is for: the second word of its address. Appended only."""

    DRIFT = 0
    CLIMATE = 1
    RANDOM_SHOCK = 2
    DEPARTURE = 3
    ORGANISATION_EXIT = 4
    REPLACEMENT = 5
    RECRUITMENT = 6
    NEWCOMER = 7
    ATTENDANCE = 8
    ENCOUNTER = 9
    EXCHANGE = 10
    VOTE = 11
    SENSING = 12
    WIN = 13
    HEARD = 14
    ALIGNMENT = 15
    QUESTIONNAIRE = 16
    FOUNDING = 17
    MERGER = 18
    RESPONDENT = 19
    RENEWAL = 20
    LEADERSHIP = 21
    FOLLOW_ON = 22


class Experience(IntEnum):
    """What a seat can have met: the only things that appraisal and the questionnaire read."""

    RECEIVED = 0
    USED = 1
    WIN = 2
    CONTACT = 3
    HEARD = 4
    COMPANY = 5
    DECISION = 6
    HOURS = 7
    FRUSTRATION = 8
    UNHEARD = 9
    ORDER = 10
    FUNDED = 11
    ABSENT = 12


class Trait(IntEnum):
    """Traits of a kind of resource: columns of ``sim.core.traits.TRAITS``."""

    RIVAL = 0
    FADE = 1
    RENEWAL = 2
    EASE = 3
    CEILING = 4
    COST = 5


class Dimension(IntEnum):
    """Dimensions of the virtual questionnaire (self-assessment, in our own words)."""

    SYNERGY = 0
    LEADERSHIP = 1
    EFFICIENCY = 2
    ADMINISTRATION = 3
    NONFINANCIAL_RESOURCES = 4
    DECISION_MAKING = 5
    TRUST = 6
    BENEFITS = 7
    DRAWBACKS = 8
    SATISFACTION = 9


def word(member: IntEnum) -> str:
    """Return the word for a member as written in files and messages.

    >>> word(Role.DECISION_MAKER)
    'decision_maker'
    """
    return member.name.lower()


def words(enumeration: type[IntEnum]) -> tuple[str, ...]:
    """Return all words of an enumeration, in order.

    >>> words(Ring)
    ('research_team', 'core_team')
    """
    return tuple(word(member) for member in enumeration)
