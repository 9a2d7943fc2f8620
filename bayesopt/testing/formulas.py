"""A covariance by the formulas of its terms: the second route to what the compiled one says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import (
    Columns,
    Covariance,
    CovarianceOver,
    CovarianceProduct,
    CovarianceSum,
    CovarianceTerm,
    Radial,
)
from bayesopt.surrogate.covariance import BoundCovariance, MixedPoints

Floats = NDArray[np.float64]


class Formulas:
    """A covariance of two points by the formulas of its terms, in their order."""

    def __init__(self, bound: BoundCovariance, log_theta: Floats) -> None:
        self._bound, self._values = bound, bound.vector.named(log_theta)
        self._seen: Counter[str] = Counter()

    def pair(self, x: Floats, y: Floats) -> float:
        """Of points (1, p)."""
        self._seen.clear()
        return self._sum(self._bound.tree, x, y, np.ones(x.shape[1], dtype=bool), nested=False)

    def _value(self, name: str) -> Any:
        self._seen[name] += 1
        return self._values[name if self._seen[name] == 1 else f"{name}_{self._seen[name]}"]

    def _sum(self, tree: Covariance, x: Floats, y: Floats, chosen: Any, *, nested: bool) -> float:
        total = 0.0
        for i, (term, there) in enumerate(self._terms(tree, chosen)):
            leaves = self._leaves(term, there)
            own = [t.variance.name for t, _ in leaves if isinstance(t, CovarianceTerm)]
            own = [name for name in own if name != "outputscale"]
            factor = 1.0
            if i > 0 or not nested:
                factor = float(self._value(own[0] if own else "outputscale"))
            for leaf, where in sorted(leaves, key=lambda leaf: type(leaf[0]) is not Radial):
                if isinstance(leaf, CovarianceTerm):
                    factor *= self._term(leaf, x, y, where)
                else:
                    factor *= self._sum(leaf, x, y, where, nested=True)
            total += factor
        return total

    def _over(self, tree: CovarianceOver, chosen: Any) -> Any:
        named = np.array([name in tree.names for name in self._bound.columns.names])
        return chosen & (~named if tree.others else named)

    def _terms(self, tree: Covariance, chosen: Any) -> list[tuple[Covariance, Any]]:
        if isinstance(tree, CovarianceOver):
            return self._terms(tree.term, self._over(tree, chosen))
        if isinstance(tree, CovarianceSum):
            return [term for part in tree.terms for term in self._terms(part, chosen)]
        return [(tree, chosen)]

    def _leaves(self, tree: Covariance, chosen: Any) -> list[tuple[Covariance, Any]]:
        if isinstance(tree, CovarianceOver):
            return self._leaves(tree.term, self._over(tree, chosen))
        if isinstance(tree, CovarianceProduct):
            return [leaf for term in tree.terms for leaf in self._leaves(term, chosen)]
        return [(tree, chosen)]

    def _term(self, term: CovarianceTerm, x: Floats, y: Floats, chosen: Any) -> float:
        columns = self._bound.columns
        which, known = np.flatnonzero(chosen), columns.embeddings
        embeddings = tuple(known[j] for j in which) if known else ()
        part = Columns(
            columns.categorical[chosen], columns.conditional[chosen], embeddings=embeddings
        )
        values = {}
        for spec in term.named():
            value = self._value(spec.name)
            values[spec.name] = value[part.lengthscale_of] if spec.per == "numeric" else value
        pairs = []
        for point in (x, y):
            numeric, codes = part.features(point[:, chosen])
            kinds = {"numeric": numeric, "categorical": codes}
            pairs.append(kinds.get(term.reads, MixedPoints(numeric, codes)))
        if term.pair is not None:
            row = [np.atleast_1d(v) for v in values.values()]
            plain = getattr(term.pair, "py_func", term.pair)
            theta = np.concatenate(row) if row else np.empty(0)
            return float(plain(pairs[0][0], pairs[1][0], theta))
        return float(np.asarray(term.value(*pairs, **values)).reshape(()))
