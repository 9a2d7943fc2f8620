"""Sobol' indices of functions that are known: the estimators against closed forms."""

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
    conditional,
    ishigami,
    mixed,
    mixed_indices,
    sobol_g,
    sobol_g_indices,
)

import bayesopt as bo
from bayesopt.sensitivity.estimators import DependentSample, Sample, correlation_ratio


def values(space, objective):
    return lambda coords: np.array([objective(space.decode(r)) for r in space.to_rows(coords)])


KNOWN = {
    "ishigami": (ISHIGAMI, ishigami, (ISHIGAMI_FIRST, ISHIGAMI_TOTAL)),
    "sobol g": (SOBOL_G, sobol_g, sobol_g_indices()),
    "mixed": (MIXED, mixed, mixed_indices()),
    "conditional": (CONDITIONAL, conditional, (CONDITIONAL_FIRST, CONDITIONAL_TOTAL)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_indices_are_those_of_the_function(name):
    space, objective, (first, total) = KNOWN[name]
    found = Sample.of(space, 11).indices(values(space, objective))
    np.testing.assert_allclose(found.first, first, atol=0.01)
    np.testing.assert_allclose(found.total, total, atol=0.01)


def test_a_pair_has_what_neither_has_alone():
    sample, value = Sample.of(ISHIGAMI, 11), values(ISHIGAMI, ishigami)
    found = sample.with_pairs(value, sample.indices(value), [(0, 2), (0, 1)])
    assert found.pairs[0, 2] == pytest.approx(0.2437, abs=0.01)
    assert found.pairs[0, 1] == pytest.approx(0.0, abs=0.01)


def test_a_constant_has_no_effects():
    sample = Sample.of(ISHIGAMI, 6)
    found = sample.indices(lambda coords: np.full(len(coords), 3.0))
    found = sample.with_pairs(values(ISHIGAMI, ishigami), found, [(0, 1)])
    assert found.variance == 0
    assert not found.first.any()
    assert found.pairs == {(0, 1): 0.0}


def test_additive_effects_under_a_constraint_that_hardly_binds():
    space = bo.Space(
        x=bo.Float(0, 1), y=bo.Float(0, 1), constraints=[bo.Linear({"x": 1, "y": 1}, upper=1.9)]
    )
    found = DependentSample.of(space, 12).indices(lambda c: 3 * c[:, 0] + c[:, 1])
    np.testing.assert_allclose(found.first, [0.9, 0.1], atol=0.03)
    np.testing.assert_allclose(found.total, [0.9, 0.1], atol=0.03)


def test_in_a_mixture_one_ingredient_tells_of_the_others():
    space = bo.Space(
        {name: bo.Float(0, 1) for name in "abc"},
        constraints=[bo.Sum(["a", "b", "c"], equals=1.0)],
    )
    found = DependentSample.of(space, 11).indices(lambda c: c[:, 0])
    assert found.first[0] > 0.97
    np.testing.assert_allclose(found.first[1:], 0.25, atol=0.05)  # corr(a, b)² on the simplex
    assert found.total[0] > max(found.total[1:]) > 0


def test_a_table_counts_its_rows():
    space = bo.Space.from_table([{"x": x, "y": y} for x in range(6) for y in range(5)])
    found = DependentSample.of(space, 12).indices(lambda c: c[:, 0])
    np.testing.assert_allclose(found.first, [1.0, 0.0], atol=0.2)
    assert found.total[0] > 0.7
    assert found.total[1] == 0


def test_bins_of_noise_explain_nothing():
    rng = np.random.default_rng(0)
    ratios = [correlation_ratio(rng.random(400), rng.random(400)) for _ in range(200)]
    assert abs(np.mean(ratios)) < 0.01
    x = np.repeat([0.0, np.nan], 50)
    assert correlation_ratio(x, np.isnan(x) * 1.0) == pytest.approx(1.0)
