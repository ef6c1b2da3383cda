"""Philox4x32-10 in Python integers, and numbers by address (docs/model/model.md, 7.0)."""

from __future__ import annotations

import math
from collections.abc import Callable

MASK = 0xFFFFFFFF
MULTIPLIER_FIRST = 0xD2511F53
MULTIPLIER_SECOND = 0xCD9E8D57
KEY_STEP_FIRST = 0x9E3779B9
KEY_STEP_SECOND = 0xBB67AE85
ROUNDS = 10

Draw = Callable[[int, int, int, int], list[float]]


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the four words of a counter under a key."""
    word0, word1, word2, word3 = counter
    key0, key1 = key
    for _ in range(ROUNDS):
        first = MULTIPLIER_FIRST * word0
        second = MULTIPLIER_SECOND * word2
        word0, word1, word2, word3 = (
            (second >> 32) ^ word1 ^ key0,
            second & MASK,
            (first >> 32) ^ word3 ^ key1,
            first & MASK,
        )
        key0 = (key0 + KEY_STEP_FIRST) & MASK
        key1 = (key1 + KEY_STEP_SECOND) & MASK
    return word0, word1, word2, word3


def drawer(seed: int, replicate: int) -> Draw:
    """Return ``draw(week, purpose, i, j)``, which gives four numbers in (0, 1)."""
    key = (seed & MASK, replicate & MASK)

    def draw(week: int, purpose: int, first: int, second: int) -> list[float]:
        counter = (week & MASK, int(purpose) & MASK, first & MASK, second & MASK)
        return [(word + 0.5) / 4294967296.0 for word in philox(counter, key)]

    return draw


def normal(uniforms: list[float]) -> float:
    """Make one number of mean 0 and variance 1 of four uniform ones."""
    return math.sqrt(3.0) * (uniforms[0] + uniforms[1] + uniforms[2] + uniforms[3] - 2.0)
