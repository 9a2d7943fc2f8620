"""Two engines run by run: what is stuck, what is won."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import measures, paired
from tests.benchmarks.test_measures import run

RANDOM = np.random.default_rng(0).random(30) + 1.0


def ours(version, problem, seed, values):
    made = run("bayesopt", problem, seed, values, optimum=0.0)
    return replace(made, head={**made.head, "version": f"bayesopt {version}"})


@pytest.fixture(scope="module")
def comparison():
    stays = [1.0] * 4 + [0.5] * 26  # nothing gained after the fifth evaluation
    leaves = [1.0] * 4 + [0.5] * 16 + [0.001] * 10
    runs = [run("random", "p", 0, list(RANDOM), optimum=0.0)]
    runs += [ours("old", "p", s, stays) for s in (0, 1)]
    runs += [ours("new", "p", 0, leaves), ours("new", "p", 1, stays)]
    runs.append(ours("other", "p", 0, leaves))
    return measures.compare(paired.labelled(runs, "old", "new"), budget=30)


def test_the_two_versions_have_names_of_their_own_and_others_are_left_out(comparison):
    assert comparison.methods == sorted([paired.BEFORE, paired.OURS, "random"])


def test_the_scale_is_the_median_best_of_ten_random_points(comparison):
    best = [np.random.default_rng(s).choice(RANDOM, 10).min() for s in range(4000)]
    assert paired.scale(comparison, "p") == pytest.approx(np.median(best), abs=0.02)


def test_a_run_that_gains_nothing_late_is_stuck(comparison):
    pairs = [("p", 0), ("p", 1)]
    before, now = (paired.row(comparison, m, pairs) for m in (paired.BEFORE, paired.OURS))
    assert before[0] == paired.BEFORE
    assert (before[4], now[4]) == ("1.000", "0.500")
    assert float(now[3]) < float(before[3])  # the gap
    assert before[5] == now[5]  # the worst tenth of two runs is the worse one
    assert before[1] == now[1]  # score at 20: the same


def test_what_is_won_is_counted_by_problem(comparison):
    said = paired.won(comparison, paired.OURS, paired.BEFORE, ["p"], 30)
    assert "1 won, 0 lost of 1" in said
    said = paired.won(comparison, paired.OURS, paired.BEFORE, ["p"], 20)
    assert "0 won, 0 lost of 1, mean +0.000" in said


def test_a_table_has_a_line_a_method(comparison):
    lines = paired.table(comparison, [paired.BEFORE, paired.OURS], ["p"])
    assert len(lines) == 5
    assert lines[1].startswith("| 1 problems, 2 runs each | score at 20 | score at 30 | gap |")
    assert paired.table(comparison, [paired.BEFORE, "nobody"], ["p"]) == []
