"""Tasks: what is known of other problems informs the model of the target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.task_levels import levelled
from bayesopt.sensitivity.closed_form import _column
from bayesopt.strategy import Measured, Objective, RunData
from bayesopt.surrogate import Hyperparameters
from bayesopt.surrogate.covariance import as_covariance, bind
from tests.optimizer.running import QUICK

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1), reactor=bo.Task(["old", "new"], target="new"))


def value(params, level=3.0):
    moved = 0.05 if params["reactor"] == "new" else 0.0
    offset = level if params["reactor"] == "old" else 0.0
    return (params["x"] - 0.7 + moved) ** 2 + (params["y"] - 0.2) ** 2 + offset


def with_old_results(seed, n=20, space=SPACE, level=3.0):
    opt = bo.Optimizer(space, seed=seed, proposer=QUICK, deterministic=True)
    rng = np.random.default_rng(seed)
    for x, y in rng.random((n, 2)):
        params = {"x": x, "y": y, "reactor": "old"}
        opt.add_observation(params, value(params, level))
    return opt


def test_asks_are_at_the_target_and_so_is_the_best():
    opt = with_old_results(0)
    assert opt.best is None
    for _ in range(6):
        trial = opt.ask()
        assert trial.params["reactor"] == "new"
        opt.tell(trial, value(trial.params))
    assert opt.best.params["reactor"] == "new"
    assert opt.recommended.params["reactor"] == "new"
    assert opt.ask(fixed={"reactor": "old"}).params["reactor"] == "old"
    assert opt.best_for().params["reactor"] == "new"


@pytest.mark.parametrize("level", [0.0, 1000.0])
def test_other_tasks_help(level):
    """After a few asks the target is nearer to its best than without the other task's results."""
    plain = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    better = 0
    for seed in range(4):
        opt = with_old_results(seed, level=level)
        other = bo.Optimizer(plain, seed=seed, proposer=QUICK, deterministic=True)
        for _ in range(4):
            for one in (opt, other):
                trial = one.ask()
                one.tell(trial, value({"reactor": "new", **trial.params}))
        better += opt.best.value < other.best.value
    assert better >= 3


def test_a_task_is_kept_and_checked(tmp_path):
    assert bo.Space.from_json(SPACE.to_json()) == SPACE
    toml = '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n[space.t]\ntype = "task"\n'
    space = bo.Space.from_toml(toml + 'choices = ["a", "b"]\ntarget = "b"\n')
    assert space == bo.Space(x=bo.Float(0, 1), t=bo.Task(["a", "b"], target="b"))
    assert (space.task, space.targets, space.n_chosen) == ("t", {"t": "b"}, 1)
    assert repr(bo.Task(["a", "b"], target="b")) == "Task(['a', 'b'], target='b')"
    with pytest.raises(TypeError, match="say which one is to be optimised: target='b'"):
        bo.Task(["a", "b"])
    with pytest.raises(ValueError, match="Task: target: expected one of 'a', 'b'"):
        bo.Task(["a", "b"], target="c")
    with pytest.raises(ValueError, match="one task parameter at most"):
        bo.Space(a=bo.Task([1, 2], target=1), b=bo.Task([1, 2], target=1))
    path = tmp_path / "run.db"
    opt = bo.Optimizer(SPACE, seed=0, storage=path)
    assert opt.ask().params["reactor"] == "new"
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.space == SPACE
    opt.close()


@given(st.integers(0, 10**6), st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_task_is_moved_to_the_level_of_the_target(seed, level, n_target):
    """Where the tasks differ by a number alone, all values are then those of one function."""
    rng = np.random.default_rng(seed)
    points = rng.random((12, 2))
    old = np.column_stack([points, np.zeros(12)])
    new = np.column_stack([points[:n_target], np.ones(n_target)])
    truth = rng.standard_normal(12)
    values = np.concatenate([truth + level, truth[:n_target]])
    coords = np.concatenate([old, new])
    found = levelled(SPACE, coords, Measured(Objective(), values)).values
    expected = np.concatenate([truth, truth[:n_target]]) + (0.0 if n_target else level)
    np.testing.assert_allclose(found, expected, atol=1e-9 * max(abs(level), 1.0))
    plain = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    measured = Measured(Objective(), values)
    assert levelled(plain, coords[:, :2], measured) is measured


# ---- a correlation for each pair ---------------------------------------------------------------

THREE = bo.Space(
    x=bo.Float(0, 1),
    kind=bo.Categorical(["a", "b"]),
    reactor=bo.Task(["old", "other", "new"], target="new"),
)


def points_of_three(n, seed):
    cube = np.random.default_rng(seed).random((n, 3))
    return THREE.to_coords(THREE.to_rows(THREE.from_cube(cube)))


@given(st.integers(0, 10**6))
def test_each_pair_of_tasks_has_a_correlation_of_its_own(seed):
    """K is Matern(x) exp(-w[kind differs]) and, where tasks i and j differ, exp(-(w_i + w_j))."""
    coords = points_of_three(9, seed)
    columns = RunData.of(THREE, coords, []).columns
    assert list(columns.categories) == [1, 2, 2, 2]
    bound = bind(as_covariance("matern52"), columns)
    rng = np.random.default_rng(seed)
    theta = rng.uniform(0.2, 2.0, bound.vector.size)
    hp = Hyperparameters(bound, np.log(theta))
    found = hp.at.gram(coords, 0.0)[0]
    length, weights = hp.named["lengthscale"][0], hp.named["category_weight"]
    expected = np.empty((9, 9))
    for i, a in enumerate(coords):
        for j, b in enumerate(coords):
            t = np.sqrt(5) * abs(a[0] - b[0]) / length
            k = hp.outputscale * (1 + t + t * t / 3) * np.exp(-t)
            if a[1] != b[1]:
                k *= np.exp(-weights[0])
            if a[2] != b[2]:
                k *= np.exp(-weights[1 + int(a[2])] - weights[1 + int(b[2])])
            expected[i, j] = k
    np.testing.assert_allclose(np.tril(found), np.tril(expected), rtol=1e-10)
    assert np.linalg.eigvalsh(expected).min() > -1e-9


def test_a_related_task_counts_and_an_unrelated_one_does_not():
    rng = np.random.default_rng(0)
    opt = bo.Optimizer(THREE, seed=0, proposer=QUICK)
    for i in range(45):
        task = ("old", "other", "new")[i % 3]
        x = float(rng.random())
        y = {"old": np.sin(9 * x), "other": np.cos(23 * x), "new": np.sin(9 * x) + 0.1 * x}[task]
        opt.add_observation({"x": x, "kind": "a", "reactor": task}, float(y))
    weights = opt.result().diagnostics["surrogate"]["category_weights"][1:]
    related, unrelated = np.exp(-weights[0] - weights[2]), np.exp(-weights[1] - weights[2])
    assert related > 0.6
    assert unrelated < 0.5 * related
    run = opt.fitted_run()
    process = run.model.objective.posterior.components[0]
    factor, _ = _column(process, THREE, 2)  # of the closed form of Sobol' indices
    tasks = run.data.evaluated_coords[:, 2].astype(int)
    w = np.array(weights)
    expected = np.exp(-np.where(tasks[:, None] != np.arange(3), w[tasks][:, None] + w, 0.0))
    np.testing.assert_allclose(factor, expected)


def test_with_two_tasks_there_is_one_weight():
    assert list(RunData.of(SPACE, np.zeros((0, 3)), []).columns.categories) == [2]


@pytest.mark.parametrize("target", ["old", "new"])
def test_each_task_has_a_noise_of_its_own(target):
    """Ten times as much in one of them: the ratio says so, whichever is the target."""
    space = bo.Space(x=bo.Float(0, 1), reactor=bo.Task(["old", "new"], target=target))
    opt, rng = bo.Optimizer(space, seed=0, proposer=QUICK), np.random.default_rng(1)
    for i in range(50):
        task, x = ("old", "new")[i % 2], float(rng.random())
        sd = 0.3 if task == "old" else 0.03
        opt.add_observation({"x": x, "reactor": task}, np.sin(5 * x) + sd * rng.normal())
    (ratio,) = opt.result().diagnostics["surrogate"]["noise_ratio"]
    variances = {"old": ratio, "new": 1 / ratio}[target]  # of new to old
    assert 1e-4 < variances < 0.1
