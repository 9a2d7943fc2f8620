"""The default surrogate: a Gaussian process at the maximum a posteriori of its hyperparameters."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Fitted, Observations, Surrogate
from bayesopt.surrogate.evidence import FAMILIES, Evidence, NotPositiveDefinite
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess, Hyperparameters
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.prior import LogPrior, Priors
from bayesopt.surrogate.transform import Bilog, OutputTransform, Robust, make_bend

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_BAD = 1e10  # cost of hyperparameters whose covariance cannot be factorised
EXTENDED = 150  # observations from which the Cholesky factor is extended between refits
FITTED = 1000  # observations at most that hyperparameters are fitted to
_BEST = 300  # of them the best ones
_MIN_BENT = 6  # observations below which a bend of the outputs cannot be told from chance


@dataclass(frozen=True)
class MapGP(Surrogate):
    """Exact GP, Matérn kernel with a lengthscale per parameter, hyperparameters at their MAP.

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
        """Fit the objective: its transform chosen by evidence, the hyperparameters at their MAP."""
        robust = Robust.of(data.values)
        u = robust.scaled(data.values)
        best: tuple[float, str, OutputTransform, Floats] | None = None
        competitors = self._competitors(state, len(u))
        for name in competitors:
            bend = make_bend(name, u)
            if bend is None:
                continue
            transform = OutputTransform.of(data.values, robust, bend)
            cost, log_theta = self._maximise(columns, data, transform, state, rng)
            cost -= transform.log_jacobian(data.values)
            cost += self.bend_penalty if name != self.transforms[0] else 0.0
            if best is None or cost < best[0]:
                best = cost, name, transform, log_theta
        if best is None:  # no listed bend makes sense for these values (all equal)
            transform = OutputTransform.of(data.values, robust, make_bend("identity", u))  # type: ignore[arg-type]
            cost, log_theta = self._maximise(columns, data, transform, state, rng)
            best = cost, "identity", transform, log_theta
        return self._fitted(columns, data, best[1], best[2], best[3], state, previous)

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
        robust = Robust.of(data.values, both_sides=True)
        limit = float(np.clip(robust.scaled(np.zeros(1))[0], robust.low, robust.high))
        transform = OutputTransform.of(data.values, robust, Bilog(limit))
        _, log_theta = self._maximise(columns, data, transform, state, rng)
        return self._fitted(columns, data, "bilog", transform, log_theta, state, previous)

    def _competitors(self, state: Mapping[str, Any] | None, n: int) -> Sequence[str]:
        if n < _MIN_BENT:
            return self.transforms[:1]
        if (
            state is not None
            and not _bend_is_due(state, n)
            and state["transform"] in self.transforms
        ):
            return (state["transform"],)
        return self.transforms

    def _maximise(
        self,
        columns: Columns,
        data: Observations,
        transform: OutputTransform,
        state: Mapping[str, Any] | None,
        rng: np.random.Generator,
    ) -> tuple[float, Floats]:
        """Least cost (negative log posterior) and its log hyperparameters."""
        prior = self._prior(columns, data)
        n = len(data.values)
        previous = _previous(state, prior)
        if previous is not None and not _refit_is_due(state, n):
            return 0.0, previous
        z, some = transform.forward(data.values), telling(data.values)
        evidence = Evidence(
            columns, data.coords[some], z[some], known_noise(data, transform)[some], self.kernel
        )
        starts = [previous] if previous is not None else []
        if previous is None or n >= 2 * int(state["n_starts"]):  # type: ignore[index]
            starts += [prior.center, *(prior.draw(rng) for _ in range(self.n_starts - 1))]
        fits = [_descend(evidence, prior, start) for start in starts]
        return min(fits, key=lambda fit: fit[0])

    def _prior(self, columns: Columns, data: Observations) -> LogPrior:
        measured = len(data.values) > 0 and bool(np.isfinite(data.noise_sd).all())
        return self.priors.in_log(
            len(columns.numeric),
            len(columns.categories),
            deterministic=data.deterministic or measured,
        )

    def _fitted(
        self,
        columns: Columns,
        data: Observations,
        name: str,
        transform: OutputTransform,
        log_theta: Floats,
        state: Mapping[str, Any] | None,
        previous: Fitted | None,
    ) -> Fitted:
        hp = Hyperparameters(log_theta, self.kernel)
        z = transform.forward(data.values)
        new_state = self._next_state(data, name, log_theta, state)
        gp = _conditioned(columns, hp, data, z, known_noise(data, transform), new_state, previous)
        return Fitted(
            Posterior.single(gp),
            transform,
            state=new_state,
            diagnostics={
                "transform": name,
                "outputscale": hp.outputscale,
                "noise_sd": float(np.sqrt(hp.noise)),
                "lengthscales": hp.lengthscales(columns).tolist(),
                "category_weights": hp.category_weights(columns).tolist(),
            },
        )

    def _next_state(
        self, data: Observations, name: str, log_theta: Floats, state: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        n = len(data.values)
        new: dict[str, Any] = (
            dict(state) if state is not None else {"n": n, "n_starts": n, "n_bend": n}
        )
        refitted = _refit_is_due(state, n)
        if refitted:
            new["n"] = n
        if _bend_is_due(state, n):
            new["n_bend"] = n
        if n >= 2 * int(new["n_starts"]):
            new["n_starts"] = n
        blocks = [] if refitted else [*new.get("blocks", []), n]
        if n < EXTENDED or np.isfinite(data.noise_sd).any():
            blocks = [n]  # factorised anew: cheap, or the noise depends on the transform
        elif not blocks:
            blocks = [n]
        if len(blocks) > 1 and blocks[-2] >= n:
            blocks = blocks[:-1] if blocks[-2] == n else [n]
        return {**new, "transform": name, "log_theta": log_theta.tolist(), "blocks": blocks}


def telling(values: Floats) -> NDArray[np.int64]:
    """Indices of the observations that hyperparameters are fitted to: all of up to 1,000; of more
    the best 300 and an even part of the others.

    The evidence's gradient costs O(n³), hyperparameters need far fewer points than predictions do.
    """
    n = len(values)
    if n <= FITTED:
        return np.arange(n)
    order = np.argsort(values, kind="stable")
    rest = np.sort(order[_BEST:])
    even = rest[np.linspace(0, len(rest) - 1, FITTED - _BEST).astype(np.int64)]
    return np.sort(np.concatenate([order[:_BEST], even]))


def refit_interval(n: int) -> int:
    """New observations after which the hyperparameters are fitted again: each up to 100, then 2 %
    of n.
    """
    return max(1, n // 50)


def _bend_is_due(state: Mapping[str, Any] | None, n: int) -> bool:
    """Whether the output transform competes again: n has grown by a tenth."""
    return state is None or n >= 1.1 * int(state["n_bend"])


def _refit_is_due(state: Mapping[str, Any] | None, n: int) -> bool:
    return state is None or n >= int(state["n"]) + refit_interval(n) or _bend_is_due(state, n)


def known_noise(data: Observations, transform: OutputTransform) -> Floats:
    """Measured noise variances (n,) in standardised units, 0 where unknown."""
    if not np.isfinite(data.noise_sd).any():
        return np.zeros(len(data.values))
    sd = np.where(np.isfinite(data.noise_sd), data.noise_sd, 0.0)
    with np.errstate(over="ignore"):
        return np.minimum(sd * transform.slope(data.values), 1e6) ** 2


def _previous(state: Mapping[str, Any] | None, prior: LogPrior) -> Floats | None:
    if state is None or len(state["log_theta"]) != len(prior.center):
        return None
    return np.asarray(np.clip(np.array(state["log_theta"]), prior.low, prior.high), dtype=float)


def _descend(evidence: Evidence, prior: LogPrior, start: Floats) -> tuple[float, Floats]:
    from scipy.optimize import minimize

    def cost(log_theta: Floats) -> tuple[float, Floats]:
        penalty, slope = prior.cost(log_theta)
        try:
            value, gradient = evidence(log_theta)
        except NotPositiveDefinite:
            return _BAD, np.zeros_like(log_theta)
        return value + penalty, gradient + slope

    found = minimize(
        cost,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([prior.low, prior.high]),
        options={"maxiter": 60, "ftol": 1e-6, "gtol": 1e-2},
    )
    return float(found.fun), np.asarray(found.x, dtype=float)


def _conditioned(
    columns: Columns,
    hp: Hyperparameters,
    data: Observations,
    z: Floats,
    noise: Floats,
    state: Mapping[str, Any],
    previous: Fitted | None,
) -> GaussianProcess:
    """The GP of all data: factorised when the hyperparameters were fitted, extended since.

    ``state["blocks"]`` are the numbers of observations at the factorisation and at each extension.
    Without the ``previous`` fit, in a reloaded run, the same steps are made again, so that the
    result is the same to the bit.
    """
    blocks = list(state["blocks"])
    gp = _reusable(previous, hp, blocks)
    if gp is None:
        gp = _factorised(columns, hp, data.coords[: blocks[0]], z[: blocks[0]], noise[: blocks[0]])
    for n in blocks:
        m = len(gp.z)
        if n > m:
            fitted_noise = np.full(n - m, gp.hyperparameters.noise)
            gp = gp.condition(data.coords[m:n], z[m:n, None], fitted_noise)
    return gp.with_values(z)


def _reusable(
    previous: Fitted | None, hp: Hyperparameters, blocks: list[int]
) -> GaussianProcess | None:
    """The previous fit's GP when its steps are the first of ``blocks`` with the same
    hyperparameters.
    """
    if (
        previous is None
        or len(blocks) < 2
        or list(previous.state.get("blocks", [])) != blocks[:-1]
    ):
        return None
    gp = previous.posterior.components[0]
    same = isinstance(gp, GaussianProcess) and np.array_equal(
        previous.state["log_theta"], hp.log_theta
    )
    return gp if same and isinstance(gp, GaussianProcess) and len(gp.z) == blocks[-2] else None


def _factorised(
    columns: Columns, hp: Hyperparameters, coords: Floats, z: Floats, noise: Floats
) -> GaussianProcess:
    """The GP, with the noise raised and a warning when the covariance cannot be factorised."""
    while True:
        try:
            return GaussianProcess.fit(columns, hp, coords, z, noise)
        except NotPositiveDefinite:
            if hp.noise > 1.0:
                raise
            raised = hp.log_theta.copy()
            raised[1] += np.log(100.0)
            logger.warning(
                "the covariance of %d points cannot be factorised; "
                "the noise variance is raised from %.1e to %.1e",
                len(z),
                hp.noise,
                np.exp(raised[1]),
            )
            hp = Hyperparameters(raised, hp.family)
