"""Pictures: what is on them, not how they look."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.outcome import Outcome
from bayesopt.plots import convergence, parallel, slices
from bayesopt.plots.convergence import best_so_far
from bayesopt.plots.figure import new_figure
from bayesopt.result import Result, Stop
from bayesopt.trial import Origin, Trial, TrialState

SPACE = bo.Space(
    lr=bo.Float(1e-4, 1.0, log=True),
    depth=bo.Int(1, 9),
    kind=bo.Categorical(["tree", None, 3]),
    leaves=bo.Int(2, 64, log=True, when={"kind": "tree"}),
    drop=bo.Ordinal([0.0, 0.1, 0.5]),
    flag=bo.Boolean(),
    fixed=bo.Constant("c"),
)


def trial(number, value, params=None, origin=Origin.MODEL, constraints=None):
    params = params or {}
    if value is None:
        return Trial(number, params, TrialState.FAILED, origin, error="bad")
    outcome = Outcome(value, constraints=constraints or {})
    return Trial(number, params, TrialState.COMPLETE, origin, outcome)


def result(trials, direction="minimize"):
    sign = 1 if direction == "minimize" else -1
    done = [t for t in trials if t.feasible]
    best = min(done, key=lambda t: sign * t.value, default=None)
    return Result(best, best, tuple(trials), Stop.N_TRIALS, direction, SPACE)


def random_result(seed, n=15, direction="minimize"):
    rng = np.random.default_rng(seed)
    rows = SPACE.to_rows(SPACE.from_cube(rng.random((n, SPACE.n_columns))))
    values = rng.random(n)
    return result(
        [trial(i, None if i == 4 else values[i], SPACE.decode(rows[i])) for i in range(n)],
        direction,
    )


def test_the_best_so_far_by_hand():
    trials = [trial(0, None), trial(1, 3.0), trial(2, 5.0), trial(3, 1.0), trial(4, None)]
    np.testing.assert_array_equal(best_so_far(result(trials)), [np.nan, 3, 3, 1, 1])
    np.testing.assert_array_equal(best_so_far(result(trials, "maximize")), [np.nan, 3, 5, 5, 5])


def test_infeasible_values_and_abandoned_trials_do_not_count():
    trials = [
        trial(0, 3.0),
        trial(1, 1.0, constraints={"c": 0.5}),
        Trial(2, {}, TrialState.ABANDONED, error="lost"),
        trial(3, 2.0, constraints={"c": 0.0}),
    ]
    np.testing.assert_array_equal(best_so_far(result(trials)), [3, 3, 2])


def test_a_run_of_added_observations_only_is_drawn_in_their_order():
    optimizer = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0)
    optimizer.add_observations([({"x": x}, x) for x in (0.5, 0.7, 0.2)])
    np.testing.assert_array_equal(best_so_far(optimizer.result()), [0.5, 0.5, 0.2])


def test_a_single_run_shows_each_value_and_a_comparison_does_not():
    run = random_result(0)
    best, dots = convergence(run).axes[0].lines
    assert len(dots.get_xdata()) == sum(t.value is not None for t in run.trials)
    assert len(best.get_xdata())
    assert len(convergence({"one": run}).axes[0].lines) == 1


def test_added_observations_are_known_from_the_start():
    trials = [trial(0, 3.0), trial(1, 1.5, origin=Origin.ADDED), trial(2, 1.0)]
    np.testing.assert_array_equal(best_so_far(result(trials)), [1.5, 1.0])


def test_convergence_draws_median_and_band():
    runs = [result([trial(0, v), trial(1, v / 2)]) for v in (1.0, 2.0, 4.0)]
    axes = convergence({"many": runs, "one": runs[0]}).axes[0]
    many, one = axes.lines
    np.testing.assert_array_equal(many.get_ydata(), [2.0, 1.0])
    np.testing.assert_array_equal(one.get_ydata(), [1.0, 0.5])
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["many (median of 3)", "one"]
    assert len(axes.collections) == 1
    assert "lowest" in axes.get_ylabel()


def test_convergence_to_a_known_optimum_is_logarithmic():
    axes = convergence(result([trial(0, 3.0), trial(1, 1.25)]), optimum=1.0).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2.0, 0.25])
    assert axes.get_yscale() == "log"


def test_runs_of_different_length_and_without_success():
    short, long = result([trial(0, 2.0)]), result([trial(0, 3.0), trial(1, 1.0)])
    axes = convergence({"a": [short, long], "none": result([trial(0, None)])}).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2.5, 1.5])
    assert axes.lines[1].get_ydata().size == 0


def test_convergence_refuses_what_cannot_be_compared():
    low, high = random_result(0), random_result(1, direction="maximize")
    with pytest.raises(ValueError, match="minimized and maximized"):
        convergence({"a": low, "b": high})
    with pytest.raises(ValueError, match="'runs' is empty"):
        convergence({"a": []})


def test_slices_have_a_panel_for_each_parameter():
    run = random_result(2)
    figure = slices(run)
    panels = {a.get_xlabel(): a for a in figure.axes if a.get_xlabel() and a.get_visible()}
    assert list(panels) == ["lr", "depth", "kind", "leaves", "drop", "flag"]
    assert panels["lr"].get_xscale() == "log"
    assert [t.get_text() for t in panels["kind"].get_xticklabels()] == ["tree", "None", "3"]
    shown = panels["leaves"].collections[0].get_offsets()  # the points come before the model
    assert len(shown) == sum("leaves" in t.params for t in run.trials if t.outcome)


def test_slices_say_what_their_marks_mean():
    def key(values):
        optimizer = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, proposer=bo.RandomSearch())
        for value in values:
            trial = optimizer.ask()
            if value is None:
                optimizer.tell_failure(trial, "broke")
            else:
                optimizer.tell(trial, value)
        return slices(optimizer.result()).get_suptitle()

    ordinary = [1.0, 1.1, 1.2, 1.3, 1.4]
    model = "line and band: the model; ring: recommended trial"
    assert key(ordinary) == model
    assert key([*ordinary, 1e6]) == f"{model}; triangle: value beyond the axis"
    assert key([*ordinary, None]) == f"{model}; cross: failed"


def test_slices_of_chosen_parameters():
    figure = slices(random_result(2), parameters=["flag", "lr"])
    assert [a.get_xlabel() for a in figure.axes if a.get_xlabel()] == ["flag", "lr"]
    with pytest.raises(ValueError, match="'nothing'"):
        slices(random_result(2), parameters=["nothing"])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_parallel_draws_a_line_for_each_trial(direction):
    run = random_result(3, direction=direction)
    axes = parallel(run).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == SPACE.n_columns + 1]
    assert len(lines) == sum(t.outcome is not None for t in run.trials)
    thick = [line for line in lines if line.get_linewidth() > 2]
    assert len(thick) == 1
    lr = np.log10(run.best.params["lr"] / 1e-4) / 4
    assert thick[0].get_ydata()[0] == pytest.approx(lr)
    assert [t.get_text() for t in axes.get_xticklabels()] == [*SPACE.columns, "value"]


@pytest.mark.parametrize("picture", [slices, parallel])
def test_nothing_to_draw_is_said(picture):
    with pytest.raises(ValueError, match="nothing to draw"):
        picture(result([trial(0, None, {"lr": 0.1})]))


def test_pictures_can_be_saved(tmp_path):
    run = random_result(4)
    for picture in (convergence, slices, parallel):
        path = tmp_path / f"{picture.__name__}.png"
        picture(run).savefig(path)
        assert path.stat().st_size > 5000
    assert run.plot().axes


def test_one_trial_and_one_parameter():
    space = bo.Space(x=bo.Float(0, 1))
    only = trial(0, 1.0, {"x": 0.5})
    run = Result(only, only, (only,), Stop.N_TRIALS, "minimize", space)
    for picture in (convergence, slices, parallel):
        picture(run)


def test_without_matplotlib_the_extra_is_named():
    code = (
        "import sys; sys.modules['matplotlib.figure'] = None\n"
        "from bayesopt.plots.figure import new_figure\n"
        "try: new_figure(1, 1)\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "bayesopt-engine[plot]" in done.stdout


def test_importing_the_room_imports_no_matplotlib():
    code = "import sys, bayesopt.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("draw", [slices, parallel])
def test_names_and_choices_are_shown_as_they_are(draw, tmp_path):
    names = ["price $", "cost_$x^{$", "{\\frac", "a\x1b[2J"]
    space = bo.Space(
        {name: bo.Float(0, 1) for name in names} | {"k": bo.Categorical(["$x^{$", "$$", "b"])}
    )
    opt = bo.Optimizer(space, seed=0)
    for i in range(4):
        point = dict.fromkeys(names, i / 4) | {"k": ["$x^{$", "$$", "b"][i % 3]}
        opt.add_observation(point, float(i))
    figure = draw(opt.result())
    figure.savefig(tmp_path / "picture.svg")  # draws every text


def test_a_label_with_dollars_stands_in_the_legend(tmp_path):
    opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0)
    for i in range(3):
        opt.add_observation({"x": i / 4}, float(i))
    figure = convergence({"$a^{$": opt.result(), "b": opt.result()})
    figure.savefig(tmp_path / "picture.svg")
    assert figure.axes[0].get_legend().get_texts()[0].get_text() == r"\$a^{\$"


def test_a_figure_shows_itself_in_a_notebook():
    """IPython asks an object for its PNG; pyplot, which would teach it that, is not needed."""
    figure = new_figure(1, 1)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert pickle.loads(pickle.dumps(figure))._repr_png_().startswith(b"\x89PNG")
