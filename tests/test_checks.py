"""Checks of arguments: what they let through, what they say, and that nothing else is raised."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt import checks
from tests.laws.hostile import SINGLE, Raises, kinds, nested

CHECKS = {
    "whole": partial(checks.whole, "n"),
    "whole in a range": partial(checks.whole, "n", least=1, most=9),
    "real": partial(checks.real, "n"),
    "real in a range": partial(checks.real, "n", least=-1.0, most=9.0),
    "real above": partial(checks.real, "n", above=0.0),
    "seconds": partial(checks.seconds, "n"),
    "truth": partial(checks.truth, "n"),
    "one of": partial(checks.one_of, "n", known=("x", "red")),
    "instance": partial(checks.instance, "n", kind=dict),
    "function": partial(checks.function, "n", what="a function"),
    "mapping": partial(checks.mapping, "n", what="a mapping"),
    "several": partial(checks.several, "n", what="a list"),
    "optional": partial(checks.optional, checks.whole, "n"),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_whatever_is_given_is_let_through_or_refused_by_name(check):
    refused = []
    for value in SINGLE:
        try:
            check(value=value)
        except (TypeError, ValueError) as error:
            refused.append(str(error))
    assert len(refused) > 5
    assert all(text.startswith("n must be ") and len(text) < 700 for text in refused)


@given(st.integers(), st.integers(), st.integers())
def test_a_whole_number_is_let_through_within_its_range_only(number, least, most):
    if least <= number <= most:
        assert checks.whole("n", number, least, most) == number
    else:
        with pytest.raises(ValueError, match=r"n must be a whole number from .* to .*; got"):
            checks.whole("n", number, least, most)


@given(st.floats(), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_real_number_is_let_through_within_its_range_only(number, least, most):
    if math.isfinite(number) and least <= number <= most:
        assert checks.real("x", number, least, most) == number
    else:
        with pytest.raises(ValueError, match="x must be a finite number"):
            checks.real("x", number, least, most)
    if math.isfinite(number) and number > least:
        assert checks.real("x", number, above=least) == number
    else:
        with pytest.raises(ValueError, match="x must be a finite number"):
            checks.real("x", number, above=least)


@pytest.mark.parametrize("value", [True, np.bool_(False), 3.0, np.float64(3), "3", None, [3]])
def test_what_is_no_whole_number(value):
    with pytest.raises(TypeError, match=f"got .* of type {type(value).__name__}"):
        checks.whole("n", value)


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_numpy_has_whole_numbers_too(value):
    assert type(checks.whole("n", value, 1, 3)) is int


def test_a_number_beyond_the_floats_is_not_finite():
    for value in (10**400, -(10**400)):
        with pytest.raises(ValueError, match="finite"):
            checks.real("x", value)
    assert checks.as_float(10**400) == math.inf
    assert checks.as_float(-(10**400)) == -math.inf


@given(kinds)
def test_whatever_it_is_a_message_can_show_it(kind):
    value = SINGLE[kind]
    assert len(checks.shown(value)) <= 401
    assert isinstance(checks.text_of(value), str)


def test_what_cannot_be_printed_is_shown_by_its_type():
    assert checks.shown(Raises()) == "<Raises>"
    assert checks.shown(10**5000) == "<int>"
    assert checks.shown(nested(100_000)) == "<list>"


def test_a_near_word_is_suggested_and_a_far_one_not():
    with pytest.raises(ValueError, match="did you mean 'matern52'"):
        checks.one_of("kernel", "mattern52", ["rbf", "matern52"])
    assert checks.suggestion("zzz", ["rbf", "matern52"]) == ""


def test_a_class_in_place_of_an_instance():
    with pytest.raises(TypeError, match=r"write dict\(\), an instance"):
        checks.instance("options", dict, dict)


def test_none_is_optional_and_said_to_be():
    assert checks.optional(checks.whole, "n", None, 1) is None
    with pytest.raises(ValueError, match="n must be a whole number >= 1 or None; got 0"):
        checks.optional(checks.whole, "n", 0, 1)
