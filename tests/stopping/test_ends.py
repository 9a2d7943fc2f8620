"""Where curves end: the regression by another route, and what it does in the limits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from bayesopt.stopping import LearningCurve, Predictor, predicted_ends
from bayesopt.stopping.curve_model import CurveModel, _gains, expected_improvement
from bayesopt.stopping.ends import predictor
from bayesopt.trial import TrialState


def test_the_regression_is_least_squares_with_pseudo_observations() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=9)
    f = 0.7 * z + 0.1 * rng.normal(size=9)
    everyone = np.concatenate([z, rng.normal(size=20)])
    found = Predictor.fit(z, f, everyone)
    spread = everyone.var()
    # the prior as two points on a line of slope 1 through the means, a standard deviation (of all,
    # or of the complete ones) to either side
    side = math.sqrt(min(spread, z.var()))
    x = np.concatenate([z - z.mean(), [side, -side]])
    y = np.concatenate([f - f.mean(), [side, -side]])
    slope = np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]
    assert found.slope == pytest.approx(slope, rel=1e-9)
    rest = f - f.mean() - slope * (z - z.mean())
    assert found.variance == pytest.approx((rest @ rest + 3 * 0.36 * spread) / 12, rel=1e-9)
    mean, sd = found.predict(np.array([0.3]))
    assert mean[0] == pytest.approx(f.mean() + slope * (0.3 - z.mean()), rel=1e-9)
    assert sd[0] > math.sqrt(found.variance)


def test_with_many_complete_trials_the_prior_is_forgotten() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=4000)
    f = 3.0 - 2.0 * z + 0.01 * rng.normal(size=4000)  # the order turns round
    found = Predictor.fit(z, f, z)
    assert found.slope == pytest.approx(-2.0, abs=0.02)
    assert found.r2 > 0.99
    mean, _ = found.predict(np.array([-1.0, 1.0]))
    assert mean[0] == pytest.approx(5.0, abs=0.05)
    assert mean[1] == pytest.approx(1.0, abs=0.05)


def test_values_that_say_nothing_have_no_share_in_the_ends() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=400)
    assert Predictor.fit(z, rng.normal(size=400), z).r2 < 0.1


def test_extremes_stay_finite() -> None:
    z = np.array([0.5, 0.6, 1e16, np.inf])
    f = np.array([0.3, 0.4, 0.7, 1e300])
    mean, sd = Predictor.fit(z, f, z).predict(np.array([0.55, 1e300, np.inf, -1e300]))
    assert np.isfinite(mean).all()
    assert np.isfinite(sd).all()
    assert mean[0] < mean[1] == mean[2] < 10.0
    one = Predictor.fit(np.array([1.0]), np.array([0.5]), np.array([1.0]))
    assert one.predict(np.array([1.0]))[0][0] == 0.5


def test_expected_improvement_is_its_integral() -> None:
    mean, sd = np.array([0.3, -0.2, 5.0]), np.array([0.5, 0.1, 1.0])
    found = expected_improvement(0.1, mean, sd)
    for m, s, got in zip(mean, sd, found, strict=True):
        wanted, _ = quad(lambda y, m=m, s=s: (0.1 - y) * norm.pdf(y, m, s), m - 12 * s, 0.1)
        assert got == pytest.approx(wanted, rel=1e-6, abs=1e-12)
    assert expected_improvement(1.0, np.array([0.4, 2.0]), np.zeros(2)).tolist() == [0.6, 0.0]


def flat(number: int, value: float, n: int, state: TrialState) -> LearningCurve:
    final = value if state is TrialState.COMPLETE else math.nan
    return LearningCurve(number, 1 + np.arange(n), np.full(n, value), state, final)


def test_the_best_of_the_stopped_gets_a_second_look_and_is_then_finished() -> None:
    done = flat(0, 1.0, 50, TrialState.COMPLETE)
    looks = [flat(k, 1.0 - 0.01 * k, 2, TrialState.STOPPED) for k in range(1, 9)]
    rule = CurveModel()
    assert rule.resumes([done, looks[0]]) == 1  # 2 steps of first looks, none of second ones
    seconds = [replace(flat(k, 0.9, 8, TrialState.STOPPED), resumed_from=2) for k in (17, 18)]
    waiting = [*looks[:-2], *(replace(c, superseded=True) for c in looks[-2:])]
    assert rule.resumes([done, *waiting, *seconds]) is None  # 16 steps of either
    more = [*waiting, flat(9, 0.5, 2, TrialState.STOPPED), *seconds]
    assert rule.resumes([done, *more]) == 9
    assert CurveModel(resume=False).resumes([done, *more]) is None
    # 50 steps of finishing, the first trial's, against those of second looks
    long = [
        replace(flat(k, 0.1 + 0.01 * (k - 20), 8, TrialState.STOPPED), resumed_from=2)
        for k in range(20, 27)
    ]
    assert rule.resumes([done, *long[:-1]]) is None
    assert rule.resumes([done, *long]) == 20
    assert CurveModel(share=2.0).resumes([done, *long[:4]]) == 20
    # from a checkpoint they cost 6 steps each
    assert rule.resumes([done, *(replace(c, goes_on_from=2) for c in long)]) is None
    mean, sd = predicted_ends([done, *more], more)
    assert int(np.argmin(mean[:-2])) == 8  # 9, of the first looks
    assert (sd[:-2] > 0).all()
    assert np.isnan(predicted_ends(more, more)[0]).all()


def test_what_ran_to_its_end_untold_is_not_made_up_for() -> None:
    whole = [flat(k, 1.0 + k, 50, TrialState.COMPLETE) for k in range(9)]
    seconds = [
        replace(flat(k, 0.1 + 0.01 * k, 8, TrialState.STOPPED), resumed_from=2)
        for k in range(9, 16)
    ]
    assert CurveModel().resumes([*whole, *seconds[:6]]) is None
    assert CurveModel().resumes([*whole, *seconds]) == 9  # 56 steps, and one run of 50


def steps_to(number: int, values: list[float], state: TrialState, n: int = 50) -> LearningCurve:
    """A curve that is level up to step 7, up to 20, and then to the end."""
    told = np.repeat(values, [7, 13, 30][: len(values)])[:n]
    final = values[-1] if state is TrialState.COMPLETE else math.nan
    return LearningCurve(number, 1 + np.arange(n), told, state, final)


def test_where_first_looks_mislead_the_second_ones_stand_in_and_not_the_other_way() -> None:
    ends = [1.0, 0.3, 2.0, 0.7, 1.5, 0.1]
    looks = [flat(10 + k, 0.1 * k, 2, TrialState.STOPPED) for k in range(20)]
    rule = CurveModel()

    first = [steps_to(k, [2 - e, e, e], TrialState.COMPLETE) for k, e in enumerate(ends)]
    curves = [*first, *looks]
    assert rule.resumes(curves) is None
    assert not rule.explores(31, curves)
    assert rule.decide(flat(40, 9.0, 2, TrialState.PENDING), curves) is None
    assert rule.decide(flat(40, 9.0, 8, TrialState.PENDING), curves) is not None
    heard = rule.standing(curves)
    assert heard is not None
    assert np.isfinite(heard[:6]).all()
    assert np.argsort(heard[:6]).tolist() == np.argsort(ends).tolist()
    assert np.isnan(heard[6:]).all()

    second = [steps_to(k, [e, 2 - e, e], TrialState.COMPLETE) for k, e in enumerate(ends)]
    curves = [*second, *looks]
    assert rule.resumes(curves) is None
    assert rule.decide(flat(40, 9.0, 2, TrialState.PENDING), curves) is None
    assert rule.standing(curves) is None


def test_second_looks_put_first_ones_to_the_test_before_trials_are_complete() -> None:
    done = flat(0, 1.0, 50, TrialState.COMPLETE)
    looks = [flat(10 + k, 0.1 * k, 2, TrialState.STOPPED) for k in range(20)]
    wrong = [steps_to(40 + k, [0.1 * k, 3 - 0.1 * k], TrialState.STOPPED, 8) for k in range(9)]
    right = [steps_to(40 + k, [0.1 * k, 0.1 * k], TrialState.STOPPED, 8) for k in range(9)]
    for seconds, told in ((wrong, False), (right, True)):
        found = predictor([done, *looks, *seconds], 2)
        assert found is not None
        assert found.trusted == told


def test_what_is_worse_at_a_step_is_not_preferred_because_less_is_known_of_it() -> None:
    rng = np.random.default_rng(5)
    close = [
        LearningCurve(k, 1 + np.arange(50), np.full(50, v), TrialState.COMPLETE, v + e)
        for k, (v, e) in enumerate(rng.normal(0.0, [1e-3, 0.3], (6, 2)).tolist())
    ]
    looks = [flat(10 + k, v, 8, TrialState.STOPPED) for k, v in enumerate([3.0, 0.01, 2.0, 9.0])]
    curves = [*close, *looks]
    assert predictor(curves, 8) is not None
    gains = _gains(looks, curves)
    assert gains[1] == gains.max()
    assert (np.diff(gains[[1, 2, 0, 3]]) <= 0.0).all()


def test_every_second_of_the_second_looks_goes_to_a_random_point() -> None:
    done = flat(0, 1.0, 50, TrialState.COMPLETE)
    looks = [flat(k, 0.01 * k + 0.5 * (k % 2), 2, TrialState.STOPPED) for k in range(1, 20)]
    seconds = [replace(flat(k, 0.9, 8, TrialState.STOPPED), resumed_from=2) for k in (30, 32)]
    rule = CurveModel()
    assert rule.resumes([done, *looks]) == 2
    assert rule.resumes([done, *looks, seconds[0]]) == 1  # the best of the odd ones
    assert rule.resumes([done, *looks, *seconds]) == 2
    even = [c for c in looks if c.number % 2 == 0]
    assert rule.resumes([done, *even, seconds[0]]) == 2  # there is none


def test_a_resumed_trial_is_judged_at_the_next_step_and_no_more_after_the_last() -> None:
    done = flat(0, 1.0, 50, TrialState.COMPLETE)
    looks = [flat(k, 1.0 + 0.1 * k, 2, TrialState.STOPPED) for k in range(1, 9)]
    rule = CurveModel()
    resumed = replace(flat(9, 1.1, 7, TrialState.PENDING), resumed_from=2)
    assert rule.decide(resumed, [done, *looks]) is None
    further = replace(flat(9, 1.1, 8, TrialState.PENDING), resumed_from=2)
    assert "put by" in str(rule.decide(further, [done, *looks]))
    last = replace(flat(9, 1.1, 30, TrialState.PENDING), resumed_from=8)
    assert rule.decide(last, [done, *looks]) is None


def test_an_order_that_turns_round_is_not_followed() -> None:
    rule = CurveModel()
    ends = {0: 1.0, 1: 3.0, 2: 0.5}  # what was better at first ended worse

    def crossing(number: int, early: float, end: float) -> LearningCurve:
        values = np.linspace(early, end, 50)
        return LearningCurve(number, 1 + np.arange(50), values, TrialState.COMPLETE, end)

    done = [crossing(k, 4.0 - end, end) for k, end in ends.items()]
    looks = [flat(k, 0.1 * k, 2, TrialState.STOPPED) for k in range(3, 30)]
    found = predictor([*done, *looks], 2)
    assert found is not None
    assert not found.trusted
    assert rule.resumes([*done, *looks]) is None
    assert not rule.explores(31, [*done, *looks])
    assert rule.decide(flat(30, 9.0, 2, TrialState.PENDING), [*done, *looks]) is None
    assert np.isnan(predicted_ends([*done, *looks], looks)[0]).all()
    same = [crossing(k, end, end) for k, end in ends.items()]
    assert rule.decide(flat(30, 9.0, 2, TrialState.PENDING), [*same, *looks]) is not None
    assert rule.explores(31, [*same, *looks])
