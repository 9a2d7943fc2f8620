"""Derivatives that contradict the values: a wrong sign or unit is the commonest mistake.

The derivatives with respect to one parameter are predicted, with their covariance C, from what
does not depend on them. Those told, d, are regressed on the prediction m: ``d = c m + error`` with
errors in proportion to C. The factor c is 1 where all is well, below 0 where the sign is wrong,
and far from 1 where the unit is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.derivatives.process import DerivativeProcess
from bayesopt.surrogate.derivatives.rows import Rows

Floats = NDArray[np.float64]

_FEWEST = 4  # derivatives with respect to a parameter, to judge it
_MOST = 60  # are looked at: more cost time and say no more
_MATTERS = 0.3  # standardised values over the range of a parameter; less is next to nothing
_SIGNIFICANT = 5.0  # standard deviations
_FAR = 8.0  # times larger or smaller than the values say
_ALIKE = 0.8  # of the told ones' variation is predicted, up to the factor, if it is a mistake
_LEAST_ERROR = 0.05  # of the expected one: no regression is better than this


class Contradiction(Enum):
    """How the derivatives with respect to a parameter contradict the values."""

    SIGN = "have the wrong sign, to judge by the values"
    SCALE = "have another size than the values say; is it the unit?"


def contradictions(
    process: DerivativeProcess, rows: Rows, columns: Iterable[int]
) -> dict[int, Contradiction]:
    """The numeric columns whose derivatives contradict the rest of what is known.

    Parameters
    ----------
    process : given values, and perhaps some of the derivatives among ``rows``.
    rows : all that was told.
    columns : which of the numeric columns to look at.
    """
    found = {}
    for j in columns:
        asked = np.flatnonzero(rows.of == j)
        if len(asked) < _FEWEST:
            continue
        mean, cov, told = _expected(process, rows, j, asked[-_MOST:])
        verdict = _judged(told, mean, cov)
        if verdict is not None:
            found[j] = verdict
    return found


def _expected(
    process: DerivativeProcess, rows: Rows, j: int, asked: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """What all but the derivatives of column j say of these: mean, covariance; and what was
    told.
    """
    own = process.rows.of == j
    if own.any():
        mean, cov = process.leave_out(own)
        return mean, cov, process.rows.y[own]
    which = np.zeros(len(rows), dtype=bool)
    which[asked] = True
    mean, cov = process.slopes(rows.some(which))
    return mean, cov, rows.y[which]


def _judged(told: Floats, mean: Floats, cov: Floats) -> Contradiction | None:
    size = math.sqrt(max(float(told @ told), float(mean @ mean)) / len(told))
    cov = cov + 1e-8 * max(float(np.trace(cov)) / len(cov), 1e-300) * np.eye(len(cov))
    try:
        root = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:  # nothing is uncertain: rounding decides
        return None
    d, m = np.linalg.solve(root, told), np.linalg.solve(root, mean)
    length, both = float(m @ m), float(m @ d)
    # they matter, and are what was predicted but for a factor
    alike = length > 0.0 and both * both > _ALIKE * length * float(d @ d)
    if not (alike and size > _MATTERS and math.isfinite(length)):
        return None
    c = both / length
    error = max(float(np.linalg.norm(d - c * m)) / math.sqrt(len(d) - 1), _LEAST_ERROR)
    sd = error / math.sqrt(length)
    if -c > _SIGNIFICANT * sd:
        return Contradiction.SIGN
    far = not 1.0 / _FAR < c < _FAR
    return Contradiction.SCALE if c > 0.0 and far and abs(c - 1.0) > _SIGNIFICANT * sd else None
