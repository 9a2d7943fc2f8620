"""From a tree of terms to factors over given columns, each with places in the vector of θ."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance.base import (
    Covariance,
    CovarianceOver,
    CovarianceProduct,
    CovarianceSum,
    CovarianceTerm,
    Hyperparameter,
)
from bayesopt.surrogate.covariance.factors import CompiledFactor, Factor, Subset
from bayesopt.surrogate.covariance.formula import Formula
from bayesopt.surrogate.covariance.summands import NestedSum, Summand
from bayesopt.surrogate.covariance.terms import FAMILIES, Categories, Radial, ShortScale
from bayesopt.surrogate.covariance.vector import NOISE_RATIO, HyperparameterVector, Places
from bayesopt.surrogate.features import Columns

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
logger = logging.getLogger("bayesopt")

_Leaf = tuple[Covariance, Bools]  # a term, or a sum within a product, and the columns it reads


@dataclass
class Binder:
    """Binds the terms of a tree in order, and gives each hyperparameter its place.

    Attributes
    ----------
    columns : of the space.
    places : given out so far.
    read : (p,) columns that some term reads.
    """

    columns: Columns
    places: Places = field(default_factory=Places)
    leads: bool = True  # until a term was bound

    def __post_init__(self) -> None:
        self.read = np.zeros(len(self.columns.categorical), dtype=bool)

    def bound(self, tree: Covariance) -> tuple[tuple[Summand, ...], HyperparameterVector]:
        """The summands of a tree and the places of all hyperparameters."""
        summands = self._sum(
            tree, np.ones(len(self.columns.categorical), dtype=bool), nested=False
        )
        unread = np.flatnonzero(~self.read)
        if len(unread):
            named = [self.columns.names[j] if self.columns.names else str(j) for j in unread]
            logger.warning(
                "no term of the covariance %r reads the parameters %s: they have no part in "
                "the predictions",
                tree,
                ", ".join(named),
            )
        if self.columns.noise_by is not None:
            self.places.take(NOISE_RATIO, np.ones(self.columns.n_noises - 1))
        return summands, HyperparameterVector(tuple(self.places.taken))

    def _sum(self, tree: Covariance, chosen: Bools, *, nested: bool) -> tuple[Summand, ...]:
        summands = []
        for i, (term, where) in enumerate(self._terms(tree, chosen)):
            leaves = self._leaves(term, where)
            variance = None  # in a product the first summand is scaled by the product's variance
            if i > 0 or not nested:
                variance = self.places.take(
                    _variance_of(leaves), self._on_average(np.flatnonzero(where))
                )
            summands.append(Summand(variance, self._factors(leaves)))
            self.leads = False
        return tuple(summands)

    def _terms(self, tree: Covariance, chosen: Bools) -> list[_Leaf]:
        """The terms of a sum, each with its columns."""
        if isinstance(tree, CovarianceOver):
            return self._terms(tree.term, self._restricted(tree, chosen))
        if isinstance(tree, CovarianceSum):
            return [term for part in tree.terms for term in self._terms(part, chosen)]
        return [(tree, chosen)]

    def _leaves(self, tree: Covariance, chosen: Bools) -> list[_Leaf]:
        """The factors of a product, each with its columns."""
        if isinstance(tree, CovarianceOver):
            return self._leaves(tree.term, self._restricted(tree, chosen))
        if isinstance(tree, CovarianceProduct):
            return [leaf for term in tree.terms for leaf in self._leaves(term, chosen)]
        if not isinstance(tree, (CovarianceSum, CovarianceTerm)):
            raise TypeError(f"a covariance must be made of covariance terms; got {tree!r}")
        return [(tree, chosen)]

    def _restricted(self, over: CovarianceOver, chosen: Bools) -> Bools:
        names = self.columns.names
        unknown = sorted(set(over.names) - set(names))
        if unknown:
            raise ValueError(
                f"the covariance reads the parameters {', '.join(unknown)}, which the space does "
                f"not have; it has {', '.join(names) or 'no names'}"
            )
        listed = np.array([name in over.names for name in names])
        return np.asarray(chosen & (~listed if over.others else listed))

    def _factors(self, leaves: Sequence[_Leaf]) -> tuple[Factor, ...]:
        factors: list[Factor] = []
        rest = sorted(leaves, key=lambda leaf: type(leaf[0]) is not Radial)  # to find its partner
        while rest:
            term, chosen = rest.pop(0)
            if type(term) is Radial:
                partner = next(
                    (
                        leaf for leaf in rest
                        if type(leaf[0]) is Categories and np.array_equal(leaf[1], chosen)
                    ),
                    None,
                )  # fmt: skip
                if partner is not None:
                    rest = [leaf for leaf in rest if leaf is not partner]
                factors.append(self._radial(term, partner, chosen, alone=not rest))
            elif type(term) is ShortScale:
                factors.append(self._short_scale(term, chosen))
            elif isinstance(term, CovarianceSum):
                self.leads = False  # what leads stands alone
                factors.append(NestedSum(self._sum(term, chosen, nested=True)))
            else:
                assert isinstance(term, CovarianceTerm)  # there are no other leaves
                factors.append(self._formula(term, chosen))
            self.leads = False
        return tuple(factors)

    def _radial(
        self, term: Radial, partner: _Leaf | None, chosen: Bools, *, alone: bool
    ) -> CompiledFactor:
        subset = self._subset(chosen, "mixed" if partner is not None else "numeric")
        lengthscale = self._take(term.named()[0], subset)
        weights = slice(0, 0)  # where no labels are read
        if partner is not None:
            assert isinstance(partner[0], Categories)
            weights = self._take(partner[0].named()[0], subset)
        leads = self.leads and alone and subset.whole
        family = FAMILIES[term.family]
        return CompiledFactor(family, subset, lengthscale, weights, shared=False, leads=leads)

    def _short_scale(self, term: ShortScale, chosen: Bools) -> CompiledFactor:
        subset = self._subset(chosen, "mixed")
        place = self._take(term.named()[0], subset)
        family = FAMILIES["matern52"]
        return CompiledFactor(family, subset, place, None, shared=True, leads=False)

    def _formula(self, term: CovarianceTerm, chosen: Bools) -> Formula:
        if term.pair is not None and term.reads == "mixed":
            raise TypeError(
                f"{type(term).__name__}.pair reads 'numeric' or 'categorical' coordinates; "
                "a term that reads 'mixed' ones needs value(self, x, y, ...)"
            )
        subset = self._subset(chosen, term.reads)
        places = {spec.name: self._take(spec, subset) for spec in term.named()}
        labels = np.arange(len(subset.codes))
        spread = {
            spec.name: {None: None, "numeric": subset.scale_of, "categorical": labels}[spec.per]
            for spec in term.named()
        }
        return Formula(term, subset, places, spread)

    def _take(self, spec: Hyperparameter, subset: Subset) -> slice:
        columns = self.columns
        numeric = columns.numeric[np.unique(columns.lengthscale_of[subset.features])]
        labels = columns.categories[subset.codes]  # a column may have several weights
        read = np.union1d(numeric, labels)
        each = {None: read, "numeric": numeric, "categorical": labels}[spec.per]
        several = spec.per is not None
        dimensions = columns.dimensions(each, read) if several else self._on_average(read)
        return self.places.take(spec, dimensions)

    def _on_average(self, read: Integers) -> Floats:
        """(1,) how many of some columns are active, on average over those of them that are."""
        found = self.columns.dimensions(read, read)
        return np.array([found.mean() if len(found) else 0.0])

    def _subset(self, chosen: Bools, reads: str) -> Subset:
        columns = self.columns
        numeric, categorical = chosen[columns.numeric], chosen[columns.categories]
        if reads == "numeric":
            categorical = np.zeros_like(categorical)
        if reads == "categorical":
            numeric = np.zeros_like(numeric)
        self.read[columns.numeric[numeric]] = True
        self.read[columns.categories[categorical]] = True
        among = np.cumsum(numeric) - 1  # positions among the chosen numeric columns
        features = np.flatnonzero(numeric[columns.lengthscale_of])
        scale_of = among[columns.lengthscale_of[features]].astype(np.int64)
        codes = np.flatnonzero(categorical)
        whole = bool(numeric.all() and categorical.all())
        return Subset(features, codes, scale_of, int(numeric.sum()), whole)


def _variance_of(leaves: Sequence[_Leaf]) -> Hyperparameter:
    """The variance of a summand: one that a term names, or the outputscale."""
    usual = CovarianceTerm.variance
    named = [t.variance for t, _ in leaves if isinstance(t, CovarianceTerm)]
    return next((v for v in named if v != usual), usual)
