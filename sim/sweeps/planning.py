"""From the arguments of a sweep to its plan: cases and scenarios composed once each, every point checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.arguments import ParsedArguments, plain_value
from sim.config.cases import build_scenario, load_case, load_scenario, merge
from sim.config.folders import ConfFolders, find_conf_folders
from sim.config.kept import kept_of
from sim.config.resolve import DEFAULTS, nested, resolve_parsed, short_name, without_empty
from sim.config.settings import FILE_CHOICES, problems_of
from sim.config.sweep_settings import listed
from sim.core.errors import UserError
from sim.core.gate import numeric_range
from sim.core.metric_table import METRICS
from sim.core.rng import MAX_SEED
from sim.core.scenario import Scenario
from sim.sweeps.designs import Axis, Columns, Design, make_points
from sim.sweeps.plan import MAX_RUNS, RecordOptions, SweepPlan, is_numeric
from sim.sweeps.words import SweepArguments, read_sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PROBLEMS = 8
SEATS_OF_A_POPULATION = 52


@dataclass(frozen=True)
class PlannedSweep:
    """A sweep that is planned and not yet written.

    Attributes
    ----------
    plan : SweepPlan
        Every run.
    words : tuple of str
        As typed.
    arguments : SweepArguments
        The same, read and checked.
    """

    plan: SweepPlan
    words: tuple[str, ...]
    arguments: SweepArguments

    def default_folder(self) -> Path:
        """Return the folder whose name follows from what is run."""
        cases = "-".join(dict.fromkeys(scenario.case for scenario in self.plan.variants))
        return Path("results") / "sweep" / f"{cases}-{short_name(self.arguments.design)}-{self.plan.content_hash()[:8]}"


def plan_sweep(words: Sequence[str], folders: ConfFolders | None = None, points: Columns | None = None) -> PlannedSweep:
    """Read the words of a sweep and plan all its runs.

    Parameters
    ----------
    words : sequence of str
        Settings, listed values, ranges, design; as after ``partnersim sweep``.
    folders : ConfFolders, optional
        Where the YAML lies; found when not given.
    points : dict of str to list, optional
        Points made elsewhere, checked already, in place of a design.

    Raises
    ------
    UserError
        With one line for every mistake; nothing has been written.
    """
    folders = folders or find_conf_folders()
    arguments = read_sweep(words, folders)
    composed = {choice: _Composed(choice, arguments, folders) for choice in _choices(arguments)}
    if points is None:
        if arguments.kind == "population":
            arguments.axes += _composition(composed)
        points = make_points(_design(arguments), arguments.axes, arguments.factors)
    clash = [axis.name for axis in arguments.axes if axis.name in arguments.fixed.values]
    if clash:
        raise UserError(f"{clash[0]} is given twice: as a value and as a range; give it once")
    return PlannedSweep(_plan(points, arguments, composed), tuple(words), arguments)


def _choices(arguments: SweepArguments) -> list[tuple[str, str]]:
    """Return each distinct choice of case and scenario."""
    listed = {factor.name: factor.values for factor in arguments.factors}
    each = [listed.get(kind, (arguments.fixed.values.get(kind, DEFAULTS[kind]),)) for kind in FILE_CHOICES]
    return [(str(case), str(scenario)) for case in each[0] for scenario in each[1]]


class _Composed:
    """A case and a scenario with the fixed settings: composed by Hydra once, files read once.

    Parameters
    ----------
    choice : tuple of two str
        Case and scenario.
    arguments : SweepArguments
        What is fixed.
    folders : ConfFolders
        Where the names are looked for.
    """

    def __init__(self, choice: tuple[str, str], arguments: SweepArguments, folders: ConfFolders) -> None:
        chosen = dict(zip(FILE_CHOICES, choice, strict=True))
        fixed = arguments.fixed
        resolved = resolve_parsed(ParsedArguments(fixed.values | chosen, fixed.texts | chosen, fixed.problems), folders)
        self.seed = resolved.seed
        self._settings = without_empty(resolved.settings)
        self.case = load_case(choice[0], folders.all)
        self._scenario = load_scenario(choice[1], folders.all)

    def scenario(self, changes: Mapping[str, Any], waves: object) -> Scenario:
        """Return the Scenario with further settings."""
        built = build_scenario(self.case, self._scenario, merge(self._settings, nested(changes)))
        if isinstance(waves, list):
            built = replace(built, questionnaire_weeks=tuple(sorted({w for w in waves if w <= built.weeks})))
        return built


def _design(arguments: SweepArguments) -> Design:
    options = arguments.design_options
    rows = _read_rows(str(options["file"]), arguments) if arguments.kind == "from_file" else None
    numbers = {name: options[name] for name in ("points", "seed", "levels") if options.get(name) is not None}
    return Design(arguments.kind, rows=rows, **numbers)


def _read_rows(file: str, arguments: SweepArguments) -> Columns:
    """Return the points of a file, every cell checked."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    path = Path(file)
    if not path.is_file():
        raise UserError(f"design.file: no such file: {file}")
    try:
        table = pq.read_table(path) if path.suffix == ".parquet" else pyarrow.csv.read_csv(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"design.file: {file} cannot be read: {next(iter(str(error).splitlines()), '')}") from error
    twice = [name for name in table.column_names if table.column_names.count(name) > 1]
    named = [
        name
        for name in table.column_names
        if name in arguments.fixed.values or name in [f.name for f in arguments.factors]
    ]
    problems = [f"{file} has two columns called {name}; keep one" for name in dict.fromkeys(twice)]
    problems += [f"{name} is given twice: by {file} and on the command line; give it once" for name in named]
    columns: Columns = {} if problems else {name: _cells(table[name]) for name in table.column_names}
    for name, values in columns.items():
        problems += _cell_problems(file, name, values)
    if problems:
        raise UserError(problems)
    return columns


def _cells(column: Any) -> list[Any]:
    """Return the values of a column, words read as they would be on the command line."""
    return [plain_value(value) if isinstance(value, str) else value for value in column.to_pylist()]


def _cell_problems(file: str, name: str, values: list[Any]) -> list[str]:
    """Return what is wrong with a column of a file of points; rows are counted from 1, without the header."""
    limits = numeric_range(name)
    if name in ("replicates", "threads", "output", "name") or name in FILE_CHOICES:
        return [f"{file}: the column {name} cannot be varied by a file; give {name}=VALUE on the command line"]
    if limits is not None and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        numbers = np.array(values, dtype=float)
        bad = np.flatnonzero(~((numbers >= limits[0]) & (numbers <= limits[1])))
    else:
        known = {value: bool(problems_of({name: value})) or value is None for value in dict.fromkeys(values)}
        bad = np.array([place for place, value in enumerate(values) if known[value]], dtype=int)
    if not bad.size:
        return []
    row = int(bad[0])
    first = (problems_of({name: values[row]}) or [f"{name} is empty"])[0]
    more = f" (and {bad.size - 1} more rows)" if bad.size > 1 else ""
    return [f"{file}, row {row + 1}: {first}{more}"]


def _composition(composed: Mapping[tuple[str, str], _Composed]) -> list[Axis]:
    """Return what varies between partnerships: founding seats and cadence, as wide as the case says."""
    names = sorted({choice[0] for choice in composed})
    if len(names) > 1:
        raise UserError(f"design=population varies the composition of one case; got {', '.join(names)}")
    case = next(iter(composed.values())).case
    seats = [
        Axis(f"founding.{group}.seats", row["seats"]["low"], row["seats"]["high"], whole=True)
        for group, row in case["founding"].items()
    ]
    cadence = [
        Axis(f"meetings.{name}", row["low"], row["high"])
        for name, row in case["meetings"].items()
        if name in ("research_team", "core_team")
    ]
    return [axis for axis in (*seats, *cadence) if axis.low < axis.high]


def _plan(points: Columns, arguments: SweepArguments, composed: Mapping[tuple[str, str], _Composed]) -> SweepPlan:
    n = len(next(iter(points.values()), [None]))
    want = _want(arguments)
    waves = arguments.options["questionnaire"]
    fixed = {kind: arguments.fixed.values.get(kind, DEFAULTS[kind]) for kind in FILE_CHOICES}
    structural = [name for name in points if not is_numeric(name) and name not in (*FILE_CHOICES, "seed")]
    chosen = [points.get(kind, [fixed[kind]] * n) for kind in FILE_CHOICES]
    keys = zip(*chosen, *(points[name] for name in structural), strict=True)
    variants: dict[tuple[Any, ...], int] = {}
    scenarios: list[Scenario] = []
    variant_of = np.empty(n, dtype=np.int64)
    problems: dict[str, int] = {}
    for point, key in enumerate(keys):
        if key not in variants:
            variants[key] = len(variants)
            change = dict(zip(structural, key[2:], strict=True))
            scenarios += _one_variant(composed[str(key[0]), str(key[1])], change, waves, point, problems)
        variant_of[point] = variants[key]
    if problems:
        raise UserError(_first_problems(problems))
    seeds = _seeds(points, composed, chosen)
    replicates = int(arguments.options["replicates"])
    if n * replicates > MAX_RUNS:
        raise UserError(
            f"{n} points x {replicates} replicates are more than {MAX_RUNS} runs, the most a sweep may have"
        )
    kept = {name: values for name, values in points.items() if name not in FILE_CHOICES}
    return SweepPlan(tuple(scenarios), variant_of, kept, seeds, replicates, str(arguments.options["luck"]), want)


def _one_variant(
    composed: _Composed, change: Mapping[str, Any], waves: object, point: int, problems: dict[str, int]
) -> Iterator[Scenario]:
    """Yield the Scenario of a variant, or note what is wrong with it and the first point that has it."""
    try:
        yield composed.scenario(change, waves)
    except UserError as error:
        for line in error.problems:
            problems.setdefault(line, point)


def _first_problems(problems: Mapping[str, int]) -> list[str]:
    lines = [f"point {point}: {line}" for line, point in list(problems.items())[:MOST_PROBLEMS]]
    rest = len(problems) - MOST_PROBLEMS
    return [*lines, f"and {rest} more problems"] if rest > 0 else lines


def _seeds(
    points: Columns, composed: Mapping[tuple[str, str], _Composed], chosen: Sequence[Sequence[Any]]
) -> NDArray[np.int64]:
    """Return the seed of each point."""
    if "seed" in points:
        return np.array(points["seed"], dtype=np.int64)
    seed = next(iter(composed.values())).seed
    assert 0 <= seed <= MAX_SEED
    return np.full(len(chosen[0]), seed, dtype=np.int64)


def _want(arguments: SweepArguments) -> RecordOptions:
    options = arguments.options
    population = arguments.kind == "population"
    kept = kept_of(options)
    seats = kept.seats if options["seats"] is not None or not population else SEATS_OF_A_POPULATION
    return RecordOptions(
        weekly=int(options["weekly"] or 0),
        seats=seats,
        answers=population or bool(kept.answers),
        shocks=options["shock_effects"] == "yes",
        quantities=options["quantities"] == "yes",
        metrics=tuple(name for name in METRICS if name in listed(options["metrics"])),
        respondents=kept.answers == "seats",
    )
