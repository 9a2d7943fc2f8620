"""The problems on which a search may settle: each is what its name says."""

import json

import numpy as np
import pytest

from benchmarks import problems
from benchmarks.problems.networks import Trees
from benchmarks.suites import UNSETTLED


def cube(problem, n):
    u = np.random.default_rng(3).random((n, len(problem.space.parameters)))
    return [problem.space.from_unit(row) for row in u.tolist()]


def minimiser(problem):
    return dict(zip(problem.space.names, map(float, problem.moved.best), strict=True))


@pytest.mark.parametrize("name", [n for n in UNSETTLED if not n.startswith(("taskset", "hss"))])
def test_the_named_problems_load_and_keep_above_their_optimum(name):
    problem = problems.load(name)
    for params in cube(problem, 40):
        try:
            answer = problem.evaluate(params, seed=0, n=1)
        except ArithmeticError:
            continue
        assert problem.optimum is not None
        assert answer.true >= problem.optimum - 1e-9


@pytest.mark.parametrize(
    ("name", "share"), [("plateau/levy-d4-p5", 5), ("plateau/ackley-d2-p20", 20)]
)
def test_a_plateau_is_nearly_even_but_for_its_share(name, share):
    problem = problems.load(name)
    values = np.array([problem.value(p) for p in cube(problem, 1000)])
    low = values < problem.level
    assert abs(100 * low.mean() - share) < 6
    assert np.ptp(values[~low]) <= 1.0001e-3 * (problem.level - problem.optimum)
    assert problem.value(minimiser(problem)) == pytest.approx(problem.optimum, abs=1e-9)


@pytest.mark.parametrize("name", ["failing/ackley-d4-f50", "failing/rosenbrock-d3-f40"])
def test_a_share_fails_and_the_minimum_does_not(name):
    problem = problems.load(name)
    failures = 0
    for params in cube(problem, 400):
        try:
            problem.value(params)
        except ArithmeticError:
            failures += 1
    assert 40 < failures < 240
    assert problem.value(minimiser(problem)) == pytest.approx(0.0, abs=1e-9)


def test_thin_sets_hold_their_best_blend_and_little_else():
    for name in ("thin/weights-d6", "thin/band-d4"):
        problem = problems.load(name)
        best = dict(zip(problem.space.names, map(float, problem.target), strict=True))
        answer = problem.evaluate(best, seed=0, n=1)
        assert answer.feasible
        assert answer.true == pytest.approx(0.0, abs=1e-12)
        assert sum(problem.evaluate(p, seed=0, n=1).feasible for p in cube(problem, 200)) < 20


def test_a_table_answers_by_its_nearest_unused_row(tmp_path):
    (tmp_path / "taskset").mkdir()
    rng = np.random.default_rng(0)
    settings = np.column_stack([10.0 ** rng.uniform(-8, 0, 20), rng.random(20)])
    losses = np.column_stack([np.ones(20), np.arange(20.0)])
    np.savez(
        tmp_path / "taskset" / "imdb_patch32_GRU128_bs128.npz",
        names=["learning_rate", "beta1"],
        hyperparameters=settings,
        valid_loss=losses,
    )
    problem = problems.load("taskset/imdb_patch32_GRU128_bs128", tmp_path)
    problem.begin(0)
    at = dict(zip(problem.space.names, map(float, settings[7]), strict=True))
    assert problem.value(at) == 7.0
    near = at | {"beta1": min(max(at["beta1"] + 1e-9, problem.space.parameters[1].low), 0.999)}
    assert problem.value(near) != 7.0  # used
    assert problem.value(at) == 7.0  # the same point has the same answer
    problem.begin(1)
    assert problem.value(near) == 7.0


def test_trees_go_left_below_a_split(tmp_path):
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [1, 0, 0],
        "split_conditions": [0.5, -1.0, 2.0],
    }
    learner = {
        "learner_model_param": {"base_score": "[1E-1]"},
        "gradient_booster": {"model": {"trees": [tree, tree]}},
    }
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"learner": learner}))
    model = Trees(path)
    assert model([9.0, 0.4]) == pytest.approx(0.1 - 2.0)
    assert model([9.0, 0.5]) == pytest.approx(0.1 + 4.0)


@pytest.mark.parametrize(
    "name", ["plateau/x-d2-p5", "thin/x-d3", "failing/ackley", "hss/x", "taskset/x"]
)
def test_unknown_names_are_said(name, tmp_path):
    with pytest.raises(ValueError, match="unknown problem"):
        problems.load(name, tmp_path)


@pytest.mark.parametrize("name", ["hss/cifar10", "taskset/imdb_patch32_GRU128_bs128"])
def test_missing_data_is_said(name, tmp_path):
    with pytest.raises(RuntimeError, match="needs --data"):
        problems.load(name, tmp_path)
