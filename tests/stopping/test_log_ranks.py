"""How curves stand among each other: laws, and by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from bayesopt.stopping import CurveModel, LearningCurve
from bayesopt.stopping.log_ranks import log_ranks
from bayesopt.trial import TrialState

RUNGS = (2, 8)

losses = st.one_of(
    st.integers(-1000, 1000).map(float), st.sampled_from([math.nan, 1e19, -1e300, 0.0, 1.0])
)


@st.composite
def curves(draw: st.DrawFn) -> list[LearningCurve]:
    found = []
    for number in range(draw(st.integers(1, 25))):
        last = draw(st.sampled_from([1, 2, 8, 50]))
        told = [draw(losses) for step in (1, 2, 8, 50) if step <= last]
        complete = last == 50 and math.isfinite(told[-1])
        state = TrialState.COMPLETE if complete else TrialState.STOPPED
        steps = np.array([step for step in (1, 2, 8, 50) if step <= last])
        final = told[-1] if complete else math.nan
        found.append(LearningCurve(number, steps, np.array(told), state, final))
    return found


def bent(curve: LearningCurve) -> LearningCurve:
    """Other values at each step in the same order."""
    values = np.arctan(curve.values / 100.0) * curve.steps - 3.0 * curve.steps
    final = values[-1] if curve.complete else math.nan
    return replace(curve, values=values, final=float(final))


@settings(max_examples=100, deadline=None)
@given(runs=curves())
def test_only_the_order_within_a_step_matters(runs: list[LearningCurve]) -> None:
    runs = [c for c in runs if np.nanmax(np.abs(c.values), initial=0.0) <= 1e3]
    found = log_ranks(runs, RUNGS)
    assert np.array_equal(found, log_ranks([bent(c) for c in runs], RUNGS), equal_nan=True)
    order = np.random.default_rng(0).permutation(len(runs))
    assert np.allclose(found[order], log_ranks([runs[i] for i in order], RUNGS), equal_nan=True)


@settings(max_examples=100, deadline=None)
@given(runs=curves())
def test_each_level_keeps_its_scores_and_follows_its_values(runs: list[LearningCurve]) -> None:
    found = log_ranks(runs, RUNGS)
    there = np.array([c.step >= 2 for c in runs])
    assert np.array_equal(np.isnan(found), ~there)
    if not there.any():
        return
    assert (found[there] <= 0.0).all()
    assert found[there].min() >= -math.log(there.sum()) - 1e-12
    complete = [i for i, c in enumerate(runs) if c.complete]
    ends = np.array([runs[i].final for i in complete])
    for i, a in zip(complete, ends, strict=True):
        for j, b in zip(complete, ends, strict=True):
            assert a > b or found[i] <= found[j]
    if complete and len(set(ends)) == len(ends):  # the scores of the same trials before
        cut = [replace(c, state=TrialState.STOPPED) if c.complete else c for c in runs]
        before = log_ranks(cut, RUNGS)
        assert np.allclose(np.sort(found[complete]), np.sort(before[complete]))


def test_by_hand() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=12)
    values = np.log(rankdata(first) / 12)
    looks = [
        LearningCurve(k, np.array([2]), np.array([v]), TrialState.STOPPED)
        for k, v in enumerate(first)
    ]
    assert np.allclose(log_ranks(looks, RUNGS), values)
    best, second = np.argsort(first)[:2]
    for k, v in ((best, 9.0), (second, 8.0)):  # they change places
        looks[k] = replace(looks[k], steps=np.array([2, 8]), values=np.array([first[k], v]))
    found = log_ranks(looks, RUNGS)
    assert found[best] == values[second]
    assert found[second] == values[best]
    assert np.allclose(np.delete(found, [best, second]), np.delete(values, [best, second]))


def test_a_rule_that_resumes_nothing_has_no_standing() -> None:
    done = LearningCurve(0, np.arange(1, 51), np.ones(50), TrialState.COMPLETE, 1.0)
    looks = [
        LearningCurve(k, np.array([1, 2]), np.array([1.0, k]), TrialState.STOPPED)
        for k in range(1, 9)
    ]
    assert CurveModel(resume=False).standing([done, *looks]) is None
    assert CurveModel().standing(looks) is None
    found = CurveModel().standing([done, *looks])
    assert found is not None
    assert np.isfinite(found).all()
    assert found[0] == found[1] == found[:2].min()
