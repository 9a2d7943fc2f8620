"""The evaluations as arrays, and the constraint's model, as ``bayes_opt`` shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesopt.compiled import blas_threads
from bayesopt.integrations.bayes_opt.convert import ConstraintBounds
from bayesopt.integrations.bayes_opt.observed import Observed, scalar
from bayesopt.optimizer import Optimizer, Prediction
from bayesopt.space import Int

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TargetSpace:
    """The evaluations as arrays; a category is its index.

    Attributes
    ----------
    observed : the evaluations.
    register : the run's ``register``.
    """

    observed: Observed
    register: Callable[..., None]

    def __len__(self) -> int:
        return len(self.observed.points)

    def __contains__(self, point: Mapping[str, Any] | Iterable[Any]) -> bool:
        return self.observed.find(self._read(point)) is not None

    @property
    def empty(self) -> bool:
        """Whether nothing was registered."""
        return not self.observed.points

    @property
    def keys(self) -> list[str]:
        """Names of the parameters."""
        return self.observed.names

    @property
    def dim(self) -> int:
        """Number of columns of ``params``: one for each parameter."""
        return self.observed.space.n_columns

    @property
    def params(self) -> Floats:
        """(n, p) the points."""
        space = self.observed.space
        rows = [space.encode(r.params, outside=True) for r in self.observed.points]
        return np.array(rows).reshape(len(rows), space.n_columns)

    @property
    def target(self) -> Floats:
        """(n,) the values."""
        return np.array([r.target for r in self.observed.points], dtype=float)

    @property
    def constraint_values(self) -> Floats:
        """(n,) values of the constraint, or (n, m) of several.

        Raises
        ------
        AttributeError : without a constraint.
        """
        if self.observed.limits is None:
            raise AttributeError("constraint_values: there is no constraint")
        found = [scalar(r.constraint) for r in self.observed.points if r.constraint is not None]
        m = len(self.observed.limits.low)
        return np.array(found, dtype=float).reshape((len(found), m) if m > 1 else (len(found),))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(n,) whether each point keeps to bounds and constraint."""
        seen = self.observed
        return np.array([seen.allowed(r) and seen.inside(r.params) for r in seen.points], bool)

    @property
    def bounds(self) -> Floats:
        """(p, 2) the bounds; of a categorical parameter, its first and last index."""
        space = self.observed.space
        ends = np.array([np.zeros(space.n_columns), np.ones(space.n_columns)])
        ends[1, space.is_categorical] = space.n_levels[space.is_categorical] - 1
        return space.to_rows(ends).T

    def params_to_array(self, params: Mapping[str, Any]) -> Floats:
        """(p,) a point as an array."""
        return self.observed.space.encode(self.observed.read(params), outside=True)

    def array_to_params(self, x: ArrayLike) -> dict[str, Any]:
        """The point of an array (p,).

        Raises
        ------
        ValueError : for another number of values.
        """
        row = np.asarray(x, dtype=float)
        if row.shape != (self.dim,):
            raise ValueError(f"expected an array of shape ({self.dim},); got {row.shape}")
        space = self.observed.space
        whole = [isinstance(space.parameters[name], Int) for name in space.columns]
        return space.decode(np.where(whole | space.is_categorical, np.round(row), row))

    def res(self) -> list[dict[str, Any]]:
        """All evaluations in the order of registration."""
        return [self.observed.shown(registered) for registered in self.observed.points]

    def max(self) -> dict[str, Any] | None:
        """The best evaluation within the bounds and the constraint, or None."""
        return self.observed.best()

    def _read(self, point: Mapping[str, Any] | Iterable[Any]) -> dict[str, Any]:
        return self.observed.read(point)


@dataclass(frozen=True)
class ConstraintModel:
    """The constraint and what is learned of it.

    Attributes
    ----------
    limits : the constraint.
    space : the evaluations.
    optimizer : whose model is asked.
    """

    limits: ConstraintBounds
    space: TargetSpace
    optimizer: Optimizer

    @property
    def fun(self) -> Callable[..., Any] | None:
        """The function of the parameters, or None."""
        return self.limits.fun

    @property
    def lb(self) -> Floats:
        """(m,) lower bounds."""
        return self.limits.low

    @property
    def ub(self) -> Floats:
        """(m,) upper bounds."""
        return self.limits.high

    def eval(self, **params: Any) -> Any:
        """The value of the constraint's function; TypeError where there is none."""
        if self.limits.fun is None:
            raise TypeError("the constraint has no function: its values are only registered")
        return scalar(self.limits.values(self.limits.at(params)))

    def allowed(self, values: ArrayLike) -> Any:
        """Whether values keep to the bounds: (n,) for values (n,), or (n, m) of m components."""
        found = np.asarray(values, dtype=float)
        if found.ndim == 0 or (found.ndim == 1 and len(self.lb) > 1):
            return self.limits.allowed(found)
        kept = (self.lb <= found.reshape(-1, len(self.lb))) & (
            found.reshape(-1, len(self.lb)) <= self.ub
        )
        return np.asarray(kept.all(axis=1))

    def approx(self, X: ArrayLike) -> Floats:
        """The values that the model expects at points.

        What matters is where the bounds are, so the model flattens what is far from them: a value
        far from a component's nearest bound is shown nearer to it than it is.

        Parameters
        ----------
        X : (n, p) points as in ``space.params``.

        Returns
        -------
        (n,), or (n, m) with several components; NaN for a component without bounds.

        Raises
        ------
        ValueError : before the first evaluation.
        """
        n = len(np.atleast_2d(np.asarray(X, dtype=float)))
        found = np.full((n, len(self.lb)), np.nan)
        distance = np.full((n, len(self.lb)), np.inf)
        for (i, sign, bound), (_, prediction) in self._predictions(X).items():
            excess = prediction.mean
            nearer = np.abs(excess) < distance[:, i]
            found[nearer, i] = bound + sign * excess[nearer]
            distance[nearer, i] = np.abs(excess[nearer])
        return found[:, 0] if len(self.lb) == 1 else found

    def predict(self, X: ArrayLike) -> Floats:
        """(n,) the probability that the constraint is kept at points ``X`` (n, p).

        Components are taken to be independent of each other.

        Raises
        ------
        ValueError : before the first evaluation.
        """
        from scipy.special import ndtr

        n = len(np.atleast_2d(np.asarray(X, dtype=float)))
        kept = np.ones((n, len(self.lb)))
        for (component, _, _), (limit, prediction) in self._predictions(X).items():
            sd = np.maximum(prediction.latent_sd, 1e-300)
            kept[:, component] += ndtr((limit - prediction.latent_mean) / sd) - 1.0
        return np.asarray(np.maximum(kept, 0.0).prod(axis=1))

    def _predictions(
        self, X: ArrayLike
    ) -> dict[tuple[int, float, float], tuple[float, Prediction]]:
        """For each bound (component, its sign, its value): its limit, and its excess at X."""
        space = self.space.observed.space
        coords = space.to_coords(np.atleast_2d(np.asarray(X, dtype=float)))
        found = {}
        with blas_threads(1):
            self.optimizer.trials  # noqa: B018  (reads what is new)
            fits = self.optimizer._model().constraints
            if not fits:
                raise ValueError("nothing to predict from: register an evaluation first")
            for bound in self.limits.bounds:
                fitted = fits[bound.name]
                mean, var = fitted.posterior.mean_var(coords)
                limit = float(fitted.transform.forward(np.zeros(1))[0])
                key = (bound.component, bound.sign, bound.value)
                found[key] = limit, Prediction(mean, np.sqrt(var), fitted.transform, 1.0)
        return found
