"""Triangular matrices: Cholesky factors, their inverses and products with them.

BLAS and LAPACK take arrays by columns: they see the transposes of ours.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import floats

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_JITTERS = (0.0, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


class NotPositiveDefinite(ArithmeticError):
    """The covariance matrix could not be factorised."""


class _Late:
    """Functions of a module that is imported when the first of them is used: SciPy is not needed
    to import the package.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        function = getattr(importlib.import_module(self._module), name)
        self.__dict__[name] = function  # from now on a plain attribute
        return function


lapack, blas = _Late("scipy.linalg.lapack"), _Late("scipy.linalg.blas")


def regression(A: Floats, y: Floats) -> tuple[Floats, float, Floats]:
    """``A^-1 y`` (n,), half the log determinant of A (n, n), and the lower triangle of ``A^-1``.

    The lower triangle of A is read; A is overwritten.

    Raises
    ------
    NotPositiveDefinite : when A has no Cholesky factor.
    """
    upper, info = lapack.dpotrf(A.T, lower=0, overwrite_a=1, clean=0)
    if info != 0:
        raise NotPositiveDefinite(f"leading minor of order {info} is not positive")
    alpha, _ = lapack.dpotrs(upper, y, lower=0)
    half_log_det = float(np.log(upper.diagonal()).sum())
    inverse, _ = lapack.dpotri(upper, lower=0, overwrite_c=1)
    return alpha, half_log_det, inverse.T


def factor(K: Floats, diagonal: Floats, scale: float) -> Floats:
    """The lower Cholesky factor of K, of which the lower triangle is read, plus a diagonal.

    A near-singular matrix gets the least jitter (times ``scale``) that helps, and a log line.

    Raises
    ------
    NotPositiveDefinite : when even a jitter of 1e-4 does not help.
    """
    for jitter in _JITTERS:
        A = K.copy()
        A.flat[:: len(A) + 1] += diagonal + jitter * scale
        upper, info = lapack.dpotrf(A.T, lower=0, overwrite_a=1, clean=1)
        if info == 0:
            if jitter > 0.0:
                logger.info(
                    "a near-singular covariance of %d points needed a jitter of %g", len(K), jitter
                )
            return np.asarray(upper.T)
    raise NotPositiveDefinite(
        f"the covariance of {len(K)} points is not positive definite "
        f"even with a jitter of {_JITTERS[-1]:g}"
    )


def inverted(lower: Floats) -> Floats:
    """The inverse of a lower triangular matrix."""
    inverse, _ = lapack.dtrtri(lower.T, lower=0)
    return floats(inverse.T)


def times(a: Floats, triangle: Floats, *, transposed: bool = False) -> Floats:
    """``a @ triangle`` or ``a @ triangle.T`` for a lower triangular matrix, at half the cost."""
    product = blas.dtrmm(1.0, triangle.T, a.T, lower=0, trans_a=int(transposed))
    return np.asarray(product.T)


def solve(root: Floats, y: Floats) -> Floats:
    """What the covariance whose inverse factor is ``root`` maps to y (n, F)."""
    return np.ascontiguousarray(root.T @ (root @ y))


def extended(root: Floats, k: Floats, among: Floats, noise: Floats, scale: float) -> Floats:
    """The inverse factor (n + q, n + q) of a covariance that got q further rows, from that of its
    first n, in O(n² q).

    The Cholesky factor would get rows [W, C] with ``W = k root^T`` and ``C C^T = among + noise -
    W W^T``; its inverse gets ``C^-1 [-W root, 1]``.

    Parameters
    ----------
    k : (q, n) covariances of the new rows with the first ones.
    among : (q, q) those of the new rows with themselves.
    noise : (q,) their noise variances.
    scale : in units of which jitter is added, see :func:`factor`.

    Raises
    ------
    NotPositiveDefinite : as :func:`factor`.
    """
    w = times(k, root, transposed=True)
    corner = inverted(factor(among - w @ w.T, noise, scale))
    n, q = len(root), len(k)
    larger = np.empty((n + q, n + q))
    larger[:n, :n], larger[:n, n:] = root, 0.0
    larger[n:, :n], larger[n:, n:] = -corner @ times(w, root), corner
    return larger
