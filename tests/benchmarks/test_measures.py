"""Scores, curves, ranks and tests against numbers worked out by hand or by another route."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import measures
from benchmarks.store import Run


def evaluation(n, value, true=None, *, constraint=None, failed=None):
    return {
        "n": n,
        "value": None if failed else value,
        "true": None if failed else (value if true is None else true),
        "constraints": {} if constraint is None else {"g": constraint},
        "failed": failed,
        "duplicate": False,
        "cost": 0.0,
        "ask": 0.1,
        "tell": 0.1,
        "ask_cpu": 0.05,
        "tell_cpu": 0.05,
    }


def run(method, problem, seed, values, *, optimum=None, recommendations=(), status="done"):
    head = {
        "method": method,
        "version": "1",
        "problem": problem,
        "seed": seed,
        "budget": len(values),
        "group": "g",
        "optimum": optimum,
        "status": status,
        "error": None,
        "approximations": [],
        "start": 0.1,
        "peak_mb": 1.0,
    }
    rows = [v if isinstance(v, dict) else evaluation(i + 1, v) for i, v in enumerate(values)]
    return Run(head, rows, list(recommendations))


def test_curve_is_the_running_minimum():
    curve = measures.curve(run("m", "p", 0, [3.0, 5.0, 1.0, 2.0]), 4, worst=9.0)
    assert curve.tolist() == [3.0, 3.0, 1.0, 1.0]


def test_curve_waits_for_a_feasible_point_and_skips_failures():
    values = [
        evaluation(1, 0.0, constraint=1.0),
        evaluation(2, 0.0, failed="no"),
        evaluation(3, 4.0, constraint=-1.0),
    ]
    assert measures.curve(run("m", "p", 0, values), 3, worst=9.0).tolist() == [9.0, 9.0, 4.0]


def test_under_noise_the_true_value_of_the_best_observed_counts():
    values = [
        evaluation(1, 1.0, true=3.0),
        evaluation(2, 0.0, true=5.0),
        evaluation(3, 2.0, true=0.0),
    ]
    assert measures.curve(run("m", "p", 0, values), 3, worst=9.0).tolist() == [3.0, 5.0, 5.0]


def test_recommendations_replace_the_best_observed():
    values = [evaluation(i, float(-i), true=float(i)) for i in (1, 2, 3, 4)]
    told = [{"n": 2, "true": 0.5}, {"n": 4, "true": 0.25}]
    curve = measures.curve(run("m", "p", 0, values, recommendations=told), 4, worst=9.0)
    assert curve.tolist() == [1.0, 0.5, 0.5, 0.25]


def test_score_is_one_at_the_best_and_zero_at_random():
    assert measures.score(np.array([10.0, 4.0, 2.0]), 4.0, 2.0).tolist() == [-1.0, 0.0, 1.0]


def test_random_reference_is_the_expected_minimum():
    """E[min of 2 of {0, 1}] drawn with replacement is 1/4."""
    runs = [run("random", "p", s, [0.0, 1.0]) for s in range(3)]
    c = measures.compare(runs)
    assert c.random["p"] == pytest.approx(0.25, abs=0.05)


def test_best_known_is_the_optimum_or_the_best_seen():
    runs = [run("random", "p", 0, [3.0, 1.0]), run("random", "q", 0, [3.0, 1.0], optimum=-1.0)]
    c = measures.compare(runs)
    assert (c.best["p"], c.best["q"], c.exact) == (1.0, -1.0, {"q"})


def comparison():
    values = {"a": [5.0, 1.0], "b": [4.0, 2.0], "random": [6.0, 2.0]}
    return measures.compare(
        [run(m, p, s, v) for p in "pqr" for s in (0, 1) for m, v in values.items()]
        + [run("a", "only a", 0, [1.0, 0.0])]
    )


def test_ranks_share_ties():
    c = comparison()
    methods = ["a", "b", "random"]
    assert c.common(methods) == ["p", "q", "r"]
    assert measures.ranks(c, methods, ["p"], 2).tolist() == [[1.0, 2.5, 2.5]]
    assert measures.ranks(c, methods, ["p"], 1).tolist() == [[2.0, 1.0, 3.0]]


def test_duels_count_problems_on_common_seeds():
    duel = measures.duels(comparison(), "a", ["b", "random"], 2)[0]
    assert (duel.rival, duel.problems, duel.wins, duel.losses) == ("b", 3, 3, 0)
    assert duel.difference > 0
    # three pairs of one sign: the exact two-sided Wilcoxon p is 2/8, times 2 by Holm
    assert duel.p == pytest.approx(0.5)


def test_targets_reached_counts_from_the_relative_gap():
    c = measures.compare([run("random", "p", s, [1.0, 1.0, 0.0], optimum=0.0) for s in range(2)])
    shares = measures.targets_reached(c, "random", ["p"])
    assert shares[-1] == 1.0
    assert shares[0] == pytest.approx(shares[1])
    assert shares[0] < 0.1


def test_effort_takes_the_second_half():
    effort = measures.effort(comparison(), "a")
    assert (effort.median, effort.median_cpu) == pytest.approx((0.2, 0.1))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_between_the_raw_and_bonferroni_and_keeps_the_order(p):
    corrected = measures.holm(p)
    assert all(
        a <= b + 1e-12 and b <= min(1.0, a * len(p)) + 1e-12
        for a, b in zip(p, corrected, strict=True)
    )
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= -1e-12)


def test_holm_by_hand():
    assert measures.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_bootstrap_interval_holds_the_mean_and_shrinks():
    rng = np.random.default_rng(1)
    few, many = rng.normal(size=(10, 1)), rng.normal(size=(1000, 1))
    low, high = measures.bootstrap(few)[:, 0]
    assert low < few.mean() < high
    assert np.ptp(measures.bootstrap(many)) < high - low
