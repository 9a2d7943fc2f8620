"""The default surrogate: a Gaussian process at the maximum a posteriori of its hyperparameters."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Fitted, Observations, Surrogate
from bayesopt.surrogate.conditioning import Plan, conditioned, surprised
from bayesopt.surrogate.descent import Effort, descend
from bayesopt.surrogate.evidence import FAMILIES, Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess, Hyperparameters
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import LogPrior, Priors
from bayesopt.surrogate.schedule import COMPARED, FITTED, KEPT, FitState, first_state, telling
from bayesopt.surrogate.transform import (
    Identity,
    OutputTransform,
    Robust,
    constraint_transform,
    make_bend,
)

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_MIN_BENT = 6  # observations below which a bend of the outputs cannot be told from chance
_STEPS_COMPARING = 15  # where the comparison is all that is wanted of it
_STEPS_REFINING = 6  # on many observations, near the last fit's optimum; the next fit goes on


@dataclass(frozen=True)
class MapGP(Surrogate):
    """Exact GP, Matérn kernel with a lengthscale per parameter, hyperparameters at their MAP.

    Of more than 3,000 observations the posterior uses a chosen part (the best third, an even part
    of the others, and all that came since the last fit); a log line and the diagnostics say so.

    Attributes
    ----------
    kernel : "matern52" (default), "matern32", "matern12" or "rbf".
    priors : over the hyperparameters.
    transforms : output transforms that compete by evidence; the first is the default one.
    bend_penalty : nats by which another transform must beat the first.
    n_starts : starts of a fit from scratch, the prior's peak included.
    """

    kernel: str = "matern52"
    priors: Priors = field(default_factory=Priors)
    transforms: Sequence[str] = ("identity", "log", "yeo-johnson")
    bend_penalty: float = 1.0
    n_starts: int = 3

    def __post_init__(self) -> None:
        if self.kernel not in FAMILIES:
            raise ValueError(f"kernel must be one of {sorted(FAMILIES)}; got {self.kernel!r}")
        if not self.transforms:
            raise ValueError(
                "transforms must name at least one output transform, such as 'identity'"
            )
        for name in self.transforms:
            make_bend(name, np.array([0.0, 1.0, 2.0]))
        if self.n_starts < 1:
            raise ValueError(f"n_starts must be at least 1; got {self.n_starts}")

    def fit(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit the objective: its transform by evidence, its hyperparameters at their MAP."""
        robust = Robust.of(data.values)
        u = robust.scaled(data.values)
        old = FitState.read(state, self._n_parameters(columns))
        transforms = {}
        for name in self._competitors(old, len(u)):
            bend = make_bend(name, u)
            if bend is not None:
                transforms[name] = OutputTransform.of(data.values, robust, bend)
        # no listed bend makes sense for values that are all equal
        transforms = transforms or {
            "identity": OutputTransform.of(data.values, robust, Identity())
        }
        return self._fit(columns, data, transforms, old, rng, previous)

    def fit_constraint(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit a constraint: bent so that the neighbourhood of its limit, 0, is resolved."""
        transform = constraint_transform(data.values)
        old = FitState.read(state, self._n_parameters(columns))
        return self._fit(columns, data, {"bilog": transform}, old, rng, previous)

    def _n_parameters(self, columns: Columns) -> int:
        return 2 + len(columns.numeric) + len(columns.categories)

    def _competitors(self, old: FitState | None, n: int) -> Sequence[str]:
        if n < _MIN_BENT:
            return self.transforms[:1]
        if old is not None and not old.bend_is_due(n) and old.transform in self.transforms:
            return (old.transform,)
        return self.transforms

    def _fit(
        self,
        columns: Columns,
        data: Observations,
        transforms: Mapping[str, OutputTransform],
        old: FitState | None,
        rng: np.random.Generator,
        previous: Fitted | None,
    ) -> Fitted:
        n = len(data.values)
        anew = bool(np.isfinite(data.noise_sd).any())  # then noise depends on the transform
        if old is not None and not old.fit_is_due(n) and old.transform in transforms:
            state = old.extended(n, anew=anew)
            extended = self._conditioned(columns, data, transforms[old.transform], state, previous)
            gp = extended.posterior.components[0]
            if n == old.n or not (isinstance(gp, GaussianProcess) and surprised(gp, n - old.n)):
                return extended
        name, log_theta = self._maximise(columns, data, transforms, old, rng)
        new = _next_state(n, name, log_theta, old, anew=anew)
        return self._conditioned(columns, data, transforms[new.transform], new, previous)

    def _conditioned(
        self,
        columns: Columns,
        data: Observations,
        transform: OutputTransform,
        new: FitState,
        previous: Fitted | None,
    ) -> Fitted:
        """The fit that a state stands for."""
        n = len(data.values)
        hp = Hyperparameters(np.array(new.log_theta), self.kernel)
        plan = Plan(columns, hp, data.coords, data.values, transform.forward(data.values))
        gp = conditioned(plan, known_noise(data, transform), new, previous)
        if len(gp.z) < n and len(new.blocks) == 1:
            logger.info("of %d observations the model uses %d", n, len(gp.z))
        return Fitted(
            Posterior.single(gp),
            transform,
            state=new.json(),
            diagnostics={
                "transform": new.transform,
                "outputscale": hp.outputscale,
                "noise_sd": float(np.sqrt(hp.noise)),
                "lengthscales": hp.lengthscales(columns).tolist(),
                "category_weights": hp.category_weights(columns).tolist(),
                **({"observations_used": len(gp.z)} if n > KEPT else {}),
            },
        )

    def _maximise(
        self,
        columns: Columns,
        data: Observations,
        transforms: Mapping[str, OutputTransform],
        old: FitState | None,
        rng: np.random.Generator,
    ) -> tuple[str, Floats | None]:
        """The transform of most evidence and the MAP of its log hyperparameters.

        Transforms and starts are compared on some of the observations, the best is then refined
        on more of them; None, for the next ask to do so, when the old transform has won again.
        """
        n = len(data.values)
        prior = self._prior(columns, data)
        starts = self._starts(prior, old, n, rng)
        name, log_theta = next(iter(transforms)), starts[0]
        warm = n > COMPARED and old is not None and not old.starts_are_due(n)
        if n <= COMPARED or len(transforms) * len(starts) > 1:
            some = telling(data.values, COMPARED)
            effort = Effort.near(COMPARED, _STEPS_COMPARING, 0.1) if warm else Effort()
            best = np.inf
            for candidate, transform in transforms.items():
                cost, found = self._descend(columns, data, transform, some, prior, starts, effort)
                cost -= transform.log_jacobian(data.values[some])
                cost += self.bend_penalty if candidate != self.transforms[0] else 0.0
                if cost < best:
                    best, name, log_theta = cost, candidate, found
            if warm and old is not None and name == old.transform:
                return name, None
        if n > COMPARED:
            some = telling(data.values, FITTED)
            effort = Effort.near(len(some), _STEPS_REFINING, 0.01) if warm else Effort()
            _, log_theta = self._descend(
                columns, data, transforms[name], some, prior, [log_theta], effort
            )
        return name, log_theta

    def _starts(
        self, prior: LogPrior, old: FitState | None, n: int, rng: np.random.Generator
    ) -> list[Floats]:
        starts = []
        if old is not None:
            starts.append(np.clip(np.array(old.log_theta), prior.low, prior.high))
        if old is None or old.starts_are_due(n):
            starts += [prior.center, *(prior.draw(rng) for _ in range(self.n_starts - 1))]
        return starts

    def _descend(
        self,
        columns: Columns,
        data: Observations,
        transform: OutputTransform,
        some: NDArray[np.int64],
        prior: LogPrior,
        starts: Sequence[Floats],
        effort: Effort,
    ) -> tuple[float, Floats]:
        """Least cost (negative log posterior) on some observations and its hyperparameters."""
        evidence = Evidence(
            columns,
            data.coords[some],
            transform.forward(data.values[some]),
            known_noise(data, transform)[some],
            self.kernel,
        )
        fits = [descend(evidence, prior, start, effort) for start in starts]
        return min(fits, key=lambda fit: fit[0])

    def _prior(self, columns: Columns, data: Observations) -> LogPrior:
        measured = len(data.values) > 0 and bool(np.isfinite(data.noise_sd).all())
        return self.priors.in_log(
            len(columns.numeric),
            len(columns.categories),
            deterministic=data.deterministic or measured,
        )


def known_noise(data: Observations, transform: OutputTransform) -> Floats:
    """Measured noise variances (n,) in standardised units, 0 where unknown."""
    if not np.isfinite(data.noise_sd).any():
        return np.zeros(len(data.values))
    sd = np.where(np.isfinite(data.noise_sd), data.noise_sd, 0.0)
    with np.errstate(over="ignore"):
        return np.minimum(sd * transform.slope(data.values), 1e6) ** 2


def _next_state(
    n: int, name: str, log_theta: Floats | None, old: FitState | None, *, anew: bool
) -> FitState:
    """The state after a fit; no ``log_theta`` is the old one's."""
    if old is not None:
        if log_theta is None:
            return old.compared(n, anew=anew)
        return old.fitted(n, name, log_theta)
    assert log_theta is not None
    return first_state(n, name, log_theta)
