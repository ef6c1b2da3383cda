"""Random numbers by address: Philox4x32-10, a function of (seed, replicate, week, purpose, i, j).

Nothing is drawn in sequence. So results do not depend on threads, order or chunks; two scenarios with one
replicate share their draws to the bit until a change takes effect; a new purpose or an empty seat moves no other draw.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC'11.
"""

from __future__ import annotations

import numpy as np

from sim.core._jit import inlined_kernel, kernel

MAX_SEED = 2**32 - 1
"""Seeds and replicates are whole numbers from 0 to this."""

_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_SCALE = 1.0 / 4294967296.0
_SQRT_3 = 1.7320508075688772


@inlined_kernel
def _round(k0, k1, c0, c1, c2, c3):
    """One of the ten rounds; return the next round's keys and counters."""
    product_0 = _MULTIPLY_0 * c0
    product_1 = _MULTIPLY_1 * c2
    return (
        (k0 + _WEYL_0) & _LOW,
        (k1 + _WEYL_1) & _LOW,
        (product_1 >> _SHIFT) ^ c1 ^ k0,
        product_1 & _LOW,
        (product_0 >> _SHIFT) ^ c3 ^ k1,
        product_0 & _LOW,
    )


@inlined_kernel
def philox(k0, k1, c0, c1, c2, c3):
    """Return the four 32-bit words (as uint64) of one Philox4x32-10 block.

    ``k0``, ``k1`` are the key and ``c0`` to ``c3`` the counter, all uint64 below 2**32. The rounds are written out:
    as a loop they would keep a loop over draws out of vector lanes, which costs four fifths of the speed.
    """
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    _, _, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    return c0, c1, c2, c3


@kernel
def draw(now, purpose, i, j):
    """Return four uniforms in (0, 1) for an address.

    Parameters
    ----------
    now : tuple of three int64
        Seed, replicate and week, each from 0 to 2**32 - 1.
    purpose, i, j : int
        A ``Purpose``, a seat (or other index) and a seat (or draw number).

    Returns
    -------
    tuple of four float64
        Each is (word + 1/2) / 2**32.
    """
    w0, w1, w2, w3 = philox(
        np.uint64(now[0]),
        np.uint64(now[1]),
        np.uint64(now[2]),
        np.uint64(purpose),
        np.uint64(i),
        np.uint64(j),
    )
    return (
        (float(w0) + 0.5) * _SCALE,
        (float(w1) + 0.5) * _SCALE,
        (float(w2) + 0.5) * _SCALE,
        (float(w3) + 0.5) * _SCALE,
    )


@kernel
def normal(now, purpose, i, j):
    """Return a number of mean 0 and variance 1 for an address: the scaled sum of its four uniforms (Irwin-Hall)."""
    u0, u1, u2, u3 = draw(now, purpose, i, j)
    return _SQRT_3 * (u0 + u1 + u2 + u3 - 2.0)


@kernel
def draw_each(now, purpose, j, out):
    """Write the first uniform of the addresses (purpose, i, j) of i = 0, 1, ... into ``out``, (n,) float64."""
    k0, k1, week = np.uint64(now[0]), np.uint64(now[1]), np.uint64(now[2])
    for i in range(out.size):
        word, _, _, _ = philox(k0, k1, week, np.uint64(purpose), np.uint64(i), np.uint64(j))
        out[i] = (float(word) + 0.5) * _SCALE
