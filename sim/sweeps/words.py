"""Arguments of a sweep: what is fixed, what is listed, what has a range, and how the sweep is to be done.

``NAME=VALUE`` fixes a setting, ``NAME=A,B,C`` lists values, ``NAME=range(0,1,0.25)`` too, and
``NAME=interval(LOW,HIGH)`` gives a range to sampled designs: the grammar of Hydra, read by Hydra's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.config.arguments import ParsedArguments, choice_problems, parse_arguments, plain_value
from sim.config.files import CaseError, find_file, read_mapping
from sim.config.folders import ConfFolders
from sim.config.settings import FILE_CHOICES, Setting, is_known, named_row, problems_of, unknown_line
from sim.config.sweep_settings import DESIGN_SETTINGS, SWEEP_SETTINGS, design_problems, sweep_problems
from sim.core.errors import UserError
from sim.core.gate import numeric_range
from sim.core.parameters import LEVERS, PARAMETERS
from sim.sweeps.designs import KINDS, Axis, Factor

SWEPT = re.compile(r"\s*(choice|range|interval|shuffle|sort|tag|glob)\s*\(")
GROUPS = {"levers": LEVERS, "uncertainties": [name for name, row in PARAMETERS.items() if row.role == "uncertainty"]}


@dataclass
class SweepArguments:
    """What the arguments of a sweep say.

    Attributes
    ----------
    fixed : ParsedArguments
        Settings with one value; judged where the scenarios are built.
    factors : list of Factor
        Settings with listed values, in the order given.
    axes : list of Axis
        Settings with a range.
    options : dict of str to object
        Values of ``SWEEP_SETTINGS``, defaults filled in.
    design : str
        Name of the design.
    kind : str
        Kind of design, one of ``designs.KINDS``.
    design_options : dict of str to object
        Values of ``DESIGN_SETTINGS`` that the kind takes.
    """

    fixed: ParsedArguments = field(default_factory=ParsedArguments)
    factors: list[Factor] = field(default_factory=list)
    axes: list[Axis] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    design: str = "grid"
    kind: str = "grid"
    design_options: dict[str, Any] = field(default_factory=dict)


def read_sweep(arguments: Sequence[str], folders: ConfFolders) -> SweepArguments:
    """Take the arguments of a sweep apart and check all that is not fixed.

    Parameters
    ----------
    arguments : sequence of str
        As typed after the verb.
    folders : ConfFolders
        Where designs, cases and scenarios are looked for.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    parsed = parse_arguments(arguments, _no_setting)
    problems = parsed.problems
    read = SweepArguments(options={name: row.default for name, row in SWEEP_SETTINGS.items()})
    given: dict[str, object] = {}
    design_given: dict[str, object] = {}
    for name, value in parsed.values.items():
        text = parsed.texts[name]
        if name == "design":
            read.design = text
        elif name.startswith("design."):
            design_given[name.removeprefix("design.")] = value
        elif name in SWEEP_SETTINGS:
            if SWEEP_SETTINGS[name].kind == "list" and value and isinstance(value, str):
                value = value.split(",")
            else:
                problems += _not_swept(name, text)
            given[name] = value
        elif name not in FILE_CHOICES and not is_known(name):
            problems.append(unknown_line(name, _MORE_NAMES))
        elif _is_swept(text):
            problems += _take_swept(name, text, read, folders)
        else:
            read.fixed.values[name], read.fixed.texts[name] = value, text
    problems += sweep_problems(given)
    read.options |= given
    problems += _read_design(read, design_given, folders)
    problems += _add_axes(read, parsed.texts, typed="over" in design_given)
    read.fixed.problems += dict.fromkeys(problems)
    return read


_MORE_NAMES = (*SWEEP_SETTINGS, "design", *(f"design.{option}" for option in DESIGN_SETTINGS))


def _no_setting(argument: str) -> str:
    if argument.startswith("-"):
        return f"unknown option '{argument}'; 'sweep' knows --dry-run and --help"
    return f"'{argument}' is not a setting; write NAME=VALUE, or NAME=A,B,C to vary it"


def _not_swept(name: str, text: str) -> list[str]:
    if _is_swept(text):
        return [f"{name} is about the whole sweep and takes one value; got {text}"]
    return []


def _is_swept(text: str) -> bool:
    """Tell whether a value lists several or gives a range.

    >>> _is_swept("0.2,0.5"), _is_swept("[1,2]"), _is_swept("interval(0,1)"), _is_swept("0.2")
    (True, False, True, False)
    """
    if SWEPT.match(text):
        return True
    depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            return True
    return False


def _take_swept(name: str, text: str, read: SweepArguments, folders: ConfFolders) -> list[str]:
    """Add a setting with several values or a range, or return what is wrong with it."""
    try:
        values, ends = _swept(name, text)
    except UserError as error:
        return list(error.problems)
    if ends is not None:
        axis, problems = axis_of(name, ends)
        read.axes += [axis] if axis is not None else []
        return problems
    if len({str(value) for value in values}) < len(values):
        return [f"{name} lists a value twice: {text}"]
    read.factors.append(Factor(name, tuple(values)))
    if name in FILE_CHOICES:
        return [line for value in values for line in choice_problems(name, value, folders)]
    return [line for value in values for line in problems_of({name: value})]


def _swept(name: str, text: str) -> tuple[list[Any], tuple[float, float] | None]:
    """Return listed values, or the ends of a range, as Hydra's parser reads them."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import IntervalSweep
    from hydra.errors import HydraException

    if not re.sub(r"^choice|[\s(),]", "", text):
        raise UserError(f"the design is empty: {name} has no values")
    try:
        override = OverridesParser.create().parse_override(f"{name}={text}")
        sweep = override.value()
        if isinstance(sweep, IntervalSweep):
            return [], (float(sweep.start or 0.0), float(sweep.end or 0.0))
        return [plain_value(str(value)) for value in override.sweep_string_iterator()], None
    except HydraException as error:
        line = next(iter(str(error).splitlines()), "")
        raise UserError(
            f"{name}={text} cannot be read; list values (A,B,C), range(0,1,0.25) or interval(0,1): {line}"
        ) from error


def axis_of(name: str, ends: tuple[float, float] | None = None) -> tuple[Axis | None, list[str]]:
    """Return a setting with a range, its plausible one when no ends are given, and what is wrong with it.

    Parameters
    ----------
    name : str
        Dotted name.
    ends : tuple of two float, optional
        Low and high.
    """
    setting = _number_setting(name)
    if numeric_range(name) is None and setting is None:
        if not is_known(name):
            return None, [unknown_line(name, _MORE_NAMES)]
        return None, [f"{name} is not a number and has no range; list its values (A,B,C)"]
    low, high = ends if ends is not None else _own_range(name)
    if not low < high:
        problem = f"the range of {name} must go from a lower to a higher value; got interval({low:g},{high:g})"
        return None, [problem]
    whole = setting is not None and setting.kind == "whole number"
    found = [problem for end in (low, high) for problem in problems_of({name: int(end) if whole else end})]
    if found:
        return None, found
    row = PARAMETERS.get(name.removeprefix("parameters.")) if name.startswith("parameters.") else None
    return Axis(name, low, high, log=row is not None and row.scale == "log" and low > 0, whole=whole), []


def _number_setting(name: str) -> Setting | None:
    """Return the row of a number that is not in the parameter table, such as ``weeks`` or ``shocks.cut.size``."""
    row = named_row(name)
    return row if row is not None and row.kind in ("number", "whole number") else None


def _own_range(name: str) -> tuple[float, float]:
    """Return the plausible range of a parameter, or the whole range of anything else."""
    row = PARAMETERS.get(name.removeprefix("parameters.")) if name.startswith("parameters.") else None
    if row is not None:
        return float(row.plausible[0]), float(row.plausible[1])
    limits = numeric_range(name)
    assert limits is not None
    return float(limits[0]), float(limits[1])


def _read_design(read: SweepArguments, given: dict[str, object], folders: ConfFolders) -> list[str]:
    """Read the file of the design and lay the user's options over it."""
    try:
        content = read_mapping(find_file("design", read.design, folders.all))
    except CaseError as error:
        return list(error.problems)
    read.kind = str(content.pop("kind", ""))
    content.pop("sentence", None)
    if read.kind not in KINDS:
        return [f"design {read.design}: kind must be one of {', '.join(KINDS)}; got '{read.kind}'"]
    read.design_options = {**content, **given}
    problems = design_problems(read.kind, read.design_options)
    if read.kind == "from_file" and not read.design_options.get("file"):
        problems.append("design=from_file needs design.file=FILE, a CSV or Parquet file whose columns are settings")
    return problems


def _add_axes(read: SweepArguments, texts: dict[str, str], typed: bool) -> list[str]:
    """Add what ``design.over`` names.

    What the design's file names gives way to the words; what the user typed must not name a setting twice, but
    for a range that is given by name.
    """
    over = read.design_options.get("over")
    if over is None or over == [] or (read.axes and not typed and read.kind != "population"):
        return []
    named, problems = _names_over(over)
    if not typed:
        named = [name for name in named if name not in texts]
    by_hand = {axis.name for axis in read.axes}
    for name in named:
        if name in by_hand:
            continue
        if name in texts:
            problems.append(f"{name} is given twice: by design.over and as {name}={texts[name]}; give it once")
            continue
        axis, wrong = axis_of(name)
        problems += wrong
        read.axes += [axis] if axis is not None else []
    return problems


def _names_over(over: object) -> tuple[list[str], list[str]]:
    """Return the names that ``design.over`` stands for."""
    levers = [f"enabling.{name}" for name in GROUPS["levers"]]
    uncertainties = [f"parameters.{name}" for name in GROUPS["uncertainties"]]
    words = {"levers": levers, "uncertainties": uncertainties, "all": [*levers, *uncertainties]}
    chosen = over if isinstance(over, list) else [over]
    named: list[str] = []
    for item in chosen:
        named += words.get(str(item), [str(item)])
    twice = {name for name in named if named.count(name) > 1}
    return list(dict.fromkeys(named)), [f"design.over names {name} twice; name it once" for name in sorted(twice)]
