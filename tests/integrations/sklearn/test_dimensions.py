"""What users say of one parameter, and what is made of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)

import itertools

from scipy import stats

import bayesopt as bo
from bayesopt.integrations.sklearn import Categorical, Integer, Real
from bayesopt.integrations.sklearn.dimensions import read_dimension


@pytest.mark.parametrize(
    ("spec", "parameter"),
    [
        ((0.5, 2), bo.Float(0.5, 2)),
        ((1, 8), bo.Int(1, 8)),
        ((np.int64(1), np.int64(8)), bo.Int(1, 8)),
        ((1e-3, 1e3, "log-uniform"), bo.Float(1e-3, 1e3, log=True)),
        ((1, 100, "log-uniform"), bo.Int(1, 100, log=True)),
        ((1e-3, 1e3, "log-uniform", 2), bo.Float(1e-3, 1e3, log=True)),
        ([1e-3, 1e3, "log-uniform"], bo.Float(1e-3, 1e3, log=True)),
        ((0.1, 0.9, "uniform"), bo.Float(0.1, 0.9)),
        (Real(1e-6, 10, prior="log-uniform"), bo.Float(1e-6, 10, log=True)),
        (Real(0, 1, "uniform", transform="normalize", name="x"), bo.Float(0, 1)),
        (Integer(1, 8), bo.Int(1, 8)),
        (Integer(1, 64, "log-uniform", base=2), bo.Int(1, 64, log=True)),
        (Categorical(["a", "b"]), bo.Categorical(["a", "b"])),
        (Categorical([1, 10, 100]), bo.Categorical([1, 10, 100])),
        (["linear", "rbf"], bo.Categorical(["linear", "rbf"])),
        (("linear", "rbf"), bo.Categorical(["linear", "rbf"])),
        ([True, False], bo.Categorical([True, False])),
        ((True, False), bo.Categorical([True, False])),
        ([None, 5, 10], bo.Categorical([None, 5, 10])),
        ((1, 2, "sqrt"), bo.Categorical([1, 2, "sqrt"])),
        ([100, 1, 10], bo.Ordinal([1, 10, 100])),
        ([1, 10], bo.Ordinal([1, 10])),  # as in scikit-learn: two choices
        ((1, 2, 3), bo.Ordinal([1, 2, 3])),
        (np.array([0.1, 0.2]), bo.Ordinal([0.1, 0.2])),
        (range(2, 5), bo.Ordinal([2, 3, 4])),
        ([(50,), (50, 50)], bo.Categorical([(50,), (50, 50)])),
        ([3, 3, 3], bo.Constant(3)),
        (["rbf"], bo.Constant("rbf")),
        ((None,), bo.Constant(None)),
        (bo.Float(0, 1, log=False), bo.Float(0, 1)),
        (stats.uniform(2, 3), bo.Float(2, 5)),
        (stats.loguniform(1e-4, 10), bo.Float(1e-4, 10, log=True)),
        (stats.reciprocal(1, 8), bo.Float(1, 8, log=True)),
        (stats.randint(1, 5), bo.Int(1, 4)),
        (stats.randint(1, 5, loc=10), bo.Int(11, 14)),
    ],
)
def test_every_form_of_a_dimension(spec, parameter):
    assert read_dimension("p", spec).parameter == parameter


@pytest.mark.parametrize(
    "distribution",
    [
        stats.norm(3, 2),
        stats.expon(scale=0.5),
        stats.beta(2, 5),
        stats.lognorm(1.0),
        stats.loguniform(1, 10, loc=5),  # shifted, so log-uniform in name only
        stats.norm,  # not frozen, but it can be drawn from
    ],
)
@given(share=st.floats(0, 1))
def test_a_continuous_distribution_is_searched_in_its_quantiles(distribution, share):
    dimension = read_dimension("p", distribution)
    probability = dimension.parameter.low + share * (
        dimension.parameter.high - dimension.parameter.low
    )
    value = dimension.value(probability)
    assert isinstance(value, float)
    assert np.isfinite(value)
    assert distribution.cdf(value) == pytest.approx(probability, abs=1e-9)


@pytest.mark.skipif(not hasattr(stats, "Normal"), reason="this SciPy has the older classes only")
def test_distributions_of_scipys_newer_kind():
    dimension = read_dimension("p", stats.Normal(mu=1.0, sigma=2.0))
    assert dimension.value(0.5) == pytest.approx(1.0)
    assert dimension.value(dimension.parameter.low) == pytest.approx(
        float(stats.norm(1, 2).ppf(0.001))
    )


@pytest.mark.parametrize("distribution", [stats.poisson(4), stats.binom(20, 0.3), stats.geom(0.2)])
def test_a_discrete_distribution_gives_probable_values_more_room(distribution):
    ordinal = read_dimension("p", distribution).parameter
    values = list(ordinal.values)
    assert all(type(v) is int for v in values)
    assert sum(distribution.pmf(v) for v in values) > 0.995
    gaps = np.diff(list(ordinal.positions))
    expected = [
        (distribution.pmf(a) + distribution.pmf(b)) / 2 for a, b in itertools.pairwise(values)
    ]
    assert gaps == pytest.approx(np.array(expected) / sum(expected), rel=1e-6)


def test_a_wide_discrete_distribution_is_a_range():
    assert read_dimension("p", stats.poisson(1e6)).parameter == bo.Int(996911, 1003092)


class OnlyDraws:
    def rvs(self, random_state):
        return int(random_state.randint(3)) * 10


def test_an_object_that_only_draws_gives_the_values_it_draws():
    assert read_dimension("p", OnlyDraws()).parameter == bo.Ordinal([0, 10, 20])


def test_values_of_any_kind_come_back_as_the_same_objects():
    weights, array, nothing = {0: 1, 1: 2}, np.arange(3), float("nan")
    dimension = read_dimension("p", [weights, array, None, nothing, "balanced"])
    found = [dimension.value(choice) for choice in dimension.parameter.choices]
    assert found[0] is weights
    assert found[1] is array
    assert found[2] is None
    assert found[3] is nothing
    assert found[4] == "balanced"
    alone = read_dimension("p", [weights])
    assert alone.value(alone.parameter.value) is weights


def test_values_are_pythons_own():
    dimension = read_dimension("p", np.array([1, 2, 3]))
    assert all(type(v) is int for v in dimension.parameter.values)


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        (5, TypeError, "'p': expected a range.*got 5 of type int"),
        ("rbf", TypeError, "'p': expected a range.*got 'rbf'"),
        ({"a": 1}, TypeError, "got {'a': 1} of type dict"),
        ({1, 2}, TypeError, "of type set"),
        (None, TypeError, "of type NoneType"),
        (stats.norm.__class__, TypeError, "expected a range"),
        ([], ValueError, "'p': the list is empty"),
        ((), ValueError, "empty"),
        ((3, 1), ValueError, "'p'.*low must not be above high"),
        ((0.0, 1.0, "log-uniform"), ValueError, "log=True needs low > 0"),
        ((1, 100, "loguniform"), ValueError, "'log-uniform'; got 'loguniform'.*did you mean"),
        ((float("nan"), 1.0), ValueError, "finite"),
        (stats.beta(-1, 2), ValueError, "shape parameters"),
        (stats.norm([0, 1]), ValueError, "single number"),
    ],
)
def test_what_is_no_dimension_is_refused_by_name(spec, error, words):
    with pytest.raises(error, match=words):
        read_dimension("p", spec)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Real(2, 1),
        lambda: Real(0, 1, prior="normal"),
        lambda: Integer(5, 2),
        lambda: Categorical([]),
    ],
)
def test_dimensions_are_checked_when_they_are_made(make):
    with pytest.raises(ValueError):
        make()


def test_scikit_optimizes_own_dimensions_are_understood():
    space = pytest.importorskip("skopt.space", reason="scikit-optimize is not installed")
    for spec, parameter in [
        (space.Real(1e-6, 10, prior="log-uniform"), bo.Float(1e-6, 10, log=True)),
        (space.Integer(1, 8), bo.Int(1, 8)),
        (space.Categorical(["a", "b"]), bo.Categorical(["a", "b"])),
    ]:
        assert read_dimension("p", spec).parameter == parameter


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="this SciPy has the older class only")
def test_a_discrete_distribution_of_scipys_newer_kind():
    newer = read_dimension("p", stats.Binomial(n=20, p=0.3)).parameter
    assert newer.values == read_dimension("p", stats.binom(20, 0.3)).parameter.values
