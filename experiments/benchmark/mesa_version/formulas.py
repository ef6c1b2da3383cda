"""Small formulas that several rules share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random


def logistic(x: float) -> float:
    """Return the chance at log-odds ``x``."""
    return 1.0 / (1.0 + math.exp(-x))


def clip(x: float, low: float, high: float) -> float:
    """Return ``x`` held between ``low`` and ``high``."""
    return low if x < low else high if x > high else x


def variation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the total variation distance of two profiles."""
    return 0.5 * sum([abs(a - b) for a, b in zip(first, second, strict=True)])


def normalised(weights: Sequence[float]) -> list[float]:
    """Return weights that sum to 1."""
    total = sum(weights)
    return [weight / total for weight in weights]


def normal(random: Random) -> float:
    """Return a normal number made of four uniforms, as the document has it."""
    uniform = random.random
    return math.sqrt(3.0) * (uniform() + uniform() + uniform() + uniform() - 2.0)
