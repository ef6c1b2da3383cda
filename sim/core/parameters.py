"""The parameter table: every number of the model, with its unit, range, default, block, role and source.

One row per parameter, one place for a default. Everything else derives from here: the record that the
kernels read (one row of ``record_dtype()``), Hydra's schema, priors, error texts, sliders and the table in
``docs/model/parameters.md``. A source is a key of ``docs/model/references.bib`` or the word *assumed*.

Roles: an *uncertainty* is a mechanism's strength, swept and fitted; a *convention* only chooses a ruler and
is fixed by normalisation; a *setting* is a fact about one partnership, given by its case file.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.core.vocabulary import Lever, Null, Route, TurnoverBuffer, TurnoverCause, words


@dataclass(frozen=True)
class Parameter:
    """One row of the table.

    Attributes
    ----------
    name : str
        Name used in settings, columns and kernels.
    default, low, high : float
        Default value and the closed range of allowed values, in ``unit``.
    unit : str
        Unit, or what the value is a share of.
    block : str
        Part of the model: context, staffing, turnover, meetings, ties, exchange, integration, appraisal,
        progress, adaptation, ending, founding.
    role : str
        ``uncertainty``, ``convention`` or ``setting``.
    meaning : str
        One plain sentence.
    source : str
        Key of ``docs/model/references.bib``, or ``assumed``.
    scale : str
        ``linear`` or ``log``: how a sampler should spread values over the plausible range.
    likely : tuple of float, optional
        Plausible range, where it is not the usual share of the default.
    """

    name: str
    default: float
    low: float
    high: float
    unit: str
    block: str
    role: str
    meaning: str
    source: str = "assumed"
    scale: str = "linear"
    likely: tuple[float, float] | None = None

    @property
    def plausible(self) -> tuple[float, float]:
        """Range that a sampler spreads over: ``likely``, else 0.6 to 1.5 times the default (assumed).

        The range of allowed values only keeps nonsense out; designs and priors use this one. A default of 0
        or below is varied by a half either way.
        """
        if self.role != "uncertainty":
            return (self.default, self.default)
        if self.likely is not None:
            return self.likely
        around = (0.6 * self.default, 1.5 * self.default)
        if self.default <= 0:
            around = (self.default - 0.5, self.default + 0.5)
        return (max(self.low, around[0]), min(self.high, around[1]))


@dataclass(frozen=True)
class LeverRow:
    """One enabling process: its level, its price in staff hours and where it acts."""

    name: str
    level: str
    hours: float
    meaning: str
    acts_on: str
    source: str
    default: float = 0.5
    low: float = 0.0
    high: float = 1.0
    unit: str = "share of full effort"


_U, _C, _S = "uncertainty", "convention", "setting"

_ROWS = (
    # --- settings: facts about one partnership, given by its case -----------------------------------------
    Parameter("meeting_every_research", 2, 1, 52, "weeks", "meetings", _S, "Weeks between meetings of the research team."),
    Parameter("meeting_every_core", 6, 1, 52, "weeks", "meetings", _S, "Weeks between meetings of the whole core team."),
    Parameter("forum_every", 52, 0, 520, "weeks", "meetings", _S, "Weeks between forums, core meetings with guests (0: none).", "impactguide"),
    Parameter("forum_guests", 12, 0, 200, "persons", "meetings", _S, "Guests of a forum, who never hold a seat.", "impactguide"),
    Parameter("decision_share", 0.6, 0, 1, "share of say", "adaptation", _S, "Share of the say present that must favour a realignment.", "choirobertson2014"),
    Parameter("grant_per_week", 2.3, 0, 20, "coordinator-weeks per week", "staffing", _S, "Grant income a week in a normal climate at middling policy fit."),
    Parameter("funding_end_week", 521, 0, 521, "week", "staffing", _S, "First week without grant income (521: never)."),
    Parameter("start_purse", 20, 0, 500, "coordinator-weeks", "staffing", _S, "Funding in the common pool at the start."),
    Parameter("facilitator_hours", 4, 0, 40, "hours per week", "staffing", _S, "Hours of a paid outside facilitator, for interpersonal work.", "loban2021"),
    Parameter("approaches_per_year", 3, 0, 52, "approaches per year", "turnover", _S, "How often the partnership approaches a possible new member.", "butterfosskegler2009"),
    Parameter("mobility", 1.0, 0, 5, "factor", "turnover", _S, "How readily the people of a case move on, beside the base rate."),
    Parameter("each_backing", 0.5, 0, 1, "share of full backing", "turnover", _S, "Backing by a home organisation that is not named in the case."),
    # --- context -----------------------------------------------------------------------------------------
    Parameter("need_drift", 0.06, 0, 0.3, "log units per 4 weeks", "context", _U, "Random drift of the weights of the need profile.", likely=(0.03, 0.09)),
    Parameter("need_return", 0.05, 0, 1, "share per 4 weeks", "context", _C, "Pull of the need profile to its base."),
    Parameter("need_drift_every", 4, 1, 52, "weeks", "context", _C, "Weeks between two steps of the need profile."),
    Parameter("climate_drift", 0.02, 0, 0.1, "per week", "context", _C, "Random drift of the funding climate."),
    Parameter("climate_return", 0.02, 0, 1, "share per week", "context", _C, "Pull of the funding climate to normal (1)."),
    Parameter("climate_low", 0.3, 0, 1, "1 is normal", "context", _C, "Worst funding climate that drift can bring."),
    Parameter("climate_high", 1.7, 1, 5, "1 is normal", "context", _C, "Best funding climate that drift can bring."),
    Parameter("random_shock_rate", 0.04, 0, 2, "per year and kind", "context", _U, "Rate of undated shocks of each kind.", "lewis2023", likely=(0, 0.1)),
    Parameter("random_size", 0.2, 0, 0.4, "share", "context", _C, "Least size of an undated shock."),
    Parameter("random_size_range", 0.6, 0, 0.6, "share", "context", _C, "What the largest undated shock has beyond that, evenly spread."),
    Parameter("random_weeks", 8, 1, 260, "weeks", "context", _C, "Least duration of an undated shock."),
    Parameter("random_weeks_range", 44, 0, 260, "weeks", "context", _C, "What the longest undated shock has beyond that, evenly spread."),
    Parameter("policy_rate", 0.12, 0, 1, "per week", "context", _U, "Chance of a step of alignment at full effort with decision makers fully engaged."),
    Parameter("policy_base", 0.2, 0, 1, "share", "context", _U, "Share of that chance that needs no policy work."),
    Parameter("policy_reach", 0.5, 0, 1, "share", "context", _C, "Share of the way to policy that one fully engaged decision maker opens."),
    Parameter("policy_win", 0.08, 0, 1, "share of the gap", "context", _U, "Fit with policy won by a small win: policy listens to success.", "ansellgash2008"),
    Parameter("policy_step", 0.15, 0, 1, "share of the gap", "context", _U, "Size of a step of alignment with policy."),
    Parameter("policy_decay", 0.008, 0, 0.1, "share per week", "context", _U, "Loss of policy fit as policy moves on."),
    Parameter("policy_start", 0.4, 0, 1, "share", "context", _C, "Fit with policy at the start."),
    Parameter("policy_shield", 0.5, 0, 1, "share", "context", _U, "Share of a reform's blow to policy fit that full policy work softens."),
    Parameter("reform_obsolescence", 0.4, 0, 1, "share", "context", _U, "Nonrival holdings that a full reform makes obsolete, until they are renewed."),
    Parameter("backing_rate", 0.05, 0, 1, "share per week", "context", _U, "Speed at which backing follows what the organisation decides."),
    Parameter("backing_gain", 0.8, 0, 1, "share of the gap", "context", _U, "Share of missing backing that full work on backing wins.", "loban2021"),
    Parameter("merger_backing", 0.5, 0, 1, "share", "context", _U, "Backing lost in a full merger."),
    Parameter("merger_at_once", 0.4, 0, 1, "share", "context", _U, "Share of a merger's size that leaves in its first week; the rest move while it lasts."),
    Parameter("merger_churn", 3.0, 0, 20, "factor", "context", _U, "Extra push on the people that a full merger touches, while it lasts.", "quebecreforms2018", likely=(1, 5)),
    Parameter("reform_churn", 0.5, 0, 20, "factor", "context", _U, "Extra push on decision makers by a full policy reform, while it lasts.", likely=(0, 1.5)),
    Parameter("rival_backing", 0.7, 0, 1, "share", "context", _U, "Backing lost to a full rival priority."),
    Parameter("online_attendance", 0.6, 0, 5, "log-odds", "context", _U, "Attendance won when meetings are wholly online."),
    Parameter("online_hours", 0.4, 0, 1, "share", "context", _U, "Hours saved when meetings are wholly online."),
    Parameter("online_communication", 0.25, 0, 1, "share", "context", _U, "Encounters that fail to communicate because they are online."),
    Parameter("online_personal", 0.6, 0, 1, "share", "context", _U, "Personal moments lost because meetings are online."),
    # --- staffing ----------------------------------------------------------------------------------------
    Parameter("coordinator_hours", 12, 0, 40, "hours per week", "staffing", _U, "Hours of a paid, experienced coordinator that go to enabling processes."),
    Parameter("coordinator_learning", 26, 0, 104, "weeks", "staffing", _U, "Weeks until a new coordinator works at full strength (from a half)."),
    Parameter("coordinator_start", 0.5, 0, 1, "share", "staffing", _C, "Strength of a coordinator who has just come."),
    Parameter("pay_memory", 8, 1, 52, "weeks", "staffing", _C, "Length of a coordinator's memory of being paid."),
    Parameter("hire_weeks", 4, 0, 52, "weeks", "turnover", _C, "Pay that must be in the purse before a post is filled again."),
    Parameter("hiring_rate", 0.06, 0, 1, "per week", "turnover", _U, "Chance that a vacant post that can be paid is filled.", likely=(0.03, 0.12)),
    Parameter("approach_hours", 4, 0, 40, "hours", "staffing", _C, "Coordinators' hours that it takes to approach a possible new member."),
    Parameter("wear_gain", 0.012, 0, 1, "share of the gap per week", "staffing", _U, "Wear of the one who leads, without help."),
    Parameter("wear_relief", 0.5, 0, 1, "share", "staffing", _C, "Share of that wear that full staffing of the levers lifts."),
    Parameter("wear_recovery", 0.02, 0, 1, "share per week", "staffing", _U, "Recovery from the wear of leading."),
    Parameter("lead_hours", 1.5, 0, 20, "hours per week", "staffing", _U, "Unpaid hours that leading takes."),
    Parameter("salary", 1.0, 0, 5, "coordinator-weeks", "staffing", _C, "Price of a coordinator's week: the unit of funding."),
    Parameter("facilitator_price", 0.035, 0, 1, "coordinator-weeks per hour", "staffing", _C, "Price of an hour of outside facilitation."),
    Parameter("meeting_price", 0.04, 0, 1, "coordinator-weeks per attendee", "staffing", _C, "Price of a meeting: room, travel, food."),
    Parameter("support_price", 0.1, 0, 1, "coordinator-weeks per week and member", "staffing", _C, "Price of full support of a member whose time is not paid.", "dahrouge2018"),
    Parameter("grant_policy", 0.45, 0, 2, "share per unit of policy fit", "staffing", _U, "How strongly fit with policy raises or lowers grant income."),
    Parameter("policy_middle", 0.5, 0, 1, "share", "staffing", _C, "Fit with policy at which grant income is as stated."),
    Parameter("project_share", 0.03, 0, 1, "share per week", "staffing", _U, "Share of the purse, after salaries, that is spent on the work itself."),
    Parameter("contract_share", 0.12, 0, 1, "share", "staffing", _U, "Share of that spending that pays members for their part of the work."),
    Parameter("usual_size", 15, 1, 100, "members", "staffing", _C, "Size at which a lever's hours are as the lever table says."),
    Parameter("size_base", 0.5, 0, 1, "share", "staffing", _C, "Share of a lever's hours that does not grow with the number of members."),
    Parameter("lever_saturation", 0.7, 0.05, 10, "share of full effort", "staffing", _U, "Effort at which a lever's returns begin to flatten.", likely=(0.4, 1.0)),
    # --- turnover ----------------------------------------------------------------------------------------
    Parameter("hazard_person", 0.2, 0.0, 1.0, "per year", "turnover", _U, "Base rate at which a person leaves.", scale="log", likely=(0.05, 0.4)),
    Parameter("hazard_benefit", 3.0, 0, 8, "per unit of net benefit", "turnover", _U, "How strongly net benefit holds persons.", "reviewmotives2018", likely=(0, 6)),
    Parameter("hazard_benefit_organisation", 0.5, 0, 1, "share", "turnover", _C, "How strongly net benefit holds organisations, as a share of how it holds persons."),
    Parameter("pull_low", 0.1, 0.001, 1, "factor", "turnover", _C, "Least factor by which net benefit changes a rate of leaving."),
    Parameter("pull_high", 10, 1, 100, "factor", "turnover", _C, "Greatest factor by which net benefit changes a rate of leaving."),
    Parameter("push_backing", 2.0, 1, 5, "factor", "turnover", _U, "Push on a person whom no organisation backs; full backing takes 1 away.", likely=(1.5, 2.5)),
    Parameter("push_unsupported", 2.0, 0, 5, "factor", "turnover", _U, "Extra push on unpaid persons without an organisation where there is no support.", "dahrouge2018", likely=(0.5, 3)),
    Parameter("exit_unpaid", 0.08, 0, 1, "per week", "turnover", _U, "Extra chance of leaving of a coordinator whose pay has stopped."),
    Parameter("hazard_drift_out", 0.002, 0, 0.5, "per week", "turnover", _U, "Extra chance of leaving of a person who has lost engagement.", likely=(0, 0.006)),
    Parameter("hazard_organisation", 0.015, 0.0, 0.5, "per year", "turnover", _U, "Base rate at which an organisation leaves.", scale="log", likely=(0.005, 0.04)),
    Parameter("organisation_newness", 1.0, 0, 5, "factor", "turnover", _U, "Extra rate of leaving of an organisation that has just joined.", likely=(0, 2)),
    Parameter("newness_weeks", 52, 1, 520, "weeks", "turnover", _C, "Time over which an organisation stops being new."),
    Parameter("own_backing", 0.5, 0, 1, "share of full backing", "turnover", _C, "What a person without an organisation has behind them."),
    Parameter("unbacked_hours", 0.4, 0, 1, "share", "meetings", _U, "Time for the partnership that a seat without any backing is allowed."),
    Parameter("net_reference", 0.2, -1, 1, "net benefit", "turnover", _C, "Net benefit at which the base rate of leaving holds."),
    Parameter("replacement_rate", 0.06, 0, 1, "per week", "turnover", _U, "Chance that a fully backing organisation fills its empty seat.", "chilenski2014", likely=(0.03, 0.12)),
    Parameter("invitation_rate", 0.025, 0, 1, "per week", "turnover", _U, "Chance that full inclusion and support fill a seat without an organisation.", likely=(0.005, 0.1)),
    Parameter("vacancy_limit", 52, 1, 520, "weeks", "turnover", _U, "Weeks after which an empty seat is given up."),
    Parameter("succession_organisation", 0.5, 0, 1, "share", "turnover", _U, "Share of knowledge and ties that a backing organisation hands on.", "loban2021", likely=(0.2, 0.8)),
    Parameter("succession_coordinator", 0.3, 0, 1, "share", "turnover", _U, "Share of knowledge and ties that an experienced coordinator hands on.", "loban2021", likely=(0, 0.6)),
    Parameter("succession_weeks", 52, 1, 520, "weeks", "turnover", _C, "Tenure from which a coordinator hands on in full."),
    Parameter("strain_kept", 0.5, 0, 1, "share", "turnover", _C, "Share of the strain that a successor takes over, of what is handed on of a tie."),
    Parameter("memory_fade", 0.005, 0, 0.2, "share per week", "turnover", _U, "Loss of an organisation's memory."),
    Parameter("newcomer_dilution", 0.6, 0, 1, "share of one member", "turnover", _U, "Shared understanding lost with a newcomer.", "butterfosskegler2009", likely=(0.2, 1)),
    Parameter("recruit_gap", 2.0, 0, 10, "factor", "turnover", _U, "How strongly uncovered needs steer whom the partnership approaches."),
    Parameter("recruit_accept", 0.35, 0, 1, "share", "turnover", _U, "Share of approaches accepted without a reputation."),
    Parameter("recruit_reputation", 0.5, 0, 10, "per unit", "turnover", _U, "How strongly wins and the pool's standing raise acceptance."),
    Parameter("recruit_full", 40, 1, 2000, "members", "turnover", _U, "Size at which nobody new is approached.", likely=(28, 60)),
    # --- meetings ----------------------------------------------------------------------------------------
    Parameter("attend_base", 0.2, -5, 5, "log-odds", "meetings", _U, "Attendance at middling engagement, with no leadership."),
    Parameter("attend_middle", 0.5, 0, 1, "share", "meetings", _C, "Engagement that counts as middling for attendance."),
    Parameter("attend_engagement", 2.5, 0, 12, "log-odds per unit", "meetings", _U, "How strongly engagement brings people to meetings."),
    Parameter("attend_stake", 0.8, 0, 5, "log-odds per unit", "meetings", _U, "How strongly a stake brings people to meetings.", "loban2021"),
    Parameter("attend_leadership", 1.0, 0, 5, "log-odds", "meetings", _U, "Effect of full leadership on attendance."),
    Parameter("attend_support", 1.5, 0, 5, "log-odds", "meetings", _U, "Effect of full support on attendance of those whose time is not paid.", "dahrouge2018"),
    Parameter("attend_drawback", 0.8, 0, 8, "log-odds per unit", "meetings", _U, "How strongly drawbacks keep people away."),
    Parameter("backing_relief", 0.5, 0, 1, "share", "appraisal", _U, "Share of the hours' weight that a fully backing organisation lifts from its seat."),
    Parameter("meeting_hours", 3, 0.25, 16, "hours", "meetings", _C, "Hours that a meeting takes with its preparation."),
    Parameter("forum_hours", 5, 0, 24, "hours", "meetings", _C, "Hours that a forum takes with its preparation.", "impactguide"),
    Parameter("convene_hours", 3, 0.1, 40, "hours per week", "meetings", _U, "Staff hours that make about two thirds of the chance that a due meeting is convened."),
    Parameter("convene_self", 0.05, 0, 1, "per week", "meetings", _U, "Chance that a due meeting is convened without staff and without anybody leading."),
    Parameter("lead_gain", 0.01, 0, 1, "share of the gap per meeting", "meetings", _U, "Growth of experience by leading a meeting."),
    Parameter("lead_share", 0.02, 0, 1, "share of the gap per meeting", "meetings", _U, "Growth of experience by meeting with one who leads, under full leadership."),
    Parameter("heard_base", -0.3, -5, 5, "log-odds", "meetings", _U, "Being heard at an equal share of power, without sharing."),
    Parameter("heard_power", 1.5, 0, 6, "log-odds per unit", "meetings", _U, "How strongly power gets one heard."),
    Parameter("heard_sharing", 1.6, 0, 6, "log-odds", "meetings", _U, "Effect of full power sharing on being heard.", "jonesbarry2016"),
    Parameter("heard_inclusive", 1.0, 0, 6, "log-odds", "meetings", _U, "Effect of inclusive decision-making on the outer ring's being heard."),
    Parameter("power_ring", 1.2, 0, 5, "equal shares", "meetings", _U, "Extra structural power of the research team.", "loban2021"),
    Parameter("power_resources", 0.8, 0, 5, "equal shares per unit", "meetings", _U, "Structural power that legitimacy and connections give.", "pfeffersalancik1978"),
    Parameter("power_base", 0.4, 0.05, 5, "equal shares", "meetings", _U, "Structural power of a seat outside the research team without legitimacy or connections.", likely=(0.25, 0.6)),
    Parameter("power_drift", 0.02, 0, 1, "share per week", "meetings", _U, "Return of power to its structural share."),
    Parameter("power_step", 0.12, 0, 1, "share per meeting", "meetings", _U, "Levelling of power by being heard."),
    Parameter("standing_start", 0.15, 0, 1, "share", "meetings", _C, "Share of full participation that a newcomer starts with.", "johnston2011"),
    Parameter("standing_kept", 0.5, 0, 1, "share", "meetings", _C, "Standing that a successor takes over, of what is handed on."),
    Parameter("orientation_base", 0.04, 0, 1, "share per meeting", "meetings", _U, "Newcomer's progress to full participation without orientation."),
    Parameter("orientation_gain", 0.4, 0, 1, "share per meeting", "meetings", _U, "Further progress with full orientation.", "johnston2011"),
    # --- ties --------------------------------------------------------------------------------------------
    Parameter("encounters_per_meeting", 5, 0, 20, "partners", "ties", _U, "Partners that an attendee deals with in a meeting."),
    Parameter("communication_base", 0.35, 0, 1, "share", "ties", _U, "Encounters in which people understand each other without effort."),
    Parameter("familiarity_gain", 0.15, 0, 1, "share of the gap", "ties", _U, "Growth of familiarity in an encounter that communicates."),
    Parameter("familiarity_personal", 0.5, 0, 1, "share", "ties", _U, "Share of the growth of familiarity that takes a personal moment."),
    Parameter("familiarity_fade", 0.004, 0, 0.2, "share per week", "ties", _U, "Loss of familiarity."),
    Parameter("understanding_gain", 0.03, 0, 1, "share of the gap", "ties", _U, "Growth of shared understanding at one good encounter per attendee."),
    Parameter("understanding_fade", 0.008, 0, 0.2, "share per week", "ties", _U, "Loss of shared understanding."),
    Parameter("understanding_break", 0.15, 0, 1, "share", "ties", _U, "Shared understanding lost at one unhandled conflict per attendee."),
    Parameter("conflict_rate", 0.9, 0, 1, "share", "ties", _U, "Encounters of unlike, unequal strangers that turn into conflict."),
    Parameter("difference_role", 0.5, 0, 1, "share", "ties", _C, "How unlike two members of different roles are."),
    Parameter("difference_organisation", 0.5, 0, 1, "share", "ties", _C, "How unlike two members of different organisations are."),
    Parameter("conflict_equal", 0.4, 0, 1, "share", "ties", _U, "Conflict between equals, where a full power gap adds 1.", likely=(0.25, 0.55)),
    Parameter("conflict_familiarity", 0.5, 0, 1, "share", "ties", _U, "Share of conflicts that knowing each other fully prevents."),
    Parameter("conflict_understanding", 0.7, 0, 1, "share", "ties", _U, "Share of conflicts that full shared understanding prevents."),
    Parameter("handling_base", 0.3, 0, 1, "share", "ties", _U, "Conflicts handled well without effort."),
    Parameter("lead_conflict", 0.4, 0, 1, "share", "ties", _U, "Share of conflict handling that full leading in the room makes up for."),
    Parameter("handling_trust", 0.8, 0, 1, "share", "ties", _U, "Share of the power of conflict handling that rests on trust.", "jagosh2015"),
    Parameter("strain_gain", 0.35, 0, 1, "share of the gap", "ties", _U, "Growth of strain in an unhandled conflict."),
    Parameter("strain_relief", 0.25, 0, 1, "share", "ties", _U, "Fall of strain in a conflict handled well.", "jagosh2015"),
    Parameter("strain_power", 0.06, 0, 1, "share of the gap", "ties", _U, "Growth of strain in the less powerful of an unequal pair, per encounter.", "jonesbarry2016"),
    Parameter("strain_heal", 0.012, 0, 0.2, "share per week", "ties", _U, "Healing of strain."),
    Parameter("trust_prior", 0.33, 0, 1, "trust", "ties", _U, "Trust between roles that have not met.", "lucero2020", likely=(0.25, 0.42)),
    Parameter("trust_same_organisation", 0.2, 0, 0.6, "trust", "ties", _C, "Extra prior trust within an organisation."),
    Parameter("trust_gain", 0.07, 0, 0.5, "share of the gap per encounter", "ties", _U, "Speed at which trust follows better evidence.", scale="log", likely=(0.04, 0.12)),
    Parameter("trust_loss_ratio", 3.5, 1, 10, "ratio", "ties", _U, "How many times faster trust follows worse evidence.", "pantyu2018", likely=(2, 5)),
    Parameter("trust_fade", 0.004, 0, 0.2, "share per week", "ties", _U, "Return of unused trust to its prior."),
    Parameter("trust_strain", 0.5, 0, 1, "share", "ties", _C, "Share of possible trust that full strain takes away."),
    Parameter("evidence_base", 0.5, 0, 1, "trust", "ties", _U, "Evidence of an ordinary encounter.", likely=(0.4, 0.6)),
    Parameter("evidence_personal", 0.3, 0, 1, "trust", "ties", _U, "Evidence added by a personal moment."),
    Parameter("personal_base", 0.15, 0, 1, "share", "ties", _U, "Encounters with a personal moment without relationship building."),
    Parameter("evidence_understanding", 0.2, 0, 1, "trust", "ties", _U, "Evidence added by full shared understanding.", "ansellgash2008"),
    Parameter("evidence_balance", 0.12, 0, 1, "trust", "ties", _U, "Evidence added by having received more than given."),
    Parameter("evidence_given", 0.35, 0, 1, "trust", "ties", _U, "Evidence added by a partner who has worked for one: a full working tie from them."),
    Parameter("evidence_power", 0.35, 0, 1, "trust", "ties", _U, "Evidence lost to the full power gap.", "jonesbarry2016"),
    Parameter("evidence_handled", 0.2, 0, 1, "trust", "ties", _U, "Evidence added by a conflict handled well.", "jagosh2015"),
    Parameter("evidence_unhandled", 0.5, 0, 1, "trust", "ties", _U, "Evidence lost by a conflict left unhandled."),
    Parameter("founding_familiarity", 0.2, 0, 1, "familiarity", "ties", _U, "Familiarity of the founders from earlier work.", "lewis2023", likely=(0.05, 0.5)),
    Parameter("founding_use", 0.12, 0, 1, "share", "ties", _U, "Working ties of the founders from earlier collaborations.", "lewis2023", likely=(0, 0.4)),
    # --- exchange ----------------------------------------------------------------------------------------
    Parameter("notice_base", 0.15, 0, 1, "share", "exchange", _U, "Lacks noticed in a stranger without matching."),
    Parameter("notice_matching", 0.7, 0, 1, "share", "exchange", _U, "Share of unnoticed lacks that full matching uncovers."),
    Parameter("accept_base", -0.4, -6, 4, "log-odds", "exchange", _U, "Readiness to give without trust, set for about a quarter of the requests refused.", likely=(-1.2, 0.6)),
    Parameter("accept_trust", 5, 0, 8, "log-odds per unit", "exchange", _U, "How strongly trust makes one give."),
    Parameter("accept_balance", 0.8, 0, 4, "log-odds", "exchange", _U, "How strongly having received makes one give (reciprocity).", "blau1964"),
    Parameter("accept_dependence", 0.8, 0, 5, "log-odds per unit", "exchange", _U, "How strongly the taker's dependence makes one give.", "pfeffersalancik1978"),
    Parameter("dependence_scale", 0.1, 0.001, 10, "resource units", "exchange", _C, "Lack at which a taker without holdings is half dependent."),
    Parameter("accept_return", 0.8, 0, 5, "log-odds per unit", "exchange", _U, "How strongly what the taker could give back makes one give.", "blau1964"),
    Parameter("accept_strain", 2.0, 0, 8, "log-odds per unit", "exchange", _U, "How strongly strain makes one refuse.", "jonesbarry2016"),
    Parameter("null_accept", 0.5, 0, 1, "share", "exchange", _C, "Requests granted in the null model of random exchange."),
    Parameter("exchange_floor", 0.01, 0, 1, "resource units", "exchange", _C, "Smallest lack worth a request."),
    Parameter("rival_keep", 0.15, 0, 2, "resource units", "exchange", _C, "What a seat keeps back of a rival resource."),
    Parameter("rival_want", 0.25, 0, 2, "resource units", "exchange", _C, "What a seat would have of a rival resource."),
    Parameter("rival_spread", 2, 1, 10, "factor", "exchange", _C, "Parts into which a giver divides what it spares of a rival resource, per partner."),
    Parameter("worth_base", 0.5, 0, 5, "share", "exchange", _C, "Worth of a request that serves no need, where one that serves it fully has 1 more."),
    Parameter("use_gain", 0.3, 0, 1, "share of the gap", "exchange", _U, "Growth of a working tie by a transfer."),
    Parameter("gift_scale", 0.03, 0.001, 2, "resource units", "exchange", _U, "Size from which a gift works a tie in full.", likely=(0.015, 0.06)),
    Parameter("use_fade", 0.01, 0, 0.2, "share per week", "exchange", _U, "Loss of a working tie that lies idle."),
    Parameter("balance_fade", 0.01, 0, 0.2, "share per week", "exchange", _C, "Forgetting of what was given and received."),
    Parameter("balance_scale", 0.3, 0.01, 10, "resource units", "exchange", _C, "Imbalance that is felt strongly."),
    Parameter("delivered", 0.9, 0, 1, "trust", "exchange", _U, "Evidence of a transfer delivered."),
    Parameter("refused", 0.2, 0, 1, "trust", "exchange", _U, "Evidence of a request refused."),
    Parameter("refusal_weight", 0.25, 0, 1, "share", "exchange", _U, "Weight of a refusal beside a broken encounter."),
    Parameter("frustration_refusal", 0.3, 0, 5, "events", "exchange", _C, "Frustration of a request refused, where an unhandled conflict is 1."),
    # --- integration -------------------------------------------------------------------------------------
    Parameter("contribution_rate", 1.0, 0, 1, "share", "integration", _C, "Share of its holdings that a fully engaged seat contributes to joint work in a week."),
    Parameter("work_hours", 2, 0, 20, "hours per week", "integration", _U, "Hours that a fully engaged, fully permitted seat works for the partnership between meetings."),
    Parameter("funding_share", 0.02, 0, 1, "share per week", "integration", _U, "Share of its funding that a fully engaged seat pays into the pool in a week."),
    Parameter("elasticity_kinds", 0.5, 0.05, 1, "exponent", "integration", _C, "How well kinds of resource replace each other (1: perfectly).", "arrow1961"),
    Parameter("elasticity_roles", 0.7, 0.05, 1, "exponent", "integration", _U, "How well one role's view replaces another's (1: perfectly).", "arrow1961", likely=(0.62, 0.78)),
    Parameter("coordination_cost", 0.4, 0, 2, "share of joint yield", "integration", _U, "Cost of combining, for a large partnership without coordination or strain.", likely=(0.2, 1.5)),
    Parameter("cost_strain", 2.0, 0, 10, "factor", "integration", _U, "How much strain adds to the cost of combining."),
    Parameter("cost_size", 20, 1, 200, "members", "integration", _U, "Size at which the cost of coordination reaches half its height.", likely=(12, 30)),
    Parameter("coordination_gain", 0.08, 0, 1, "share of the gap per week", "integration", _U, "Growth of coordination under full administration."),
    Parameter("coordination_base", 0.25, 0, 1, "share", "integration", _U, "Share of that growth that needs no administration."),
    Parameter("coordination_loss", 0.05, 0, 1, "share per week", "integration", _U, "Loss of coordination under the load of a large, new membership."),
    Parameter("load_newcomer", 2.0, 0, 10, "factor", "integration", _C, "Load of a wholly new member beyond that of an old one."),
    Parameter("pool_rate", 0.05, 0, 1, "share per week", "integration", _U, "Speed at which the common pool follows what is combined."),
    Parameter("pool_scale", 0.1, 0.001, 10, "resource units", "integration", _C, "Content of the pool that makes about two thirds of its help."),
    # --- appraisal ---------------------------------------------------------------------------------------
    Parameter("memory_weeks", 20, 1, 104, "weeks", "appraisal", _C, "Length of a seat's memory of what it met."),
    Parameter("memory_meetings", 4, 1, 52, "meetings", "appraisal", _C, "Length of a seat's memory of meetings."),
    Parameter("benefit_scale", 1.08, 0.05, 10, "felt benefit", "appraisal", _C, "Felt benefit that makes about two thirds of the most."),
    Parameter("drawback_scale", 1.0, 0.05, 10, "felt drawback", "appraisal", _C, "Felt drawback that makes about two thirds of the most."),
    Parameter("benefit_received", 70, 0, 200, "per unit a week", "appraisal", _U, "Weight of what was received.", "blau1964"),
    Parameter("benefit_win", 5, 0, 40, "per win a week", "appraisal", _U, "Weight of wins seen.", "ansellgash2008"),
    Parameter("benefit_contact", 3, 0, 10, "per unit a week", "appraisal", _U, "Weight of getting to know others."),
    Parameter("benefit_heard", 0.27, 0, 5, "per meeting heard", "appraisal", _U, "Weight of being heard."),
    Parameter("benefit_used", 0.6, 0, 5, "per meeting", "appraisal", _U, "Weight of having one's view used.", "laskerweissmiller2001"),
    Parameter("drawback_hours", 0.08, 0, 2, "per hour a week", "appraisal", _U, "Weight of hours given."),
    Parameter("drawback_frustration", 1.2, 0, 10, "per event a week", "appraisal", _U, "Weight of refusals, quarrels and failed decisions."),
    Parameter("drawback_control", 0.35, 0, 5, "per meeting unheard", "appraisal", _U, "Weight of not being heard."),
    Parameter("drawback_absent", 0.1, 0, 5, "per meeting missed", "appraisal", _U, "Weight of losing the thread by being away."),
    Parameter("support_relief", 0.6, 0, 1, "share", "appraisal", _U, "Share of the hours' weight that full support lifts from those whose time is not paid.", "dahrouge2018"),
    Parameter("unpaid_weight", 2.0, 0, 10, "factor", "appraisal", _U, "Weight of an unpaid hour of one's own, where a salaried person's is 1.", "dahrouge2018", likely=(1, 3)),
    Parameter("aspiration_rate", 0.01, 0, 1, "share per week", "appraisal", _U, "Speed at which seats get used to their benefits."),
    Parameter("hearsay", 0.7, 0, 1, "share", "appraisal", _U, "How far newcomers expect what members met; the rest is what founders expected."),
    Parameter("aspiration_weight", 0.5, 0, 2, "share", "appraisal", _U, "Weight of doing better or worse than one is used to."),
    Parameter("engagement_rate", 0.06, 0, 1, "share per week", "appraisal", _U, "Speed at which engagement follows appraisal."),
    Parameter("engagement_base", -3.2, -6, 4, "log-odds", "appraisal", _U, "Engagement without net benefit, ambition or stake.", likely=(-3.9, -2.5)),
    Parameter("engagement_net", 7, 0, 20, "log-odds per unit", "appraisal", _U, "How strongly net benefit engages.", likely=(4, 10)),
    Parameter("engagement_ambition", 2.5, 0, 6, "log-odds per unit", "appraisal", _U, "How strongly ambition engages.", "ansellgash2008"),
    Parameter("engagement_stake", 1.0, 0, 6, "log-odds per unit", "appraisal", _U, "How strongly a stake engages.", "loban2021"),
    # --- progress ----------------------------------------------------------------------------------------
    Parameter("match_sharpness", 4, 0, 10, "share per unit of total variation", "progress", _U, "Output lost by working on other themes than the needed ones."),
    Parameter("progress_rate", 0.0008, 0, 0.1, "share of purpose per unit of output", "progress", _U, "Purpose served by need-matched output.", scale="log"),
    Parameter("outcome_delay", 52, 0, 156, "weeks", "progress", _U, "Mean delay from work to outcome.", "loban2021", likely=(0, 104)),
    Parameter("progress_policy", 0.6, 0, 1, "share", "progress", _U, "Share of progress that rests on fit with policy."),
    Parameter("progress_pool", 0.4, 0, 1, "share", "progress", _U, "Share of progress that rests on what has been pooled."),
    Parameter("progress_funding", 0.4, 0, 1, "share", "progress", _U, "Share of progress that rests on funding spent on the work."),
    Parameter("project_scale", 0.15, 0.001, 10, "coordinator-weeks per week", "progress", _C, "Spending on the work that makes about two thirds of its help."),
    Parameter("win_threshold", 5, 1, 400, "output", "progress", _U, "Output in effect behind a small win at no ambition.", scale="log", likely=(3, 9)),
    Parameter("win_growth", 0.25, 0, 2, "share per win", "progress", _U, "How much harder each win makes the next: early tasks are small.", "ansellgash2008"),
    Parameter("win_ambition", 1.0, 0, 10, "factor", "progress", _U, "How much further full ambition sets the next win."),
    Parameter("win_chance", 0.12, 0, 1, "per week", "progress", _U, "Chance that a win that is due shows."),
    Parameter("seen_base", 0.6, 0, 1, "share", "progress", _U, "Absent members who hear of a win without communication."),
    Parameter("win_trust", 0.04, 0, 1, "share of the gap", "progress", _U, "Growth of trust among those who saw a win.", "vangenhuxham2003"),
    Parameter("ambition_gain", 0.1, 0, 1, "share of the gap", "progress", _U, "Growth of ambition by a win.", "ansellgash2008"),
    Parameter("ambition_fade", 0.006, 0, 0.2, "share per week", "progress", _U, "Loss of ambition without wins."),
    Parameter("follow_on_chance", 0.5, 0, 1, "share", "progress", _U, "Chance that a request for follow-on money succeeds with a full record, fit and leadership.", "feinberg2008", likely=(0.2, 0.8)),
    Parameter("follow_on_every", 13, 1, 104, "weeks", "progress", _C, "Weeks between two such requests."),
    Parameter("follow_on_window", 52, 0, 520, "weeks", "progress", _C, "Weeks before and after the end of the grant in which money is asked for."),
    Parameter("follow_on_wins", 3, 0.1, 100, "wins", "progress", _C, "Wins that make about two thirds of a full record."),
    Parameter("follow_on_unled", 0.3, 0, 1, "share", "progress", _C, "Share of the chance that needs nobody leading."),
    Parameter("follow_on_weeks", 104, 1, 520, "weeks", "progress", _C, "Length of a follow-on grant."),
    Parameter("follow_on_level", 0.6, 0, 2, "share", "progress", _C, "Size of a follow-on grant, beside the first."),
    # --- adaptation --------------------------------------------------------------------------------------
    Parameter("sensing_base", 0.05, 0, 1, "share", "adaptation", _U, "Signals of the context picked up without effort."),
    Parameter("belief_rate", 0.3, 0, 1, "share of the gap per meeting", "adaptation", _U, "Speed at which the shared picture of needs follows what is sensed."),
    Parameter("forum_view", 0.3, 0, 1, "share", "adaptation", _U, "Share of what is not seen by those in the room that the guests of a forum see."),
    Parameter("gap_threshold", 0.06, 0, 1, "share of activity", "adaptation", _U, "Gap between picture and activity that puts realignment on the agenda."),
    Parameter("agenda_base", 0.25, 0, 1, "share", "adaptation", _U, "Gaps put to a decision without leadership."),
    Parameter("lead_agenda", 0.5, 0, 1, "share", "adaptation", _U, "Share of the leadership lever's part that full leading in the room makes up for."),
    Parameter("vote_base", -0.6, -5, 5, "log-odds", "adaptation", _U, "Favour for a realignment without trust or understanding."),
    Parameter("vote_trust", 2.0, 0, 8, "log-odds per unit", "adaptation", _U, "How strongly trust net of strain wins favour."),
    Parameter("vote_understanding", 1.5, 0, 8, "log-odds per unit", "adaptation", _U, "How strongly shared understanding wins favour.", "ansellgash2008"),
    Parameter("vote_heard", 0.6, 0, 5, "log-odds", "adaptation", _U, "How strongly being heard wins favour."),
    Parameter("vote_loss", 4.0, 0, 20, "log-odds per unit", "adaptation", _U, "How strongly losing one's own theme costs favour."),
    Parameter("allowed_base", 0.2, 0, 1, "share", "adaptation", _U, "Chance that a changed activity is allowed where it does not fit policy at all."),
    Parameter("core_say", 0.5, 0, 1, "share", "adaptation", _U, "Say of the outer ring without inclusive decision-making.", "loban2021"),
    Parameter("realign_rate", 0.08, 0, 1, "share of the gap per week", "adaptation", _U, "Speed of realignment under full coordination and backing."),
    Parameter("realign_base", 0.3, 0, 1, "share", "adaptation", _C, "Share of that speed that needs no coordination."),
    Parameter("realign_unbacked", 0.5, 0, 1, "share", "adaptation", _C, "Share of that speed that needs no backing."),
    Parameter("realign_unfunded", 0.5, 0, 1, "share", "adaptation", _U, "Share of that speed that needs no money for the work."),
    Parameter("frustration_decision", 0.5, 0, 5, "events", "adaptation", _C, "Frustration of a decision lost, where an unhandled conflict is 1."),
    # --- ending ------------------------------------------------------------------------------------------
    Parameter("active_level", 0.15, 0, 1, "engagement", "ending", _C, "Engagement below which a member no longer counts as active."),
    Parameter("min_active", 4, 0, 100, "members", "ending", _C, "Active members below which the partnership is dying."),
    Parameter("grace_weeks", 13, 0, 260, "weeks", "ending", _C, "Weeks of dying before the end."),
    Parameter("meeting_gap", 26, 1, 260, "weeks", "ending", _C, "Weeks without a meeting before the end."),
    Parameter("purpose", 1.0, 0.01, 100, "share of purpose", "ending", _C, "Outcome at which the first purpose is met, and renewed or the partnership ended."),
    Parameter("renewal_higher", 0.5, 0, 5, "share", "ending", _C, "How much further than the first each renewed purpose aims, per purpose met."),
    # --- founding ----------------------------------------------------------------------------------------
    Parameter("endowment_spread", 0.25, 0, 1, "share", "founding", _U, "Half-width of the personal variation of an endowment.", likely=(0.15, 0.35)),
    Parameter("founding_weeks", 104, 0, 520, "weeks", "founding", _C, "Time that the founding organisations have worked together before."),
    Parameter("founding_need", 0.5, 0, 1, "share", "founding", _U, "Share of the first activity that follows the need; the rest is what the founders know.", likely=(0.3, 0.7)),
    Parameter("start_ambition", 0.5, 0, 1, "share", "founding", _C, "Ambition at the start."),
    Parameter("start_understanding", 0.2, 0, 1, "share", "founding", _C, "Shared understanding at the start."),
    Parameter("start_coordination", 0.2, 0, 1, "share", "founding", _C, "Coordination at the start."),
)

PARAMETERS: dict[str, Parameter] = {row.name: row for row in _ROWS}

_LEVER_ROWS = (
    LeverRow("relationship_building", "interpersonal", 5, "Time given to getting to know each other.", "chance of a personal moment in an encounter", "loban2021"),
    LeverRow("communication", "interpersonal", 5, "Frequent, open communication.", "chance that an encounter communicates, that a win is seen", "butterfosskegler2009"),
    LeverRow("conflict_handling", "interpersonal", 4, "Disagreements brought up and worked through.", "chance that a conflict is handled well", "jagosh2015"),
    LeverRow("power_sharing", "interpersonal", 3, "Weaker voices invited and weighed.", "chance of being heard", "jonesbarry2016"),
    LeverRow("leadership", "operational", 6, "Leading that inspires and follows through.", "attendance, putting gaps to a decision", "weiss2002"),
    LeverRow("administration", "operational", 10, "Minutes, agendas, tasks kept in hand.", "growth of coordination", "weiss2002"),
    LeverRow("inclusive_decisions", "operational", 4, "Decisions taken with the outer ring and with new voices.", "say and hearing of the outer ring, invitations", "loban2021healthcare"),
    LeverRow("resource_matching", "operational", 5, "Somebody knows who lacks and who has what.", "chance of noticing a lack", "loban2021healthcare"),
    LeverRow("orientation", "operational", 3, "Newcomers are introduced and briefed.", "speed at which a newcomer becomes a full member", "johnston2011"),
    LeverRow("participation_support", "operational", 4, "Costs, time and language of unpaid members are met.", "attendance, hours' weight and staying of members without paid time", "dahrouge2018"),
    LeverRow("policy_alignment", "system", 4, "Work on fitting with policy and funders.", "chance of a step of alignment, softening of reforms", "lewis2023"),
    LeverRow("organisational_backing", "system", 3, "Home organisations stand behind their people.", "backing by organisations, and with it the time that seats may give", "loban2021"),
    LeverRow("context_sensing", "system", 4, "The surroundings are watched for change.", "how fast the shared picture follows the needs", "loban2021healthcare"),
)

LEVERS: dict[str, LeverRow] = {row.name: row for row in _LEVER_ROWS}

CHOICES: dict[str, tuple[str, ...]] = {
    "turnover.cause": words(TurnoverCause),
    "turnover.buffer": words(TurnoverBuffer),
    "route": words(Route),
    "null_model": words(Null),
}
"""Settings with a word for a value: rival explanations and null models (the last word of the first three,
and ``none`` for ``null_model``, is the full model)."""

CHOICE_DEFAULTS: dict[str, str] = {
    "turnover.cause": "both",
    "turnover.buffer": "both",
    "route": "both",
    "null_model": "none",
}

TRAIT_RANGES: dict[str, tuple[float, float, str]] = {
    "rival": (0, 1, "0 or 1"),
    "fade": (0, 1, "share per week"),
    "renewal": (0, 1, "share per week"),
    "ease": (0, 1, "share per transfer"),
    "ceiling": (0, 1, "share of the giver's level"),
    "cost": (0, 5, "log-odds"),
}

if tuple(LEVERS) != words(Lever) or tuple(CHOICE_DEFAULTS) != tuple(CHOICES):
    raise AssertionError("the lever table and the vocabulary disagree")
