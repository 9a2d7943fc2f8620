"""The default surrogate: a Gaussian process at the maximum a posteriori of its hyperparameters."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import instance, listed, one_of, real, several, shown, truth, whole
from bayesopt.surrogate import prequential
from bayesopt.surrogate.base import Fitted, Observations, Surrogate
from bayesopt.surrogate.conditioning import Plan, conditioned, surprised
from bayesopt.surrogate.covariance import Covariance, as_covariance
from bayesopt.surrogate.derivatives import sharpened
from bayesopt.surrogate.derivatives.joint_model import supports
from bayesopt.surrogate.derivatives.models import of_derivatives
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import OF_SEVERAL, Priors
from bayesopt.surrogate.schedule import COMPARED, KEPT, FitState, first_state
from bayesopt.surrogate.selection import (
    MIN_COMPARED,
    Candidate,
    Covariances,
    ModelSelection,
    SelectionConfig,
)
from bayesopt.surrogate.transform import (
    NOISY,
    Identity,
    OutputTransform,
    RobustScaler,
    constraint_transform,
    make_warp,
)

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")
_MOST_STARTS = 1_000


@explained_class
@dataclass(frozen=True)
class MapGP(Surrogate):
    """Exact GP, Matérn kernel with a lengthscale per parameter, hyperparameters at their MAP.

    Of more than 3,000 observations the posterior uses a chosen part (the best third, an even part
    of the others, and all that came since the last fit); a log line and the diagnostics say so.

    Attributes
    ----------
    kernel : "matern52" (default), "matern32", "matern12" or "rbf", each with a factor for the
        categorical parameters; or a covariance, such as ``Radial("rbf") * Categories()`` or one of
        your own (see ``CovarianceTerm``).
    priors : over the hyperparameters.
    transforms : output transforms that compete by evidence; the first is the default one.
    warp_penalty : nats by which another transform must beat the first, and a covariance with a
        short-scale component one without.
    short_scale : whether what looks like noise may be found to be structure on a short scale, by
        evidence (see ``ShortScale``).
    n_starts : starts of a fit from scratch, the prior's peak included; 1 to 1,000.
    """

    kernel: str | Covariance = "matern52"
    priors: Priors = field(default_factory=Priors)
    transforms: Sequence[str] = ("identity", "log", "yeo-johnson")
    warp_penalty: float = 1.0
    n_starts: int = 3
    short_scale: bool = True

    def __post_init__(self) -> None:
        as_covariance(self.kernel)  # refuses what is none
        instance("priors", self.priors, Priors)
        object.__setattr__(self, "transforms", read_transforms(self.transforms))
        warp_penalty = real("warp_penalty", self.warp_penalty)
        object.__setattr__(self, "warp_penalty", warp_penalty)
        object.__setattr__(self, "n_starts", whole("n_starts", self.n_starts, 1, _MOST_STARTS))
        truth("short_scale", self.short_scale)

    def fit(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit one output: its hyperparameters at their MAP, its transform by evidence. That of a
        constraint is warped so that the neighbourhood of its limit, 0, is resolved. Derivatives
        are used where they help to predict the values.
        """
        if data.gradients is None:
            return self._fit_values(columns, data, state, rng, previous)
        # a reloaded run has no previous fit to the values alone
        base = self._fit_values(columns, replace(data, gradients=None), state, rng, None)
        covariances = self._covariances(columns)
        of_values = covariances.of(short_scale=bool(base.state["short_scale"]))
        models = of_derivatives(covariances)
        if not all(map(supports, models.values())):
            return _without_derivatives(base)
        theta = base.state["log_theta"]
        known = {
            name: (model, model.vector.carried(theta, of_values.vector))
            for name, model in models.items()
        }
        return sharpened(base, known, data, state, self.priors)

    def _fit_values(
        self,
        columns: Columns,
        data: Observations,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None,
    ) -> Fitted:
        if data.constraint:
            bilog = {"bilog": constraint_transform(data.values)}
            old = self._last_fit(state, columns, len(data.values), tuple(bilog))
            return self._fit(columns, data, bilog, old, rng, previous)
        old = self._last_fit(state, columns, len(data.values), self.transforms)
        if old is not None:
            before = previous if previous is not None and previous.state == state else None
            old = replace(old, log_score=self._log_score(columns, data, old, before))
        transforms = self._transforms_for(columns, data, old)
        if old is not None and old.transform not in transforms:  # no more, with these values
            old, transforms = None, self._transforms_for(columns, data, None)
        return self._fit(columns, data, transforms, old, rng, previous)

    def of_several(self) -> MapGP:
        """Without warps: a warped objective weighs gains in one part of its range more than equal
        ones in another, and the hypervolume with it. Without a short-scale component: a noisy
        value that it explains would be on the front. And with a narrower prior of lengthscales.
        Transforms or priors that were asked for are kept.
        """
        usual = type(self)
        transforms = ("identity",) if self.transforms == usual.transforms else self.transforms
        priors = Priors(lengthscale=OF_SEVERAL) if self.priors == Priors() else self.priors
        return replace(self, transforms=transforms, priors=priors, short_scale=False)

    def quick(self) -> MapGP:
        """Without warps and with one start. Transforms that were asked for are kept."""
        usual = type(self)
        transforms = ("identity",) if self.transforms == usual.transforms else self.transforms
        return replace(self, transforms=transforms, n_starts=1)

    def _covariances(self, columns: Columns) -> Covariances:
        return Covariances.over(columns, self.kernel, short_scale=self.short_scale)

    def _last_fit(
        self,
        state: Mapping[str, Any] | None,
        columns: Columns,
        n: int,
        transforms: Sequence[str],
    ) -> FitState | None:
        """What the last fit left, with whose turn it is to compete at n observations."""
        covariances = self._covariances(columns)
        rugged = covariances.rugged.vector.size if covariances.rugged is not None else None
        old = FitState.read(state, covariances.plain.vector.size, rugged)
        return None if old is None else old.opened(n, transforms)

    def _transforms_for(
        self, columns: Columns, data: Observations, old: FitState | None
    ) -> Mapping[str, OutputTransform]:
        """The transforms that compete now, and the last fit's, by name."""
        values, shares = data.values, data.shares(columns)
        scaler = RobustScaler.of(values, shares)
        n, names = len(values), self.transforms
        if "identity" in names and _too_noisy_to_bend(data, scaler):
            names = ("identity",)
        if n < MIN_COMPARED:
            names = names[:1]
        elif old is not None:
            names = [name for name in names if name in (old.transform, *old.competing(n))]
        u = scaler.scaled(values)
        warps = {name: make_warp(name, u) for name in names}
        found = {
            name: OutputTransform.of(values, scaler, warp)
            for name, warp in warps.items()
            if warp is not None
        }
        # no listed warp makes sense for values that are all equal
        return found or {"identity": OutputTransform.of(values, scaler, Identity())}

    def _log_score(
        self, columns: Columns, data: Observations, old: FitState, before: Fitted | None
    ) -> float:
        """The prequential log score after the results since a fit, which may be made again."""
        m = old.blocks[-1]
        # so many tell signal from noise, and the fit would be expensive to repeat
        if m > COMPARED:
            return 0.0
        if not prequential.LEAST <= m < len(data.values):
            return old.log_score
        known, new = data.part(slice(None, m)), data.part(slice(m, None))
        if before is None:
            transform = self._transforms_for(columns, known, old).get(old.transform)
            if transform is None:  # the results are not those of that fit
                return old.log_score
            before = self._conditioned(columns, known, transform, old, None)
        forward, noise_of = before.transform.forward, before.transform.known_noise
        mean, var = before.posterior.mean_var(new.coords)
        noise = before.posterior.noise_variance + noise_of(new.values, new.noise_sd)
        if columns.noise_by is not None:
            gp = before.posterior.components[0]
            if isinstance(gp, GaussianProcess):
                noise = noise + gp.hyperparameters.further_noise(new.coords)
        new_z, known_z = forward(new.values), forward(known.values)
        return prequential.updated(old.log_score, mean, var + noise, new_z, known_z)

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
        anew = anew or columns.noise_by is not None
        if old is not None and not old.fit_is_due(n):
            state = old.extended(n, anew=anew)
            extended = self._conditioned(columns, data, transforms[old.transform], state, previous)
            gp = extended.posterior.components[0]
            if n == old.n or not (isinstance(gp, GaussianProcess) and surprised(gp, n - old.n)):
                return extended
        config = SelectionConfig(self.priors, self.transforms[0], self.warp_penalty, self.n_starts)
        covariances = self._covariances(columns)
        best = ModelSelection(covariances, data, transforms, old, config).select(rng)
        new = _next_state(n, best, old, anew=anew)
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
        covariance = self._covariances(columns).of(short_scale=new.short_scale)
        hp = Hyperparameters(covariance, np.array(new.log_theta))
        plan = Plan(hp, data.coords, data.values, transform.forward(data.values))
        noise = transform.known_noise(data.values, data.noise_sd)
        if columns.noise_by is not None:
            noise = noise + hp.further_noise(data.coords)
        gp = conditioned(plan, noise, new, previous)
        if len(gp.points) < n and len(new.blocks) == 1:
            logger.info("of %d observations the model uses %d", n, len(gp.points))
        return Fitted(
            Posterior.single(gp),
            transform,
            state=new.json(),
            log_score=new.log_score,
            diagnostics={
                "transform": new.transform,
                "log_score": new.log_score,
                **_described(hp),
                **({"observations_used": len(gp.points)} if n > KEPT else {}),
            },
        )


def read_transforms(names: object) -> tuple[str, ...]:
    """Names of output transforms, at least one.

    Raises
    ------
    TypeError, ValueError : for anything else, naming ``transforms``.
    """
    known = ("identity", "log", "yeo-johnson")
    what = f"a list of some of {listed(known)}"
    if not (listing := several("transforms", names, what)):
        raise ValueError(f"transforms must be {what}, at least one; got {shown(names)}")
    return tuple(one_of("each of transforms", name, known) for name in listing)


@cache  # once in a process
def _say_not_used() -> None:
    logger.warning(
        "derivatives were told and are not used: this surrogate's kernel has none; "
        "kernel='matern52', the default, and 'rbf' have"
    )


def _without_derivatives(base: Fitted) -> Fitted:
    _say_not_used()
    return replace(base, diagnostics={**base.diagnostics, "gradients": {"used": 0}})


def _too_noisy_to_bend(data: Observations, scaler: RobustScaler) -> bool:
    """Whether the noise that was told is so large that a bent scale misleads: what it makes of a
    deviation depends on the observation, and the luckiest would count as the noisiest.
    """
    if not (told := data.told_noise):
        return False
    transform = OutputTransform.of(data.values, scaler, Identity())
    return bool(transform.known_noise(data.values[:1], np.array([told]))[0] > NOISY)


def _described(hp: Hyperparameters) -> dict[str, Any]:
    """Hyperparameters for a person, under their names of today; others under their own."""
    named = {name: value.tolist() for name, value in hp.named.items()}
    return {
        "outputscale": hp.outputscale,
        "noise_sd": float(np.sqrt(hp.noise)),
        "lengthscales": named.pop("lengthscale", []),
        "category_weights": named.pop("category_weight", []),
        **(
            {
                "short_scale_sd": float(np.sqrt(named.pop("short_variance"))),
                "short_lengthscale": named.pop("short_lengthscale"),
            }
            if "short_variance" in named
            else {}
        ),
        **{name: value for name, value in named.items() if name not in ("outputscale", "noise")},
    }


def _next_state(n: int, best: Candidate | None, old: FitState | None, *, anew: bool) -> FitState:
    """The state after a selection; None is the old model."""
    if best is None:
        assert old is not None
        return old.compared(n, anew=anew)
    kind, log_theta, short_scale = best.transform, best.log_theta, best.short_scale
    if old is not None:
        return old.fitted(n, kind, log_theta, short_scale=short_scale)
    return first_state(n, kind, log_theta, short_scale=short_scale)
