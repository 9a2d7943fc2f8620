"""Optuna's distributions as parameters and back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from bayesopt import Space
from bayesopt.integrations.optuna.distributions import (
    current,
    external,
    levels,
    make_parameter,
)

whole = st.integers(-1000, 1000)


@st.composite
def distributions(draw):
    kind = draw(st.sampled_from(["float", "log", "step", "int", "intlog", "intstep", "category"]))
    if kind == "category":
        return CategoricalDistribution(
            draw(st.lists(st.text(), min_size=2, max_size=6, unique=True))
        )
    low = draw(st.integers(-1000, 1000))
    high = low + draw(st.integers(2, 1000))
    scale = {"float": 1 / 7, "step": 0.1}.get(kind, 1)
    return {
        "float": lambda: FloatDistribution(low * scale, high * scale),
        "log": lambda: FloatDistribution(math.exp(low / 100), math.exp(high / 100), log=True),
        # ends that are no multiples of the step are Optuna's to move
        "step": lambda: FloatDistribution(low * scale, high * scale, step=0.1),
        "int": lambda: IntDistribution(low, high),
        "intlog": lambda: IntDistribution(abs(low) + 1, abs(low) + high - low, log=True),
        "intstep": lambda: IntDistribution(low, low + 3 * (high - low), step=3),
    }[kind]()


@pytest.mark.filterwarnings("ignore:The distribution is specified by")
@given(distributions(), st.floats(0, 1))
def test_what_the_space_proposes_the_distribution_takes(distribution, u):
    space = Space(x=make_parameter(distribution))
    row = space.to_rows(space.from_cube([[u]]))[0]
    value = external(distribution, float(row[0]))
    assert distribution._contains(distribution.to_internal_repr(value))
    assert not isinstance(value, np.generic)
    if isinstance(distribution, IntDistribution):
        assert type(value) is int
    if isinstance(distribution, FloatDistribution):
        assert type(value) is float
    # and the number of that value is the number in the row
    assert distribution.to_internal_repr(value) == pytest.approx(row[0], rel=1e-12)


@pytest.mark.filterwarnings("ignore:The distribution is specified by")
@given(distributions(), st.floats(-1e6, 1e6))
def test_numbers_outside_are_moved_into_the_range_and_onto_the_grid(distribution, number):
    if isinstance(distribution, CategoricalDistribution):
        return
    value = external(distribution, number)
    assert distribution._contains(float(value))
    if distribution._contains(number):
        assert value == pytest.approx(number)


def test_levels_are_listed_for_discrete_distributions_only():
    assert levels(IntDistribution(1, 7, step=2)) == ([1.0, 3.0, 5.0, 7.0], True)
    assert levels(FloatDistribution(0.0, 0.3, step=0.1)) == ([0.0, 0.1, 0.2, 0.3], True)
    assert levels(CategoricalDistribution(["a", "b"])) == ([0.0, 1.0], False)
    assert levels(IntDistribution(1, 4, log=True)) == ([1.0, 2.0, 3.0, 4.0], True)
    assert levels(FloatDistribution(0.0, 1.0)) is None
    assert levels(IntDistribution(1, 10**6)) is None


def test_the_last_range_counts_once_three_trials_agree():
    old, new = FloatDistribution(0.0, 10.0), FloatDistribution(20.0, 30.0)
    assert current([old, old, old]) == old
    assert current([old, old, new]) == FloatDistribution(0.0, 30.0)
    assert current([old, new, new]) == FloatDistribution(0.0, 30.0)
    assert current([old, new, new, new]) == new


def test_a_range_that_shrinks_to_one_value_is_believed_later():
    wide, one = IntDistribution(1, 9), IntDistribution(1, 1)
    assert current([wide] + [one] * 9) == wide
    assert current([wide] + [one] * 10) == one
    assert current([one]) == one


def test_ranges_that_differ_from_trial_to_trial_are_covered():
    history = [IntDistribution(1, k, log=True) for k in (4, 9, 6)]
    assert current(history) == IntDistribution(1, 9, log=True)


@pytest.mark.parametrize(
    "distribution",
    [
        IntDistribution(0, 2**60),
        IntDistribution(1, 2**60, log=True),
        FloatDistribution(0.0, 1.0, step=1e-17),
        FloatDistribution(1e-300, 1e300, log=True),
    ],
)
def test_ranges_finer_than_a_float_are_still_searched(distribution):
    space = Space(x=make_parameter(distribution))
    for u in (0.0, 0.3, 1.0):
        value = external(distribution, float(space.to_rows(space.from_cube([[u]]))[0, 0]))
        assert distribution._contains(distribution.to_internal_repr(value))


def test_a_range_wider_than_floats_is_not_searched_by_the_model():
    assert make_parameter(FloatDistribution(-1.7e308, 1.7e308)) is None
