"""The interface of bayesian-optimization on this engine."""

import json
import math

import numpy as np
import pytest
from scipy.optimize import NonlinearConstraint

import bayesopt as bo
from bayesopt.integrations.bayes_opt import BayesianOptimization, NotUniqueError, acquisition

BOUNDS = {"x": (-2.0, 2.0), "y": (-3, 3)}


def hill(x, y):
    return -(x**2) - (y - 1) ** 2 + 1


def make(f=hill, pbounds=BOUNDS, **options):
    return BayesianOptimization(f, pbounds, **{"verbose": 0, "random_state": 1, **options})


def test_it_finds_the_maximum():
    run = make()
    run.maximize(init_points=4, n_iter=14)
    assert run.max["target"] > 0.98
    assert run.max["target"] == hill(**run.max["params"])
    assert len(run.res) == 18
    assert run.max["target"] == max(r["target"] for r in run.res)


def test_results_are_shown_as_there():
    run = make()
    assert run.max is None
    assert run.res == []
    run.maximize(init_points=2, n_iter=0)
    assert [set(r) for r in run.res] == [{"target", "params"}] * 2
    assert all(r["target"] == hill(**r["params"]) for r in run.res)
    assert len(run.space) == 2
    assert run.space.keys == ["x", "y"]
    assert run.space.params.tolist() == [list(r["params"].values()) for r in run.res]
    assert run.space.target.tolist() == [r["target"] for r in run.res]
    assert run.space.bounds.tolist() == [[-2, 2], [-3, 3]]
    assert not run.space.empty


def test_init_points_and_n_iter_mean_what_they_say():
    run = make()
    run.maximize(init_points=3, n_iter=2)
    run.maximize(init_points=0, n_iter=1)
    run.maximize(init_points=2, n_iter=0)
    assert len(run.res) == 8
    fresh = make()
    fresh.maximize(init_points=0, n_iter=1)
    assert len(fresh.res) == 1
    with pytest.raises(ValueError, match="init_points must be a whole number >= 0; got -1"):
        run.maximize(init_points=-1)


def test_the_same_random_state_makes_the_same_run():
    runs = [make(random_state=s) for s in (1, 1, np.random.RandomState(1), 2)]
    for run in runs:
        run.maximize(init_points=2, n_iter=4)
    assert runs[0].res == runs[1].res
    assert runs[0].res != runs[3].res
    assert runs[2].res


def test_typed_bounds():
    def f(x, n, kind, log):
        assert type(x) is float
        assert type(n) is int
        assert kind in ("a", "b")
        assert 1e-5 <= log <= 1
        return x + n + (kind == "b") - abs(math.log10(log) + 2)

    bounds = {
        "x": (0, 1, float),
        "n": (0, 4, int),
        "kind": ("a", "b"),
        "log": bo.Float(1e-5, 1, log=True),
    }
    run = make(f, bounds)
    run.maximize(init_points=5, n_iter=15)
    assert run.max["target"] > 5.5
    assert run.max["params"]["kind"] == "b"


# ----------------------------------------------------------- suggest, register


def test_suggest_and_register():
    run = make(None)
    for _ in range(10):
        point = run.suggest()
        run.register(params=point, target=hill(**point))
    assert len(run.res) == 10
    assert run.max["target"] > 0.0


def test_suggestions_of_several_workers_differ_and_may_come_back_in_any_order():
    run = make(None)
    points = [run.suggest() for _ in range(6)]
    assert len({tuple(p.values()) for p in points}) == 6
    for point in reversed(points):
        run.register(point, hill(**point))
    assert [r["params"] for r in run.res] == points[::-1]
    assert run.suggest() not in points


def test_points_of_ones_own():
    run = make(None)
    run.register({"x": 1.0, "y": 0.5}, target=0.25)
    run.register([0.5, 0.5], 0.75)
    run.register(np.array([0.0, 1.0]), 1.0)
    assert run.max == {"target": 1.0, "params": {"x": 0.0, "y": 1.0}}
    assert run.suggest() not in [r["params"] for r in run.res]
    for wrong in ([1.0], {"x": 1.0}, {"x": 1.0, "y": 0.0, "z": 2.0}):
        with pytest.raises(ValueError):
            run.register(wrong, 0.0)


def test_a_point_is_registered_once():
    run = make()
    run.register({"x": 1.0, "y": 0.5}, 0.25)
    with pytest.raises(NotUniqueError, match="allow_duplicate_points"):
        run.register({"x": 1.0, "y": 0.5}, 0.25)
    run = make(allow_duplicate_points=True)
    for target in (0.2, 0.3):
        run.register({"x": 1.0, "y": 0.5}, target)
    assert len(run.res) == 2


def test_a_point_out_of_bounds_informs_the_model_only():
    run = make()
    run.register({"x": 0.5, "y": 0.5}, 0.5)
    with pytest.warns(UserWarning, match="outside the bounds"):
        run.register({"x": 5.0, "y": 0.0}, 99.0)
    assert run.max["target"] == 0.5
    assert len(run.res) == 2


def test_probing():
    calls = []

    def f(x, y):
        calls.append((x, y))
        return hill(x, y)

    run = make(f)
    run.probe({"x": 0.5, "y": 0.7}, lazy=True)
    assert calls == []
    run.probe([0.25, 0.0], lazy=False)
    assert calls == [(0.25, 0.0)]
    run.probe([0.25, 0.0], lazy=False)  # known
    run.maximize(init_points=0, n_iter=0)
    assert calls == [(0.25, 0.0), (0.5, 0.7)]
    with pytest.raises(ValueError, match="f is None"):
        make(None).probe([0, 0], lazy=False)


def test_predictions():
    run = make()
    with pytest.raises(RuntimeError):
        run.predict({"x": 0.0, "y": 0.0})
    run.maximize(init_points=4, n_iter=8)
    best = run.max
    mean, sd = run.predict(best["params"], return_std=True)
    assert mean == pytest.approx(best["target"], abs=0.1)
    assert 0 <= sd < 0.5
    several = run.predict([best["params"], {"x": 2.0, "y": -3.0}])
    assert several.shape == (2,)
    assert several[0] == pytest.approx(mean)
    assert several[0] > several[1]
    with pytest.raises(ValueError, match="return_cov"):
        run.predict(best["params"], return_cov=True)


def test_random_points():
    points = make().random_sample(5)
    assert len(points) == 5
    assert all(-2 <= p["x"] <= 2 and -3 <= p["y"] <= 3 for p in points)


# ----------------------------------------------------------------- constraints


def constrained(**options):
    constraint = NonlinearConstraint(lambda x, y: x + y, -np.inf, 0.5)
    return make(constraint=constraint, **options)


def test_a_constraint_is_learned():
    run = constrained()
    run.maximize(init_points=4, n_iter=16)
    for r in run.res:
        assert r["constraint"] == pytest.approx(r["params"]["x"] + r["params"]["y"])
        assert r["allowed"] == (r["constraint"] <= 0.5)
    allowed = [r["target"] for r in run.res if r["allowed"]]
    assert run.max["target"] == max(allowed)
    assert set(run.max) == {"target", "params", "constraint"}
    assert run.max["target"] > 0.8  # 0.875 on the border, nearest to the top
    assert run.is_constrained
    assert run.constraint.allowed(0.2)


def test_registering_with_a_constraint():
    run = constrained()
    with pytest.raises(ValueError, match="constraint_value is missing"):
        run.register([0, 0], 0.0)
    run.register([0.0, 0.0], 0.0, constraint_value=0.0)
    run.register([1.0, 1.0], 5.0, constraint_value=2.0)
    assert run.max["target"] == 0.0
    with pytest.raises(ValueError, match="there is no constraint"):
        make().register([0, 0], 0.0, constraint_value=1.0)


def test_several_constraints_on_both_sides():
    both = NonlinearConstraint(lambda x, y: np.array([x, y]), [-1, 0], [1, 2])
    run = make(constraint=both)
    run.maximize(init_points=3, n_iter=5)
    for r in run.res:
        x, y = r["params"].values()
        assert r["constraint"].tolist() == [x, y]
        assert r["allowed"] == (-1 <= x <= 1 and 0 <= y <= 2)


# ------------------------------------------------------------ trouble, misuse


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_values_that_are_not_finite_are_failures(value):
    run = make(lambda x, y: value if x > 0 else hill(x, y))
    run.maximize(init_points=4, n_iter=6)
    assert len(run.res) == 10
    assert any(not math.isfinite(r["target"]) for r in run.res)
    assert math.isfinite(run.max["target"])


def test_nothing_finite_at_all():
    run = make(lambda x, y: math.nan)
    run.maximize(init_points=2, n_iter=2)
    assert run.max is None
    with pytest.raises(RuntimeError):
        run.predict({"x": 0.0, "y": 0.0})


def test_an_exception_is_let_through_and_its_point_not_met_again():
    met = []

    def f(x, y):
        met.append((x, y))
        if len(met) < 3:
            raise ZeroDivisionError
        return hill(x, y)

    run = make(f)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run.maximize(init_points=1, n_iter=1)
    run.maximize(init_points=1, n_iter=1)
    assert len(set(met)) == len(met) == 4
    assert len(run.res) == 2


@pytest.mark.parametrize("bounds", [{"x": (1.0, 1.0)}, {"x": ("only",)}])
def test_a_space_of_one_point(bounds):
    run = make(lambda x: 3.0, bounds)
    with pytest.warns(UserWarning, match="the run ends here"):
        run.maximize(init_points=2, n_iter=2)
    assert len(run.res) == 1
    assert run.max["target"] == 3.0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"pbounds": {}}, TypeError, "pbounds must map names"),
        ({"pbounds": [(0, 1)]}, TypeError, "pbounds must map names"),
        ({"pbounds": {"x": 3}}, TypeError, "pbounds: 'x': expected"),
        ({"pbounds": {"x": "ab"}}, TypeError, "pbounds: 'x': expected"),
        ({"pbounds": {"x": (2, 1)}}, ValueError, "pbounds: 'x'.*low"),
        ({"pbounds": {"x": (0, math.inf)}}, ValueError, "finite"),
        ({"f": 3}, TypeError, "f must be a function"),
        ({"acquisition_function": "ucb"}, TypeError, "acquisition_function must be"),
        ({"constraint": 3}, TypeError, "constraint must be a scipy.optimize.Nonlinear"),
        ({"constraint": NonlinearConstraint(hill, 1, 1)}, ValueError, "lb must be below ub"),
        ({"random_state": "seed"}, TypeError, "random_state must be"),
        ({"bounds_transformer": object()}, ValueError, "bounds_transformer is not available"),
    ],
)
def test_misuse_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        make(**arguments)


# ------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (None, bo.LogEI),
        (bo.Thompson(), bo.Thompson),
        (acquisition.UpperConfidenceBound(kappa=3.0), bo.UCB),
        (acquisition.ExpectedImprovement(xi=0.0), bo.EI),
        (acquisition.ProbabilityOfImprovement(), bo.PI),
    ],
)
def test_acquisitions(given, kind):
    run = make(acquisition_function=given)
    assert type(run.acquisition_function) is kind
    run.maximize(init_points=2, n_iter=2)
    assert len(run.res) == 4


def test_the_kappa_of_a_bound():
    assert acquisition.UpperConfidenceBound().beta == 2.576


def test_other_bounds_later():
    run = make()
    run.maximize(init_points=3, n_iter=0)
    run.set_bounds({"x": (3, 4)})
    assert run.max is None  # nothing lies within
    run.maximize(init_points=0, n_iter=2)
    assert all(3 <= r["params"]["x"] <= 4 for r in run.res[3:])
    assert run.max["target"] == max(r["target"] for r in run.res[3:])
    with pytest.raises(ValueError, match="unknown"):
        run.set_bounds({"z": (0, 1)})
    with pytest.raises(ValueError, match="must stay a Float"):
        run.set_bounds({"x": (0, 1, int)})


def test_parameters_of_the_other_model_have_no_effect():
    with pytest.warns(UserWarning, match="alpha.*no effect"):
        make().set_gp_params(alpha=1e-3)


def test_a_run_goes_on_from_a_file(tmp_path):
    whole = constrained()
    whole.maximize(init_points=3, n_iter=2)
    whole.save_state(tmp_path / "run.json")
    again = constrained(random_state=7)
    again.load_state(tmp_path / "run.json")
    assert again.res == whole.res
    assert again.suggest() == whole.suggest()
    assert again.suggest() == whole.suggest()  # with one pending


def test_files_of_bayes_opt_are_read_and_others_refused(tmp_path):
    path = tmp_path / "run.json"
    data = {"keys": ["x", "y"], "params": [[0.5, 1.0], [1.0, 0.0]], "target": [0.75, -1.0]}
    path.write_text(json.dumps({**data, "constraint_values": None, "random_state": None}))
    run = make()
    run.load_state(path)
    assert run.max == {"target": 0.75, "params": {"x": 0.5, "y": 1.0}}
    path.write_text(json.dumps({**data, "keys": ["a", "b"]}))
    with pytest.raises(ValueError, match="this one has"):
        make().load_state(path)
    path.write_text("[1, 2")
    with pytest.raises(ValueError, match="holds no saved run"):
        make().load_state(path)


def test_failed_evaluations_survive_a_file(tmp_path):
    run = make()
    run.register([0.0, 0.0], math.nan)
    run.register([1.0, 0.0], 0.5)
    run.save_state(tmp_path / "run.json")
    again = make()
    again.load_state(tmp_path / "run.json")
    assert [math.isnan(r["target"]) for r in again.res] == [True, False]


# -------------------------------------------------------------------- printing


@pytest.mark.parametrize(("verbose", "n"), [(2, 3), (1, 2), (0, 0)])
def test_what_is_printed(capsys, verbose, n):
    run = make(None, verbose=verbose)
    for x, target in ((0.0, 1.0), (1.0, 0.5), (0.5, 1.5)):
        run.register([x, 0.0], target)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == n
    assert all(line.startswith("| ") for line in lines)


def test_the_table_has_a_head(capsys):
    make(verbose=2).maximize(init_points=1, n_iter=0)
    head, rule, row, foot = capsys.readouterr().out.splitlines()
    assert head.split() == ["|", "iter", "|", "target", "|", "x", "|", "y", "|"]
    assert set(rule) == {"-"}
    assert set(foot) == {"="}
    assert len(head) == len(row) == len(rule)


# ---------------------------------------------------------- the other package


def test_scripts_for_bayes_opt_get_the_same_kinds_of_answers():
    theirs = pytest.importorskip("bayes_opt", reason="bayesian-optimization is not installed")
    options = {"verbose": 0, "random_state": 0}
    constraint = NonlinearConstraint(lambda x, y: x + y, -np.inf, 0.5)
    for given in ({}, {"constraint": constraint}):
        runs = [
            kind(hill, BOUNDS, **options, **given)
            for kind in (theirs.BayesianOptimization, BayesianOptimization)
        ]
        for run in runs:
            run.probe({"x": 0.5, "y": -0.7})
            run.maximize(init_points=2, n_iter=2)
        assert set(runs[0].max) == set(runs[1].max)
        assert set(runs[0].res[0]) == set(runs[1].res[0])
        assert len(runs[0].res) == len(runs[1].res) == 5
        assert runs[0].space.params.shape == runs[1].space.params.shape
        assert (runs[0].space.bounds == runs[1].space.bounds).all()
        point = runs[0].max["params"]
        assert [np.shape(r.predict(point, return_std=True)) for r in runs] == [(2,), (2,)]
    ucb = theirs.acquisition.UpperConfidenceBound(kappa=1.5)
    assert make(acquisition_function=ucb).acquisition_function == bo.UCB(beta=1.5)


@pytest.mark.parametrize("answer", [{"a": 1.0, "b": 2.0}, (1.0, 2.0)])
def test_several_objectives_are_refused_and_where_they_belong_is_said(answer):
    run = BayesianOptimization(lambda x: answer, {"x": (0.0, 1.0)}, verbose=0, random_state=1)
    with pytest.raises(TypeError, match=r"Several objectives are for bo\.minimize"):
        run.maximize(init_points=1, n_iter=0)
