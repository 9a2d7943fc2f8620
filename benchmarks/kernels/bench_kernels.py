"""The compiled kernels beside their floors: ``pytest benchmarks/kernels``.

Floors: ``dpotrf`` of the same size (what a factorisation cannot go below), and copying as much
memory as the kernel reads and writes. Groups of one size stand together in pytest-benchmark's
table. The ordinary tests do not run this: no time is asserted anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bayesopt.acquisition.boxes import FreeBoxes
from bayesopt_kernels import acquisition, ascent, covariance, expected_hypervolume

SIZES = [(100, 10), (500, 20), (1000, 10), (2000, 10)]
MATERN52 = 2


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    with threadpool_limits(1):
        yield


def points(n: int, d: int) -> tuple[np.ndarray, ...]:
    """Features (d, n) of scale one, no categories, and room for two matrices (n, n)."""
    zt = np.random.default_rng(0).random((d, n)) * 2.0
    return zt, np.zeros((0, n), np.int64), np.zeros(0), np.zeros((n, n)), np.zeros((n, n))


def timed(benchmark: Any, group: str, f: Callable[..., Any], *arguments: Any) -> None:
    """Time a call, compiled beforehand."""
    benchmark.group = group
    f(*arguments)
    benchmark(f, *arguments)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_gram(benchmark: Any, n: int, d: int) -> None:
    zt, codes, c, k, slopes = points(n, d)
    z, no_codes = np.ascontiguousarray(zt.T), np.zeros((n, 0), np.int64)
    arguments = (MATERN52, z, no_codes, zt, codes, c, 1.0, 1, k, slopes)
    timed(benchmark, f"n={n}", covariance.cross, *arguments)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_evidence_weights(benchmark: Any, n: int, d: int) -> None:
    _, codes, _, k, slopes = points(n, d)
    inverse, alpha, weights, totals = np.eye(n), np.ones(n), np.zeros((n, n)), np.zeros(2)
    arguments = (inverse, alpha, k, slopes, codes, weights, totals)
    timed(benchmark, f"n={n}", covariance.evidence_weights, *arguments)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_floor_dpotrf(benchmark: Any, n: int, d: int) -> None:
    from scipy.linalg.lapack import dpotrf

    a = np.random.default_rng(0).standard_normal((n, n))
    timed(benchmark, f"n={n}", dpotrf, np.asfortranarray(a @ a.T + n * np.eye(n)))


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_floor_memory_copy_of_two_matrices(benchmark: Any, n: int, d: int) -> None:
    source, target = np.ones((2, n, n)), np.empty((2, n, n))
    timed(benchmark, f"n={n}", np.copyto, target, source)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_cross_of_2048_candidates(benchmark: Any, n: int, d: int) -> None:
    zt, codes, c, *_ = points(n, d)
    z = np.random.default_rng(1).random((2048, d))
    out = np.zeros((2048, n)), np.zeros((2048, n))
    no_codes = np.zeros((2048, 0), np.int64)
    arguments = (MATERN52, z, no_codes, zt, codes, c, 1.0, 0, *out)
    timed(benchmark, f"n={n}", covariance.cross, *arguments)


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4], ids=["LogEI", "EI", "LogPI", "PI", "UCB"])
def test_score_of_2048_candidates(benchmark: Any, kind: int) -> None:
    rng = np.random.default_rng(0)
    mean, var, best = rng.standard_normal((2048, 1)), rng.random(2048), np.zeros(1)
    out = np.empty(2048), np.empty((2048, 1)), np.empty(2048)
    timed(benchmark, "acquisition", acquisition.score_slopes, kind, mean, var, best, 2.0, *out)


@pytest.mark.parametrize("family", [0, 1, 2, 3], ids=["matern12", "matern32", "matern52", "rbf"])
def test_radial_of_100_000_distances(benchmark: Any, family: int) -> None:
    r2 = np.random.default_rng(0).random(100_000)
    k, d, work = np.empty((3, len(r2)))

    def fill() -> None:
        np.copyto(k, r2)
        covariance.radial(family, k, d, work)

    timed(benchmark, "radial", fill)


def test_floor_exponential_of_100_000_numbers(benchmark: Any) -> None:
    x, out = -np.random.default_rng(0).random(100_000), np.empty(100_000)
    timed(benchmark, "radial", lambda: np.exp(x, out=out))


@pytest.mark.parametrize("p", [10, 20])
def test_a_step_of_8_ascents(benchmark: Any, p: int) -> None:
    rng = np.random.default_rng(0)
    x, g, f, trial = rng.random((8, p)), rng.standard_normal((8, p)), np.zeros(8), np.empty((8, p))
    H, free = np.tile(0.01 * np.eye(p), (8, 1, 1)), np.ones((8, p), np.int64)
    step, running = np.ones(8), np.ones(8, np.int64)

    def turn() -> None:
        running[:] = 1
        ascent.propose(x, g, H, free, step, running, trial)
        ascent.accept(x, f, g, H, step, running, trial, f + 1.0, g.copy(), 0.0)

    timed(benchmark, "ascent", turn)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_log_ehvi_of_2048_candidates_beyond_50_points(benchmark: Any, m: int) -> None:
    rng = np.random.default_rng(0)
    front = np.abs(rng.standard_normal((50, m)))
    boxes = FreeBoxes.of(front / np.linalg.norm(front, axis=1)[:, None], np.full(m, 1.1))
    mean, sd = 1.5 * rng.random((2048, m)), 0.05 + 0.5 * rng.random((2048, m))
    out = np.empty(2048), np.empty((2048, m)), np.empty((2048, m))
    arguments = (mean, sd, boxes.levels, boxes.sides, boxes.boxes, *out)
    timed(benchmark, "log EHVI", expected_hypervolume.log_ehvi_slopes, *arguments)
