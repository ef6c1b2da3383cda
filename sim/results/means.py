"""Means over what is there: missing values are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def mean_there(
    values: NDArray[Any], axis: int | tuple[int, ...], mask: NDArray[np.bool_] | None = None, least: int = 1
) -> NDArray[np.float64]:
    """Return means over an axis, leaving out NaN and infinite values.

    Parameters
    ----------
    values : array of float64
        Values.
    axis : int or tuple of int
        The axis or axes to average over.
    mask : array of bool, optional
        Which values count; it has the shape of ``values``.
    least : int
        How many values a mean needs; below, it is NaN.

    Returns
    -------
    array of float64
        The shape of ``values`` without ``axis``.

    Examples
    --------
    >>> mean_there(np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]]), 1)
    array([ 2., nan])
    """
    there = np.isfinite(values) if mask is None else mask & np.isfinite(values)
    count = np.asarray(there.sum(axis=axis))
    total = np.where(there, values, 0.0).sum(axis=axis)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count >= least))
