"""The next point of a run: a function of its settings and events."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition, Score
from bayesopt.design import InitialDesign
from bayesopt.optimizer.events import Asked, stored_row
from bayesopt.optimizer.history import History, legal
from bayesopt.optimizer.model import Results, RunModel, fantasy_normals
from bayesopt.proposal import Proposer, Situation
from bayesopt.space import Space
from bayesopt.surrogate import Columns, Surrogate
from bayesopt.trial import Origin, TrialState

Floats = NDArray[np.float64]

_DESIGN_STREAM = 2**32 - 1  # spawn key of the initial design: no trial has this number
_WITHOUT_WORD = (TrialState.ABANDONED, TrialState.RETRACTED)
_FITTING_STREAM = 2**32 - 2  # of fits, together with the number of results


@dataclass(frozen=True)
class Settings:
    """Everything a proposal depends on besides the space and the events."""

    direction: str
    seed: int
    deterministic: bool
    n_trials: int | None
    surrogate: Surrogate
    acquisition: Acquisition
    proposer: Proposer
    initial_design: InitialDesign
    threads: int
    lease: float | None
    retries: int

    @property
    def sign(self) -> float:
        """1 when minimising, -1 when maximising."""
        return 1.0 if self.direction == "minimize" else -1.0


class Planner:
    """Makes the events of asks; remembers its design and the last fit, which changes nothing but
    the time.
    """

    def __init__(self, space: Space, settings: Settings) -> None:
        self._space = space
        self._settings = settings
        self._columns = Columns(space.is_categorical, space.is_conditional, space.columns)
        self._fitted: tuple[History, int, RunModel] | None = None
        self._points: Floats | None = None

    @property
    def last_fit(self) -> RunModel | None:
        """The model that was made last."""
        return None if self._fitted is None else self._fitted[2]

    def next_ask(self, history: History) -> Asked:
        """The event of the next ask."""
        number = len(history.trials)
        if history.queue:
            return Asked(number, stored_row(history.queue[0]), Origin.ENQUEUED)
        settings = self._settings
        taken = history.coords(
            history.numbers(TrialState.COMPLETE, TrialState.FAILED, TrialState.PENDING)
        )
        at = situation(self._space, taken, settings.seed, number)
        if not settings.proposer.needs_model:
            origin = Origin.GRID if "Grid" in type(settings.proposer).__name__ else Origin.RANDOM
            return self._asked(number, settings.proposer.propose(at), origin)
        size = settings.initial_design.size(self._space, settings.n_trials)
        begun = sum(t.state not in _WITHOUT_WORD for t in history.trials)
        if begun < size:
            coords = first_open(self._design(size), at)
            if coords is not None:
                return self._asked(number, coords, Origin.INITIAL)
        model = self.model(history)
        pending = history.coords(history.numbers(TrialState.PENDING))
        guided = with_model(at, model, pending, settings.acquisition)
        explores = settings.proposer.explores(guided)
        origin = Origin.EXPLORATION if explores else Origin.MODEL
        event = self._asked(number, settings.proposer.propose(guided), origin)
        return event if model.state == history.model_state else replace(event, state=model.state)

    def model(self, history: History) -> RunModel:
        """The model of the present results: a function of the events, whoever asks for it and
        when.
        """
        last, known = self._fitted, history.n_results
        if last is None or last[0] is not history or last[1] != known:
            settings = self._settings
            model = RunModel.fit(
                Results.of(history, settings.sign, settings.deterministic),
                self._columns,
                settings.surrogate,
                history.fit_from,
                fitting_stream(settings.seed, known),
                last[2] if last is not None and last[0] is history else None,
            )
            self._fitted = last = (history, known, model)
        return last[2]

    def _design(self, size: int) -> Floats:
        # kept: where points are few among those allowed, thousands are tried
        if self._points is None:
            settings = self._settings
            self._points = design_points(settings.initial_design, self._space, size, settings.seed)
        return self._points

    def _asked(self, number: int, coords: Floats, origin: Origin) -> Asked:
        rows = self._space.to_rows(coords[None, :])
        if not legal(self._space, rows)[0]:
            what = "initial_design" if origin is Origin.INITIAL else "proposer"
            raise ValueError(
                f"{getattr(self._settings, what)!r} proposed {rows[0].tolist()}, which is no "
                f"point of the space: the {what} must return legal coordinates, see Space.snap()"
            )
        return Asked(number, stored_row(rows[0]), origin)


def stream(seed: int, *key: int) -> np.random.Generator:
    """The random stream of a trial's number (and attempt)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def fitting_stream(seed: int, n_results: int) -> np.random.Generator:
    """The random stream of the fit to so many results."""
    return stream(seed, _FITTING_STREAM, n_results)


def design_points(design: InitialDesign, space: Space, size: int, seed: int) -> Floats:
    """The run's initial design, (k, p) with k at most ``size``."""
    return design.points(space, size, stream(seed, _DESIGN_STREAM))


def first_open(points: Floats, at: Situation) -> Floats | None:
    """The first of some points (k, p) that is open; None when none is."""
    new = at.is_new(points)
    return points[int(np.argmax(new))] if new.any() else None


def situation(
    space: Space, taken: Floats, seed: int, number: int, *, attempt: int = 0
) -> Situation:
    """The situation in which a trial is asked for, before a model is looked at.

    Another ``attempt`` at the same trial draws from another stream.
    """
    # the first attempt as an Optimizer draws, which makes one only
    key = (number, attempt) if attempt else (number,)
    nothing = np.empty((0, space.n_columns))
    return Situation(space, taken, nothing, None, stream(seed, *key), number, seed)


def with_model(
    at: Situation, model: RunModel, pending: Floats, acquisition: Acquisition
) -> Situation:
    """A situation in which the acquisition can be asked.

    Parameters
    ----------
    pending : (q, p) coordinates of the points being evaluated.
    """
    rng = at.rng
    beliefs = model.beliefs(pending, fantasy_normals(len(pending), rng))
    centers = at.centers
    if model.objective is not None:
        centers = at.space.snap(model.results.coords[model.order])

    def bind(candidates: Floats) -> Score:
        return acquisition.bind(beliefs, candidates, rng)

    return replace(
        at, centers=centers, bind=bind, constrained=bool(model.constraints), trust=model.trust
    )
