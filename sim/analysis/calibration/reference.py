"""The reference table: runs at draws from the prior, made by the sweep engine, and read back as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.prior import draw_case, draw_shared
from sim.config.cases import load_case
from sim.config.target_quantities import MEASURED
from sim.core.metric_table import QUESTIONNAIRE
from sim.sweeps.conduct import DriveOptions, Progressed
from sim.sweeps.dataset import read_parts
from sim.sweeps.designs import Axis
from sim.sweeps.folder import SweepFolder
from sim.sweeps.points import run_points
from sim.sweeps.prior_ranges import case_axes, shared_axes, unit_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK_RUNS = 2_000
BYTES_PER_RUN, BYTES_PER_WAVE = 2_500.0, 100.0
SHARED_SEED = 1
CASE_SEED = 1_000
"""Seeds of the draws; a case adds a number of its own, so that levers differ between cases."""


@dataclass(frozen=True)
class Reference:
    """A reference table in memory.

    Attributes
    ----------
    case : dict
        The case file.
    axes : tuple of Axis
        Parameters, shared ones first.
    n_shared : int
        How many are shared between cases.
    places : (n, k) float64
        Draws as places in [0, 1] of their prior range.
    quantities : dict of str to (n,) float64
        What came out, by name.
    answers : (n, W, 10) float64 or None
        Mean answers to the questionnaire by wave and dimension, when they were asked for; NaN without answers.
    evidence : (n,) float64 or None
        Log weights that runs have before any target is looked at: how well their answers agree with those given.
    """

    case: dict[str, Any]
    axes: tuple[Axis, ...]
    n_shared: int
    places: NDArray[np.float64]
    quantities: dict[str, NDArray[np.float64]]
    answers: NDArray[np.float64] | None = None
    evidence: NDArray[np.float64] | None = None

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.places)

    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters."""
        return tuple(axis.name for axis in self.axes)

    def start(self) -> NDArray[np.float64]:
        """Return the log weights that the targets are added to."""
        return np.zeros(self.n) if self.evidence is None else self.evidence.copy()


def make_reference(
    name: str,
    n: int,
    folder: Path,
    how: DriveOptions,
    tell: Callable[[Progressed], None] = lambda state: None,
    weeks: Sequence[int] = (),
    words: Sequence[str] = (),
    width: float = 1.0,
) -> SweepFolder:
    """Make or resume the reference table of a case.

    Parameters
    ----------
    name : str
        Name of the case.
    n : int
        Draws from the prior; row i has the same shared parameters in every case.
    folder : Path
        Folder of the sweep; when it is there already, what is missing is run.
    how : DriveOptions
        Engine and workers.
    tell : callable
        Called with the progress.
    weeks : sequence of int
        Waves of the questionnaire whose answers are kept; none when not given.
    words : sequence of str
        More settings, such as those of a rival explanation.
    width : float
        Multiplies how wide the priors are (``sim.analysis.calibration.prior.scaled``).

    Raises
    ------
    UserError
        When the folder holds another table.
    """
    words = [*table_words(name, weeks), *words]
    size = BYTES_PER_RUN + BYTES_PER_WAVE * len(weeks)
    return run_points(words, draws(load_case(name), n, width), folder, how, tell, CHUNK_RUNS, size)


def table_words(name: str, weeks: Sequence[int] = ()) -> list[str]:
    """Return the words of the sweep that makes a reference table."""
    made = [f"case={name}", "posterior=none", "replicates=1", "luck=independent", "quantities=yes"]
    asked = [f"questionnaire=[{','.join(map(str, weeks))}]"] if weeks else []
    return [*made, f"seed={_number(name)}", *asked]


def _number(name: str) -> int:
    """Return a number that belongs to a name, for seeds."""
    import hashlib

    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:3], "big")


def draws(case: Mapping[str, Any], n: int, width: float = 1.0) -> dict[str, list[Any]]:
    """Return the points of a reference table: shared parameters, then what belongs to the case."""
    return draw_shared(n, SHARED_SEED, width) | draw_case(case, n, CASE_SEED + _number(str(case["name"])), width)


def read_reference(sweep: SweepFolder, name: str) -> Reference:
    """Read a finished reference table.

    Parameters
    ----------
    sweep : SweepFolder
        As ``make_reference`` returns it.
    name : str
        Name of the case.
    """
    case = load_case(name)
    shared, own = shared_axes(), case_axes(case)
    axes = (*shared, *own)
    wanted = [*(axis.name for axis in axes), *(f"quantity_{quantity}" for quantity in MEASURED)]
    table = read_parts(sweep.parts("runs"), wanted)
    columns = {column: table[column].to_numpy() for column in wanted}
    places = np.column_stack([unit_place(axis, columns[axis.name]) for axis in axes])
    found = {quantity: columns[f"quantity_{quantity}"].astype(np.float64) for quantity in MEASURED}
    return Reference(case, axes, len(shared), places, found, _read_answers(sweep))


def _read_answers(sweep: SweepFolder) -> NDArray[np.float64] | None:
    """Return the mean answers (n, W, 10) that a table holds, or None."""
    if not sweep.want.answers:
        return None
    names = [row.name for row in QUESTIONNAIRE]
    waves = len(sweep.variants[0].questionnaire_weeks)
    # Rows stand in the order of the runs, and of the waves within each.
    table = read_parts(sweep.parts("answers"), names)
    columns = [table[name].to_numpy() for name in names]
    return np.column_stack(columns).astype(np.float64).reshape(-1, waves, len(names))
