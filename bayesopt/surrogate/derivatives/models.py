"""The covariances of values and derivatives that are chosen from."""

from __future__ import annotations

from bayesopt.surrogate.covariance import Additive, BoundCovariance, bind
from bayesopt.surrogate.selection import Covariances


def of_derivatives(covariances: Covariances) -> dict[str, BoundCovariance]:
    """By name, the simplest first.

    Slopes of ripples say nothing of the trend: a short-scale component may take them. And where
    the objective is about a sum of functions of one parameter each, every derivative is a value
    of one of them: an additive component learns these.
    """
    plain, rugged = covariances.plain, covariances.rugged
    models = {"plain": plain}
    if rugged is not None:
        models["short scale"] = rugged
    if len(plain.columns.numeric) > 1 and Additive.variance.name not in plain.vector.where:
        models["additive"] = bind(plain.tree + Additive("rbf"), plain.columns)
        if rugged is not None:
            models["additive, short scale"] = bind(rugged.tree + Additive("rbf"), plain.columns)
    return models
