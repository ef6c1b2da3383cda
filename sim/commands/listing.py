"""``partnersim list``: what there is, one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.commands.exit_status import ExitStatus
from sim.config.folders import find_conf_folders
from sim.config.glossary import sentence_of
from sim.config.settings import RUN_SETTINGS, nearest
from sim.config.sweep_settings import DESIGN_SETTINGS, SWEEP_SETTINGS
from sim.core.errors import UserError
from sim.core.parameters import LEVERS, PARAMETERS

Rows = list[tuple[str, str]]


def list_things(words: Sequence[str]) -> int:
    """Print the names of one kind of thing, or of cases and scenarios when no kind is given.

    Parameters
    ----------
    words : sequence of str
        Words after the verb.
    """
    kinds = list(words) or ["cases", "scenarios"]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UserError([_unknown(kind) for kind in unknown])
    for kind in kinds:
        print(f"{kind}:")
        print_rows(KINDS[kind]())
    if not words:
        print("more: partnersim list levers | parameters | metrics | settings | designs | sweeps")
    return ExitStatus.DONE


def _unknown(kind: str) -> str:
    close = nearest(kind, list(KINDS))
    hint = f"; did you mean '{close}'?" if close else "."
    return f"cannot list '{kind}'{hint} Available: {', '.join(KINDS)}"


def print_rows(rows: Rows) -> None:
    """Print names and sentences in two columns."""
    width = max((len(name) for name, _ in rows), default=0)
    for name, sentence in rows:
        print(f"  {name:<{width}}  {sentence}".rstrip())


def files(kind: str) -> Rows:
    """Return the names and sentences of all cases, scenarios or designs.

    Parameters
    ----------
    kind : {'case', 'scenario', 'design'}
        Which of them.
    """
    folders = find_conf_folders()
    rows: Rows = []
    for name in folders.names(kind):
        path = folders.find(kind, name)
        own = " (yours)" if path is not None and folders.user in path.parents else ""
        rows.append((name, f"{sentence_of(kind, name)}{own}"))
    return rows


def _metrics() -> Rows:
    from sim.core.metric_table import METRICS, RUN_COLUMNS

    rows = [(row.name, f"{row.meaning} [{row.unit}; by week]") for row in METRICS.values()]
    return rows + [(row.name, f"{row.meaning} [{row.unit}; per run]") for row in RUN_COLUMNS.values()]


def _levers() -> Rows:
    return [(f"enabling.{row.name}", f"{row.meaning} [{row.level}; 0 to 1]") for row in LEVERS.values()]


def _parameters() -> Rows:
    return [
        (f"parameters.{row.name}", f"{row.meaning} [{row.low:g} to {row.high:g} {row.unit}; {row.default:g}]")
        for row in PARAMETERS.values()
    ]


def _sweeps() -> Rows:
    rows = [(row.name, row.meaning) for row in SWEEP_SETTINGS.values()]
    return rows + [(f"design.{row.name}", row.meaning) for row in DESIGN_SETTINGS.values()]


KINDS: dict[str, Callable[[], Rows]] = {
    "cases": lambda: files("case"),
    "scenarios": lambda: files("scenario"),
    "levers": _levers,
    "parameters": _parameters,
    "metrics": _metrics,
    "designs": lambda: files("design"),
    "sweeps": _sweeps,
    "settings": lambda: [(row.name, row.meaning) for row in RUN_SETTINGS.values()],
}
