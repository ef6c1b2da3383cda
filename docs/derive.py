"""Write the pages that derive from the tables of the code: ``make derived``.

``docs/model/parameters.md`` comes from ``sim.core.parameters``, ``docs/model/tables.md`` from ``sim.core.vocabulary``
and ``sim.core.traits``, ``docs/model/metrics.md`` from
``sim.core.metric_table``, ``docs/model/references.md`` from ``docs/model/references.bib``, ``docs/guide/lessons/`` from
``sim/lab/lessons.yaml`` and the words in ``sim/lab/text``. Never edit those pages: a test compares them with what this
file would write.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

from experiments.pages import as_page, table, wrapped
from sim.core.metric_table import (
    METRICS,
    RESPONDENT_COLUMNS,
    RUN_COLUMNS,
    SEAT_COLUMNS,
    SEAT_SUMMARIES,
    SHOCK_MEASURES,
)
from sim.core.parameters import LEVERS, PARAMETERS, TRAIT_RANGES
from sim.core.rulers import RULER_ROWS
from sim.core.scenario import DEFAULT_CAPACITY, MAX_SEATS
from sim.core.shocks import SHOCKS
from sim.core.traits import ENDOWMENT, EXPOSURE, LEADING, RELEVANCE, STAKE, START_EXPERIENCE, TRAITS, VANTAGE
from sim.core.vocabulary import (
    Dimension,
    Experience,
    Level,
    Lever,
    Purpose,
    Resource,
    Ring,
    Role,
    Rule,
    ShockKind,
    Status,
    Theme,
    Trait,
    word,
    words,
)
from sim.lab.lesson_pages import lesson_pages

HERE = Path(__file__).parent
NOTE = "*Written by `make derived`; do not edit.*"


def pages() -> dict[str, str]:
    """Return the name and the text of every derived page."""
    lessons = {f"guide/lessons/{name}": wrapped(page) for name, page in lesson_pages().items()}
    tables = {
        "parameters": parameters_page(),
        "tables": tables_page(),
        "metrics": metrics_page(),
        "references": references_page(),
    }
    return {f"model/{name}.md": page for name, page in tables.items()} | lessons


def parameters_page() -> str:
    """Return the page on parameters, levers and kinds of resource."""
    blocks = dict.fromkeys(row.block for row in PARAMETERS.values())
    parts = [
        "# Parameters, levers and kinds of resource",
        f"{NOTE} Made from `sim/core/parameters.py` and `sim/core/traits.py`. "
        "A source is a key of [`references.bib`](references.bib) or the word *assumed*.",
        "An *uncertainty* is the strength of a mechanism, to be swept and fitted; a *convention* only chooses a ruler "
        "and is fixed; a *setting* is a fact about one partnership, given by its case.",
        f"{len(PARAMETERS)} parameters: {count('uncertainty')} uncertainties, "
        f"{count('convention')} conventions, {count('setting')} settings; {len(LEVERS)} levers.",
        "## Levers",
        "Each from 0 to 1, the share of full effort, default 0.5 where a case says nothing else.",
        table(
            ["lever", "level", "staff hours a week at full effort", "meaning", "acts on", "source"],
            [[f"`{r.name}`", r.level, f"{r.hours:g}", r.meaning, r.acts_on, r.source] for r in LEVERS.values()],
        ),
    ]
    for block in blocks:
        rows = [row for row in PARAMETERS.values() if row.block == block]
        parts += [
            f"## Parameters: {block}",
            table(
                ["parameter", "default", "range", "unit", "role", "meaning", "source"],
                [
                    [
                        f"`{r.name}`",
                        f"{r.default:g}",
                        f"{r.low:g} to {r.high:g}",
                        r.unit,
                        r.role,
                        r.meaning,
                        r.source,
                    ]
                    for r in rows
                ],
            ),
        ]
    traits = list(TRAIT_RANGES)
    parts += [
        "## Kinds of resource",
        "Traits, all assumed: " + "; ".join(f"`{t}` ({TRAIT_RANGES[t][2]})" for t in traits) + ".",
        table(
            ["kind", *traits],
            [[f"`{kind}`", *(f"{row[t]:g}" for t in traits)] for kind, row in TRAITS.items()],
        ),
        "## Kinds of shock",
        "What each reads of an event, and what a size of 1 does.",
        table(
            ["kind", "lasts", "also undated", "role, if none is given", "theme", "meaning"],
            [
                [f"`{r.name}`", "yes" * r.lasts, "yes" * r.random, r.role, "yes" * r.theme, r.meaning]
                for r in SHOCKS.values()
            ],
        ),
        "## Rulers",
        "How metrics and the questionnaire measure; nobody sets them (`sim/core/rulers.py`).",
        table(
            ["ruler", "value", "unit", "meaning", "source"],
            [[f"`{r.name}`", f"{r.value:g}", r.unit, r.meaning, r.source] for r in RULER_ROWS.values()],
        ),
    ]
    return as_page(parts)


_CODES = (Role, Ring, Resource, Theme, Level, Lever, ShockKind, Rule, Status, Trait, Experience, Dimension, Purpose)
_MATRICES = (
    ("ENDOWMENT: what a typical seat of each role holds of each kind, in resource units", "kind", ENDOWMENT),
    ("VANTAGE: how well each role sees each theme", "role", VANTAGE),
    ("RELEVANCE: how far each kind of resource serves each theme", "kind", RELEVANCE),
)


def tables_page() -> str:
    """Return the page that, with the model's description, is enough to write the model again."""
    parts = [
        "# Codes and tables",
        f"{NOTE} Made from `sim/core/vocabulary.py` and `sim/core/traits.py`. With [model.md](model.md) and "
        "[parameters.md](parameters.md) it is enough to write the model again, to the last bit but for single answers "
        "to the questionnaire, of which it gives the distribution: codes are the order in which things are counted "
        "and part of the addresses of random numbers. All values are *assumed*.",
        "## Codes",
        *(
            f"**{one.__name__}**: " + ", ".join(f"{int(member)} `{word(member)}`" for member in one) + "."
            for one in _CODES
        ),
        "## Room",
        f"A partnership has room for the larger of {DEFAULT_CAPACITY} and twice its founding seats, at most "
        f"{MAX_SEATS} seats, and for twice as many organisations as seats. Newcomers take slots below that number.",
        "## START_EXPERIENCE: what founders expect",
        table(["experience", "value"], [[f"`{name}`", f"{value:g}"] for name, value in START_EXPERIENCE.items()]),
        "## STAKE, EXPOSURE and LEADING of each role",
        table(
            [
                "role",
                "STAKE: in the partnership's success",
                "EXPOSURE: to being moved on",
                "LEADING: experience brought",
            ],
            [
                [f"`{role}`", *(f"{table_of[role]:g}" for table_of in (STAKE, EXPOSURE, LEADING))]
                for role in words(Role)
            ],
        ),
    ]
    for title, head, matrix in _MATRICES:
        columns = list(next(iter(matrix.values())))
        rows = [[f"`{name}`", *(f"{row[column]:g}" for column in columns)] for name, row in matrix.items()]
        parts += [f"## {title}", table([head, *columns], rows)]
    return as_page(parts)


def metrics_page() -> str:
    """Return the page on what is measured."""
    heads = ["column", "unit", "range", "good", "meaning", "reference"]
    parts = [
        "# What is measured",
        f"{NOTE} Made from `sim/core/metric_table.py`. A missing value means not enough members or movement to say.",
    ]
    for title, metrics in (
        ("Every week (`weekly.parquet`)", METRICS),
        ("Every replicate (`runs.parquet`)", RUN_COLUMNS),
        ("Every dated shock (`runs.parquet`, as `shock_<name>_<measure>`)", {m.name: m for m in SHOCK_MEASURES}),
        ("Every seat, on request (`seats`)", SEAT_COLUMNS),
        ("Every respondent of the questionnaire, on request (`answers`)", RESPONDENT_COLUMNS),
        ("What the seats add to a run, in sweeps on request (`runs`)", SEAT_SUMMARIES),
    ):
        rows = [
            [f"`{m.name}`", m.unit, f"{m.low:g} to {m.high:g}", m.good, m.meaning, m.reference]
            for m in metrics.values()
        ]
        parts += [f"## {title}", table(heads, rows)]
    return as_page(parts)


ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)^\}|^% -+ (.+?) -+$", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^\s+(\w+)\s*=\s*\{(.*)\},?$", re.MULTILINE)
COMBINING = {
    "`": "\N{COMBINING GRAVE ACCENT}",
    "'": "\N{COMBINING ACUTE ACCENT}",
    "^": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "c": "\N{COMBINING CEDILLA}",
}


def references_page() -> str:
    """Return the page on sources, one heading per key, so that a key can be linked to."""
    parts = [
        "# Sources",
        f"{NOTE} Made from [`references.bib`](references.bib). What was taken from each is said in "
        "[evidence.md](evidence.md). *Read* says how much of a source was at hand.",
    ]
    for key, body, section in ENTRY.findall((HERE / "model" / "references.bib").read_text(encoding="utf-8")):
        fields = {name: readable(value) for name, value in FIELD.findall(body)}
        parts += [f"## {section[0].upper()}{section[1:]}"] if section else [f"### {key}", source_line(fields)]
    return as_page(parts)


def readable(value: str) -> str:
    """Return a value of the bibliography without its signs for accents, groups and dashes."""
    accented = re.sub(
        r"\{\\([`'^c])\s?(\w)\}", lambda found: unicodedata.normalize("NFC", found[2] + COMBINING[found[1]]), value
    )
    return accented.replace("{", "").replace("}", "").replace("--", "–").replace("\\&", "&")


def source_line(fields: dict[str, str]) -> str:
    """Return a source as one line: who, what, where, when, and how much of it was read."""
    people = [" ".join(reversed(name.split(", "))) for name in fields.get("author", "").split(" and ") if name]
    title = fields.get("title", "").rstrip(".")
    issue = f"({fields['number']})" if "number" in fields else ""
    pages = f":{fields['pages']}" if "pages" in fields else ""
    numbers = f"{fields['volume']}{issue}{pages}" if "volume" in fields else ""
    venues = [
        fields[name] for name in ("journal", "booktitle", "school", "publisher", "howpublished") if name in fields
    ]
    where = " ".join([*(f"*{venue}*" for venue in venues), numbers]).strip()
    doi = f"[doi:{fields['doi']}](https://doi.org/{fields['doi']})" if "doi" in fields else ""
    known = (", ".join(people), title, where, fields.get("year", ""), doi, fields.get("note", ""))
    return ". ".join(part for part in known if part) + "."


def count(role: str) -> int:
    """Count parameters of one role."""
    return sum(row.role == role for row in PARAMETERS.values())


def main() -> int:
    """Write every page that is not current."""
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
