"""Designs: which points of the space of settings are run.

A *factor* has listed values, an *axis* a range. Lists and files know factors only; sampled designs spread their
points over the axes and are crossed with the factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns = dict[str, list[Any]]
MAX_POINTS = 10_000_000
SOBOL_MOST = 30


@dataclass(frozen=True)
class Factor:
    """A setting with listed values."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Axis:
    """A numeric setting with a range.

    Attributes
    ----------
    name : str
        Dotted name.
    low, high : float
        Ends of the range, low below high.
    log : bool
        Whether points are spread evenly over the logarithm.
    whole : bool
        Whether values are whole numbers, both ends included.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def values(self, unit: NDArray[np.float64]) -> list[Any]:
        """Return values for places in [0, 1].

        >>> [round(value, 9) for value in Axis("a", 1, 100, log=True).values(np.array([0.0, 0.5]))]
        [1.0, 10.0]
        """
        if self.whole:
            low, high = int(self.low), int(self.high)
            return [int(value) for value in np.minimum(low + np.floor(unit * (high - low + 1)), high)]
        if self.log:
            from sim.core.elementary import plain_powers  # numpy's own power differs from processor to processor

            found = self.low * plain_powers(self.high / self.low, unit)
        else:
            found = self.low + (self.high - self.low) * unit
        # Rounding must not carry a value over an end of the range.
        return [float(value) for value in np.clip(found, self.low, self.high)]


@dataclass(frozen=True)
class Design:
    """A kind of design and its options.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    points : int
        How many points (trajectories of a Morris design).
    seed : int
        Where the points fall; independent of the seeds of the runs.
    levels : int
        Levels of a Morris design, even.
    rows : dict of str to list
        Points of a file.
    """

    kind: str
    points: int = 0
    seed: int = 1
    levels: int = 4
    rows: Mapping[str, list[Any]] | None = None


def make_points(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    """Return the points of a design: a column of values per setting, all of one length.

    Parameters
    ----------
    design : Design
        Kind and options.
    axes : sequence of Axis
        Settings with a range.
    factors : sequence of Factor
        Settings with listed values.

    Raises
    ------
    UserError
        One line, when the design is empty or does not fit what is varied.
    """
    empty = [factor.name for factor in factors if not factor.values]
    if empty:
        raise UserError(f"the design is empty: {', '.join(empty)} has no values")
    if design.kind in ("grid", "list") and axes:
        raise UserError(
            f"design={design.kind} takes listed values, but {axes[0].name} is a range; "
            f"list values such as {axes[0].name}={axes[0].low:g},{axes[0].high:g} or take design=lhs"
        )
    columns = KINDS[design.kind](design, axes, factors)
    n = len(next(iter(columns.values()), [None]))
    if n == 0:
        raise UserError("the design is empty: it has no points")
    if n > MAX_POINTS:
        raise UserError(f"the design has {n} points; at most {MAX_POINTS} (points) are run")
    return columns


def _grid(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    """Return every combination; the first named changes slowest."""
    total = int(np.prod([float(len(factor.values)) for factor in factors]))
    if total > MAX_POINTS:
        raise UserError(f"the grid has {total} points; at most {MAX_POINTS} (points) are run; take design=lhs")
    rows = list(product(*(factor.values for factor in factors)))
    return {factor.name: [row[i] for row in rows] for i, factor in enumerate(factors)}


def _list(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    """Return the first values together, then the second ones, and so on; a single value serves all."""
    lengths = {factor.name: len(factor.values) for factor in factors if len(factor.values) > 1}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise UserError(f"design=list needs as many values of each setting: {listed}")
    n = max(lengths.values(), default=1)
    return {factor.name: list(factor.values) * (n if len(factor.values) == 1 else 1) for factor in factors}


def _from_file(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    """Return the rows of a file, crossed with the factors."""
    if axes:
        raise UserError(f"design=from_file takes its points from the file, but {axes[0].name} is a range")
    return _crossed(dict(design.rows or {}), factors)


def _sampled(unit: NDArray[np.float64], axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    return _crossed({axis.name: axis.values(unit[:, i]) for i, axis in enumerate(axes)}, factors)


def _crossed(columns: Columns, factors: Sequence[Factor]) -> Columns:
    """Cross points with factors; the factors change slowest."""
    outer = _grid(Design("grid"), (), factors)
    n_outer = len(next(iter(outer.values()))) if outer else 1
    n_inner = len(next(iter(columns.values()))) if columns else 1
    crossed = {name: [value for value in values for _ in range(n_inner)] for name, values in outer.items()}
    return crossed | {name: list(values) * n_outer for name, values in columns.items()}


def _lhs(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    qmc = _needs_axes(design, axes, "scipy.stats.qmc", "scipy")
    return _sampled(qmc.LatinHypercube(d=len(axes), rng=design.seed).random(design.points), axes, factors)


def _sobol(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    qmc = _needs_axes(design, axes, "scipy.stats.qmc", "scipy")
    if design.points.bit_length() > SOBOL_MOST or design.points & (design.points - 1):
        near = [2 ** (design.points.bit_length() - 1), 2 ** min(design.points.bit_length(), SOBOL_MOST)]
        raise UserError(
            f"design.points must be a power of two for design=sobol, such as {near[0]} or {near[1]} (points); "
            f"got {design.points}"
        )
    return _sampled(qmc.Sobol(d=len(axes), rng=design.seed).random(design.points), axes, factors)


def _morris(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    morris = _needs_axes(design, axes, "SALib.sample.morris", "SALib")
    if len(axes) < 2:
        raise UserError(f"design=morris needs at least two settings with a range; got {axes[0].name} alone")
    problem = {"num_vars": len(axes), "names": [axis.name for axis in axes], "bounds": [[0.0, 1.0]] * len(axes)}
    return _sampled(morris.sample(problem, design.points, design.levels, seed=design.seed), axes, factors)


def _population(design: Design, axes: Sequence[Axis], factors: Sequence[Factor]) -> Columns:
    """Return partnerships drawn independently of each other."""
    _needs_axes(design, axes, "numpy", "numpy")
    unit = np.random.default_rng(design.seed).random((design.points, len(axes)))
    return _sampled(unit, axes, factors)


def _needs_axes(design: Design, axes: Sequence[Axis], module: str, package: str) -> Any:
    """Return the library that draws the points, once it is clear that there is something to draw."""
    from sim.sweeps.extras import needed

    if not axes:
        raise UserError(
            f"the design is empty: design={design.kind} needs settings with a range, such as "
            "design.over=levers or enabling.leadership=interval(0,1)"
        )
    return needed(module, package, "sweeps", f"design={design.kind}")


KINDS: dict[str, Callable[[Design, Sequence[Axis], Sequence[Factor]], Columns]] = {
    "grid": _grid,
    "list": _list,
    "lhs": _lhs,
    "sobol": _sobol,
    "morris": _morris,
    "from_file": _from_file,
    "population": _population,
}
