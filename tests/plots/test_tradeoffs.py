"""Pictures of several objectives: what is on them."""

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.plots import convergence, front, hypervolume, parallel_front

SPACE = {
    "x": bo.Float(0.0, 1.0),
    "kind": bo.Categorical(["a", "b"]),
    "deep": bo.Int(1, 4, when={"kind": "b"}),
}


def result(m=2, n=7, **options):
    names = ["f$0", "f1", "f2", "f3"][:m]
    ways = dict(zip(names, ["minimize", "maximize", "minimize", "maximize"], strict=False))

    def f(params):
        x, deep = params["x"], params.get("deep", 0)
        return tuple([x**2 + 0.01 * deep, -((x - 1) ** 2), (x - 0.5) ** 2, x * 2.0][:m])

    return bo.minimize(f, SPACE, objectives=ways, n_trials=n, seed=0, **options)


@pytest.mark.parametrize(("m", "pairs"), [(2, 1), (3, 3), (4, 6)])
def test_a_panel_for_each_pair(m, pairs):
    found = result(m)
    figure = found.plot()
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == pairs
    drawn = panels[0].containers[0].lines[0].get_xydata()
    assert np.allclose(np.sort(drawn[:, 0]), np.sort(found.pareto.means[:, 0]))
    assert "less is better" in panels[0].get_xlabel()
    figure.canvas.draw()


def test_the_volume_against_the_number_of_trials():
    found = result(thresholds={"f$0": 1.5, "f1": -1.5})
    (line,) = hypervolume(found).axes[0].get_lines()
    assert np.allclose(line.get_ydata(), found.hypervolume.values)
    both = hypervolume({"one": found, "other": result(thresholds={"f$0": 1.5, "f1": -1.5}, n=5)})
    assert len(both.axes[0].get_lines()) == 2
    with pytest.raises(ValueError, match="same thresholds="):
        hypervolume({"one": found, "other": result(n=5)})
    with pytest.raises(ValueError, match="at least one"):
        hypervolume({})


def test_a_line_for_each_trial_of_the_front():
    found = result()
    axes = parallel_front(found).axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == [r"f\$0", "f1", "x", "kind", "deep"]
    assert len(axes.get_lines()) == len(found.pareto) + 5
    axes.figure.canvas.draw()


def test_what_cannot_be_drawn_is_said():
    one = bo.minimize(lambda p: p["x"], SPACE, n_trials=2, seed=0)
    empty = bo.Optimizer(SPACE, objectives={"a": "minimize", "b": "minimize"}).result()
    for draw in (front, parallel_front):
        with pytest.raises(ValueError, match=r"result\.best"):
            draw(one)
        with pytest.raises(ValueError, match="nothing to draw"):
            draw(empty)
    with pytest.raises(ValueError, match=r"result\.best"):
        hypervolume(one)
    hypervolume(empty).canvas.draw()
    with pytest.raises(ValueError, match=r"result\.pareto"):
        convergence(result())
