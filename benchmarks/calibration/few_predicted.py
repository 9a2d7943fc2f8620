"""Few parameters of many matter: what SAAS and MAP make of the same random points.

    python -m benchmarks.calibration.few_predicted --seeds 10 --noise 0.2 --out predicted.jsonl
    python -m benchmarks.calibration.few_predicted --table predicted.jsonl

The functions are those of :mod:`benchmarks.calibration.few_of_many`. Both surrogates get the same
20, 40 and 60 uniform points, and are asked for the noise-free function at 500 others:

* ``rmse``: root mean square error of the mean, in standard deviations of the function;
* ``score``: mean log density of the truth under a normal with the predicted mean and standard
  deviation, in the same unit;
* ``active``: how many of the three that matter have the three shortest lengthscales.

A data set is done once; a line a data set.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo
from benchmarks.calibration.few_of_many import ACTIVE, HIDDEN, SPACE, hidden, records, shortest

Floats = NDArray[np.float64]
SIZES = (20, 40, 60)
MEASURES = ("rmse", "score", "active")
_ASKED, _LEAST_SD = 500, 1e-3


def judged(surrogate: Any, coords: Floats, values: Floats, asked: Floats, truth: Floats,
           *, noise: float) -> dict[str, float]:  # fmt: skip
    """The measures, given values (n,) at coords (n, d), of truth (m,) at asked (m, d).

    Values and truth in standard deviations of the function.
    """
    opt = bo.Optimizer(SPACE, seed=0, surrogate=surrogate, deterministic=not noise)
    points, at = (
        [{f"x{i}": float(v) for i, v in enumerate(row)} for row in rows]
        for rows in (coords, asked)
    )
    opt.add_observations(list(zip(points, values.tolist(), strict=True)))
    said = opt.predict(at)
    sd = np.maximum(said.sd, _LEAST_SD)
    z = (truth - said.mean) / sd
    return {
        "rmse": float(np.sqrt(np.mean((truth - said.mean) ** 2))),
        "score": float(np.mean(-0.5 * z * z - np.log(sd) - 0.5 * np.log(2 * np.pi))),
        "active": len(set(shortest(opt)) & set(ACTIVE)),
    }


def data_set(function: str, seed: int, n: int, noise: float) -> dict[str, Any]:
    """Both surrogates, given n points."""
    gap, rng = hidden(function, seed), np.random.default_rng([seed, 1])
    d = len(SPACE.names)
    asked, coords = rng.random((_ASKED, d)), rng.random((max(SIZES), d))
    truth, values = (
        np.array([gap({f"x{i}": v for i, v in enumerate(row)}) for row in rows])
        for rows in (asked, coords)
    )
    unit = float(np.std(truth))
    told = values / unit + noise * rng.standard_normal(len(values))
    of = {
        name: judged(surrogate, coords[:n], told[:n], asked, truth / unit, noise=noise)
        for name, surrogate in (
            ("map", bo.MapGP()),
            ("saas", bo.FullBayesGP(priors=bo.SaasPriors(), begin=0)),
        )
    }
    return {"function": function, "seed": seed, "n": n, "noise": noise, **of}


def table(judgements: list[dict[str, Any]]) -> list[str]:
    """A line for each number of points and noise: means, and SAAS less MAP with 95 % intervals
    over data sets and Wilcoxon's p.
    """
    from scipy.stats import wilcoxon

    rng, lines = np.random.default_rng(0), []
    for noise, n in sorted({(r["noise"], r["n"]) for r in judgements}):
        for measure in MEASURES:
            both = np.array(
                [
                    [r[k][measure] for k in ("map", "saas")]
                    for r in judgements
                    if (r["noise"], r["n"]) == (noise, n)
                ]
            )
            d = both[:, 1] - both[:, 0]
            means = d[rng.integers(len(d), size=(10_000, len(d)))].mean(axis=1)
            low, high = np.quantile(means, [0.025, 0.975])
            better = int((d < 0).sum() if measure == "rmse" else (d > 0).sum())
            p = wilcoxon(d).pvalue if np.any(d) else 1.0
            worse = int(np.sum(d != 0)) - better
            lines.append(
                f"| {noise} | {n} | {measure} | {both[:, 0].mean():.2f} | {both[:, 1].mean():.2f} "
                f"| {d.mean():+.2f} ({low:+.2f} … {high:+.2f}) | {better} : {worse} of {len(d)} "
                f"| {p:.1g} |"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--function", choices=HIDDEN, nargs="+", default=HIDDEN)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--noise", type=float, default=0.0)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path)
    where.add_argument("--table", type=Path, help="what was written before, summed up")
    args = parser.parse_args()
    if args.table:
        print("\n".join(table(records(args.table))))
        return
    done = {(r["function"], r["seed"], r["n"], r["noise"]) for r in records(args.out)}
    for seed in range(args.seeds):
        for function in args.function:
            for n in SIZES:
                if (function, seed, n, args.noise) not in done:
                    record = data_set(function, seed, n, args.noise)
                    with args.out.open("a") as file:
                        file.write(json.dumps(record) + "\n")
                    print(record, flush=True)


if __name__ == "__main__":
    main()
