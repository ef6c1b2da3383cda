"""Draws of a calibrated posterior: what is believed of the model's numbers after the cases were looked at.

Replicate r of a scenario takes draw r (after the last draw comes the first). So an interval over replicates holds what
is not known of the parameters and chance together, and two scenarios with common seeds share their draws. The package
ships the joint posterior of both cases (``docs/results/calibration.md``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NONE, SHIPPED = "none", "cases"
FILE = Path(__file__).resolve().parents[1] / "data" / "posterior.npz"
SHARED = "parameters."
_VALUES, _NAMES, _MADE_WITH = "values", "names", "made_with"


class PosteriorError(UserError):
    """A file of draws that cannot be read."""


@dataclass(frozen=True)
class Draws:
    """Draws of a posterior.

    Attributes
    ----------
    names : tuple of str
        Dotted settings; what belongs to a case has its name and a slash in front (``pccp/enabling.leadership``).
    values : (n_draws, k) float64
        One row per draw.
    made_with : dict
        Hashes of model and targets, and of each case's own numbers (``cases``).
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    made_with: dict[str, Any]


@lru_cache(maxsize=8)
def read_draws(source: str) -> Draws:
    """Read draws.

    Parameters
    ----------
    source : str
        ``cases`` for those that the package ships, or a file that ``partnersim calibrate`` wrote.

    Raises
    ------
    PosteriorError
        When the file cannot be read.
    """
    import numpy as np

    path = FILE if source == SHIPPED else Path(source)
    try:
        with np.load(path, allow_pickle=False) as held:
            names = tuple(str(name) for name in held[_NAMES])
            return Draws(names, held[_VALUES].astype(np.float64), json.loads(str(held[_MADE_WITH])))
    except FileNotFoundError:
        raise PosteriorError(f"posterior: no such file: {source}") from None
    except Exception as error:
        # numpy, zipfile and json each have errors of their own for a file that is none of theirs.
        raise PosteriorError(f"posterior: {source} is not a file of draws that 'partnersim calibrate' wrote") from error


def write_draws(path: Path, draws: Draws) -> None:
    """Write draws, with single precision: they carry far less."""
    import numpy as np

    made_with = json.dumps(draws.made_with, sort_keys=True)
    arrays = {_NAMES: np.array(draws.names), _VALUES: draws.values.astype(np.float32), _MADE_WITH: np.array(made_with)}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def drawn(source: str, case: str, given: frozenset[str]) -> dict[str, NDArray[np.float64]]:
    """Return the numbers that replicates of a case draw.

    Parameters
    ----------
    source : str
        ``cases``, a file, or ``none``.
    case : str
        Name of the case: shared parameters are drawn for any case, others only for one that was fitted.
    given : frozenset of str
        Settings that somebody set; they are not drawn.

    Returns
    -------
    dict of str to (n_draws,) float64
        By dotted name; empty for ``none``.
    """
    if source == NONE:
        return {}
    draws = read_draws(source)
    own = f"{case}/"
    places = {name.removeprefix(own): i for i, name in enumerate(draws.names) if name.startswith((SHARED, own))}
    return {name: draws.values[:, i] for name, i in places.items() if name not in given}


def numbers_hash(case: Mapping[str, Any]) -> str:
    """Return the hash of what a case file says but for its targets: draws of its own numbers hold for these only."""
    numbers = {key: value for key, value in case.items() if key not in ("targets", "name", "sentence")}
    return hashlib.sha256(json.dumps(numbers, sort_keys=True, default=str).encode()).hexdigest()[:16]


def was_fitted(source: str, case: Mapping[str, Any]) -> bool:
    """Tell whether a posterior holds draws for this very case file."""
    return source != NONE and read_draws(source).made_with["cases"].get(str(case.get("name"))) == numbers_hash(case)
