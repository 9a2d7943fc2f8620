"""The samplers: NUTS of PyMC and of nutpie, both over the same target and on one thread.

Neither is asked to write progress bars, to start processes or to warn: what they have to say is
read from the chains.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.full_bayes.chains import Chains
from bayesopt.surrogate.full_bayes.extra import quiet
from bayesopt.surrogate.full_bayes.target import Target

Floats = NDArray[np.float64]
Sampler = Callable[[Target, Floats, Floats, "SamplingSettings", np.random.Generator], Chains]


@dataclass(frozen=True)
class SamplingSettings:
    """How much to sample.

    Attributes
    ----------
    draws, tune : per chain, kept and thrown away.
    target_accept : acceptance that the step size is tuned for; nearer to 1 means smaller steps.
    max_depth : trajectories have at most 2 ** max_depth steps.
    """

    draws: int
    tune: int
    target_accept: float = 0.8
    max_depth: int = 8


class SamplingFailed(ArithmeticError):
    """The sampler gave no chains at all."""


def sample_pymc(
    target: Target,
    starts: Floats,
    scale: Floats,
    settings: SamplingSettings,
    rng: np.random.Generator,
) -> Chains:
    """Chains by PyMC's NUTS from ``starts`` (c, k), with ``scale`` (k,) the first guess of the
    standard deviations.

    The step method is driven directly: ``pymc.sample`` would compile anew for every data set, and
    would return quietly what it has when interrupted.
    """
    with quiet():
        import pymc

        with pymc.Model() as model:
            pymc.Flat("q", shape=target.size)
        parts = [_pymc_chain(model, target, start, scale, settings, rng) for start in starts]
    return Chains(*(np.array(part) for part in zip(*parts, strict=True)))


def _pymc_chain(
    model: Any,
    target: Target,
    start: Floats,
    scale: Floats,
    settings: SamplingSettings,
    rng: np.random.Generator,
) -> tuple[Floats, ...]:
    import pymc
    from pymc.step_methods.hmc.quadpotential import QuadPotentialDiagAdapt

    for_momenta, for_steps = rng.spawn(2)
    potential = QuadPotentialDiagAdapt(target.size, start, scale**2, 10, rng=for_momenta)
    # the shape of pymc.model.ValueGradFunction, around a function that needs no compiling
    function = SimpleNamespace(
        _pytensor_function=target.log_posterior,
        _raveled_inputs=True,
        _extra_vars_shared={},
        dtype="float64",
    )
    step = pymc.NUTS(
        model=model,
        potential=potential,
        logp_dlogp_func=function,
        initial_point={"q": start},
        target_accept=settings.target_accept,
        max_treedepth=settings.max_depth,
        early_max_treedepth=settings.max_depth,
        rng=for_steps,
    )
    point: Any = {"q": start}
    draws: list[tuple[Any, ...]] = []
    for i in range(settings.tune + settings.draws):
        if i == settings.tune:
            step.stop_tuning()
        point, stats = step.step(point)
        if i >= settings.tune:
            s = stats[0]
            full = bool(s["reached_max_treedepth"])
            draws.append((point["q"], s["diverging"], full, s["tree_size"], s["energy"]))
    q, diverging, saturated, n_steps, energy = (
        np.array(column) for column in zip(*draws, strict=True)
    )
    return q, diverging.astype(bool), saturated, n_steps.astype(np.int64), energy.astype(float)


class _Outside(ArithmeticError):
    """No density here: a divergence, as nutpie is told by an attribute of the exception."""

    is_recoverable = True


class _Guarded:
    """A target's density as nutpie calls it, from a thread that no exception may leave."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.error: BaseException | None = None

    def __call__(self, q: Floats) -> tuple[float, Floats]:
        if self.error is None:
            try:
                value, gradient = self.target.log_posterior(np.array(q))
            except BaseException as error:  # would end the thread in a panic
                self.error = error
            else:
                if np.isfinite(value):
                    return value, gradient
        raise _Outside("no density here")


def sample_nutpie(
    target: Target,
    starts: Floats,
    scale: Floats,
    settings: SamplingSettings,
    rng: np.random.Generator,
) -> Chains:
    """Chains by nutpie's NUTS from ``starts`` (c, k).

    ``scale`` is not used: nutpie takes it from the gradients.
    """
    density, queue = _Guarded(target), itertools.cycle(starts)
    with quiet():
        from nutpie.compiled_pyfunc import from_pyfunc

        model = from_pyfunc(
            target.size,
            lambda: density,
            lambda *_: lambda q: {"q": np.array(q)},
            [np.dtype("float64")],
            [(target.size,)],
            ["q"],
            make_initial_point_fn=lambda _: next(queue).copy(),
        )
        try:
            data = _run_nutpie(model, len(starts), settings, int(rng.integers(2**31)))
        finally:
            if density.error is not None:
                raise density.error
    return _chains_of(data)


def _chains_of(data: Any) -> Chains:
    stats = data.sample_stats
    return Chains(
        np.asarray(data.posterior["q"].values),
        np.asarray(stats["diverging"].values, dtype=bool),
        np.asarray(stats["maxdepth_reached"].values, dtype=bool),
        np.asarray(stats["n_steps"].values, dtype=np.int64),
        np.asarray(stats["energy"].values, dtype=float),
    )


def _run_nutpie(model: Any, n_chains: int, settings: SamplingSettings, seed: int) -> Any:
    import nutpie

    running = nutpie.sample(
        model,
        draws=settings.draws,
        tune=settings.tune,
        chains=n_chains,
        cores=1,
        seed=seed,
        blocking=False,
        progress_bar=False,
        save_warmup=False,
        target_accept=settings.target_accept,
        maxdepth=settings.max_depth,
    )
    try:
        return running.wait()
    except RuntimeError as error:
        raise SamplingFailed(str(error).splitlines()[0]) from error
    except (
        BaseException
    ):  # Ctrl-C: nutpie itself would return the draws so far as if they were all
        running.cancel()
        raise


def first_starts(target: Target, near: Floats, n_chains: int, rng: np.random.Generator) -> Floats:
    """Starts (c, k): at ``near`` (k,) and scattered around it, where the density exists."""
    starts = [near]
    for _ in range(n_chains - 1):
        spread = 1.0
        direction = rng.standard_normal(len(near))
        while spread > 1e-3 and not np.isfinite(
            target.log_posterior(near + spread * direction)[0]
        ):
            spread *= 0.5
        starts.append(near + spread * direction)
    return np.array(starts)
