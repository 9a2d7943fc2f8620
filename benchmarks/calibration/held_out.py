"""Is what the surrogate predicts borne out? Coverage of its intervals on the suites' data.

    python -m benchmarks.calibration.held_out benchmarks/runs --problems public --data DATA
    python -m benchmarks.calibration.held_out benchmarks/runs --problems bayes --full --seeds 2

Reads finished runs (see ``benchmarks.store``), fits the surrogate to the first observations of
each and predicts the ones that came next:

* ``random``: runs of random search: the 20 points after 20 and after 40;
* ``chosen``: our own runs: the 5 points after 20, 30, 40 and 50, which the model before chose for
  what it hoped of them;
* ``left out``: our own runs: each of the first 20, 40 and 60 from the others (MAP only).

Reported are the shares of observations inside the central 50 % and 90 % intervals (noise
included), the standard deviation of the z-scores, clipped at 5, and 95 % intervals over problems.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo
from bayesopt.surrogate import Columns, Fitted, GaussianProcess, Observations, Surrogate
from benchmarks import problems, store, suites
from benchmarks.measures import bootstrap
from benchmarks.rivals.ours import parameter

Floats = NDArray[np.float64]
_WAYS = {"random": (20, 40), "chosen": (20, 30, 40, 50), "left out": (20, 40, 60)}
_NEXT = {"random": 20, "chosen": 5}
_FARTHEST = 5.0


class Data:
    """A run's evaluations as a surrogate takes them."""

    def __init__(self, run: store.Run, space: bo.Space) -> None:
        told = [e for e in run.evaluations if e["value"] is not None]
        rows = np.array([space.encode(e["params"]) for e in told])
        self.columns = Columns(space.is_categorical, space.is_conditional, space.columns)
        self.coords = space.to_coords(rows)
        self.values = np.array([e["value"] for e in told], dtype=float)

    def fit(self, surrogate: Surrogate, n: int) -> Fitted:
        """The surrogate of the first n observations."""
        unknown = np.full(n, np.nan)
        data = Observations(self.coords[:n], self.values[:n], unknown, False)
        rng = np.random.default_rng(0)
        return surrogate.fit(self.columns, data, state=None, rng=rng)


def cumulative(fitted: Fitted, coords: Floats, values: Floats) -> Floats:
    """Predictive distribution functions (B,) at the observed values."""
    from scipy.special import ndtr

    z, total = fitted.transform.forward(values), np.zeros(len(values))
    for weight, c in zip(fitted.posterior.weights, fitted.posterior.components, strict=True):
        m = c.predict(coords)
        total += weight * ndtr((z - m.mean[:, 0]) / np.sqrt(m.var + c.noise_variance))
    return total


def left_out(fitted: Fitted) -> Floats:
    """Those of each observation, given all the others."""
    from scipy.special import ndtr

    (gp,) = fitted.posterior.components
    assert isinstance(gp, GaussianProcess)
    mean, var = gp.leave_one_out()
    return np.asarray(ndtr((gp.y[:, 0] - mean) / np.sqrt(var)))


def levels(data: Data, surrogate: Surrogate, way: str) -> Iterator[Floats]:
    """Values of the distribution functions, uniform where the surrogate is calibrated."""
    for n in _WAYS[way]:
        if n > len(data.values):
            continue
        fitted = data.fit(surrogate, n)
        if way == "left out":
            yield left_out(fitted)
            continue
        after = slice(n, n + _NEXT[way])
        if len(data.values[after]):
            yield cumulative(fitted, data.coords[after], data.values[after])


def measures(u: Floats) -> Floats:
    """Coverage of the 50 % and the 90 % interval and standard deviation of the z-scores."""
    from scipy.special import ndtri

    z = np.clip(ndtri(np.clip(u, 1e-12, 1.0 - 1e-12)), -_FARTHEST, _FARTHEST)
    off = np.abs(u - 0.5)
    return np.array([(off < 0.25).mean(), (off < 0.45).mean(), z.std()])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Coverage of the surrogate's intervals.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--problems", default="public")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=int, default=60, help="of the runs that are read")
    parser.add_argument("--version", help="of ours: part of the folder's name")
    parser.add_argument("--full", action="store_true", help="the full-Bayesian surrogate")
    given = parser.parse_args(arguments)
    surrogate: Any = bo.FullBayesGP(draws=256, tune=128) if given.full else bo.MapGP()
    ways = [w for w in _WAYS if not (given.full and w == "left out")]
    print("| observations | problems | in 50 % | in 90 % | sd of z |\n|---|---|---|---|---|")
    for way in ways:
        method = "random@*" if way == "random" else f"bayesopt@*{given.version or ''}"
        rows = []
        for name in suites.problems_of(given.problems):
            folder = store.Key("", "", name, 0, 0).path(Path()).parent.name
            name_of_run = f"seed-*-budget-{given.budget}.jsonl"
            runs = sorted(given.results.glob(f"{method}/{folder}/{name_of_run}"))[: given.seeds]
            if not runs:
                continue
            problem = problems.load(name, given.data)
            space = bo.Space({p.name: parameter(p) for p in problem.space.parameters})
            found = [
                u for run in runs for u in levels(Data(store.read(run), space), surrogate, way)
            ]
            problem.close()
            if found:
                rows.append(measures(np.concatenate(found)))
        if not rows:
            print(f"| {way} | 0 | | | |")
            continue
        low, high = bootstrap(np.array(rows))
        cells = [
            f"{m:.3f} [{a:.3f}, {b:.3f}]"
            for m, a, b in zip(np.mean(rows, axis=0), low, high, strict=True)
        ]
        print(f"| {way} | {len(rows)} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
