"""Simulation-based calibration (Talts et al. 2018) of the full-Bayesian surrogate.

Hyperparameters are drawn from the prior, data from the model at them, and the posterior is sampled
given the data. If prior, model and sampler belong together, the rank of what was drawn among the
posterior's thinned draws is uniform.

    python -m benchmarks.calibration.simulate --prior saas --datasets 200 --out ranks.jsonl
    python -m benchmarks.calibration.picture ranks.jsonl --out calibration.png
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import Columns, Priors
from bayesopt.surrogate.covariance import bind
from bayesopt.surrogate.evidence import MEAN_VARIANCE, Evidence
from bayesopt.surrogate.full_bayes import SaasPriors
from bayesopt.surrogate.full_bayes.diagnostics import ConvergenceThresholds
from bayesopt.surrogate.full_bayes.extra import has_nutpie
from bayesopt.surrogate.full_bayes.sampled_posterior import sample_posterior, thinned
from bayesopt.surrogate.full_bayes.sampling import SamplingSettings, sample_nutpie, sample_pymc
from bayesopt.surrogate.full_bayes.target import LayoutTarget, make_target

Floats = NDArray[np.float64]
PRIORS: Mapping[str, Any] = {"lognormal": Priors(), "saas": SaasPriors()}
THINNED = 31  # draws that are ranked against: ranks 0 to 31


def covariance(log_theta: Floats, coords: Floats) -> Floats:
    """Covariance of noisy observations, written anew: Matérn-5/2, noise, integrated mean."""
    theta = np.exp(log_theta)
    z = coords / theta[2:]
    r = np.sqrt(5.0 * ((z[:, None] - z[None]) ** 2).sum(axis=2))
    K = theta[0] * (1.0 + r + r**2 / 3.0) * np.exp(-r)
    return np.asarray(K + MEAN_VARIANCE + theta[1] * np.eye(len(z)))


def simulate(
    target: LayoutTarget, coords: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """q from the prior, and y (n,) from the model at it."""
    q = target.layout.draw(rng)
    values, vectors = np.linalg.eigh(covariance(target.log_theta(q), coords))
    y = vectors @ (np.sqrt(np.maximum(values, 0.0)) * rng.standard_normal(len(coords)))
    return q, y


def rank_one(
    priors: Any, n: int, d: int, settings: SamplingSettings, sampler: Any, seed: int
) -> dict[str, Any]:
    """Ranks of the true hyperparameters and of their log evidence for one data set."""
    rng = np.random.default_rng(seed)
    columns = Columns(np.zeros(d, dtype=bool), np.zeros(d, dtype=bool))
    coords = rng.random((n, d))
    empty = Evidence(bind("matern52", columns), coords, np.zeros(n), np.zeros(n))
    target = make_target(priors, empty, deterministic=False)
    assert isinstance(target, LayoutTarget)
    truth, y = simulate(target, coords, rng)
    evidence = Evidence(bind("matern52", columns), coords, y, np.zeros(n))
    target = LayoutTarget(target.layout, evidence)
    center = evidence.covariance.vector.prior(Priors(), deterministic=False).center
    found = sample_posterior(
        target,
        target.near(center),
        sampler=sampler,
        settings=settings,
        n_chains=2,
        thresholds=ConvergenceThresholds(),
        coords={},
        rng=rng,
    )
    if found.chains is None:
        return {"seed": seed, "failed": True}
    draws = thinned(found.chains.q, THINNED)
    ranks = {name: rank.tolist() for name, rank in _ranks(target, draws, truth).items()}
    return {"seed": seed, "tries": found.tries, "ranks": ranks, **found.convergence.numbers}


def _ranks(target: LayoutTarget, draws: Floats, truth: Floats) -> dict[str, Any]:
    drawn, true = target.named(draws), target.named(truth)
    ranks = {name: (drawn[name] < true[name]).sum(axis=0) for name in drawn}

    def loss(q: Floats) -> float:
        return target.evidence(target.log_theta(q))[0]

    ranks["log_evidence"] = np.sum([-loss(q) < -loss(truth) for q in draws])
    return ranks


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prior", choices=sorted(PRIORS), required=True)
    parser.add_argument(
        "--sampler", choices=("pymc", "nutpie"), default="nutpie" if has_nutpie() else "pymc"
    )
    parser.add_argument("--datasets", type=int, default=200)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--d", type=int, default=2)
    parser.add_argument("--draws", type=int, default=250)
    parser.add_argument("--tune", type=int, default=250)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    sampler = sample_nutpie if args.sampler == "nutpie" else sample_pymc
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    done = {(r["prior"], r["seed"]) for r in map(json.loads, lines)}
    for seed in range(args.datasets):
        if (args.prior, seed) in done:
            continue
        begin = time.process_time()
        settings = SamplingSettings(args.draws, args.tune)
        record = rank_one(PRIORS[args.prior], args.n, args.d, settings, sampler, seed)
        record |= {"prior": args.prior, "sampler": args.sampler, "n": args.n, "d": args.d}
        record["cpu_seconds"] = round(time.process_time() - begin, 3)
        with args.out.open("a") as file:
            file.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
