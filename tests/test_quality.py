"""Fast forms of what the engine is for; the full measurements are in ``benchmarks/``.

A fixed seed makes a run what it is on one kind of processor only: on others the last bits differ,
and the way with them. So limits are several times what is found, or there are several runs.
"""

import math

import numpy as np
import pytest

import bayesopt as bo


def branin(p):
    """Dixon & Szegö 1978, moved by a fixed shift; minimum 0.397887."""
    x, y = p["x"] + 0.7, p["y"] - 0.9
    a = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def mixed(p):
    """A label, an integer and a float that act together; minimum 0 at ("c", 19, 0.3)."""
    offset = {"a": 1.1, "b": 0.6, "c": 0.0, "d": 0.4}[p["kind"]]
    best = {"a": 5, "b": 28, "c": 19, "d": 11}[p["kind"]]
    return offset + 0.002 * (p["k"] - best) ** 2 + (p["x"] - 0.3 - 0.01 * (p["k"] - best)) ** 2


def hartmann(p):
    """Hartmann-6 (Dixon & Szegö 1978); minimum -3.32237."""
    A = np.array(
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
         [17, 8, 0.05, 10, 0.1, 14]]
    )  # fmt: skip
    P = 1e-4 * np.array(
        [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
         [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
    )  # fmt: skip
    x = np.array(list(p.values()))
    return float(-np.array([1, 1.2, 3, 3.2]) @ np.exp(-(A * (x - P) ** 2).sum(axis=1)))


def run(space, objective, n, *, seed, **options):
    opt = bo.Optimizer(space, seed=seed, n_trials=n, **options)
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, objective(trial.params))
    return opt


@pytest.mark.parametrize("seed", [0, 1])
def test_branin(seed):
    space = bo.Space(x=bo.Float(-5, 10), y=bo.Float(0, 15))
    opt = run(space, branin, 35, seed=seed, deterministic=True)
    assert opt.best.value - 0.397887 < 5e-3


@pytest.mark.parametrize("seed", [0, 1])
def test_a_mixed_function_is_found_exactly_in_its_discrete_part(seed):
    space = bo.Space(kind=bo.Categorical(["a", "b", "c", "d"]), k=bo.Int(1, 32), x=bo.Float(0, 1))
    opt = run(space, mixed, 40, seed=seed, deterministic=True)
    assert (opt.best.params["kind"], opt.best.params["k"]) == ("c", 19)
    assert opt.best.params["x"] == pytest.approx(0.3, abs=0.02)


def test_hartmann():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(6)})
    opt = run(space, hartmann, 60, seed=0, deterministic=True)
    assert opt.best.value + 3.32237 < 0.2


def test_noise():
    """A bowl in three dimensions under noise of a twentieth of its range."""
    rng = np.random.default_rng(0)

    def bowl(p):
        return sum((v - 0.4) ** 2 for v in p.values())

    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(3)})
    opt = run(space, lambda p: bowl(p) + 0.05 * rng.standard_normal(), 35, seed=0)
    assert bowl(opt.recommended.params) < 0.03


def test_it_beats_random_search():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(4)})

    def valley(p):
        x = np.array(list(p.values()))
        return float(((x[1:] - x[:-1] ** 2) ** 2).sum() + 0.1 * ((x - 0.7) ** 2).sum())

    def median(n, **options):
        return np.median([run(space, valley, n, seed=s, **options).best.value for s in range(5)])

    assert median(25, deterministic=True) < median(100, proposer=bo.RandomSearch())
