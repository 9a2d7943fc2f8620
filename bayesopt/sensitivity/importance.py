"""What matters in a run: each parameter's share of the model's variance, with error bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import blas_threads
from bayesopt.sensitivity.closed_form import is_product, product_indices
from bayesopt.sensitivity.draws import Draws, Laplace, mixture_draws, realised
from bayesopt.sensitivity.effects import LITTLE, Importance, PairEffect, ParameterEffect
from bayesopt.sensitivity.estimators import DependentSample, Indices, Sample
from bayesopt.sensitivity.evenness import evenness
from bayesopt.sensitivity.fitted_run import FittedRun
from bayesopt.sensitivity.left_out import leave_one_out
from bayesopt.space import Space
from bayesopt.surrogate import Component, Fitted, GaussianProcess, Observations, OutputTransform

Floats = NDArray[np.float64]

_LOG2_N = 12
_WORK = 7.5e7  # covariances between points and data that an answer may take
_DRAWS, _FEWER, _LOG2_DRAWN = 16, 8, 9
_DRAWN_WORK = 6e7  # the same, for all draws
_MANY = 400  # observations from which on fewer functions are drawn
_REALISED = 256  # points at which functions are drawn
_PAIRED = 5  # parameters whose pairs are looked at
_INTERACTS = 0.01  # share by which total and first order differ at least in a pair
_EVEN = 0.7  # evenness below which a search has left most of the space unknown
_BEYOND = 0.25  # of the range of the observed values, in the model's scale


def what_matters(run: FittedRun, output: str | None = None) -> Importance:
    """First-order and total Sobol' indices of the posterior mean, in the user's units.

    Over the prior of the space: every parameter is uniform on its own scale, or over its values.
    A conditional parameter does nothing where it is inactive, so its index is weighed by how often
    it is active. Values beyond the fence of a box plot count as the fence, as in the model.

    Parameters
    ----------
    output : the name of an objective or an outcome constraint; None: the first objective.

    Raises
    ------
    ValueError : for an unknown name, or with fewer than two results.
    """
    chosen = run.output(output)
    data, space = run.observations(chosen), run.data.space
    dependent = space.table is not None or space.has_constraints
    with blas_threads(1):
        fitted = run.model.fits[chosen]
        fitted = fitted.own or fitted  # what this run's own results say
        columns, surrogate = run.data.columns, run.config.surrogate
        laplace = Laplace.of(fitted, columns, data, surrogate)
        determined = 0.0 if laplace is None else laplace.determined
        left_out = leave_one_out(fitted, data.coords, determined)
        r2 = float("nan") if left_out is None else left_out.explained
        if not space.n_columns:
            return Importance((), (), r2, chosen.name, len(data.values), "no parameter varies")
        sample = _sample(space, len(data.values), dependent=dependent)
        indices, method = _indices(fitted, run, sample, _values(fitted, data))
        even = evenness(columns, data.coords, sample.spread(2**_LOG2_N))
        uneven = even < _EVEN
        if laplace is not None and uneven:
            laplace = Laplace.of(fitted, columns, data, surrogate, even**2)
        size = _DRAWS if len(data.values) <= _MANY else _FEWER
        if laplace is None:
            draws = mixture_draws(fitted, size)
        else:
            draws = laplace.draws(fitted, data, size)
        if draws is not None:
            draws = realised(draws, sample.spread(_REALISED))
        ranges = _ranges(draws, fitted, data, indices, sample, uneven=uneven)
    active = sample.active
    few = bool((active < 1).any())
    notes = _notes(r2, indices, dependent=dependent, conditional=few, uneven=uneven)
    effects = _effects(space, indices, ranges, active, dependent=dependent)
    pairs = _strongest(space, indices)
    return Importance(effects, pairs, r2, chosen.name, len(data.values), method, notes)


def _effects(
    space: Space, indices: Indices, ranges: Floats | None, active: Floats, *, dependent: bool
) -> tuple[ParameterEffect, ...]:
    """Each parameter's effect, the largest first."""
    first, total = np.clip(indices.first, 0.0, 1.0), np.clip(indices.total, 0.0, 1.0)
    if not dependent:
        first = np.minimum(first, total)  # so it is; each has an error of its own

    def ends(kind: int, j: int) -> tuple[float, float] | None:
        return None if ranges is None else (float(ranges[kind, 0, j]), float(ranges[kind, 1, j]))

    return tuple(
        ParameterEffect(
            space.columns[j], float(first[j]), float(total[j]), ends(0, j), ends(1, j),
            float(active[j]),
        )
        for j in np.argsort(-total, kind="stable")
    )  # fmt: skip


def _strongest(space: Space, indices: Indices) -> tuple[PairEffect, ...]:
    """The pairs that interact, the strongest first."""
    ranked = sorted(indices.pairs.items(), key=lambda item: -item[1])
    return tuple(
        PairEffect((space.columns[j], space.columns[k]), float(min(share, 1.0)))
        for (j, k), share in ranked
        if share > _INTERACTS
    )


def _sample(space: Space, n: int, *, dependent: bool) -> Sample | DependentSample:
    log2_n = _LOG2_N
    while log2_n > _LOG2_DRAWN and n * (space.n_columns + 2) * 2**log2_n > _WORK:
        log2_n -= 1
    return DependentSample.of(space, log2_n) if dependent else Sample.of(space, log2_n)


def _values(fitted: Fitted, data: Observations) -> Callable[[Floats], Floats]:
    """The posterior mean of an output in robustly scaled units, as a function of coordinates."""
    parts, weights = fitted.posterior.components, fitted.posterior.weights
    each = [_value_of(part, fitted.transform, data) for part in parts]

    def value(coords: Floats) -> Floats:
        return np.asarray(sum(w * f(coords) for w, f in zip(weights, each, strict=True)))

    return value


def _value_of(
    part: Component, transform: OutputTransform, data: Observations
) -> Callable[[Floats], Floats]:
    """One component's median in robustly scaled units.

    Far from the data a warp's inverse may be anything: nothing goes far beyond what was observed.
    """
    z = transform.forward(data.values)
    margin = _BEYOND * float(np.ptp(z))
    low, high = float(z.min()) - margin, float(z.max()) + margin

    def value(coords: Floats) -> Floats:
        mean = np.clip(part.mean(coords).mean(axis=1), low, high)
        return transform.warp.inverse(transform.mean + transform.sd * mean)

    return value


def _indices(
    fitted: Fitted,
    run: FittedRun,
    sample: Sample | DependentSample,
    value: Callable[[Floats], Floats],
) -> tuple[Indices, str]:
    """The indices, with those of the pairs that may interact; and how they were computed."""
    part, space = fitted.posterior.components[0], run.data.space
    linear = fitted.state.get("transform", "identity") == "identity"
    single = len(fitted.posterior.components) == 1 and isinstance(part, GaussianProcess)
    if single and linear and isinstance(part, GaussianProcess) and is_product(part, space):
        found = product_indices(part, space)
        return product_indices(part, space, _candidates(found)), "closed form"
    found = sample.indices(value)
    if isinstance(sample, DependentSample):
        return found, f"{len(sample.coords)} legal points"
    pairs = _candidates(found)
    if pairs:
        found = sample.with_pairs(value, found, pairs)
    return found, f"quasi-Monte Carlo over {len(sample.a)} points for each index"


def _candidates(found: Indices) -> list[tuple[int, int]]:
    """Pairs of the parameters that interact most."""
    beyond = found.total - found.first
    order = [int(j) for j in np.argsort(-beyond, kind="stable")[:_PAIRED]]
    some = sorted(j for j in order if beyond[j] > _INTERACTS)
    return [(j, k) for i, j in enumerate(some) for k in some[i + 1 :]]


def _ranges(
    draws: Draws | None,
    fitted: Fitted,
    data: Observations,
    found: Indices,
    sample: Sample | DependentSample,
    *,
    uneven: bool,
) -> Floats | None:
    """(first or total, low or high, p) quantiles of the indices over the draws, the estimate
    inside; from fewer points, whose own error the difference to the first draw takes out.
    """
    if draws is None or len(draws.processes) < 2:
        return None
    n = len(data.values) + _REALISED
    few: Sample | DependentSample = sample
    if isinstance(sample, Sample):
        p = sample.a.shape[1]
        most = max(64.0, _DRAWN_WORK / (n * (p + 2) * len(draws.processes)))
        few = sample.head(2 ** min(_LOG2_DRAWN, int(np.log2(most))))
    each = [few.indices(_value_of(p, fitted.transform, data)) for p in draws.processes]
    center = few.indices(_values(fitted, data))
    ranges = np.empty((2, 2, len(found.first)))
    for i, name in enumerate(("first", "total")):
        estimate = np.clip(getattr(found, name), 0.0, 1.0)
        off = np.array([getattr(e, name) - getattr(center, name) for e in each])
        low, high = (_quantile(estimate + off, draws.weights, q) for q in (0.05, 0.95))
        if uneven:  # functions drawn where nothing is known are rougher than the mean: both ways
            off = -off
            low = np.minimum(low, _quantile(estimate + off, draws.weights, 0.05))
            high = np.maximum(high, _quantile(estimate + off, draws.weights, 0.95))
        ranges[i] = np.clip([np.minimum(low, estimate), np.maximum(high, estimate)], 0.0, 1.0)
    if isinstance(sample, Sample):  # the first index is at most the total one
        ranges[0] = np.minimum(ranges[0], ranges[1])
    return ranges


def _quantile(values: Floats, weights: Floats, q: float) -> Floats:
    """Weighted quantile (p,) of draws (S, p)."""
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(weights[order], axis=0) >= q
    at = np.where(reached.any(axis=0), reached.argmax(axis=0), len(values) - 1)
    return np.asarray(np.take_along_axis(ranked, at[None], axis=0)[0])


def _notes(
    r2: float, found: Indices, *, dependent: bool, conditional: bool, uneven: bool
) -> tuple[str, ...]:
    notes = []
    if np.isnan(r2) and found.variance > 0.0:
        notes.append(
            "How much the model explains is not known: there are too few results, or its "
            "surrogate is of a kind that cannot say."
        )
    elif not r2 >= LITTLE:
        notes.append(
            "The model explains next to nothing: these shares describe the model, not your "
            "objective. Do not decide by them."
        )
    if found.variance == 0.0:
        notes.append("The model is constant: no parameter has an effect that the results show.")
    if uneven:
        notes.append(
            "Most results lie close together, as they do after a search. The rest of the space is "
            "known by few of them: shares over the whole space may be far off, even where the "
            "model predicts the results well. The error bars are wider for it. Points that are "
            "spread out would tell."
        )
    if dependent:
        notes.append(
            "Constraints tie the parameters together: 'by itself' is what a parameter tells about "
            "the value over the legal points, 'with interactions' is how the value changes when "
            "it is set anew and the others give way. The shares need not sum to 1."
        )
    if conditional:
        notes.append(
            "A conditional parameter has no effect where it is inactive: its shares are weighed "
            "by how often it is active."
        )
    return tuple(notes)
