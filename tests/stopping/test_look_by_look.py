"""Where stopped curves would have ended, from look to look."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.stopping import LearningCurve, ends_look_by_look, predicted_ends
from bayesopt.trial import TrialState

DONE, STOPPED = TrialState.COMPLETE, TrialState.STOPPED


def curve(number, values, final=math.nan):
    """Reports at steps 2, 8 and 50."""
    steps = np.array([2, 8, 50][: len(values)], dtype=np.int64)
    state = STOPPED if math.isnan(final) else DONE
    return LearningCurve(number, steps, np.array(values, dtype=float), state, final)


def screened(seed, n=300, second=60, finished=6):
    """Trials whose second look does not follow from the first; the best of each go on."""
    rng = np.random.default_rng(seed)
    first = rng.normal(0.0, 1.0, n)
    then = first + rng.normal(0.0, 1.0, n)
    ends = then + rng.normal(0.0, 0.1, n)
    on = np.argsort(first)[:second]
    whole = on[np.argsort(then[on])][:finished]
    curves = []
    for i in range(n):
        if i in whole:
            curves.append(curve(i, [first[i], then[i], ends[i]], ends[i]))
        else:
            curves.append(curve(i, [first[i], then[i]] if i in on else [first[i]]))
    return curves, ends


def test_those_that_were_finished_had_good_second_looks_and_that_does_not_bias_the_others():
    """Ends are the first values and noise of mean 0, so that of a trial that was stopped at its
    first look, the end is expected where it was: the regression on the finished ones is far off.
    """
    direct, by_looks, covered = [], [], []
    for seed in range(6):
        curves, ends = screened(seed)
        left = [c for c in curves if c.state is STOPPED and c.step == 2]
        truth = np.array([ends[c.number] for c in left])
        mean, sd = ends_look_by_look(curves, left)
        by_looks.append(float(np.mean(mean - truth)))
        covered.append(float(np.mean(np.abs(mean - truth) < 2.0 * sd)))
        found = predicted_ends(curves, left)[0]
        if np.isfinite(found).all():  # of these few it may not trust itself
            direct.append(float(np.mean(found - truth)))
    assert abs(np.mean(by_looks)) < 0.5 * abs(np.mean(direct))
    assert np.mean(covered) > 0.8


@given(st.floats(2.0, 1e6), st.floats(0.0, 1e6))
def test_what_is_worse_than_all_that_went_on_stays_as_much_worse(value, more):
    rng = np.random.default_rng(0)
    done = [curve(i, [v, v, v - 1.0], v - 1.0) for i, v in enumerate(rng.uniform(0.0, 1.0, 8))]
    bad = [curve(8, [value]), curve(9, [value + more])]
    mean, sd = ends_look_by_look([*done, *bad], bad)
    assert mean[1] - mean[0] == pytest.approx(more, abs=1e-6 * (1.0 + value + more))
    assert sd[1] >= sd[0] > 0.0


def test_what_lies_among_those_that_went_on_is_as_the_rule_predicts_it():
    rng = np.random.default_rng(1)
    done = [curve(i, [v, v, 2.0 * v], 2.0 * v) for i, v in enumerate(rng.uniform(0.0, 1.0, 8))]
    inside = [curve(8, [0.3]), curve(9, [0.6])]  # nobody was stopped at a later look
    mean, sd = ends_look_by_look([*done, *inside], inside)
    wanted, wanted_sd = predicted_ends([*done, *inside], inside)
    np.testing.assert_allclose(mean, wanted)
    np.testing.assert_allclose(sd, wanted_sd)


def test_where_nothing_is_known_nothing_is_said():
    stopped = [curve(0, [0.3])]
    assert np.isnan(ends_look_by_look(stopped, stopped)).all()
    done = [curve(i, [v, v, v], v) for i, v in enumerate([0.1, 0.2, 0.4])]
    odd = [curve(3, [np.nan]), curve(4, [1e300]), curve(5, [0.3])]
    mean, sd = ends_look_by_look([*done, *odd], odd)
    assert math.isnan(mean[0])
    assert np.isfinite(mean[1:]).all()
    assert np.isfinite(sd[1:]).all()


@pytest.mark.slow
def test_a_run_is_asked_about_the_bad_part_of_its_space_too():
    """What the model predicts there was the worst of what was finished, and it was sure of it."""
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, proposer=bo.RandomSearch())

    def end(x):
        return 4.0 * (x - 0.3) ** 2

    for _ in range(70):
        trial = opt.ask()
        x = trial.params["x"]
        for step in range(1, 51):
            value = end(x) + 0.5 * math.exp(-step / 8)
            opt.report(trial, value, step)
            if opt.should_stop(trial):
                opt.tell_stopped(trial)
                break
        else:
            opt.tell(trial, value)
    points = np.linspace(0.0, 1.0, 41)
    predicted = opt.predict([{"x": float(x)} for x in points])
    truth = end(points)
    bad = truth > np.median(truth)
    assert np.sqrt(np.mean((predicted.mean[bad] - truth[bad]) ** 2)) < 0.5 * np.std(truth)
