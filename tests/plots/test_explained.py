"""Pictures of what the model says: they hold its numbers, on the axes that they are given."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.plots import calibration, convergence, curves, importance, parallel, slices, timeline
from bayesopt.plots.figure import new_figure
from bayesopt.result import Result, Stop
from bayesopt.trial import Origin, Trial, TrialState

SPACE = bo.Space({"x$": bo.Float(0, 1), "k": bo.Categorical(["a", "b"])})


@pytest.fixture(scope="module")
def run():
    optimizer = bo.Optimizer(SPACE, seed=0)
    rng = np.random.default_rng(0)
    for i, x in enumerate(rng.random(14)):
        kind = "ab"[i % 2]
        optimizer.add_observation({"x$": x, "k": kind}, (x - 0.4) ** 2 + 0.2 * (kind == "b"))
    return optimizer.result()


def timed():
    """Six trials, two at a time; the last was stopped, the fifth failed."""
    time = datetime(2026, 1, 1, tzinfo=UTC)
    trials = []
    for i in range(6):
        about = {"start": time + timedelta(seconds=10 * (i // 2)), "seconds": 9.0}
        point = {"x$": i / 6, "k": "a"}
        if i == 4:
            trials.append(Trial(i, point, TrialState.FAILED, Origin.MODEL, error="no", **about))
        elif i == 5:
            curve = ((1, 5.0), (2, 4.0))
            trials.append(Trial(i, point, TrialState.STOPPED, Origin.MODEL, curve=curve, **about))
        else:
            outcome, curve = bo.Outcome(float(i)), ((1, 3.0 + i), (4, float(i)))
            done = TrialState.COMPLETE
            trials.append(Trial(i, point, done, Origin.MODEL, outcome, curve=curve, **about))
    return Result(trials[0], trials[0], tuple(trials), Stop.N_TRIALS, "minimize", SPACE)


def words(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_importance_holds_the_shares(run):
    axes = importance(run)
    found = run.what_matters()
    totals = [bar.get_width() for bar in axes.containers[0]]
    np.testing.assert_allclose(totals, [e.total for e in found.parameters])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [e.name.replace("$", r"\$") for e in found.parameters]
    assert set(words(axes)) == {"with interactions", "by itself", "90 % of what may be"}
    assert axes.get_title() == "What matters"


def test_calibration_holds_values_and_predictions(run):
    axes = calibration(run)
    points = np.asarray(axes.collections[-1].get_offsets())
    np.testing.assert_allclose(points[:, 0], [t.value for t in run.trials], rtol=1e-6)
    assert "% of the values lie within" in axes.get_title()
    assert "prediction" in words(axes)
    with pytest.raises(ValueError, match="output"):
        calibration(run, output="cost")


def test_timeline_has_a_bar_a_trial_in_as_few_rows_as_may_be():
    axes = timeline(timed())
    assert len(axes.patches) == 6
    assert {round(bar.get_y() + 0.4) for bar in axes.patches} == {0, 1}
    assert set(words(axes)) == {"evaluated", "failed", "stopped early"}


def test_curves_have_a_line_a_trial_and_the_best_on_top():
    axes = curves(timed())
    assert len(axes.lines) == 5
    assert set(words(axes)) == {"best", "ran to its end", "stopped early"}
    best = max(axes.lines, key=lambda line: line.get_zorder())
    np.testing.assert_array_equal(best.get_ydata(), [3.0, 0.0])


def test_axes_that_are_given_are_used_and_returned(run):
    with_times = timed()
    for draw, what in (
        (importance, run), (calibration, run), (timeline, with_times), (curves, with_times),
    ):  # fmt: skip
        axes = new_figure(4, 3).add_subplot()
        assert draw(what, ax=axes) is axes
        axes.figure.canvas.draw()  # every text
    for draw in (convergence, parallel):
        axes = new_figure(6, 3).add_subplot()
        assert draw(run, ax=axes) is axes.figure
        assert axes.lines


def test_nothing_to_draw_is_said(run):
    for draw in (timeline, curves):
        with pytest.raises(ValueError, match="nothing to draw"):
            draw(run)


def test_slices_hold_the_model(run):
    figure = slices(run)
    panels = {a.get_xlabel(): a for a in figure.axes if a.get_xlabel()}
    line = panels[r"x\$"].lines[0]
    at = run.recommended.params
    x, y = line.get_xdata(), line.get_ydata()
    optimizer = bo.Optimizer(SPACE, seed=0)
    optimizer.add_observations(run.observations())
    expected = optimizer.predict([{**at, "x$": float(v)} for v in x]).mean
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-9)
    without = slices(run, model=False)
    assert not [a for a in without.axes if a.lines]
