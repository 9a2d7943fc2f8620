"""From coordinates to what the covariance measures distances on.

A numeric column becomes one feature, its centred coordinate. A *conditional* numeric column
becomes two: the centred coordinate and an activity, both 0 where the parameter is inactive.
Distances are Euclidean in this embedding, so the covariance is positive definite by construction
(unlike "a constant distance when one of the two is inactive", whose matrix has negative
eigenvalues); the activity's height is such that an active and an inactive point are, on average,
as far apart as two uniformly drawn active ones. An inactive category is one more label. A column
may have an embedding of its own, such as a circle.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# E|u - u'|^2 = 1/6 for two uniform coordinates; E|u - 1/2|^2 = 1/12 leaves 1/12 for the activity
_ACTIVITY = np.sqrt(1.0 / 12.0)


class Embedding(ABC):
    """How a numeric parameter enters distances: as a point of a few coordinates, its features.

    Attributes
    ----------
    size : how many features; all have the lengthscale of the parameter.
    activity : the height of a conditional parameter's activity: the root of the mean squared
        length of the features, so that an active and an inactive point are as far apart as two
        active ones are on average.
    """

    size: int
    activity: float

    @abstractmethod
    def features(self, u: Floats) -> Floats:
        """Features (n, size) of centred coordinates (n,), of mean 0 over the parameter's range."""

    @abstractmethod
    def slopes(self, u: Floats) -> Floats:
        """Derivatives (n, size) of the features."""


@dataclass(frozen=True)
class Circle(Embedding):
    """A parameter whose two ends are the same, such as an angle or an hour of the day.

    Points of a circle of circumference 1, with the distance across it (the chord): near ones are
    as far apart as their coordinates are.
    """

    size = 2
    activity = 1.0 / (2.0 * np.pi)

    def features(self, u: Floats) -> Floats:
        """Cosine and sine."""
        t = 2.0 * np.pi * u
        return np.column_stack([np.cos(t), np.sin(t)]) / (2.0 * np.pi)

    def slopes(self, u: Floats) -> Floats:
        """Derivatives of these."""
        t = 2.0 * np.pi * u
        return np.column_stack([-np.sin(t), np.cos(t)])


@dataclass(frozen=True, eq=False)
class Columns:
    """The kinds of a space's p columns: all a surrogate needs to know of the space.

    Attributes
    ----------
    categorical : (p,) bool, coordinates are category codes.
    conditional : (p,) bool, may be inactive (NaN).
    names : of the columns, for reports; empty where nobody said.
    embeddings : (p,) how each numeric column enters distances, None: by its coordinate; empty
        where all do.
    own_weights : column -> number of labels of those categorical columns in which each label has
        a weight of its own: unequal labels i and j have the factor exp(-(w_i + w_j)).
    noise_by : a categorical column whose labels each have a noise of their own, None: there is
        none.
    noise_label : the one of its labels whose noise is the hyperparameter ``noise``; that of the
        others is a multiple of it.
    n_noises : how many labels it has.
    together : (p, p) of the points where a column is active the share where another one is active
        too; None: all always are.
    """

    categorical: NDArray[np.bool_]
    conditional: NDArray[np.bool_]
    names: tuple[str, ...] = ()
    embeddings: tuple[Embedding | None, ...] = ()
    own_weights: Mapping[int, int] = field(default_factory=dict)
    noise_by: int | None = None
    noise_label: int = 0
    n_noises: int = 1
    together: Floats | None = None

    @property
    def of_one_noise(self) -> Columns:
        """The same with one noise for all."""
        if self.noise_by is None:
            return self
        if "one noise" not in self.cache:
            self.cache["one noise"] = replace(self, noise_by=None)
        found: Columns = self.cache["one noise"]
        return found

    def noise_ratio_of(self, coords: Floats) -> Integers | None:
        """(n,) for points (n, p) which of the noise ratios is theirs, -1 where it is 1; None where
        all have one noise.
        """
        if self.noise_by is None:
            return None
        labels = coords[:, self.noise_by].astype(np.int64)
        others = labels - (labels > self.noise_label)
        return np.where(labels == self.noise_label, -1, others)

    def dimensions(self, of: Integers, among: Integers) -> Floats:
        """How many of the columns ``among`` (k,) are active, on average, where each of the
        columns ``of`` (m,) is: (m,).
        """
        if self.together is None:
            return np.full(len(of), float(len(among)))
        return np.asarray(self.together[np.ix_(of, among)].sum(axis=1))

    @cached_property
    def numeric(self) -> Integers:
        """(g,) indices of the numeric columns; each has a lengthscale."""
        return np.flatnonzero(~self.categorical).astype(np.int64)

    @cached_property
    def categories(self) -> Integers:
        """(h,) the categorical column of each weight: in turn, one with weights of its labels as
        often as it has labels.
        """
        found = np.flatnonzero(self.categorical)
        return np.repeat(found, [self.own_weights.get(int(j), 1) for j in found]).astype(np.int64)

    @cached_property
    def _label_of(self) -> Integers:
        """(h,) the label of each weight, -1 where it is that of all."""
        each = [
            np.arange(self.own_weights[int(j)]) if int(j) in self.own_weights else [-1]
            for j in np.flatnonzero(self.categorical)
        ]
        return np.concatenate([np.empty(0), *each]).astype(np.int64)

    def indicators(self, codes: Floats) -> Floats:
        """Codes (B, h) as weights count them: whether it is the label, where labels have their
        own: where i and j differ, so do two of these.
        """
        if not self.own_weights:
            return codes
        return np.where(self._label_of >= 0, codes == self._label_of, codes).astype(float)

    @cached_property
    def cache(self) -> dict[Any, Any]:
        """What was made of these columns before and would be made the same way again."""
        return {}

    @cached_property
    def _switched(self) -> Integers:
        """(k,) positions among the numeric columns of those that are conditional."""
        return np.flatnonzero(self.conditional[self.numeric]).astype(np.int64)

    @cached_property
    def lengthscale_of(self) -> Integers:
        """(q,) for each feature the position of its lengthscale among the numeric columns."""
        more = [np.repeat(j, e.size - 1) for j, e in self._embedded]
        parts = [np.arange(len(self.numeric)), self._switched, *more]
        return np.concatenate(parts).astype(np.int64)

    @cached_property
    def _embedded(self) -> list[tuple[int, Embedding]]:
        """Positions among the numeric columns of those with an embedding, and that."""
        if not self.embeddings:
            return []
        of = [self.embeddings[j] for j in self.numeric]
        return [(i, e) for i, e in enumerate(of) if e is not None]

    @cached_property
    def _heights(self) -> Floats:
        """(k,) the activity of each conditional numeric column where it is active."""
        heights = np.full(len(self.numeric), _ACTIVITY)
        for i, e in self._embedded:
            heights[i] = e.activity
        return heights[self._switched]

    def features(self, coords: Floats) -> tuple[Floats, Integers]:
        """Features (B, q) and category codes (B, h) of coordinates (B, p)."""
        u = coords[:, self.numeric] - 0.5
        codes = coords[:, self.categories]
        more = []
        for i, e in self._embedded:
            first, rest = np.split(e.features(u[:, i]), [1], axis=1)
            u[:, i] = first[:, 0]
            more.append(rest)
        if self.conditional.any():
            switched = u[:, self._switched]
            activity = np.where(np.isnan(switched), 0.0, self._heights)
            for k, rest in enumerate(more):
                more[k] = np.where(np.isnan(rest), 0.0, rest)
            u = np.concatenate([np.where(np.isnan(u), 0.0, u), activity], axis=1)
            codes = np.where(np.isnan(codes), -1.0, codes)
        codes = self.indicators(codes)
        if more:
            u = np.concatenate([u, *more], axis=1)
        return np.ascontiguousarray(u), np.ascontiguousarray(codes, dtype=np.int64)

    def pullback(self, coords: Floats, slopes: Floats) -> Floats:
        """Gradients (B, p) in the coordinates from gradients (B, q) in the features.

        Zero for categorical and inactive columns.
        """
        gradient = np.zeros(coords.shape)
        gradient[:, self.numeric] = slopes[:, : len(self.numeric)]
        at = len(self.numeric) + len(self._switched)
        for i, e in self._embedded:
            own = e.slopes(coords[:, self.numeric[i]] - 0.5)
            rest = slopes[:, at : at + e.size - 1]
            gradient[:, self.numeric[i]] = own[:, 0] * slopes[:, i] + (own[:, 1:] * rest).sum(
                axis=1
            )
            at += e.size - 1
        gradient[np.isnan(coords)] = 0.0
        return gradient
