"""Several objectives: hypervolume and time an ask of a bare loop over GPs and an acquisition.

``python -m benchmarks.multi_objective branin_currin --seeds 3`` prints the hypervolume at 20, 40
and 60 evaluations, 2 (d + 1) of them a Sobol design, and the mean time of an ask.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bayesopt import Float, Space
from bayesopt.acquisition import EHVI, MultiObjectiveAcquisition, ParEGO
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import MultiObjectiveContext, mean_outputs
from bayesopt.acquisition.pareto import ReferencePoint, front_first, hypervolume
from bayesopt.compiled import blas_threads
from bayesopt.design import InitialDesign
from bayesopt.proposal import AcquisitionSearch
from bayesopt.proposal.base import ProposalContext
from bayesopt.surrogate import Columns, MapGP, Observations
from benchmarks.trade_offs import PROBLEMS, MultiObjectiveProblem

Floats = NDArray[np.float64]


def candidates(points: Floats, outputs: Floats, rng: np.random.Generator) -> Floats:
    """Points all over the cube, and points near the front."""
    front = points[nondominated(outputs)]
    near = front[rng.integers(len(front), size=512)]
    moved = np.clip(near + 0.1 * rng.standard_normal(near.shape), 0.0, 1.0)
    return np.concatenate([rng.random(near.shape), moved])


def run(
    problem: MultiObjectiveProblem,
    n: int,
    seed: int,
    acquisition: MultiObjectiveAcquisition,
    surrogate: MapGP | None = None,
    *,
    told: bool = False,
) -> Iterator[tuple[Floats, Floats, float]]:
    """After each evaluation the points, the outputs, and the seconds the proposal took.

    ``told``: the reference point is given as thresholds, not inferred.
    """
    space = Space({f"x{j}": Float(0.0, 1.0) for j in range(problem.dimension)})
    columns = Columns(space.is_categorical, space.is_conditional)
    surrogate = surrogate or MapGP()
    rng = np.random.default_rng(seed)
    points = InitialDesign().points(space, 2 * (problem.dimension + 1), rng)
    for i in range(1, len(points) + 1):
        yield points[:i], problem.evaluate(points[:i]), 0.0
    outputs = problem.evaluate(points)
    fitted: list = [None] * outputs.shape[1]
    for number in range(len(points), n):
        start = time.perf_counter()
        with blas_threads():
            for j, last in enumerate(fitted):
                data = Observations(points, outputs[:, j], np.full(len(points), np.nan))
                state = None if last is None else last.state
                fitted[j] = surrogate.fit(columns, data, state=state, rng=rng, previous=last)
            limits = [
                f.transform.forward(np.array([r]))[0]
                for f, r in zip(fitted, problem.reference, strict=True)
            ]
            posteriors = [f.posterior for f in fitted]
            looked_at = np.concatenate([points, candidates(points, outputs, rng)])
            means = mean_outputs(posteriors, looked_at)
            reference = ReferencePoint.of(means, np.array(limits) if told else None)
            context = MultiObjectiveContext.of(posteriors, points, reference=reference)
            order = front_first(context.known(context.scenarios[0])[0], rng)
            at = ProposalContext(
                space, points, points[order], rng, number, seed, acquisition, context
            )
            proposed = AcquisitionSearch().propose(at)
        seconds = time.perf_counter() - start
        points = np.concatenate([points, proposed[None]])
        outputs = np.concatenate([outputs, problem.evaluate(proposed[None])])
        yield points, outputs, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", choices=sorted(PROBLEMS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--evaluations", type=int, default=60)
    parser.add_argument("--parego", action="store_true")
    parser.add_argument("--identity", action="store_true", help="no output is bent")
    parser.add_argument("--told", action="store_true", help="the reference point is known")
    chosen = parser.parse_args()
    problem = PROBLEMS[chosen.problem]
    acquisition = ParEGO() if chosen.parego else EHVI()
    surrogate = MapGP(transforms=("identity",)) if chosen.identity else MapGP()
    for seed in range(chosen.seeds):
        volumes, times = [], []
        for _, outputs, seconds in run(
            problem, chosen.evaluations, seed, acquisition, surrogate, told=chosen.told
        ):
            volumes.append(hypervolume(outputs, np.array(problem.reference)))
            times += [seconds] if seconds else []
        shown = [f"{volumes[i - 1]:.4g}" for i in (20, 40, 60) if i <= len(volumes)]
        print(
            f"{chosen.problem} seed {seed}: {' / '.join(shown)} of {problem.maximum:.5g}, "
            f"{1e3 * np.median(times[1:]):.0f} ms an ask",
            flush=True,
        )


if __name__ == "__main__":
    main()
