"""The answer of a run with several objectives: which trials are on its front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import draw_outputs
from bayesopt.acquisition.pareto import ReferencePoint, hypervolume, probability_nondominated
from bayesopt.optimizer.prediction import Prediction
from bayesopt.output import Objective
from bayesopt.pareto_front import HypervolumeTrace, ParetoFront
from bayesopt.pareto_result import ParetoResult
from bayesopt.result import Stop
from bayesopt.space import Space
from bayesopt.strategy import RunModel
from bayesopt.strategy.belief import is_noisy
from bayesopt.trial import Trial

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_DRAWS = 512
_RIVALS = 256  # points beside those of the front that may dominate one of them in a draw
_EXACT = 5  # objectives up to which the hypervolume is exact
_LOG2_POINTS = 14  # of a fixed set that estimates it beyond

Answer = tuple[ParetoFront, HypervolumeTrace]


def believed(
    model: RunModel, trials: Sequence[Trial], completed: Sequence[int], seed: int
) -> Answer:
    """The front as the model has it, of the evaluated trials that are taken to be feasible.

    Of an objective without noise the observed values count, of one with noise the posterior means.
    """
    data, objectives = model.data, model.data.problem.objectives
    if not model.objectives:
        return of_values(objectives, (), np.empty((0, len(objectives))), ())
    coords, eligible = data.evaluated_coords, model.eligible
    means, sds = np.empty((2, len(coords), len(objectives)))
    noisy = [
        is_noisy(data.measured_of(o), fitted, deterministic=data.problem.deterministic)
        for o, fitted in zip(objectives, model.objectives, strict=True)
    ]
    for j, (o, fitted) in enumerate(zip(objectives, model.objectives, strict=True)):
        mean, var = fitted.posterior.mean_var(coords)
        predicted = Prediction(mean, np.sqrt(var), fitted.transform, o.sign)
        sds[:, j] = predicted.sd
        means[:, j] = predicted.mean if noisy[j] else data.measured_of(o).values
    ran = [trials[number] for number in completed]
    chosen = _front(means * [o.sign for o in objectives], eligible)
    probability = np.full(len(coords), np.nan)
    probability[eligible] = _probability(model, noisy, eligible, chosen, seed)
    front = ParetoFront(
        objectives,
        tuple(ran[i] for i in chosen),
        means[chosen],
        sds[chosen],
        probability[chosen],
    )
    return front, _trace(objectives, tuple(completed), means, eligible)


def observed(
    objectives: Sequence[Objective], trials: Sequence[Trial], own: Sequence[Trial]
) -> Answer:
    """The front of observed values, where no model is asked; ``own`` are the feasible trials of
    the space.
    """
    ran = [t for t in trials if t.outcome is not None and t.outcome.objectives]
    values = np.array(
        [[t.outcome.objectives[o.name] for o in objectives] for t in ran if t.outcome], dtype=float
    ).reshape(len(ran), len(objectives))
    numbers = {t.number for t in own}
    return of_values(objectives, ran, values, numbers)


def of_values(
    objectives: Sequence[Objective],
    trials: Sequence[Trial],
    values: Floats,
    eligible: Any,
) -> Answer:
    """The front of values (n, m) of trials; ``eligible`` are the numbers of those that may be on
    it.
    """
    may = np.array([t.number in eligible for t in trials], dtype=bool)
    chosen = _front(values * [o.sign for o in objectives], may)
    unknown = np.full((len(chosen), len(objectives)), np.nan)
    front = ParetoFront(
        tuple(objectives),
        tuple(trials[i] for i in chosen),
        values[chosen],
        unknown,
        unknown[:, 0].copy(),
    )
    return front, _trace(tuple(objectives), tuple(t.number for t in trials), values, may)


def result_of_observed(
    objectives: Sequence[Objective],
    trials: tuple[Trial, ...],
    own: Sequence[Trial],
    stop: Stop,
    space: Space,
    outcome_constraints: Mapping[str, str],
    diagnostics: Mapping[str, Any] | None = None,
) -> ParetoResult:
    """The result of trials of which no model was asked."""
    front, trace = observed(objectives, trials, own)
    return ParetoResult(trials, stop, space, front, trace, diagnostics, outcome_constraints)


def _front(oriented: Floats, eligible: Mask) -> NDArray[np.int64]:
    """Indices of the eligible points that none dominates, in the order of their values; of equal
    ones the earliest.
    """
    which = np.flatnonzero(eligible)
    if not len(which):
        return which
    values = oriented[which]
    kept = np.flatnonzero(nondominated(values))
    _, first = np.unique(values[kept], axis=0, return_index=True)
    return np.asarray(which[kept[first]], dtype=np.int64)


def _probability(
    model: RunModel, noisy: Sequence[bool], eligible: Mask, chosen: NDArray[np.int64], seed: int
) -> Floats:
    """For each eligible point the probability that no other dominates it; NaN for those that are
    far from the front.
    """
    known = model.data.evaluated_coords[eligible]
    on_front = np.isin(np.flatnonzero(eligible), chosen)
    standardised = np.stack(
        [
            fitted.posterior.mean_var(known)[0]
            if has_noise
            else fitted.transform.forward(model.data.measured_of(o).oriented[eligible])
            for o, fitted, has_noise in zip(
                model.data.problem.objectives, model.objectives, noisy, strict=True
            )
        ],
        axis=1,
    )
    if not any(noisy):
        return np.asarray(nondominated(standardised), dtype=float)
    beyond = (standardised[:, None] - standardised[on_front][None]).max(axis=2).min(axis=1)
    rivals = np.argsort(np.where(on_front, -np.inf, beyond), kind="stable")
    rivals = rivals[: on_front.sum() + _RIVALS]
    posteriors = [fitted.posterior for fitted in model.objectives]
    draws = draw_outputs(posteriors, known[rivals], _DRAWS, np.random.default_rng(seed))
    for j, has_noise in enumerate(noisy):
        if not has_noise:
            draws[:, :, j] = standardised[rivals, j]
    found = np.full(len(known), np.nan)
    found[rivals] = probability_nondominated(draws)
    return found


def _trace(
    objectives: tuple[Objective, ...], numbers: tuple[int, ...], values: Floats, eligible: Mask
) -> HypervolumeTrace:
    signs = np.array([o.sign for o in objectives])
    oriented, volumes = values * signs, np.zeros(len(values))
    limits = np.array([np.nan if o.threshold is None else o.threshold for o in objectives])
    if not eligible.any():
        return HypervolumeTrace(numbers, volumes, {}, (), False)
    known = None if np.isnan(limits).all() else limits * signs
    reference = ReferencePoint.of(oriented[eligible], known)
    volume = _Volume(oriented[eligible], reference.values)
    front, last = np.empty((0, len(objectives))), 0.0
    for i in range(len(values)):
        if eligible[i] and not (front <= oriented[i]).all(axis=1).any():
            front = np.concatenate([front, oriented[i : i + 1]])
            front = front[nondominated(front)]
            last = volume(front)
        volumes[i] = last
    point = dict(
        zip((o.name for o in objectives), (reference.values * signs).tolist(), strict=True)
    )
    inferred = tuple(
        o.name for o, is_so in zip(objectives, reference.inferred, strict=True) if is_so
    )
    return HypervolumeTrace(numbers, volumes, point, inferred, reference.met)


class _Volume:
    """The hypervolume below a reference point: exact for few objectives; for more, whose number of
    boxes is too large, the dominated share of a fixed set of points.
    """

    def __init__(self, points: Floats, reference: Floats) -> None:
        self._reference = reference
        if len(reference) > _EXACT:
            from bayesopt.space.sobol import sobol_points

            m, low = len(reference), points.min(axis=0)
            unit = sobol_points(m, _LOG2_POINTS, np.random.default_rng(m))
            self._sample = low + unit * (reference - low)
            self._box = float(np.prod(np.maximum(reference - low, 0.0)))

    def __call__(self, front: Floats) -> float:
        if len(self._reference) <= _EXACT:
            return hypervolume(front, self._reference)
        dominated = np.zeros(len(self._sample), dtype=bool)
        for point in front:
            dominated |= (point <= self._sample).all(axis=1)
        return self._box * float(dominated.mean())
