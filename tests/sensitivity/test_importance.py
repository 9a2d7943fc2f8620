"""What matters: a run's model against functions whose indices are known."""

import json
import pickle

import numpy as np
import pytest
from known import (
    CONDITIONAL,
    CONDITIONAL_FIRST,
    CONDITIONAL_TOTAL,
    ISHIGAMI,
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    MIXED,
    SOBOL_G,
    by_name,
    conditional,
    ishigami,
    mixed,
    mixed_indices,
    seen,
    sobol_g,
    sobol_g_indices,
)

import bayesopt as bo
from bayesopt.result import Result
from bayesopt.sensitivity import draws as drawing
from bayesopt.sensitivity.closed_form import is_product, product_indices
from bayesopt.sensitivity.estimators import Sample
from bayesopt.sensitivity.evenness import evenness
from bayesopt.surrogate import Columns

KNOWN = {
    "ishigami": (ISHIGAMI, ishigami, 200, (ISHIGAMI_FIRST, ISHIGAMI_TOTAL)),
    "sobol g": (SOBOL_G, sobol_g, 200, sobol_g_indices()),
    "mixed": (MIXED, mixed, 60, mixed_indices()),
    "conditional": (CONDITIONAL, conditional, 60, (CONDITIONAL_FIRST, CONDITIONAL_TOTAL)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_known_indices(name):
    space, objective, n, (first, total) = KNOWN[name]
    found = seen(space, objective, n).what_matters()
    mine = by_name(found, space)
    np.testing.assert_allclose(mine[0], first, atol=0.05)
    np.testing.assert_allclose(mine[1], total, atol=0.05)
    assert found.explained > 0.85
    assert found.is_trustworthy
    for effect in found.parameters:
        assert effect.total_range[0] <= effect.total <= effect.total_range[1]
        assert effect.first_range[0] <= effect.first <= effect.first_range[1]


def test_a_conditional_parameter_is_active_half_of_the_time():
    found = seen(CONDITIONAL, conditional, 24).what_matters()
    active = {e.name: e.active for e in found.parameters}
    assert active == {"kind": 1.0, "x": 1.0, "y": pytest.approx(0.5, abs=0.01)}
    assert any("conditional" in note for note in found.notes)
    assert set(found.pairs[0].names) == {"kind", "y"}


@pytest.mark.parametrize("space", [ISHIGAMI, MIXED], ids=["numbers", "mixed"])
def test_closed_form_and_quasi_monte_carlo_agree(space):
    rng = np.random.default_rng(0)
    objective = ishigami if space is ISHIGAMI else mixed
    surrogate = bo.MapGP(kernel="rbf", transforms=["identity"], short_scale=False)
    run = seen(space, objective, 40, surrogate=surrogate).fitted_run()
    process = run.model.objective.posterior.components[0]
    assert is_product(process, space)
    exact = product_indices(process, space, [(0, 2)])
    sample = Sample.of(space, 13)

    def mean(coords):
        return process.mean(coords)[:, 0]

    counted = sample.with_pairs(mean, sample.indices(mean), [(0, 2)])
    np.testing.assert_allclose(exact.first, counted.first, atol=0.005)
    np.testing.assert_allclose(exact.total, counted.total, atol=0.005)
    assert exact.pairs[0, 2] == pytest.approx(counted.pairs[0, 2], abs=0.005)
    assert exact.variance == pytest.approx(counted.variance, rel=0.01)
    assert rng is not None


def test_only_a_product_has_a_closed_form():
    for kernel, product in (("rbf", True), ("matern52", False)):
        surrogate = bo.MapGP(kernel=kernel, short_scale=False)
        run = seen(SOBOL_G, sobol_g, 12, surrogate=surrogate).fitted_run()
        assert is_product(run.model.objective.posterior.components[0], SOBOL_G) is product
    line = bo.Space(x=bo.Float(0, 1))
    run = seen(line, lambda p: p["x"], 8, surrogate=bo.MapGP(short_scale=False)).fitted_run()
    assert is_product(run.model.objective.posterior.components[0], line)


def test_units_and_direction_do_not_matter():
    plain = seen(SOBOL_G, sobol_g, 16).what_matters()
    scaled = seen(SOBOL_G, lambda p: 1e6 * sobol_g(p) - 3e5, 16).what_matters()
    turned = seen(SOBOL_G, lambda p: -sobol_g(p), 16, direction="maximize").what_matters()
    for other in (scaled, turned):
        np.testing.assert_allclose(by_name(other, SOBOL_G), by_name(plain, SOBOL_G), atol=1e-4)


def test_what_explains_nothing_says_so():
    rng = np.random.default_rng(3)
    found = [seen(SOBOL_G, lambda p: float(rng.normal()), n).what_matters() for n in (10, 14, 18)]
    assert sum(one.explained < 0.1 for one in found) >= 2
    for one in found:
        assert one.is_trustworthy == (one.explained >= 0.1)
        assert ("Do not decide by them" in repr(one)) != one.is_trustworthy


def test_equal_values_have_no_effects():
    equal = seen(SOBOL_G, lambda p: 1.0, 10).what_matters()
    assert not any(e.total for e in equal.parameters)
    assert not equal.is_trustworthy
    assert equal.to_dict()["explained"] is None


def test_an_outcome_constraint_has_an_importance_of_its_own():
    optimizer = bo.Optimizer(
        bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1)), outcome_constraints={"c": "<= 0.5"}, seed=0
    )
    rng = np.random.default_rng(0)
    for x, y in rng.random((20, 2)):
        optimizer.add_observation({"x": x, "y": y}, {"value": x, "c": y})
    assert optimizer.what_matters().parameters[0].name == "x"
    assert optimizer.what_matters("c").parameters[0].name == "y"
    with pytest.raises(ValueError, match="output"):
        optimizer.what_matters("d")


def test_too_few_results_and_nothing_to_vary():
    optimizer = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0)
    with pytest.raises(ValueError, match="fewer than 2 values"):
        optimizer.what_matters()
    constant = bo.Optimizer(bo.Space(x=bo.Constant(1.0)), seed=0)
    constant.add_observations([({"x": 1.0}, 1.0), ({"x": 1.0}, 2.0)])
    assert constant.what_matters().parameters == ()


def test_extreme_values_and_hostile_names():
    name = "<script>alert(1)</script>\x1b[2J"
    space = bo.Space({name: bo.Float(0, 1), "$x$": bo.Float(0, 1)})
    found = seen(space, lambda p: 1e300 * p[name], 12).what_matters()
    assert found.parameters[0].name == name
    assert found.parameters[0].total > 0.9
    assert "<script>" not in found._repr_html_()
    assert "\x1b" not in repr(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_result_answers_as_its_run_does_and_later_too(tmp_path):
    result = bo.minimize(lambda p: p["x"] ** 2, {"x": bo.Float(0, 1), "y": bo.Float(0, 1)},
                         n_trials=10, seed=0, progress=False)  # fmt: skip
    found = result.what_matters()
    assert found.parameters[0].name == "x"
    copied = pickle.loads(pickle.dumps(result))
    assert copied == result
    assert copied.kept.run is None
    assert copied.what_matters().parameters[0].name == "x"
    result.to_csv(tmp_path / "run.csv")
    read = Result.from_csv(tmp_path / "run.csv", result.space)
    assert read.what_matters().n == found.n == 10


def test_laplace_has_the_curvature_of_the_posterior():
    run = seen(SOBOL_G, sobol_g, 20).fitted_run()
    fitted, data = run.model.objective, run.observations(run.output(None))
    process = fitted.posterior.components[0]
    laplace = drawing.Laplace.of(fitted, run.data.columns, data, run.config.surrogate)
    assert 0 < laplace.determined <= laplace.free.sum()
    found = laplace.draws(fitted, data, 200)
    assert found.weights.sum() == pytest.approx(1.0)
    assert (found.weights >= 0).all()
    thetas = np.array([p.hyperparameters.log_theta for p in found.processes])
    center = process.hyperparameters.log_theta
    free = thetas.std(axis=0) > 0
    # around the MAP within the spread of the draws
    assert (np.abs(thetas.mean(axis=0) - center)[free] < thetas.std(axis=0)[free]).all()
    # the same draws in the same order
    again = laplace.draws(fitted, data, 200)
    np.testing.assert_array_equal(found.weights, again.weights)


def test_functions_are_drawn_from_the_posterior():
    run = seen(bo.Space(x=bo.Float(0, 1)), lambda p: abs(p["x"] - 0.4), 5).fitted_run()
    process = run.model.objective.posterior.components[0]
    draws = drawing.Draws((process,) * 400, np.full(400, 1 / 400))
    coords = np.linspace(0.06, 0.97, 9)[:, None]
    found = np.array([p.mean(coords)[:, 0] for p in drawing.realised(draws, coords).processes])
    mean, var = run.model.objective.posterior.mean_var(coords)
    assert (np.abs(found.mean(axis=0) - mean) < 5 * np.sqrt(var / 400) + 1e-3).all()
    wide = var > 1e-3
    np.testing.assert_allclose(found.var(axis=0)[wide], var[wide], rtol=0.4)


def test_results_that_lie_close_together_are_a_warning():
    def run(points):
        optimizer = bo.Optimizer({"x": bo.Float(0, 1), "y": bo.Float(0, 1)}, seed=0)
        optimizer.add_observations([({"x": x, "y": y}, x + y * y) for x, y in points])
        return " ".join(optimizer.what_matters().notes)

    rng = np.random.default_rng(0)
    even, close = rng.random((20, 2)), 0.5 + 0.05 * rng.random((20, 2))
    close[:4] = even[:4]
    assert "Most results lie close together" in run(close)
    assert "Most results" not in run(even)


def test_evenness_is_the_share_of_results_that_tell_of_the_whole_space():
    numeric = np.zeros(3, dtype=bool)
    columns, rng = Columns(numeric, numeric, tuple("abc")), np.random.default_rng(0)
    spread = rng.random((2048, 3))
    assert evenness(columns, rng.random((40, 3)), spread) > 0.7
    close = 0.5 + 0.02 * rng.standard_normal((40, 3))
    close[:10] = rng.random((10, 3))
    assert 10 / 40 <= evenness(columns, close, spread) < 0.5
    assert evenness(columns, rng.random((5, 3)), spread) == 1.0  # too few to tell


def test_error_bars_hold_the_indices_where_results_lie_close_together():
    """12 points in the whole space and 40 near its best; the indices by their definition."""
    rng = np.random.default_rng(3)
    points = np.clip([0.3, 0.7, 0.5, 0.5] + 0.05 * rng.standard_normal((52, 4)), 0, 1)
    points[:12] = rng.random((12, 4))

    def f(p):
        return 5 * (p[0] - 0.3) ** 2 + 2 * (p[1] - 0.7) ** 2 + p[2] * p[3]

    optimizer = bo.Optimizer({f"x{i}": bo.Float(0, 1) for i in range(4)}, seed=0)
    optimizer.add_observations(
        [(dict(zip(optimizer.space.names, map(float, p), strict=True)), f(p)) for p in points]
    )
    a, b = rng.random((2, 20_000, 4))
    found = optimizer.what_matters()
    assert any("close together" in note for note in found.notes)
    for effect in found.parameters:
        j = int(effect.name[1])
        moved = a.copy()
        moved[:, j] = b[:, j]
        truth = 0.5 * np.mean((f(a.T) - f(moved.T)) ** 2) / np.var(f(a.T))
        assert effect.total_range[0] - 0.05 <= truth <= effect.total_range[1] + 0.05
