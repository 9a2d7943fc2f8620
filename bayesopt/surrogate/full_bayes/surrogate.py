"""The surrogate whose hyperparameters are sampled, not optimised."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import instance, one_of, shown, whole
from bayesopt.surrogate.base import Fitted, Observations, Surrogate
from bayesopt.surrogate.covariance import Covariance, bind
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.full_bayes.diagnostics import ConvergenceThresholds
from bayesopt.surrogate.full_bayes.extra import has_nutpie, require_bayes
from bayesopt.surrogate.full_bayes.layout import SaasPriors
from bayesopt.surrogate.full_bayes.mixture import Mixture, Roots
from bayesopt.surrogate.full_bayes.pymc_model import HyperPriors, OwnPriors, coords_of, pymc_model
from bayesopt.surrogate.full_bayes.report import diagnostics, quantiles, tell_log
from bayesopt.surrogate.full_bayes.sampled_posterior import (
    Sampling,
    sample_posterior,
    thinned,
    warmth,
)
from bayesopt.surrogate.full_bayes.sampling import (
    Sampler,
    SamplingSettings,
    sample_nutpie,
    sample_pymc,
)
from bayesopt.surrogate.full_bayes.target import Target, make_target
from bayesopt.surrogate.full_bayes.with_derivatives import USED, SampledDerivatives, used_by
from bayesopt.surrogate.map_gp import MapGP, read_transforms
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import Priors
from bayesopt.surrogate.schedule import subsample
from bayesopt.surrogate.transform import (
    Identity,
    OutputTransform,
    RobustScaler,
    constraint_transform,
    make_warp,
)

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_MOST = 1_000_000  # draws, chains and so on
_BEGIN = 20  # observations from which hyperparameters are sampled at the latest
_SAMPLED_TO = 300  # observations that hyperparameters are sampled given, at most
_SAMPLERS: Mapping[str, Sampler] = {"pymc": sample_pymc, "nutpie": sample_nutpie}


@dataclass
class _Last:
    """What the last fit in this process left to look at."""

    posterior: Any = None
    fitted: Fitted | None = None
    columns: Columns | None = None


@explained_class
@dataclass(frozen=True)
class FullBayesGP(Surrogate):
    """The GP of :class:`~bayesopt.MapGP`, its hyperparameters sampled from their posterior.

    Acquisitions are averaged over some of the draws. Needs the extra ``bayes``
    (``pip install 'bayesopt-engine[bayes]'``); with ``nutpie`` as well it is a few times faster.

    Attributes
    ----------
    priors : :class:`~bayesopt.Priors` as in MapGP, but without their bounds (default);
        :class:`~bayesopt.SaasPriors` when few of many parameters matter; or
        :class:`~bayesopt.OwnPriors`, a function that builds PyMC variables.
    kernel, transforms : as in MapGP, which chooses the output transform at each refit.
    draws, tune : per chain; 500 and 500 for trust in the hyperparameters themselves, 128 and
        256 for pace.
    chains : at least 2, or nothing could be said about their agreement.
    keep : draws that acquisitions are averaged over.
    refit_every : new observations after which the posterior is sampled again; None: one up to
        20 observations, then a tenth of them. In between the draws stay and the processes are
        extended by the new data.
    begin : observations from which the posterior is sampled; MAP stands in before. None: as many
        as there are parameters, 20 at most; 0: at once.
    sampler : "nutpie", "pymc", or "auto": nutpie where it is installed. Both give the same
        posterior but not the same draws.
    thresholds : what is asked of the chains.

    Notes
    -----
    Chains that miss the thresholds are run once more with smaller steps. What still misses them
    is used with a warning in the log, or, when hopeless, replaced by the MAP fit until the next
    refit;
    ``result.diagnostics["surrogate"]["refits"]`` tells which.
    """

    priors: HyperPriors = field(default_factory=Priors)
    kernel: str | Covariance = "matern52"
    transforms: Sequence[str] = ("identity", "log", "yeo-johnson")
    draws: int = 256
    tune: int = 256
    chains: int = 2
    keep: int = 16
    refit_every: int | None = None
    begin: int | None = None
    sampler: str = "auto"
    thresholds: ConvergenceThresholds = field(default_factory=ConvergenceThresholds)
    _last: _Last = field(default_factory=_Last, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_bayes()
        if not isinstance(self.priors, (Priors, SaasPriors, OwnPriors)):
            raise TypeError(
                f"priors must be Priors, SaasPriors or OwnPriors; got {shown(self.priors)}"
            )
        least = {"draws": 8, "tune": 8, "chains": 2, "keep": 1, "refit_every": 1, "begin": 0}
        may_be_none = ("refit_every", "begin")
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None or name not in may_be_none:
                object.__setattr__(self, name, whole(name, value, bound, _MOST))
        one_of("sampler", self.sampler, ("auto", *_SAMPLERS))
        instance("thresholds", self.thresholds, ConvergenceThresholds)
        object.__setattr__(self, "transforms", read_transforms(self.transforms))
        if self.sampler == "nutpie" and not has_nutpie():
            raise ImportError(
                "sampler='nutpie' needs nutpie: pip install 'bayesopt-engine[nutpie]'"
            )
        self._map()  # refuses wrong kernels and transforms

    # ------------------------------------------------------------------ fitting

    def quick(self) -> MapGP:
        """The fit at the maximum of the posterior: without chains."""
        return self._map().quick()

    def fit(
        self,
        columns: Columns,
        data: Observations,
        *,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None = None,
    ) -> Fitted:
        """Fit one output; what an objective's fit left is ``last_fit``, ``last_posterior``.

        Told derivatives are used where :class:`~bayesopt.MapGP` uses them; their noise is then
        sampled with the other hyperparameters.
        """
        columns = columns.of_one_noise  # of tasks too
        fitted, sampled = self._fit(columns, data, state, rng, previous)
        if data.constraint:
            return fitted
        self._last.fitted, self._last.columns = fitted, columns
        if sampled is not None:
            self._last.posterior = sampled.data
        return fitted

    def _fit(
        self,
        columns: Columns,
        data: Observations,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
        previous: Fitted | None,
    ) -> tuple[Fitted, Sampling | None]:
        sampled = None
        if state is None or self._is_due(state, columns, data):
            state, sampled = self._refit(columns, data, state, rng)
        transform = _transform(columns, data, state["transform"])
        joint = SampledDerivatives.of(columns, self.kernel, state)
        if joint is None:
            vector = bind(self.kernel, columns).vector
            posterior: Posterior = self._condition(columns, data, transform, state, previous)
            return Fitted(posterior, transform, state, diagnostics(vector, state)), sampled
        draws = np.array(state["log_theta"], dtype=float)
        posterior, used = joint.posterior(data, transform, draws)
        about = {**diagnostics(joint.covariance.vector, state), **used}
        return Fitted(posterior, transform, state, about), sampled

    def _not_sampled(self, best: Fitted, n: int, before: Mapping[str, Any]) -> dict[str, Any]:
        """The state after a MAP fit and before a sampling."""
        joint = used_by(best.state)
        fitted = best.state["derivatives"] if joint else best.state
        return {
            "n": n,
            "sampled": False,
            "transform": best.state["transform"],
            "log_theta": [list(fitted["log_theta"])],
            "warm": None,
            "map": dict(best.state),
            "refits": list(before.get("refits", [])),
            **joint,
        }

    def _is_due(self, state: Mapping[str, Any], columns: Columns, data: Observations) -> bool:
        sampled_at, n = int(state["n"]), len(data.values)
        joint = SampledDerivatives.of(columns, self.kernel, state)
        if joint is not None and data.gradients is None:  # they were taken back
            return True
        covariance = bind(self.kernel, columns) if joint is None else joint.covariance
        if len(state["log_theta"][0]) != covariance.vector.size:
            return True
        if not state.get("sampled", True):
            return n != sampled_at or n >= self._begins(columns)
        every = self.refit_every or max(1, sampled_at // 10 if sampled_at >= 20 else 1)
        return not sampled_at <= n < sampled_at + every

    def _begins(self, columns: Columns) -> int:
        # of fewer, the mixture explores what MAP finds sooner (benchmarks/FULL_BAYES.md)
        n_parameters = len(columns.numeric) + len(columns.categories)
        return min(n_parameters, _BEGIN) if self.begin is None else self.begin

    def _refit(
        self,
        columns: Columns,
        data: Observations,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
    ) -> tuple[dict[str, Any], Sampling | None]:
        """Fit as MapGP does, which chooses the output transform; then sample, if it is time to."""
        started = time.perf_counter()
        before: Mapping[str, Any] = state or {}
        best = self._map().fit(columns, data, state=before.get("map"), rng=rng)
        n = len(data.values)
        new = self._not_sampled(best, n, before)
        new["sampled"] = n >= self._begins(columns)
        if not new["sampled"]:
            return new, None
        same = all(before.get(key) == new.get(key) for key in USED)
        target, sampling = self._sample(
            columns, data, best, new, before.get("warm") if same else None, rng
        )
        if sampling.usable and sampling.chains is not None:
            draws = target.log_theta(sampling.chains.q)
            new["log_theta"] = thinned(draws, self.keep).tolist()
            new["quantiles"] = quantiles(draws).tolist()
            new["warm"] = warmth(sampling.chains)
        new["refits"].append({"n": n, "tries": sampling.tries, **sampling.convergence.numbers})
        tell_log(sampling, target.size, n, time.perf_counter() - started)
        return new, sampling

    def _sample(
        self,
        columns: Columns,
        data: Observations,
        best: Fitted,
        state: Mapping[str, Any],
        warm: Mapping[str, Any] | None,
        rng: np.random.Generator,
    ) -> tuple[Target, Sampling]:
        """Sample the hyperparameters, with the output transform of ``best`` and near it."""
        joint = SampledDerivatives.of(columns, self.kernel, state)
        evidence = (
            self._evidence(columns, data, best.transform)
            if joint is None
            else joint.evidence(data, best.transform)
        )
        target = make_target(self.priors, evidence, deterministic=data.noise_is_known)
        sampling = sample_posterior(
            target,
            target.near(np.array(state["log_theta"][0], dtype=float)),
            sampler=self._sampler(),
            settings=SamplingSettings(self.draws, self.tune),
            n_chains=self.chains,
            thresholds=self.thresholds,
            coords=coords_of(evidence.covariance),
            rng=rng,
            warm=warm,
        )
        return target, sampling

    def _condition(
        self,
        columns: Columns,
        data: Observations,
        transform: OutputTransform,
        state: Mapping[str, Any],
        previous: Fitted | None,
    ) -> Mixture:
        noise, n = transform.known_noise(data.values, data.noise_sd), int(state["n"])
        draws = np.array(state["log_theta"], dtype=float)
        roots = None
        if previous is not None and isinstance(previous.posterior, Mixture):
            roots = previous.posterior.roots
        if roots is None or not roots.serve(draws, data.coords[:n], noise[:n]):
            roots = Roots.factorise(bind(self.kernel, columns), draws, data.coords[:n], noise[:n])
        return Mixture.of(roots, data.coords, transform.forward(data.values), noise)

    def _evidence(
        self, columns: Columns, data: Observations, transform: OutputTransform
    ) -> Evidence:
        some = subsample(data.values, _SAMPLED_TO)
        z, noise = (
            transform.forward(data.values),
            transform.known_noise(data.values, data.noise_sd),
        )
        return Evidence(bind(self.kernel, columns), data.coords[some], z[some], noise[some])

    def _map(self) -> MapGP:
        priors = self.priors if isinstance(self.priors, Priors) else Priors()
        return MapGP(
            kernel=self.kernel, priors=priors, transforms=self.transforms, short_scale=False
        )

    def _sampler(self) -> Sampler:
        if self.sampler == "auto":
            return sample_nutpie if has_nutpie() else sample_pymc
        return _SAMPLERS[self.sampler]

    # ------------------------------------------------------------------ looking

    @property
    def posterior(self) -> Any:
        """The last sampling of the objective in this process, as ArviZ gives it: ``InferenceData``
        or, from ArviZ 1, ``DataTree``.

        Raises
        ------
        ValueError : when nothing was sampled yet; a stored run keeps only the thinned draws.
        """
        if self._last.posterior is None:
            raise ValueError(
                "this surrogate has sampled nothing yet: ask for a proposal or a prediction "
                "first. It begins with as many observations as there are parameters (20 at most), "
                "or with as many as FullBayesGP(begin=...) says"
            )
        return self._last.posterior

    @property
    def last_fit(self) -> Fitted:
        """The last fit of the objective in this process; ValueError when there is none."""
        if self._last.fitted is None:
            raise ValueError(
                "this surrogate was not fitted yet: ask for a proposal or a prediction first"
            )
        return self._last.fitted

    def pymc_model(self, columns: Columns, data: Observations, transform: OutputTransform) -> Any:
        """The model that is sampled, as a ``pymc.Model``: for one's own experiments."""
        from bayesopt.surrogate.full_bayes.op import Slot

        slot = Slot(self._evidence(columns, data, transform))
        covariance = bind(self.kernel, columns)
        return pymc_model(self.priors, covariance, slot, deterministic=data.noise_is_known)


def _transform(columns: Columns, data: Observations, name: str) -> OutputTransform:
    """The transform called ``name``, fitted to the present values."""
    values = data.values
    if name == "bilog":
        return constraint_transform(values)
    scaler = RobustScaler.of(values, data.shares(columns))
    return OutputTransform.of(values, scaler, make_warp(name, scaler.scaled(values)) or Identity())
