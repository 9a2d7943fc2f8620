"""A search algorithm for Ray Tune: ``tune.TuneConfig(search_alg=BayesOptSearch(), ...)``."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Unpack

from bayesopt.integrations.host import require

require("ray", extra="ray", at_least="2.10")
require("ray.tune", extra="ray", at_least="2.10", distribution="ray")

from ray.tune.search import Searcher  # noqa: E402
from ray.tune.search.sample import Categorical as Choices  # noqa: E402
from ray.tune.search.sample import Domain, LogUniform, Normal, Quantized, Uniform  # noqa: E402
from ray.tune.search.sample import Float as RealDomain  # noqa: E402
from ray.tune.search.sample import Integer as WholeDomain  # noqa: E402
from ray.tune.search.variant_generator import parse_spec_vars  # noqa: E402
from ray.tune.utils import flatten_dict  # noqa: E402
from ray.tune.utils.util import unflatten_dict  # noqa: E402

from bayesopt.checks import optional, plain, shown, whole  # noqa: E402
from bayesopt.optimizer import Optimizer  # noqa: E402
from bayesopt.options import PartOptions  # noqa: E402
from bayesopt.proposal import SpaceExhausted  # noqa: E402
from bayesopt.space import Categorical, Constant, Float, Int, Parameter, Space  # noqa: E402
from bayesopt.storage import MemoryStorage  # noqa: E402

Points = Iterable[Mapping[str, Any]]

_TAIL = 1e-6  # probability that is left out at either end of a normal distribution


class BayesOptSearch(Searcher):  # type: ignore[misc]
    """Gaussian-process Bayesian optimization for Ray Tune.

    Trials under way are taken into account; those that raised, or whose metric is NaN, say where
    not to go; a trial that was ended without a result says nothing.

    Parameters
    ----------
    space : a ``bayesopt.Space``, with conditions if you like, or a dict of Ray Tune's domains;
        None: the ``param_space`` of the tuner. Names of nested dicts are joined by "/".
    metric, mode : of the results; None: those of ``TuneConfig``.
    points_to_evaluate : points to begin with, nested or not.
    max_concurrent : trials at once; None: as many as Ray Tune starts.
    seed : the same seed and the same results make the same suggestions.
    outcome_constraints : metrics that must keep to a limit: ``{"latency": "<= 20"}``.
    **options : ``deterministic``, ``surrogate``, ``acquisition``, ``proposer``,
        ``initial_design``; see :class:`bayesopt.Optimizer`.

    Raises
    ------
    TypeError, ValueError : for domains that cannot be searched, such as ``tune.grid_search``.
    """

    _metric: Any
    _mode: Any

    def __init__(
        self,
        space: Space | Mapping[str, Any] | None = None,
        metric: str | None = None,
        mode: str | None = None,
        points_to_evaluate: Points | None = None,
        max_concurrent: int | None = None,
        *,
        seed: int | None = None,
        outcome_constraints: Mapping[str, str] | None = None,
        **options: Unpack[PartOptions],
    ) -> None:
        super().__init__(metric=metric, mode=mode)
        optional(whole, "max_concurrent", max_concurrent, 1)
        self._options: dict[str, Any] = {
            "seed": seed,
            "outcome_constraints": outcome_constraints,
            **options,
        }
        self._points = [dict(point) for point in points_to_evaluate or ()]
        self._max_concurrent = max_concurrent
        self._domains: dict[str, _Dimension] = {}
        self._optimizer: Optimizer | None = None
        self._numbers: dict[str, int] = {}  # of the trials under way, by their names
        self._space = None if space is None else self._read(space)
        if self._space is not None and self._metric and self._mode:
            self._begin()

    def set_search_properties(
        self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any
    ) -> bool:
        """What Ray Tune says before the first trial; False when it is known already."""
        if self._optimizer is not None:
            return False
        if self._space is None:
            self._space = self._read(config)
        elif any(isinstance(v, Domain) for v in flatten_dict(config).values()):
            return False  # a space here and another one there
        self._metric, self._mode = metric or self._metric, mode or self._mode
        self._begin()
        return True

    def suggest(self, trial_id: str) -> Any:
        """The configuration of a new trial; None: later; FINISHED: all are evaluated."""
        optimizer = self._running()
        if self._max_concurrent is not None and len(self._numbers) >= self._max_concurrent:
            return None
        try:
            trial = optimizer.ask()
        except SpaceExhausted:
            return Searcher.FINISHED
        self._numbers[trial_id] = trial.number
        return unflatten_dict(self._config(trial.params))

    def on_trial_complete(
        self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False
    ) -> None:
        """Take in a trial's last result."""
        number = self._numbers.pop(trial_id, None)
        if number is None:
            return
        optimizer = self._running()
        outcome = self._outcome(result or {})
        if error:
            optimizer.tell_failure(number, "the trial raised an error")
        elif outcome is None:
            optimizer.abandon(number, "the trial ended without a result", retry=False)
        else:
            optimizer.tell(number, outcome)

    def add_evaluated_point(
        self,
        parameters: Mapping[str, Any],
        value: float,
        error: bool = False,
        pruned: bool = False,
        intermediate_values: list[float] | None = None,
    ) -> None:
        """Take in a result from elsewhere; a pruned one says nothing."""
        if not pruned:
            point = self._point(parameters)
            self._running().add_observation(point, math.nan if error else value, outside=True)

    def set_max_concurrency(self, max_concurrent: int) -> bool:
        """Limit the trials at once."""
        self._max_concurrent = whole("max_concurrent", max_concurrent, 1)
        return True

    def save(self, checkpoint_path: str) -> None:
        """Write the search as JSON: its events, and which of Ray's trials are under way."""
        optimizer = self._optimizer
        kept = {
            "metric": self._metric,
            "mode": self._mode,
            "trials": self._numbers,
            "max_concurrent": self._max_concurrent,
            "events": [] if optimizer is None else [e for _, e in optimizer.storage.read()],
        }
        Path(checkpoint_path).write_text(json.dumps(kept), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        """Go on with a search that :meth:`save` wrote; a space that was given here must be its.

        Raises
        ------
        ValueError : when it is no such file.
        """
        try:
            kept = json.loads(Path(checkpoint_path).read_text(encoding="utf-8"))
            storage = MemoryStorage()
            for event in kept["events"]:
                storage.append(event)
            numbers = {str(name): int(number) for name, number in kept["trials"].items()}
            metric, mode, limit = kept["metric"], kept["mode"], kept["max_concurrent"]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{checkpoint_path} holds no search of Ray Tune: {error!r}") from None
        self._metric, self._mode, self._numbers = metric, mode, numbers
        self._max_concurrent = limit
        if not kept["events"]:
            return
        parts = {k: v for k, v in self._options.items() if k != "seed" and v is not None}
        if self._space is None:
            self._optimizer = Optimizer.reopen(storage, **parts)
            self._space = self._optimizer.space
        else:
            direction = "maximize" if mode == "max" else "minimize"
            self._optimizer = Optimizer(self._space, direction=direction, storage=storage, **parts)

    # ---------------------------------------------------------------- internal

    def _running(self) -> Optimizer:
        if self._optimizer is None:
            missing = [
                name
                for name, known in (
                    ("space", self._space), ("metric", self._metric), ("mode", self._mode)
                )
                if known is None
            ]  # fmt: skip
            raise RuntimeError(
                f"BayesOptSearch has no {' and no '.join(missing)} yet: give it here or to the "
                "tuner (param_space=, TuneConfig(metric=, mode=))"
            )
        return self._optimizer

    def _begin(self) -> None:
        if self._space is None or self._metric is None or self._mode is None:
            return
        direction = "maximize" if self._mode == "max" else "minimize"
        self._optimizer = Optimizer(self._space, direction=direction, **self._options)
        if self._points:
            self._optimizer.enqueue([self._point(point) for point in self._points])

    def _outcome(self, result: Mapping[str, Any]) -> Any:
        value = result.get(self._metric)
        if value is None:
            return None
        constraints = self._running().outcome_constraints
        more = {name: float(result[name]) for name in constraints if name in result}
        return {"value": float(value), **more}

    def _read(self, space: Space | Mapping[str, Any]) -> Space:
        if isinstance(space, Space):
            return space
        _, _, grids = parse_spec_vars(dict(space))
        _, domains, _ = parse_spec_vars(flatten_dict(dict(space), prevent_delimiter=True))
        if grids:
            names = ", ".join("/".join(path) for path, _ in grids)
            raise ValueError(f"tune.grid_search cannot be searched: {names}; give tune.choice")
        for path, domain in domains:
            name = "/".join(path)
            try:
                self._domains[name] = _read_domain(domain)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}: {error}") from None
        return Space({name: found.parameter for name, found in self._domains.items()})

    def _config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            k: self._domains[k].value(v) if k in self._domains else v for k, v in params.items()
        }

    def _point(self, given: Mapping[str, Any]) -> dict[str, Any]:
        flat = flatten_dict(dict(given), prevent_delimiter=True)
        return {
            k: self._domains[k].number(plain(v)) if k in self._domains else plain(v)
            for k, v in flat.items()
        }


class _Dimension:
    """A parameter, from its value to Ray Tune's, and back."""

    def __init__(
        self,
        parameter: Parameter,
        value: Callable[[Any], Any] = lambda value: value,
        number: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self.parameter = parameter
        self.value = value
        self.number = number


def _read_domain(domain: Any) -> _Dimension:
    sampler, q = domain.get_sampler(), None
    if isinstance(sampler, Quantized):
        q, sampler = sampler.q, sampler.sampler
    if isinstance(domain, Choices):
        return _choices([plain(value) for value in domain.categories])
    if isinstance(domain, RealDomain) and isinstance(sampler, Normal):
        return _normal(float(sampler.mean), float(sampler.sd), q)
    if isinstance(domain, RealDomain | WholeDomain) and isinstance(sampler, Uniform | LogUniform):
        whole_numbers = isinstance(domain, WholeDomain)
        return _range(domain, whole_numbers, isinstance(sampler, LogUniform), q)
    raise ValueError(
        f"{shown(domain)} cannot be searched; expected uniform, loguniform, randint, lograndint, "
        "their quantized forms, randn or choice of ray.tune"
    )


def _choices(values: list[Any]) -> _Dimension:
    if len(values) == 1:
        return _Dimension(Constant(0), lambda _: values[0], lambda _: 0)
    if all(isinstance(v, str | bool | int | float | None) for v in values):
        return _Dimension(Categorical(values))
    return _Dimension(Categorical(range(len(values))), values.__getitem__, values.index)


def _normal(mean: float, sd: float, q: float | None) -> _Dimension:
    from scipy.stats import norm

    law = norm(mean, sd)
    draw = Float(_TAIL, 1.0 - _TAIL)
    return _Dimension(
        draw,
        lambda p: _rounded(float(law.ppf(p)), q),
        lambda value: min(max(float(law.cdf(value)), _TAIL), 1.0 - _TAIL),
    )


def _range(domain: Any, whole_numbers: bool, log: bool, q: float | None) -> _Dimension:
    low, high = domain.lower, domain.upper
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("its bounds must be finite")
    if whole_numbers:
        # as Ray Tune draws: the upper bound is left out but for multiples of more than 1
        grid = q is not None and q != 1
        step = int(q) if grid else 1  # type: ignore[arg-type]
        first = math.ceil(low / step) * step
        last = math.floor(high / step) * step if grid else int(high) - 1
        if log and grid:
            return _Dimension(Int(first, last, log=True), lambda v: int(_rounded(v, q)))
        return _Dimension(Int(first, last, log=log, step=None if step == 1 else step))
    if q is None:
        return _Dimension(Float(low, high, log=log))
    first, last = math.ceil(low / q - 1e-9) * q, math.floor(high / q + 1e-9) * q
    if log:
        return _Dimension(Float(first, last, log=True), lambda v: _rounded(v, q))
    return _Dimension(Float(first, last, step=q))


def _rounded(value: float, q: float | None) -> float:
    return value if q is None else round(value / q) * q
