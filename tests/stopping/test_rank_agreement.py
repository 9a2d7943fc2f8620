"""Whether early values tell later ones: by another route, and laws."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from bayesopt.stopping.rank_agreement import belief

_KNOWN = belief(np.array([1.0]), np.array([2.0]), np.array([1.0, 3.0]))  # the prior


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.integers(-5, 5), min_size=2, max_size=9),
    more=st.lists(st.integers(-5, 5), max_size=9),
    seed=st.integers(0, 10**6),
)
def test_it_is_bayes_theorem_over_pairs(values: list[int], more: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    later = rng.integers(0, 4, len(values)).astype(float)
    everyone = [*values, *more]
    place = [sum(o < v for o in everyone) + 0.5 * everyone.count(v) for v in values]
    u = [norm.ppf(min(max(p, 0.5), len(everyone) - 0.5) / len(everyone)) for p in place]
    n, found = len(values), []
    for k in range(19):
        r = -0.9 + 0.1 * k
        weights = [math.exp(-0.5 * ((-0.9 + 0.1 * m - 0.75) / 0.15) ** 2) for m in range(19)]
        log = math.log(0.8 * weights[k] / sum(weights) + 0.2 / 19)
        for i in range(n):
            for j in range(i):
                apart = (u[i] - u[j]) * float(np.sign(later[i] - later[j]))
                if apart:
                    x = 1.702 * r * apart / math.sqrt(2 * (1 - r * r))
                    log += 2.0 / n * math.log(1.0 / (1.0 + math.exp(-x)))
        found.append((r, math.exp(log)))
    wanted = sum(p for r, p in found if r >= 0.316) / sum(p for _, p in found)
    got = belief(np.array(values, float), later, np.array(everyone, float))
    assert abs(got - wanted) < 1e-6


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 80))
def test_units_and_outliers_do_not_matter(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    everyone = rng.normal(size=n + 5)
    values, later = everyone[:n], rng.normal(size=n)
    first = belief(values, later, everyone)
    assert 0.0 <= first <= 1.0
    assert belief(np.exp(values), later**3, np.exp(everyone)) == first
    worst = np.where(later == later.max(), np.inf, later)
    assert belief(values, worst, everyone) == first


def test_agreement_is_believed_and_contradiction_is_not() -> None:
    everyone = np.linspace(0.0, 1.0, 25)
    pair = np.array([0.5, 0.0])  # the first trial, and the best of the looks
    assert belief(pair, np.array([0.5, 0.1]), everyone) > _KNOWN > 0.8
    assert belief(pair, np.array([0.5, 2.0]), everyone) < 0.5
    assert belief(pair, np.array([0.5, 0.5]), everyone) == _KNOWN
    rng = np.random.default_rng(3)
    many = rng.normal(size=300)
    assert belief(many, many + 0.5 * rng.normal(size=300), many) > 0.999
    assert belief(many, rng.normal(size=300), many) < 0.5
    assert belief(many, -many, many) < 1e-3


def test_what_was_close_together_at_the_step_says_little() -> None:
    everyone = np.linspace(0.0, 1.0, 200)
    assert belief(np.array([0.5, 0.505]), np.array([1.0, 0.0]), everyone) > 0.8
    assert belief(np.array([0.2, 0.8]), np.array([1.0, 0.0]), everyone) < 0.6
