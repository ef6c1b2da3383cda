"""Random numbers by address: Philox4x32-10, a function of (seed, replicate, week, purpose, i, j).

Nothing is drawn in sequence. So results do not depend on threads, order or chunks; two scenarios with one
replicate share their luck to the bit until a change bites; a new purpose or an empty seat moves no other draw.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC'11.
"""

from __future__ import annotations

import numpy as np

from sim.kernels._jit import kernel

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


@kernel
def philox(key_0, key_1, counter_0, counter_1, counter_2, counter_3):
    """Return the four 32-bit words (as uint64) of one Philox4x32-10 block; all arguments are uint64 below 2**32."""
    k0, k1 = key_0, key_1
    c0, c1, c2, c3 = counter_0, counter_1, counter_2, counter_3
    for _ in range(10):
        product_0 = _MULTIPLY_0 * c0
        product_1 = _MULTIPLY_1 * c2
        c0 = (product_1 >> _SHIFT) ^ c1 ^ k0
        c2 = (product_0 >> _SHIFT) ^ c3 ^ k1
        c1 = product_1 & _LOW
        c3 = product_0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
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
