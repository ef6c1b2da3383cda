"""A home organisation: what stands behind its seats, and what it remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiments.benchmark.mesa_version.settings import KINDS


@dataclass(eq=False)
class Organisation:
    """An organisation that takes part; a plain object, for it decides nothing by itself.

    Attributes
    ----------
    backing, backing_base : float
        Share of full backing now, and what it falls back to.
    tenure : int
        Weeks that it has taken part.
    place : int, optional
        Its number in the case; none for those that joined later.
    memory : list of float
        What persons who left had learnt, per kind of resource.
    """

    backing: float
    backing_base: float
    tenure: int = 0
    place: int | None = None
    memory: list[float] = field(default_factory=lambda: [0.0] * len(KINDS))
