"""The default covariance in short: over given columns, and its hyperparameters and priors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import Columns, Hyperparameters, Priors
from bayesopt.surrogate.covariance import BoundCovariance, ShortScale, as_covariance, bind
from bayesopt.surrogate.prior import LogPrior

Floats = NDArray[np.float64]


def default(
    columns: Columns, family: str = "matern52", *, short_scale: bool = False
) -> BoundCovariance:
    """The default covariance with a radial function, with a short-scale component or without."""
    tree = as_covariance(family)
    return bind(tree + ShortScale() if short_scale else tree, columns)


def hyperparameters(
    columns: Columns, log_theta: Floats, family: str = "matern52"
) -> Hyperparameters:
    """Those of the default covariance; with a short-scale component where there are so many."""
    plain = default(columns, family)
    short_scale = len(log_theta) > plain.vector.size
    return Hyperparameters(default(columns, family, short_scale=short_scale), log_theta)


def kinds(n_numeric: int, n_categorical: int) -> Columns:
    """Columns of which the first are numeric, the others categorical."""
    categorical = np.arange(n_numeric + n_categorical) >= n_numeric
    return Columns(categorical, np.zeros_like(categorical))


def log_prior(
    priors: Priors,
    n_numeric: int,
    n_categorical: int,
    *,
    deterministic: bool,
    **options: Any,
) -> LogPrior:
    """The prior of the default covariance's vector."""
    vector = default(kinds(n_numeric, n_categorical), **options).vector
    return vector.prior(priors, deterministic=deterministic)
