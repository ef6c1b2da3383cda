"""The metric table: every number that a run reports, with unit, range, good direction and reference.

Columns of ``weekly.parquet`` (``METRICS``, in the order in which the kernel writes them, then those that are
worked out from them) and of ``runs.parquet`` (``RUN_COLUMNS``). Missing is NaN, never 0. No numba is needed here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.core.vocabulary import Dimension, LeavingCause, Resource, Role, words


@dataclass(frozen=True)
class Metric:
    """One reported number.

    Attributes
    ----------
    name, unit : str
        Name of the column and unit of its numbers.
    low, high : float
        Closed range of possible values.
    good : str
        Direction that is better: ``up``, ``down`` or ``none``.
    meaning, reference : str
        One sentence, and where to read on.
    vector : str
        Name under which an observer writes this metric and its neighbours, where there is one per kind of resource.
    """

    name: str
    unit: str
    low: float
    high: float
    good: str
    meaning: str
    reference: str = "docs/model/model.md §8"
    vector: str = ""


_INF = float("inf")

LEAVING = dict(
    zip(
        words(LeavingCause),
        (
            "moved on, for reasons outside the partnership mostly",
            "coordinators without pay",
            "had lost engagement",
            "because of an event",
            "with their organisation",
        ),
        strict=True,
    )
)
"""Causes of leaving in words."""

COMPONENTS = ("integration", "atmosphere", "benefit", "adaptation")
"""The four manifestations of synergy, in the order of loban2021."""

_OBSERVED = (
    Metric("integration", "share of joint yield", -1, 1, "up", "Gain of combining contributions over working each alone, less its cost; negative is antagony.", "loban2021; laskerweissmiller2001"),
    Metric("integration_potential", "share of joint yield", -1, 1, "none", "Integration if everything were combined at no cost: says who is present."),
    Metric("integration_realised", "share of potential gain", 0, 1, "up", "Share of the potential gain that is combined, before cost: says how well ties work."),
    Metric("atmosphere", "trust net of strain", -1, 1, "up", "Mean trust less strain among active members.", "loban2021; jonesbarry2016"),
    Metric("atmosphere_spread", "trust net of strain", 0, 1, "down", "Standard deviation of members' own mean trust less strain."),
    Metric("benefit", "net benefit", -1, 1, "up", "Mean of benefits less drawbacks as members see them.", "loban2021"),
    Metric("benefit_spread", "net benefit", 0, 1, "down", "Standard deviation of net benefit among members."),
    Metric("benefit_worst_role", "net benefit", -1, 1, "up", "Mean net benefit of the worst-off role."),
    Metric("adaptation", "skill", -1, 1, "up", "1 less tracking error over the error had activity stood still for up to 104 weeks.", "loban2021"),
    Metric("adaptation_to_change", "skill", -1, 1, "up", "The same since the last dated change of need, from its 26th to its 78th week.", "loban2021"),
    Metric("output", "need-matched joint yield", 0, _INF, "up", "Q(t): joint yield times the match of activity and need."),
    Metric("fit", "share", 0, 1, "up", "1 less the distance between activity and need."),
    Metric("members", "persons", 0, 1000, "none", "Filled seats."),
    Metric("people_ever", "persons", 0, _INF, "none", "Persons ever involved."),
    Metric("leavers", "persons", 0, _INF, "down", "Persons who have left."),
    Metric("organisations", "organisations", 0, _INF, "none", "Organisations taking part."),
    Metric("organisations_kept", "share", 0, 1, "up", "Founding organisations still there: organisational continuity."),
    Metric("founders_present", "share", 0, 1, "up", "Founding persons still there: personal continuity."),
    Metric("roles_present", "roles", 0, len(Role), "up", "Roles with at least one member."),
    Metric("heterogeneity", "share", 0, 1, "up", "Blau index of roles among members, 1 at an even mix of all."),
    Metric("patients", "persons", 0, 1000, "none", "Patient partners among the members."),
    Metric("vitality", "share", 0, 1, "up", "Behaviour: mean of recent attendance, of encounters in which one gives, of work taken on and of seats filled."),
    Metric("attendance", "share of those invited", 0, 1, "up", "Attendance at the week's meeting; missing without a meeting."),
    Metric("trust", "trust", 0, 1, "up", "Mean trust among members."),
    Metric("strain", "strain", 0, 1, "down", "Mean strain among members."),
    Metric("strain_met", "strain", 0, 1, "down", "Mean strain of those who met this week: strain per encounter; missing without encounters."),
    Metric("familiarity", "familiarity", 0, 1, "up", "Mean familiarity among members."),
    Metric("understanding", "share", 0, 1, "up", "Shared understanding of the partnership."),
    Metric("power_gini", "Gini", 0, 1, "down", "Inequality of power among members."),
    Metric("benefit_gini", "Gini", 0, 1, "down", "Inequality of perceived benefit among members."),
    Metric("reciprocity", "share", 0, 1, "up", "Working ties that are returned: sum of the weaker over sum of the stronger direction."),
    Metric("dispersion", "coefficient of variation", 0, _INF, "none", "Difference between members' nonrival holdings, mean over kinds."),
    Metric("knowledge", "resource units per member", 0, _INF, "up", "Nonrival holdings beyond members' own endowment: memory kept."),
    *(
        Metric(f"exchange_{kind}", "resource units", 0, _INF, "none", f"Volume of {kind} given in the week.", vector="exchange")
        for kind in words(Resource)
    ),
    Metric("refused", "share of requests", 0, 1, "down", "Requests refused; missing without requests."),
    Metric("staff_cover", "share", 0, 1, "up", "Asked-for hours of enabling processes that are staffed."),
    Metric("purse", "coordinator-weeks", 0, _INF, "none", "Funding in the common pool."),
    Metric("policy_fit", "share", 0, 1, "up", "Fit of the partnership's work with policy."),
    Metric("wins", "wins", 0, _INF, "up", "Small wins so far."),
    Metric("outcome", "share of purpose", 0, _INF, "up", "Outcome so far; 1 is the purpose met.", "loban2021"),
    Metric("purposes_met", "purposes", 0, _INF, "up", "Purposes met so far, each taken up again at a higher aim while the partnership goes on."),
    Metric("active_share", "share", 0, 1, "up", "Listed members who are active, with engagement of at least `active_level`."),
    Metric("posts_filled", "share", 0, 1, "up", "Seats with a post in force that somebody fills; missing where no post is in force."),
    Metric("lead_strength", "share", 0, 1, "up", "Strength of the one who leads: experience, engagement and what leading has worn."),
    Metric("meetings_held", "meetings", 0, _INF, "none", "Meetings held so far."),
    Metric("guests_ever", "persons", 0, _INF, "none", "Guests at forums so far, who never hold a seat."),
    Metric("grants_won", "grants", 0, _INF, "up", "Follow-on grants won so far."),
    Metric("money_spent", "coordinator-weeks", 0, _INF, "down", "Cost: funding spent so far."),
    Metric("staff_hours", "hours", 0, _INF, "down", "Cost: paid hours of staff so far, facilitator included."),
    Metric("member_hours", "hours", 0, _INF, "down", "Cost: hours by the clock of members other than coordinators so far."),
    *(
        Metric(f"left_{cause}", "persons", 0, _INF, "down", f"Persons who left so far: {meaning}.", vector="left_for")
        for cause, meaning in LEAVING.items()
    ),
)

_WORKED_OUT = (
    Metric("synergy", "standard deviations", -_INF, _INF, "up", "Composite: mean of the components, each standardised by the stated reference population; missing unless three are there."),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_OBSERVED, *_WORKED_OUT)}
ENDS = ("alive", "fulfilled", "failed", "dormant")
"""How runs end, told apart: columns that add up to 1."""

END_WORDS = dict(zip(ENDS, ("still going", "fulfilled", "failed", "dormant"), strict=True))
"""The same in words."""

COSTS = ("money_spent", "staff_hours", "member_hours")
"""What a plan costs."""

COST_WORDS = dict(
    zip(COSTS, ("coordinator-weeks of money", "hours of paid staff", "hours of members' own time"), strict=True)
)
"""The same in words, after a number."""

N_OBSERVED = len(_OBSERVED)
OBSERVED_NAMES = tuple(metric.name for metric in _OBSERVED)

_RUN_ROWS = (
    Metric("alive", "0 or 1", 0, 1, "up", "Whether the partnership was still going at the end of the run; one whose purpose was met and that ended is not."),
    Metric("fulfilled", "0 or 1", 0, 1, "up", "Whether it ended because its purpose was met and no higher one taken up."),
    Metric("failed", "0 or 1", 0, 1, "down", "Whether it ended for want of active members or of anybody who convenes."),
    Metric("dormant", "0 or 1", 0, 1, "down", "Whether it ended up listed and convened, and not meeting."),
    Metric("ended_week", "week", 1, 520, "none", "Week in which it ended; missing if it did not."),
    Metric("reason", "code", 0, 3, "none", "0 still going, 1 failed, 2 dormant, 3 fulfilled."),
    Metric("members_end", "persons", 0, 1000, "none", "Members at the end; 0 if it had ended before."),
    Metric("people_ever", "persons", 0, _INF, "none", "Persons ever involved."),
    Metric("leavers", "persons", 0, _INF, "down", "Persons who left."),
    Metric("exits_per_member_year", "per member-year", 0, _INF, "down", "Persons who left over member-years lived."),
    Metric("organisations_kept", "share", 0, 1, "up", "Founding organisations still there when it was last seen alive."),
    Metric("patients_end", "persons", 0, 1000, "none", "Patient partners at the end; 0 if it had ended."),
    Metric("outcome", "share of purpose", 0, _INF, "up", "Outcome when last seen alive."),
    Metric("wins", "wins", 0, _INF, "up", "Small wins."),
    Metric("purposes_met", "purposes", 0, _INF, "up", "Purposes met, the one that ended it included."),
    Metric("renewals", "purposes", 0, _INF, "up", "Purposes met and taken up again at a higher aim."),
    *(
        Metric(name, METRICS[name].unit, 0, _INF, METRICS[name].good, METRICS[name].meaning.replace(" so far", ""))
        for name in (*COSTS, "meetings_held", "guests_ever", "grants_won", *(f"left_{cause}" for cause in LEAVING))
    ),
    *(
        Metric(f"{name}_last_year", METRICS[name].unit, METRICS[name].low, METRICS[name].high, "up",
               f"Mean of {name} over the last 52 weeks alive.", METRICS[name].reference)
        for name in (*COMPONENTS, "synergy")
    ),
    Metric("outcome_week", "week", 1, 520, "none", "First week with an outcome of a tenth of the purpose; missing if none."),
)

SEAT_COLUMNS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric("role", "code of Role", 0, len(Role) - 1, "none", "Whose viewpoint the seat brings."),
        Metric("ring", "code of Ring", 0, 1, "none", "Research team or core team."),
        Metric("organisation", "number", -1, 2000, "none", "Home organisation; -1 for none."),
        Metric("person", "number", 0, _INF, "none", "The person in the seat; missing while it is empty."),
        Metric("tenure", "weeks", 0, 520, "none", "Weeks of the person in the seat; missing while it is empty."),
        Metric("active", "0 or 1", 0, 1, "up", "Whether the person gives energy to the partnership (engagement of at least `active_level`)."),
        Metric("engagement", "share", 0, 1, "up", "Energy given to the partnership."),
        Metric("benefit", "share", 0, 1, "up", "Benefits as the person sees them."),
        Metric("drawback", "share", 0, 1, "down", "Drawbacks as the person sees them."),
        Metric("power", "equal shares", 0, _INF, "none", "Say in decisions; 1 is an equal share."),
        Metric("meetings_invited", "meetings", 0, 520, "none", "Meetings to which the seat was invited since the record before."),
        Metric("meetings_attended", "meetings", 0, 520, "up", "Meetings that it came to since the record before."),
        Metric("hours_given", "hours", 0, _INF, "none", "Hours given since the record before."),
        Metric("received", "resource units", 0, _INF, "up", "Nonfinancial resources received since the record before."),
    )
}
"""One seat at one week, on request: columns of the seat panel, in the order in which the kernel writes them."""

SEAT_SUMMARIES: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric("active_share", "share", 0, 1, "up", "Members who give energy to the partnership, at the last record of the seats."),
        Metric("sectors", "roles", 0, len(Role), "up", "Roles with at least one active member, at the last record of the seats."),
        Metric("coordinator_tenure", "weeks", 0, 520, "up", "Mean tenure of the coordinators at the last record of the seats; missing without one."),
        Metric("benefit_share", "share", 0, 1, "up", "Mean over members of benefits over benefits and drawbacks together, at the last record of the seats."),
    )
}
"""What the seat panel adds to the row of a run."""

SHOCK_MEASURES = (
    Metric("depth", "share of output", 0, 1, "down", "Largest loss of Q(t) against the same replicate without the shock, 4-week means."),
    Metric("recovery_weeks", "weeks", 0, 520, "down", "Weeks until Q(t) is back within 5% for 8 weeks; the weeks observed if it did not come back."),
    Metric("recovered", "0 or 1", 0, 1, "up", "Whether Q(t) came back within the run (0: censored)."),
    Metric("loss", "weeks of output", 0, _INF, "down", "Cumulative loss, in weeks of the output without the shock."),
    Metric("gain", "weeks of output", 0, _INF, "up", "Cumulative gain beyond the output without the shock."),
)
"""Adaptation to a shock: in ``runs.parquet`` as ``shock_<name>_<measure>``."""

QUESTIONNAIRE = tuple(
    Metric(f"questionnaire_{name}", "points 1 to 5", 1, 5, "down" if name == "drawbacks" else "up",
           f"Mean answer of the respondents on {name.replace('_', ' ')} at the last wave; missing without respondents.")
    for name in words(Dimension)
)

RESPONDENT_COLUMNS: dict[str, Metric] = {
    row.name: row
    for row in (
        SEAT_COLUMNS["role"],
        SEAT_COLUMNS["person"],
        *(
            replace(row, low=1, high=5, meaning=f"Answer on {name.replace('_', ' ')}; missing if the respondent does not know.")
            for name, row in zip(words(Dimension), QUESTIONNAIRE, strict=True)
        ),
    )
}
"""One respondent at one wave of the questionnaire, on request, in the order in which the kernel writes them."""

RUN_COLUMNS: dict[str, Metric] = {metric.name: metric for metric in (*_RUN_ROWS, *QUESTIONNAIRE)}
