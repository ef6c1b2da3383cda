"""What a user may set about a sweep, besides what is set about a run: names, ranges and meanings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sim.config.arguments import option_problems
from sim.config.kept import KEPT_SETTINGS, kept_problems
from sim.config.settings import MAX_SEED, RUN_SETTINGS, Setting, by_name
from sim.core.gate import did_you_mean
from sim.core.metric_table import METRICS
from sim.core.shocks import MAX_WEEKS

ENGINE_NAMES = ("threads", "processes", "ray")
LUCK = ("common", "independent")
POLICIES = ("record", "finish", "stop")
"""What to do about runs that fail: finish the others and end well, or with status 3, or stop at the first."""

_ROWS = (
    replace(
        RUN_SETTINGS["replicates"],
        default=100,
        meaning="How many runs there are of each point.",
    ),
    Setting("engine", "word", "Where the runs are done.", "threads", choices=ENGINE_NAMES),
    replace(RUN_SETTINGS["threads"], meaning="Threads or processes to use; results do not depend on it; empty: all."),
    Setting(
        "luck",
        "word",
        "Whether replicates share their random numbers across points (for comparisons) or not (for reference tables).",
        "common",
        choices=LUCK,
    ),
    Setting("failures", "word", "What to do about runs that fail.", "finish", choices=POLICIES),
    Setting("chunk", "whole number", "Runs of a chunk; empty: a few seconds of work.", None, 1, 10_000_000, "runs"),
    Setting(
        "weekly", "whole number", "Keep the metrics of every so many weeks; empty: none.", None, 1, MAX_WEEKS, "weeks"
    ),
    Setting("metrics", "list", "Which metrics are kept of those weeks, such as [integration,trust]; empty: all."),
    *KEPT_SETTINGS.values(),
    Setting(
        "shock_effects",
        "word",
        "Measure what each dated shock does; costs one more run for each shock.",
        "no",
        choices=("yes", "no"),
    ),
    Setting(
        "quantities",
        "word",
        "Measure what the targets of the cases are compared with (columns quantity_NAME).",
        "no",
        choices=("yes", "no"),
    ),
    Setting("objective", "text", "The result that a single point is judged by (Optuna).", "synergy_last_year"),
    Setting("output", "text", "Folder for the results; it must not exist yet."),
)

DRIVEN_BY = ("engine", "threads", "failures")
"""Settings that may change when a sweep is resumed: they change no result."""

SWEEP_SETTINGS: dict[str, Setting] = by_name(*_ROWS)

_DESIGN_ROWS = (
    Setting(
        "points", "whole number", "How many points; trajectories of a Morris design.", None, 1, 10_000_000, "points"
    ),
    Setting("over", "list", "What is varied: levers, uncertainties, all, or a list of names."),
    Setting("seed", "whole number", "Where the points fall; not the random numbers of the runs.", 1, 0, MAX_SEED),
    Setting("levels", "whole number", "Levels of a Morris design, an even number.", 4, 2, 100, "levels"),
    Setting("file", "text", "CSV or Parquet file of points."),
)

DESIGN_SETTINGS: dict[str, Setting] = by_name(*_DESIGN_ROWS)

USED_BY: dict[str, tuple[str, ...]] = {
    "grid": (),
    "list": (),
    "lhs": ("points", "over", "seed"),
    "sobol": ("points", "over", "seed"),
    "morris": ("points", "over", "seed", "levels"),
    "from_file": ("file",),
    "population": ("points", "over", "seed"),
}
"""Which options each kind of design takes."""


def sweep_problems(values: Mapping[str, object]) -> list[str]:
    """Return one line for each sweep setting whose value is not allowed."""
    rest = {name: value for name, value in values.items() if name not in KEPT_SETTINGS}
    return [*kept_problems(values), *option_problems(SWEEP_SETTINGS, rest), *_metrics_problems(values)]


def listed(value: object) -> list[str]:
    """Return the names in a list that may also be a single name or empty."""
    return [] if value is None else [str(name) for name in (value if isinstance(value, list) else [value])]


def _metrics_problems(values: Mapping[str, object]) -> list[str]:
    names = listed(values.get("metrics"))
    if names and not values.get("weekly"):
        return ["metrics chooses what weekly=N keeps; give weekly too, such as weekly=4"]
    unknown = [name for name in dict.fromkeys(names) if name not in METRICS]
    return [
        f"no weekly metric '{name}'{did_you_mean(name, METRICS) or '; see partnersim list metrics'}" for name in unknown
    ]


def design_problems(kind: str, options: Mapping[str, object]) -> list[str]:
    """Return one line for each option that a kind of design does not take, or whose value is not allowed."""
    found = []
    for name, value in options.items():
        if name not in DESIGN_SETTINGS:
            found.append(f"unknown setting 'design.{name}'; allowed: {_dotted(DESIGN_SETTINGS)}")
        elif name not in USED_BY[kind]:
            takes = _dotted(USED_BY[kind]) or "no options"
            found.append(f"design={kind} does not take design.{name}; it takes {takes}")
        elif value is not None and (problem := DESIGN_SETTINGS[name].problem(value, f"design.{name}")):
            found.append(problem)
    levels = options.get("levels")
    if isinstance(levels, int) and levels % 2 and not found:
        found.append(f"design.levels must be an even number; got {levels}")
    return found


def _dotted(names: Mapping[str, Setting] | tuple[str, ...]) -> str:
    return ", ".join(f"design.{name}" for name in names)
