"""The algorithm: from what is known of a run to the next point. A pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition, AcquisitionContext
from bayesopt.compiled import blas_threads
from bayesopt.proposal import (
    Evaluated,
    NoFeasiblePoint,
    ProposalContext,
    SpaceExhausted,
    next_point,
)
from bayesopt.space import Space
from bayesopt.strategy.believed import believed
from bayesopt.strategy.config import ProposalConfig, acquisition_for
from bayesopt.strategy.cooling import cooled, priced
from bayesopt.strategy.data import RunData
from bayesopt.strategy.elsewhere import kept_elsewhere
from bayesopt.strategy.fidelity import chosen_fidelity, design_fidelity
from bayesopt.strategy.model import RunModel
from bayesopt.strategy.noisy import under_noise
from bayesopt.streams import design_stream, fitting_stream, trial_stream
from bayesopt.surrogate import Surrogate
from bayesopt.trial import Origin

if TYPE_CHECKING:
    from bayesopt.acquisition import MultiObjectiveContext

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Proposal:
    """A point to evaluate next.

    Attributes
    ----------
    coords : (p,) its coordinates.
    row : (p,) its natural values; ``space.decode(row)`` is the point.
    origin : what proposed it.
    state : what the next proposal of the run starts from; JSON-representable.
    diagnostics : what there is to say about the fit behind it; empty where there was none.
    repeated : the space is exhausted: the point has been evaluated before.
    """

    coords: Floats
    row: Floats
    origin: Origin
    state: Mapping[str, Any]
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    repeated: bool = False

    @property
    def from_model(self) -> bool:
        """Whether a model was fitted for it."""
        return self.origin.fits_model


class Cache:
    """What the next call for the same run may use again. It affects speed only: nothing in it is
    used unless it was made from equal inputs.
    """

    def __init__(self) -> None:
        self.model: RunModel | None = None
        self.fitted_with: tuple[Surrogate, int] | None = None  # and the seed
        self.design: tuple[RunData, ProposalConfig, Floats] | None = None


def propose(
    data: RunData,
    config: ProposalConfig,
    *,
    number: int,
    state: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    attempt: int = 0,
    cache: Cache | None = None,
    threads: int = 1,
) -> Proposal:
    """The next point: the same arguments make the same proposal, anywhere.

    Parameters
    ----------
    data : what is known of the run.
    config : the parts of the algorithm.
    number : of the trial that is asked for; selects its random stream.
    state : ``Proposal.state`` of the run's last proposal; None for the first.
    fixed : name -> value of parameters that are not to be chosen: the point has exactly these. A
        conditional one is active then.
    attempt : another attempt at the same trial draws from another stream.
    cache : affects speed only; one for each run.
    threads : BLAS threads; more than 1 gives up bitwise reproducibility.

    Raises
    ------
    SpaceExhausted : when every legal point is taken, or no point is allowed. Where the results are
        known to be noisy, points are evaluated again first: then only while all are pending.
    TypeError, ValueError : for values that cannot be fixed, see :meth:`~bayesopt.Space.fix`.
    """
    state = {} if state is None else state
    held = {n: v for n, v in data.space.targets.items() if n not in (fixed or {})}
    fixed = {**held, **(fixed or {})}
    space = data.space.fix(fixed) if fixed else data.space
    rng = trial_stream(config.seed, number, attempt)
    context = ProposalContext(
        space, data.coords, data.coords[:0], rng=rng, number=number, seed=config.seed, held=held
    )
    with blas_threads(threads):
        if not config.proposer.needs_model:
            context = replace(context, evaluated=_evaluated(data))
            return _proposal(context, *next_point(config.proposer, context), state)
        coords = _of_design(data, config, context, cache)
        if coords is not None:
            lower = design_fidelity(data, context)
            return _proposal(*_moved(context, lower, coords), Origin.INITIAL, state)
        model = fit(data, config, state=state, cache=cache)
        return _by_model(data, config, context, model)


def fit(
    data: RunData,
    config: ProposalConfig,
    *,
    state: Mapping[str, Any] | None = None,
    cache: Cache | None = None,
) -> RunModel:
    """The model of the run's results: the same arguments make the same model.

    Parameters are those of :func:`propose`.
    """
    state = {} if state is None else state
    previous = None
    if cache is not None and cache.fitted_with == (config.surrogate, config.seed):
        previous = cache.model
    unchanged = previous is not None and previous.fitted_from == state
    if unchanged and previous is not None and previous.data.same_results(data):
        # the same results, but other points may be pending, and rows may be numbered otherwise
        return previous if previous.data is data else replace(previous, data=data)
    rng = fitting_stream(config.seed, data.n_results)
    model = RunModel.fit(data, config.surrogate, state, rng, previous)
    if cache is not None:
        cache.model, cache.fitted_with = model, (config.surrogate, config.seed)
    return model


def _evaluated(data: RunData) -> Evaluated | None:
    if len(data.problem.objectives) != 1:
        return None
    measured, coords = data.objective, data.evaluated_coords
    gradients = measured.gradients
    if gradients is None:
        gradients = np.full(coords.shape, np.nan)
    return Evaluated(coords, measured.oriented, measured.output.sign * gradients)


def _of_design(
    data: RunData, config: ProposalConfig, context: ProposalContext, cache: Cache | None
) -> Floats | None:
    """The first open point (p,) of the initial design; None when it is done."""
    design = config.initial_design
    if design is None:
        return None
    size, begun = design.size(data.space, config.n_trials), data.n_results + len(data.pending)
    if begun >= size:
        return None
    points = _design_points(data, config, size, cache)
    if context.space.fixed:  # others with other fixed values have taken as many of the points
        points = context.space.snap(np.roll(points, -begun, axis=0))
    if data.not_run is not None:
        context = replace(context, taken=np.concatenate([context.taken, data.not_run]))
    return context.first_open(points)


def _design_points(
    data: RunData, config: ProposalConfig, size: int, cache: Cache | None
) -> Floats:
    # kept: where points are few among those allowed, thousands are tried
    kept = None if cache is None else cache.design
    if kept is not None and kept[0].space is data.space and kept[1] is config:
        return kept[2]
    assert config.initial_design is not None
    points = config.initial_design.points(data.space, size, design_stream(config.seed))
    if cache is not None:
        cache.design = (data, config, points)
    return points


def _by_model(
    data: RunData, config: ProposalConfig, context: ProposalContext, model: RunModel
) -> Proposal:
    # all that is taken is off limits; if need be only what is pending, or nothing
    limits = [data.coords]
    if config.repeat:
        limits += [data.pending_coords, data.coords[:0]]
    elif data.known_to_be_noisy:
        limits.append(np.concatenate([data.failed_coords, data.pending_coords]))
    acquisition = acquisition_for(config.acquisition, len(data.problem.objectives))
    acquisition = priced(acquisition, data, model)
    for i, taken in enumerate(limits):
        centers, n_front, posterior = _guide(data, model, context, acquisition)
        guided = replace(
            context,
            taken=taken,
            centers=centers,
            n_front=n_front,
            acquisition=acquisition,
            posterior=cooled(believed(posterior, data, config), data, config),
            reliability=model.reliability,
        )
        if config.proposer.leaves_settled(guided):
            guided = kept_elsewhere(guided, model, config)
        try:
            coords, origin = next_point(config.proposer, under_noise(guided, model))
        except SpaceExhausted as error:
            no_repeats = not config.repeat and isinstance(error, NoFeasiblePoint)
            if no_repeats or i == len(limits) - 1:
                raise
        else:
            state, about = model.state, model.diagnostics
            lower = chosen_fidelity(data, guided, guided.posterior, coords) if not i else None
            at = _moved(context, lower, coords)
            return _proposal(*at, origin, state, about, repeated=i > 0)
    raise AssertionError("the last of the limits either proposes or raises")


def _moved(
    context: ProposalContext, other: ProposalContext | None, coords: Floats
) -> tuple[ProposalContext, Floats]:
    """A point (p,) in another part of the space, if there is one and it is open there."""
    if other is None:
        return context, coords
    moved = other.space.snap(coords[None])
    return (other, moved[0]) if other.is_new(moved)[0] else (context, coords)


def _guide(
    data: RunData, model: RunModel, context: ProposalContext, acquisition: Acquisition
) -> tuple[Floats, int, AcquisitionContext | MultiObjectiveContext]:
    """Evaluated points (k, p) to start from, how many of them are a front, and the posterior state
    that they are scored at.
    """
    if acquisition.of_several:
        from bayesopt.strategy.several import guide  # what a run with one objective never loads

        found = guide(data, model, context)
        return found.centers, found.n_front, found.posterior
    centers = _centers(data, model, context.space)
    return centers, 0, model.acquisition_context(data.pending_coords, context.rng, context.space)


def _centers(data: RunData, model: RunModel, space: Space) -> Floats:
    """Evaluated points (k, p), moved to where points may be, the best by the model first."""
    if model.objective is None:
        return data.coords[:0]
    return space.snap(data.evaluated_coords[model.order])


def _proposal(
    context: ProposalContext,
    coords: Floats,
    origin: Origin,
    state: Mapping[str, Any],
    diagnostics: Mapping[str, Any] | None = None,
    *,
    repeated: bool = False,
) -> Proposal:
    row = context.space.to_rows(coords[None])[0]
    return Proposal(coords, row, origin, state, diagnostics or {}, repeated)
