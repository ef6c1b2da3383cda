"""Everything that has a name and can be explained, gathered from the tables and files that define it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sim.config.ablation import moved_by, what_it_moves
from sim.config.folders import find_conf_folders
from sim.config.settings import EXAMPLES, FIELDS, RUN_SETTINGS, nearest
from sim.config.sweep_settings import DESIGN_SETTINGS, SWEEP_SETTINGS
from sim.core.errors import UserError
from sim.core.parameters import CHOICE_DEFAULTS, CHOICES, LEVERS, PARAMETERS
from sim.core.traits import TRAITS
from sim.core.vocabulary import Rule, words

# Our own words for what stands behind each role (Table 4 of Loban et al. 2021, see docs/model/evidence.md).
ROLES: dict[str, str] = {
    "clinician": "Brings the view of those who treat patients.",
    "decision_maker": "Brings the view, the say and the contacts of the health authority.",
    "researcher": "Brings methods and evidence, and has much at stake.",
    "coordinator": "Keeps the work together; paid from the grant; the partnership's memory.",
    "community": "Brings the view and contacts of community organisations.",
    "patient": "Brings the experience of living with the services; unpaid, without an organisation.",
}

RESOURCES: dict[str, str] = {
    "funding": "Money of members and of the common pool; conserved but for named income and spending.",
    "in_kind": "Working time, rooms and equipment lent to the joint work.",
    "skills": "What members know how to do; taught, it is not lost.",
    "information": "What members know of needs and services; it grows old fast.",
    "connections": "Access to people and groups that others cannot reach.",
    "legitimacy": "Standing and the power to bring others to the table; lent rather than taught.",
}

SHOCKS: dict[str, str] = {
    "funding_cut": "The grant is cut by a share for some time.",
    "policy_reform": "Policy changes what counts, and what is needed.",
    "merger": "Organisations are merged and their decision makers are given other posts.",
    "person_leaves": "Persons of a role leave at once.",
    "lost_meetings": "Meetings fall away for some time.",
    "rival_priority": "Something else takes members' time for a while.",
    "online_meetings": "Meetings are held online for some time.",
    "role_withdrawn": "All seats of a role are withdrawn.",
    "dissolution": "An organisation ends and a successor body takes over its seats.",
}


TREES: dict[str, str] = {
    "shocks": "What happens from outside, and when.",
    "schedule": "Levers, or hours of a facilitator, that change in a given week.",
    "posts": "Who is paid for a seat, how much, by whom, from when to when; every coordinator has a full-time post.",
    "founding": "Groups of seats that found the partnership; a coordinator's seat opens with its first post.",
}


@dataclass(frozen=True)
class Entry:
    """What is said about one name.

    Attributes
    ----------
    name, full_name : str
        Short name, and the name that belongs to nothing else.
    kind : str
        What it is: lever, parameter, metric, case, ...
    meaning : str
        One sentence.
    facts : tuple of (str, str)
        Label and text: unit, range, default, source and so on.
    """

    name: str
    full_name: str
    kind: str
    meaning: str
    facts: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """Return the entry as lines for a terminal."""
        width = max((len(label) for label, _ in self.facts), default=0) + 1
        lines = [f"{self.full_name} ({self.kind})", f"  {self.meaning}"]
        lines += [f"  {label + ':':<{width}} {fact}" for label, fact in self.facts if fact]
        return "\n".join(lines)


def all_entries() -> list[Entry]:
    """Return everything that can be explained."""
    parts = (_levers(), _parameters(), _metrics(), _files(), _words(), _traits(), _settings())
    return [entry for part in parts for entry in part]


def find_entries(word: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of a name; a full name is found alone, a short name may be shared.

    Parameters
    ----------
    word : str
        Short or full name; spaces and hyphens may stand for underscores.
    entries : sequence of Entry
        Where to look.
    """
    name = word.strip().replace(" ", "_").replace("-", "_")
    front, *rest = name.split(".")
    if front in FIELDS and rest:
        name = ".".join([front, "NAME", *rest[1:]]) if rest[1:] else front
    full = [entry for entry in entries if entry.full_name == name]
    return full or [entry for entry in entries if entry.name == name]


def sentence_of(kind: str, name: str) -> str:
    """Return the sentence of a case, scenario or design file, or words that say why there is none.

    Parameters
    ----------
    kind : {'case', 'scenario', 'design'}
        Which of them.
    name : str
        Its name.
    """
    from sim.config.files import CaseError, read_mapping

    path = find_conf_folders().find(kind, name)
    try:
        return str(read_mapping(path).get("sentence", "(no sentence)")) if path else "(no file)"
    except CaseError as error:
        return f"(cannot be read: {error.problems[0]})"


@cache
def _sources() -> dict[str, str]:
    from sim.config.files import known_sources

    return known_sources(find_conf_folders().all)


def explain(word: str) -> str:
    """Return what a name means, as lines for a terminal.

    Parameters
    ----------
    word : str
        Short or full name.

    Raises
    ------
    UserError
        When nothing, or more than one thing, has that name.
    """
    entries = all_entries()
    found = find_entries(word, entries)
    if len(found) == 1:
        return found[0].text()
    if found:
        listed = " or ".join(f"'{entry.full_name}' (a {entry.kind})" for entry in found)
        raise UserError(f"'{word}' means more than one thing; say {listed}")
    close = nearest(word, [entry.full_name for entry in entries]) or nearest(word, [e.name for e in entries])
    hint = f"; did you mean '{close}'?" if close else "; 'partnersim list' shows what there is"
    raise UserError(f"nothing is called '{word}'{hint}")


def _cite(source: str) -> str:
    """Return a source with its short citation, when one is known."""
    text = _sources().get(source)
    return f"{source}: {text}" if text else source


def _levers() -> Iterator[Entry]:
    for row in LEVERS.values():
        facts = (
            ("level", row.level),
            ("acts on", row.acts_on),
            ("range", f"{row.low:g} to {row.high:g} {row.unit}"),
            ("default", f"{row.default:g}"),
            ("costs", f"{row.hours:g} staff hours a week at full effort"),
            ("what it moves", what_it_moves("lever", row.name)),
            ("source", _cite(row.source)),
            ("set by", f"enabling.{row.name}=0.8"),
        )
        yield Entry(row.name, f"enabling.{row.name}", "lever", row.meaning, facts)


def _parameters() -> Iterator[Entry]:
    for row in PARAMETERS.values():
        facts = (
            ("range", f"{row.low:g} to {row.high:g} {row.unit}"),
            ("default", f"{row.default:g}"),
            ("block", row.block),
            ("role", row.role),
            ("source", _cite(row.source)),
            ("set by", f"parameters.{row.name}={row.default:g}"),
        )
        yield Entry(row.name, f"parameters.{row.name}", "parameter", row.meaning, facts)


def _metrics() -> Iterator[Entry]:
    from sim.core.metric_table import METRICS, RUN_COLUMNS

    for file, table in (("weekly.parquet", METRICS), ("runs.parquet", RUN_COLUMNS)):
        for row in table.values():
            facts = (
                ("unit", row.unit),
                ("range", f"{row.low:g} to {row.high:g}"),
                ("good", {"up": "higher is better", "down": "lower is better"}.get(row.good, "neither")),
                ("column of", file),
                ("moved most by", moved_by(row.name) if file == "weekly.parquet" else ""),
                ("source", row.reference),
            )
            yield Entry(row.name, f"metrics.{row.name}", "metric", row.meaning, facts)


def _files() -> Iterator[Entry]:
    folders = find_conf_folders()
    for kind, verb in (("case", "run"), ("scenario", "run"), ("design", "sweep")):
        for name in folders.names(kind):
            facts = (("file", str(folders.find(kind, name))), ("run by", f"partnersim {verb} {kind}={name}"))
            yield Entry(name, f"{kind}.{name}", kind, sentence_of(kind, name), facts)


def _words() -> Iterator[Entry]:
    for kind, tree, table in (
        ("role", "roles", ROLES),
        ("resource", "resources", RESOURCES),
        ("kind of shock", "shock_kinds", SHOCKS),
    ):
        for name, meaning in table.items():
            yield Entry(name, f"{tree}.{name}", kind, meaning)


def _traits() -> Iterator[Entry]:
    from sim.core.parameters import TRAIT_RANGES

    for kind, row in TRAITS.items():
        for trait, value in row.items():
            low, high, unit = TRAIT_RANGES[trait]
            facts = (
                ("range", f"{low:g} to {high:g} {unit}"),
                ("default", f"{value:g}"),
                ("source", "assumed"),
            )
            full = f"traits.{kind}.{trait}"
            yield Entry(full, full, "trait of a resource", f"How {kind} behaves: its {trait}.", facts)


def _settings() -> Iterator[Entry]:
    for row in RUN_SETTINGS.values():
        default = "" if row.default is None else str(row.default)
        yield Entry(row.name, row.name, "setting", row.meaning, (("must be", row.rule()[8:]), ("default", default)))
    for front, table in (("", SWEEP_SETTINGS), ("design.", DESIGN_SETTINGS)):
        for row in table.values():
            if row.name in RUN_SETTINGS and not front:
                continue
            default = "" if row.default is None else str(row.default)
            parts = (("must be", row.rule()[8:]), ("default", default), ("setting of", "partnersim sweep"))
            yield Entry(front + row.name, front + row.name, "setting", row.meaning, parts)
    for name, choices in CHOICES.items():
        facts = (("one of", ", ".join(choices)), ("default", CHOICE_DEFAULTS[name]))
        yield Entry(name, name, "setting", "Chooses between rival explanations, or a null model.", facts)
    for rule in words(Rule):
        meaning = f"rules.{rule}=false switches this rule off, to see what it does."
        yield Entry(rule, f"rules.{rule}", "rule", meaning, (("what it moves", what_it_moves("rule", rule)),))
    for tree, fields in FIELDS.items():
        facts = (("fields", ", ".join(fields)), ("set by", f"{tree}.NAME={EXAMPLES[tree]}"))
        yield Entry(tree, tree, "settings with a name of your choice", TREES[tree], facts)
        for name, setting in fields.items():
            full = f"{tree}.NAME.{name}"
            default = "" if setting.default is None else str(setting.default)
            yield Entry(full, full, "setting", setting.meaning, (("must be", setting.rule()[8:]), ("default", default)))
