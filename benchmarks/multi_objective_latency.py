"""Time and memory of an ask with several objectives, with so many results of DTLZ2.

``python -m benchmarks.multi_objective_latency 2 --results 100 --dimension 10`` prints the median
CPU and wall milliseconds of a few asks, each after a new result, and the process's peak memory.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

import bayesopt as bo
from benchmarks.trade_offs import dtlz2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("objectives", type=int)
    parser.add_argument("--results", type=int, default=100)
    parser.add_argument("--dimension", type=int, default=10)
    parser.add_argument("--asks", type=int, default=7)
    chosen = parser.parse_args()
    m, d = chosen.objectives, chosen.dimension
    names = [f"f{j}" for j in range(m)]
    space = bo.Space({f"x{j}": bo.Float(0.0, 1.0) for j in range(d)})
    opt = bo.Optimizer(space, objectives=dict.fromkeys(names, "minimize"), seed=0)
    evaluate = dtlz2(m)
    # near the optimum of the other parameters, so that many points are on the front
    points = np.random.default_rng(0).random((chosen.results, d))
    points[:, m - 1 :] = 0.5 + 0.3 * (points[:, m - 1 :] - 0.5)
    for point, values in zip(points, evaluate(points), strict=True):
        params = dict(zip(space.names, point.tolist(), strict=True))
        opt.add_observation(params, dict(zip(names, values.tolist(), strict=True)))
    cpu, wall = [], []
    for _ in range(chosen.asks):
        started = time.process_time(), time.perf_counter()
        trial = opt.ask()
        cpu.append(time.process_time() - started[0])
        wall.append(time.perf_counter() - started[1])
        values = evaluate(np.array([[trial.params[name] for name in space.names]]))[0]
        opt.tell(trial, dict(zip(names, values.tolist(), strict=True)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{m} objectives, {chosen.results} results, {d}-d: {1e3 * np.median(cpu[1:]):.0f} ms CPU, "
        f"{1e3 * np.median(wall[1:]):.0f} ms, front of {len(opt.pareto)}, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
