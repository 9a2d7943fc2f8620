"""What users of bayes_opt rely on beyond its main calls; each was a gap once."""

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import NonlinearConstraint

import bayesopt as bo
from bayesopt.integrations.bayes_opt import BayesianOptimization, acquisition


def hill(x, y):
    return 1.0 - (x - 0.5) ** 2 - (y - 1.0) ** 2


def make(f=hill, pbounds=None, **options):
    pbounds = pbounds or {"x": (-2, 2), "y": (-2, 2)}
    return BayesianOptimization(f, pbounds, **{"verbose": 0, "random_state": 0, **options})


# ------------------------------------------------------------------- save, load


@pytest.mark.parametrize("n_iter", [0, 3])
@pytest.mark.parametrize("interrupted_in_design", [False, True])
def test_a_loaded_run_goes_on_as_the_one_that_was_saved(tmp_path, n_iter, interrupted_in_design):
    whole = make()
    whole.maximize(init_points=4, n_iter=n_iter)
    if interrupted_in_design:
        whole._start(bo.InitialDesign(n=8))  # of which half is left
    for x in (0.25, 0.75):
        whole.register({"x": x, "y": 0.0}, hill(x, 0.0))
    whole.suggest()
    whole.save_state(tmp_path / "run.json")
    loaded = make(random_state=5)
    loaded.load_state(tmp_path / "run.json")
    assert loaded.res == whole.res
    for _ in range(3):
        point = whole.suggest()
        assert loaded.suggest() == point
        for run in (whole, loaded):
            run.register(point, hill(**point))
    whole.maximize(init_points=1, n_iter=1)
    loaded.maximize(init_points=1, n_iter=1)
    assert loaded.res == whole.res


def test_points_whose_evaluation_raised_are_in_the_file(tmp_path):
    def fails(x, y):
        raise OSError("no licence")

    run = make(fails)
    with pytest.raises(OSError, match="licence"):
        run.maximize(1, 0)
    run.save_state(tmp_path / "run.json")
    loaded = make(fails)
    loaded.load_state(tmp_path / "run.json")
    assert loaded.suggest() == run.suggest()


def test_a_file_adds_to_a_run_that_has_points_and_to_other_bounds(tmp_path):
    run = make()
    run.maximize(2, 1)
    run.save_state(tmp_path / "run.json")
    other = make()
    other.register([0.123, 0.0], 0.1)
    other.load_state(tmp_path / "run.json")
    assert len(other.res) == 4
    wider = make(pbounds={"x": (-3, 3), "y": (-3, 3)})
    wider.load_state(tmp_path / "run.json")
    assert wider.res == run.res
    assert set(wider.suggest()) == {"x", "y"}


@pytest.mark.parametrize(
    "change",
    [
        {"events": "none"},
        {"events": [1]},
        {"events": [{"kind": "asked"}]},
        {"failed": [[1]]},
        {"suggestions": "many"},
    ],
)
def test_a_damaged_file_is_refused(tmp_path, change):
    run = make()
    run.maximize(2, 0)
    path = tmp_path / "run.json"
    run.save_state(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=r"run\.json"):
        make().load_state(path)


# ------------------------------------------------------------------- set_bounds


def test_bounds_that_drop_a_registered_category_change_nothing():
    run = make(None, {"fruit": ("a", "b", "c"), "x": (0, 1)})
    run.register({"fruit": "c", "x": 0.5}, 0.5)
    run.register({"fruit": "a", "x": 0.2}, 0.2)
    twin = make(None, {"fruit": ("a", "b", "c"), "x": (0, 1)})
    for r in run.res:
        twin.register(r["params"], r["target"])
    with pytest.raises(ValueError, match=r"'c'.*is registered"):
        run.set_bounds({"fruit": ("a", "b"), "x": (0, 0.5)})
    assert run.max == twin.max
    assert run.space.bounds.tolist() == twin.space.bounds.tolist()
    assert run.suggest() == twin.suggest()
    run.set_bounds({"fruit": ("a", "c", "d")})  # b has no point
    assert run.max["params"] == {"fruit": "c", "x": 0.5}


# ----------------------------------------------------------------- acquisitions


@given(
    st.floats(0.1, 10),
    st.floats(0.01, 1),
    st.none() | st.integers(0, 6),
    st.integers(1, 12),
)
def test_kappa_decays_as_there(kappa, decay, delay, n):
    bound = acquisition.UpperConfidenceBound(kappa, decay, delay)
    now = kappa  # as bayes_opt does it: after suggestion i, if the delay is at most i
    for i in range(1, n):
        if delay is None or delay <= i:
            now *= decay
    assert bound.at(n).beta == pytest.approx(now, rel=1e-12)


def test_the_models_suggestions_use_the_kappa_of_their_turn(tmp_path):
    run = make(acquisition_function=acquisition.UpperConfidenceBound(4.0, 0.5, 2))
    run.maximize(3, 0)
    assert run.acquisition_function.beta == 4.0
    used = []
    for _ in range(4):
        used.append(run.acquisition_function.beta)
        point = run.suggest()
        assert run._optimizer.config.acquisition.beta == used[-1]
        run.register(point, hill(**point))
    assert used == [4.0, 4.0, 2.0, 1.0]
    run.save_state(tmp_path / "run.json")
    loaded = make(acquisition_function=acquisition.UpperConfidenceBound(4.0, 0.5, 2))
    loaded.load_state(tmp_path / "run.json")
    assert loaded.acquisition_function.beta == 0.5
    assert loaded.suggest() == run.suggest()


@pytest.mark.parametrize(("decay", "delay"), [(0.0, None), (1.5, None), (0.5, -1), (0.5, 1.5)])
def test_a_decay_that_is_none_is_refused(decay, delay):
    with pytest.raises((TypeError, ValueError), match="exploration_decay"):
        acquisition.UpperConfidenceBound(1.0, decay, delay)


def test_what_has_no_effect_is_said():
    for kind in (acquisition.ExpectedImprovement, acquisition.ProbabilityOfImprovement):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kind(xi=0.0)
        with pytest.warns(UserWarning, match=r"xi=0\.1 has no effect"):
            kind(xi=0.1)


def test_bayes_opts_own_acquisitions_are_read_with_their_settings():
    theirs = pytest.importorskip("bayes_opt.acquisition")
    run = make(acquisition_function=theirs.UpperConfidenceBound(5, 0.9, 3))
    assert run._acquisition == acquisition.UpperConfidenceBound(5.0, 0.9, 3)
    with pytest.warns(UserWarning, match="xi=0.5"):
        make(acquisition_function=theirs.ExpectedImprovement(xi=0.5))


# ------------------------------------------------------------- public attributes


def test_whole_numbers_are_rounded_as_there():
    run = make(lambda n, x: float(n), {"n": (1, 9, int), "x": (0.0, 1.0)})
    run.register({"n": 2.7, "x": 0.5}, 1.0)
    run.register([4.2, 0.5], 2.0)
    run.probe({"n": np.float64(6.6), "x": 0.0}, lazy=False)
    assert [r["params"]["n"] for r in run.res] == [3, 4, 7]
    assert all(type(r["params"]["n"]) is int for r in run.res)
    assert run.res[-1]["target"] == 7.0


def test_the_space_has_the_attributes_of_theirs():
    run = make(None, {"kind": ("a", "b"), "n": (1, 9, int), "x": (0.0, 1.0)})
    space = run.space
    space.register({"kind": "b", "n": 3, "x": 0.25}, 1.5)
    with pytest.warns(UserWarning, match="outside"):
        space.register({"kind": "a", "n": 3, "x": 1.25}, 2.5)
    assert space.dim == 3 == space.params.shape[1]
    assert space.mask.tolist() == [True, False]
    assert space.res() == run.res
    assert space.max() == run.max
    assert {"kind": "b", "n": 3, "x": 0.25} in space
    assert {"kind": "a", "n": 3, "x": 0.25} not in space
    for row, r in zip(space.params, run.res, strict=True):
        assert space.array_to_params(row) == r["params"]
        assert space.params_to_array(r["params"]).tolist() == row.tolist()
    with pytest.raises(ValueError, match="shape"):
        space.array_to_params([1.0])
    with pytest.raises(AttributeError, match="no constraint"):
        space.constraint_values  # noqa: B018
    assert run.constraint is None


def bounded(lower, upper, fun=lambda x, y: x + y):
    return make(constraint=NonlinearConstraint(fun, lower, upper))


@pytest.mark.parametrize(("lower", "upper"), [(-np.inf, 0.5), (-1.0, np.inf), (-1.0, 0.5)])
def test_the_constraints_model_predicts_it(lower, upper):
    run = bounded(lower, upper)
    with pytest.raises(ValueError, match="register an evaluation first"):
        run.constraint.approx([[0.0, 0.0]])
    for x in np.linspace(-1.9, 1.9, 5):
        for y in np.linspace(-1.9, 1.9, 5):
            run.probe({"x": x, "y": y}, lazy=False)
    constraint, values = run.constraint, run.space.constraint_values
    assert constraint.lb.tolist() == [lower]
    assert constraint.ub.tolist() == [upper]
    assert constraint.eval(x=1.0, y=2.0) == 3.0
    assert constraint.allowed(values).tolist() == [r["allowed"] for r in run.res]
    found = constraint.approx(run.space.params)
    distance = np.minimum(np.abs(values - upper), np.abs(values - lower))
    near, clear = distance < 0.5, distance > 0.2
    assert near.any()
    assert found[near] == pytest.approx(values[near], abs=0.15)
    outside = (found > upper) | (found < lower)
    assert outside[clear].tolist() == (~constraint.allowed(values))[clear].tolist()
    kept = constraint.predict(run.space.params)
    assert ((kept >= 0) & (kept <= 1)).all()
    assert (kept[clear] > 0.5).tolist() == [
        r["allowed"] for r, far in zip(run.res, clear, strict=True) if far
    ]


def test_several_components_are_columns_and_their_probabilities_multiply():
    run = bounded([-1, 0], [1, 2], lambda x, y: np.array([x, y]))
    run.maximize(6, 4)
    X, constraint = run.space.params, run.constraint
    assert run.space.constraint_values.shape == (10, 2)
    assert constraint.approx(X).shape == (10, 2)
    assert constraint.allowed(run.space.constraint_values).tolist() == [
        r["allowed"] for r in run.res
    ]
    assert constraint.predict(X).shape == (10,)


def test_a_constraint_with_other_arguments_says_what_it_is_called_with():
    run = bounded(-np.inf, 1.0, lambda a, b: a)
    with pytest.raises(TypeError, match=r"constraint: fun is called with .*fun\(x=\.\.\., y="):
        run.maximize(1, 0)

    def broken(x, y):
        raise TypeError("its own")

    with pytest.raises(TypeError, match="its own"):
        bounded(-np.inf, 1.0, broken).maximize(1, 0)


def test_a_constraint_without_a_function_is_registered_only():
    run = make(None, constraint=NonlinearConstraint(None, -np.inf, 0.5))
    run.register([0.0, 0.0], 1.0, constraint_value=0.2)
    assert run.max["constraint"] == 0.2
    assert math.isfinite(run.constraint.predict([[0.0, 0.0]])[0])
    with pytest.raises(TypeError, match="no function"):
        run.constraint.eval(x=0.0, y=0.0)
