"""Stopping rules: laws that all keep, and each one's own."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.stopping import LearningCurve, learning_curves, read_rule, verdict
from bayesopt.trial import Trial, TrialState

RULES = [
    bo.FoldRace(),
    bo.FoldRace(n_startup=2, sds=1.0),
    bo.CurveModel(),
    bo.CurveModel(n_startup=5, resume=False),
    bo.MedianRule(),
    bo.MedianRule(n_startup=1, n_warmup_steps=0),
    bo.SuccessiveHalving(),
    bo.Hyperband(),
    bo.Hyperband(max_step=9),
    bo.NoStopping(),
]
STATES = (TrialState.COMPLETE, TrialState.STOPPED, TrialState.FAILED, TrialState.PENDING)

values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, 1e300, -1e300, 0.0, 0.0, 1.0]))


def curve(
    number: int,
    told: list[float],
    state: TrialState = TrialState.COMPLETE,
    first: int = 1,
    **more: Any,
) -> LearningCurve:
    return LearningCurve(
        number,
        first + np.arange(len(told)),
        np.array(told),
        state,
        told[-1] if state is TrialState.COMPLETE else math.nan,
        **more,
    )


@st.composite
def runs(draw: st.DrawFn) -> list[LearningCurve]:
    found = []
    for number in range(draw(st.integers(1, 12))):
        told = draw(st.lists(values, min_size=1, max_size=9))
        state = draw(st.sampled_from(STATES))
        if not math.isfinite(told[-1]) and state is TrialState.COMPLETE:
            state = TrialState.FAILED
        found.append(curve(number, told, state))
    return found


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=60, deadline=None)
@given(curves=runs())
def test_a_decision_depends_on_the_curves_alone(
    rule: bo.StoppingRule, curves: list[LearningCurve]
) -> None:
    number = curves[-1].number
    first = verdict(rule, curves, number)
    assert first is None or (isinstance(first, str) and first)
    copies = [replace(c, values=c.values.copy()) for c in curves]
    assert verdict(rule, copies, number) == first
    resumed = rule.resumes(curves)
    assert resumed is None or curves[resumed].state is TrialState.STOPPED
    assert rule.resumes(copies) == resumed


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=60, deadline=None)
@given(curves=runs(), power=st.integers(-8, 8))
def test_units_do_not_matter(
    rule: bo.StoppingRule, curves: list[LearningCurve], power: int
) -> None:
    tame = [c for c in curves if np.nanmax(np.abs(c.values), initial=0.0) < 1e100]
    if not tame:
        return
    scale = 2.0**power
    other = [replace(c, values=c.values * scale, final=c.final * scale) for c in tame]
    number = tame[-1].number
    assert (verdict(rule, tame, number) is None) == (verdict(rule, other, number) is None)
    assert rule.resumes(tame) == rule.resumes(other)


@pytest.mark.parametrize("rule", [r for r in RULES if r != bo.NoStopping()], ids=repr)
def test_what_diverged_is_stopped_and_step_zero_is_chance(rule: bo.StoppingRule) -> None:
    others = [curve(k, [5.0, 4.0, 3.0 + k, 2.0 + k, 1.0 + k]) for k in range(9)]
    good = curve(9, [1.0, 0.9, 0.8, 0.7, math.nan], TrialState.PENDING)
    assert "not finite" in str(verdict(rule, [*others, good], 9))
    untrained = curve(9, [1e9], TrialState.PENDING, first=0)
    if rule != bo.MedianRule(n_startup=1, n_warmup_steps=0):
        assert verdict(rule, [*others, untrained], 9) is None


def test_the_median_rule_is_its_definition() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        others = [curve(k, rng.normal(size=6).tolist()) for k in range(7)]
        own = curve(7, rng.normal(size=4).tolist(), TrialState.PENDING)
        median = np.median([c.values[:4].min() for c in others])
        stops = verdict(bo.MedianRule(), [*others, own], 7) is not None
        assert stops == (own.values.min() > median)
    assert verdict(bo.MedianRule(n_startup=8), [*others, curve(7, [99.0])], 7) is None


def test_successive_halving_lets_a_share_pass() -> None:
    rng = np.random.default_rng(0)
    rule = bo.SuccessiveHalving(min_step=1, factor=3)
    curves: list[LearningCurve] = []
    for number in range(300):
        value, told = float(rng.normal()), []
        state = TrialState.COMPLETE
        for _ in range(9):
            told.append(value)
            if verdict(rule, [*curves, curve(number, told, TrialState.PENDING)], number):
                state = TrialState.STOPPED
                break
        curves.append(curve(number, told, state))
    reached = [sum(c.step >= rung for c in curves) for rung in (1, 2, 4)]
    assert reached[0] == 300
    assert 80 <= reached[1] <= 140  # a third, and those that were good when they came
    assert 20 <= reached[2] <= 70


def test_hyperband_deals_trials_to_brackets_by_their_cost() -> None:
    rule = bo.Hyperband(min_step=1, max_step=81, factor=3)
    dealt = np.bincount([rule.bracket(n, 81) for n in range(1000)])
    assert len(dealt) == 5
    shares = np.ceil(5 * 3.0 ** (4 - np.arange(5)) / (5 - np.arange(5)))
    assert np.abs(dealt / 1000 - shares / shares.sum()).max() < 0.01
    slow = next(n for n in range(1000) if rule.bracket(n, 81) == 4)
    many = [curve(n, [0.0] * 81) for n in range(100) if n != slow]
    assert verdict(rule, [*many, curve(slow, [9.0] * 80, TrialState.PENDING)], slow) is None


def test_direction() -> None:
    def trials(sign: float) -> list[Trial]:
        done = [
            Trial(
                k,
                {"x": k},
                TrialState.COMPLETE,
                outcome=bo.Outcome(sign * k),
                curve=tuple((s, sign * (k + 1.0 / s)) for s in range(1, 6)),
            )
            for k in range(6)
        ]
        return [*done, Trial(6, {"x": 9}, curve=((1, sign * 2.0), (2, sign * 4.0)))]

    for rule in RULES:
        up = verdict(rule, learning_curves(trials(-1.0), -1.0), 6)
        down = verdict(rule, learning_curves(trials(1.0), 1.0), 6)
        assert (up is None) == (down is None)


def test_the_argument() -> None:
    assert read_rule("auto") is None
    assert read_rule(None) == bo.NoStopping()
    assert read_rule("median") == bo.MedianRule()
    assert read_rule(bo.Hyperband()) == bo.Hyperband()
    with pytest.raises(ValueError, match=r"bo\.Hyperband\(\)"):
        read_rule("hyperband")
    with pytest.raises(ValueError, match="did you mean 'median'"):
        read_rule("medain")
    with pytest.raises(TypeError, match=r"MedianRule\(\), an instance"):
        read_rule(bo.MedianRule)
    with pytest.raises(TypeError, match="early_stopping"):
        read_rule(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bo.MedianRule(n_startup=0),
        lambda: bo.MedianRule(n_warmup_steps=-1),
        lambda: bo.SuccessiveHalving(factor=1),
        lambda: bo.Hyperband(min_step=4, max_step=3),
        lambda: bo.CurveModel(share=0.0),
        lambda: bo.CurveModel(n_startup=0),
    ],
)
def test_rules_that_cannot_be(make: Any) -> None:
    with pytest.raises(ValueError):
        make()


def test_replay_counts_what_a_rule_saves_and_costs() -> None:
    done = [
        Trial(
            k,
            {"x": k},
            TrialState.COMPLETE,
            outcome=bo.Outcome(-end),
            curve=tuple((s, -(end + 1.0 / s)) for s in range(1, 11)),
        )
        for k, end in enumerate([3.0, 5.0, 1.0, 9.0, 4.0, 8.0, 0.5, 7.0])
    ]
    result = bo.Result(
        None, None, tuple(done), bo.Stop.RUNNING, "maximize", bo.Space(x=bo.Int(0, 9))
    )
    nothing = result.replay_stopping(None)
    assert (nothing.saved, nothing.lost, nothing.stopped) == (0.0, 0.0, {})
    assert nothing.steps == nothing.steps_spent == 80
    median = result.replay_stopping("median")  # five startup trials; then 8 and 7 are worse than 4
    assert median.stopped == {5: 1, 7: 1}
    assert median.steps_spent == 62
    assert median.lost == 0.0
    assert "best value -0.5 instead of -0.5" in repr(median)
    first = result.replay_stopping(bo.SuccessiveHalving(factor=100))
    assert set(first.stopped) == {1, 3, 4, 5, 7}
    model = result.replay_stopping("auto")
    assert model.steps_spent <= 80
    assert set(model.stopped).isdisjoint(model.resumed)


def raced(scores: np.ndarray) -> list[LearningCurve]:
    """Complete trials with these scores (n, K) of single folds; less is better."""
    means = np.cumsum(scores, axis=1) / np.arange(1, scores.shape[1] + 1)
    return [curve(i, row.tolist()) for i, row in enumerate(means)]


def first_folds(number: int, scores: np.ndarray) -> LearningCurve:
    means = np.cumsum(scores) / np.arange(1, len(scores) + 1)
    return curve(number, means.tolist(), TrialState.PENDING)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_fold_race_gives_up_would_hardly_have_won(seed: int) -> None:
    """Of pairs whose difference is noise between the folds: at three standard deviations fewer
    than one in twenty, where the bound of a normal distribution is one in 700."""
    rng = np.random.default_rng(seed)
    wrong = given_up = 0
    for _ in range(100):
        whole = rng.normal(size=(5, 1)) * 0.3 + rng.normal(size=(5, 10))
        mine = rng.normal() * 2.0 + rng.normal(size=10)
        best = whole.mean(axis=1).min()
        for k in range(1, 10):
            if bo.FoldRace().decide(first_folds(9, mine[:k]), raced(whole)) is not None:
                given_up += 1
                wrong += bool(mine.mean() < best)
                break
    assert given_up > 20
    assert wrong < 10


def test_a_fold_race_by_hand() -> None:
    whole = np.array([[1.0, 2.0, 3.0], [1.5, 2.4, 3.6], [1.2, 2.5, 3.1]])
    spread = whole[1:] - whole[0] - (whole[1:] - whole[0]).mean(axis=1, keepdims=True)
    sd = math.sqrt((spread**2).sum() / 4 * (1 - 1 / 3))  # 2 trials, 2 degrees of freedom each
    rule = bo.FoldRace(sds=2.0)
    for excess, ends in ((2.0 * sd + 1e-6, True), (2.0 * sd - 1e-6, False)):
        found = rule.decide(first_folds(5, np.array([1.0 + excess])), raced(whole))
        assert (found is not None) is ends
    # further folds: the variance of its own differences has the weight of its folds
    mine = np.array([1.9, 2.3])
    own = mine - whole[0, :2]
    var = ((spread**2).sum() / 4 * 2 + ((own - own.mean()) ** 2).sum()) / 3
    z = own.mean() / math.sqrt(var * (1 / 2 - 1 / 3))
    assert rule.decide(first_folds(5, mine), raced(whole)) is not None
    assert bo.FoldRace(sds=z * 1.001).decide(first_folds(5, mine), raced(whole)) is None
    assert bo.FoldRace(sds=z * 0.999).decide(first_folds(5, mine), raced(whole)) is not None


def test_a_fold_race_needs_complete_trials_with_every_fold() -> None:
    whole = np.array([[1.0, 2.0, 3.0], [1.5, 2.4, 3.6], [1.2, 2.5, 3.1]])
    bad = first_folds(5, np.array([90.0]))
    assert bo.FoldRace().decide(bad, raced(whole)) is not None
    assert bo.FoldRace().decide(bad, raced(whole[:2])) is None
    assert bo.FoldRace(n_startup=2).decide(bad, raced(whole[:2])) is not None
    late = [replace(c, steps=c.steps + 1) for c in raced(whole)]
    assert bo.FoldRace().decide(bad, late) is None
    assert (
        bo.FoldRace().decide(curve(5, [90.0, 90.0, 90.0], TrialState.PENDING), raced(whole))
        is None
    )
