"""Random numbers by address: Philox4x32-10, a function of (seed, replicate, week, purpose, i, j).

Nothing is drawn in sequence. So results do not depend on threads, order or chunks; two scenarios with one
replicate share their draws to the bit until a change takes effect; a new purpose or an empty seat moves no other draw.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC'11.
"""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.lanes.values import from_bits, high_word, words

MAX_SEED = 2**32 - 1
"""Seeds and replicates are whole numbers from 0 to this."""

_MULTIPLY_0, _MULTIPLY_1 = 0xD2511F53, 0xCD9E8D57
_WEYL_0, _WEYL_1 = 0x9E3779B9, 0xBB67AE85
_LOW = 0xFFFFFFFF
_SCALE = 1.0 / 4294967296.0
_SQRT_3 = 1.7320508075688772
_TWO_52, _TWO_52_BITS = 4503599627370496.0, 0x4330000000000000


@inner_kernel
def _round(k0, k1, c0, c1, c2, c3):
    """One of the ten rounds; return the next round's keys and counters."""
    product_0 = c0 * _MULTIPLY_0
    product_1 = c2 * _MULTIPLY_1
    return (
        (k0 + _WEYL_0) & _LOW,
        (k1 + _WEYL_1) & _LOW,
        high_word(product_1) ^ c1 ^ k0,
        product_1 & _LOW,
        high_word(product_0) ^ c3 ^ k1,
        product_0 & _LOW,
    )


@inner_kernel
def philox(k0, k1, c0, c1, c2, c3):
    """Return the four 32-bit words of one Philox4x32-10 block, per lane.

    ``k0``, ``k1`` are the key and ``c0`` to ``c3`` the counter, all of 64 bits and below 2**32.
    """
    for _ in range(10):
        k0, k1, c0, c1, c2, c3 = _round(k0, k1, c0, c1, c2, c3)
    return c0, c1, c2, c3


@inner_kernel
def _unit(word):
    """Return (word + 1/2) / 2**32: the bits of 2**52 + word are those of 2**52 with the word below them."""
    return (from_bits(word | _TWO_52_BITS) - _TWO_52 + 0.5) * _SCALE


@inner_kernel
def _block(now, week, purpose, i, j):
    """Return the four uniforms of an address, whose parts are no constants to the compiler: so it is compiled once."""
    none = now.seed & 0
    w0, w1, w2, w3 = philox(now.seed, now.replicate, none + week, none + purpose, none + words(i), none + words(j))
    return _unit(w0), _unit(w1), _unit(w2), _unit(w3)


@kernel
def draw_at(now, week, purpose, i, j):
    """Return four uniforms in (0, 1) for the address of another week; arguments and return as for ``draw``."""
    none = now.week - now.week
    return _block(now, week + none, purpose + none, i + none, j + none)


@kernel
def draw(now, purpose, i, j):
    """Return four uniforms in (0, 1) for an address.

    Parameters
    ----------
    now : Record NOW
        Seed and replicate of each lane, and the week, each from 0 to 2**32 - 1.
    purpose, i, j : int
        A ``Purpose``, a seat (or other index) and a seat (or draw number); ``i`` may differ by lane.

    Returns
    -------
    tuple of four lanes
        Each is (word + 1/2) / 2**32.
    """
    week = now.week
    none = week - week
    return _block(now, week, purpose + none, i + none, j + none)


@kernel
def uniform(now, purpose, i, j):
    """Return the first of the four uniforms of an address."""
    week = now.week
    none = week - week
    u0, _, _, _ = _block(now, week, purpose + none, i + none, j + none)
    return u0


@kernel
def normal_at(now, week, purpose, i, j):
    """Return a number of mean 0 and variance 1: the scaled sum of the four uniforms of an address (Irwin-Hall)."""
    u0, u1, u2, u3 = draw_at(now, week, purpose, i, j)
    return _SQRT_3 * (u0 + u1 + u2 + u3 - 2.0)


@kernel
def normal(now, purpose, i, j):
    """Return a number of mean 0 and variance 1 for an address of this week."""
    return normal_at(now, now.week, purpose, i, j)
