"""The report: a strict page for every kind of run, whatever its names are."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strict_html import read

import bayesopt as bo
from bayesopt.plots import parallel, slices
from bayesopt.report import page
from bayesopt.report.html_page import SECTIONS
from bayesopt.report.markup import tag, text
from bayesopt.report.svg import Axis, Plot
from bayesopt.result import Result, Stop
from bayesopt.trial import Origin, Trial, TrialState

ALWAYS = ["verdict", "convergence", "importance", "model", "trust", "health", "next"]
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def seen(space, objective, n, seed=0, **options):
    """The result of a run that was given n random points of a function; None fails."""
    space = bo.Space(space)
    optimizer = bo.Optimizer(space, seed=seed, **options)
    cube = np.random.default_rng(seed).random((n, space.n_columns))
    points = [space.decode(row) for row in space.to_rows(space.from_cube(cube))]
    optimizer.add_observations([(p, objective(p)) for p in points])
    return optimizer.result()


MIXED = {
    "lr": bo.Float(1e-4, 1.0, log=True, default=0.01),
    "depth": bo.Int(1, 9),
    "kind": bo.Categorical(["tree", None, 3]),
    "leaves": bo.Int(2, 64, log=True, when={"kind": "tree"}),
    "drop": bo.Ordinal([0.0, 0.1, 0.5]),
    "fixed": bo.Constant("c"),
}


def mixed(p):
    if p["lr"] > 0.3:
        return math.nan
    return (math.log10(p["lr"]) + 2) ** 2 + 0.1 * p["depth"] + (p["kind"] != "tree")


def test_a_mixed_run_has_all_sections():
    result = seen(MIXED, mixed, 40)
    reader = read(page(result, title="Tuning"))
    assert [id_ for id_ in reader.ids if id_ != "setting"] == [*ALWAYS, "trials"]
    words = " ".join(reader.words)
    assert "Use the setting of trial" in words
    assert "The model explains" in words
    assert "left out" in words
    assert "expected to gain" in words
    assert "failures have lr at least" in words


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_runs_with_next_to_nothing(direction):
    for n in (0, 1, 2, 4):
        result = seen({"x": bo.Float(0, 1)}, lambda p: p["x"], n, direction=direction)
        reader = read(page(result))
        assert set(ALWAYS) <= set(reader.ids)
    failed = seen({"x": bo.Float(0, 1)}, lambda p: math.nan, 5, direction=direction)
    assert "No trial has a feasible value yet" in " ".join(read(page(failed)).words)


@pytest.mark.parametrize(
    ("space", "objective", "options"),
    [
        ({"x": bo.Float(0, 1)}, lambda p: 1.0, {}),
        ({"x": bo.Float(0, 1)}, lambda p: 1e300 * (p["x"] - 0.5), {}),
        ({"x": bo.Float(0, 1)}, lambda p: 1e-300 * p["x"], {"direction": "maximize"}),
        ({"x": bo.Float(0, 1)}, lambda p: 10.0 ** (9 * p["x"]), {}),
        ({"k": bo.Categorical(["a", "b"]), "c": bo.Constant(1)}, lambda p: p["k"] == "a", {}),
        ({"c": bo.Constant(1)}, lambda p: 1.0, {}),
        ({"x": bo.Float(0, 1)}, lambda p: {"value": p["x"], "constraints": {"c": 1.0}}, {}),
        ({"x": bo.Float(0, 1)}, lambda p: {"value": p["x"], "sd": 0.1}, {}),
    ],
    ids=["equal", "huge", "tiny", "decades", "few points", "constant", "infeasible", "sd"],
)
def test_odd_values(space, objective, options):
    def number(p):
        value = objective(p)
        return float(value) if isinstance(value, bool) else value

    assert set(ALWAYS) <= set(read(page(seen(space, number, 12, **options))).ids)


def test_constraints_and_tables():
    mixture = bo.Space(
        {name: bo.Float(0, 1) for name in "abc"}, constraints=[bo.Sum(["a", "b", "c"], equals=1.0)]
    )
    optimizer = bo.Optimizer(mixture, seed=0)
    for _ in range(8):
        trial = optimizer.ask()
        optimizer.tell(trial, trial.params["a"] ** 2)
    assert "tie the parameters together" in " ".join(read(page(optimizer.result())).words)
    table = bo.Space.from_table([{"x": x, "y": y} for x in range(4) for y in range(3)])
    optimizer = bo.Optimizer(table, seed=0)
    optimizer.add_observations([({"x": x, "y": 1}, float(x)) for x in range(4)])
    read(page(optimizer.result()))


def test_descriptors_which_a_point_does_not_show(tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"{name},{t},{e}" for name, e in (("a", 1.5), ("b", 7.0)) for t in (20, 60, 100)]
    path.write_text("\n".join(["solvent,temperature,permittivity", *rows]))
    space = bo.Space.from_csv(path, descriptors=["permittivity"])
    optimizer = bo.Optimizer(space, seed=1)
    for _ in range(5):
        trial = optimizer.ask()
        optimizer.tell(trial, trial.params["temperature"] + (trial.params["solvent"] == "a"))
    assert set(ALWAYS) <= set(read(page(optimizer.result())).ids)
    assert parallel(optimizer.result()).axes
    assert slices(optimizer.result(), model=False).axes


HOSTILE = [
    "<script>alert(1)</script>",
    "\"' onload=alert(1) x='",
    "</title></style></script><img src=x onerror=alert(1)>",
    "\x1b[2J\x00\u202e",
    "&lt;b&gt;${x}{{y}}",
]


def test_hostile_names_choices_and_errors_do_nothing():
    space = {name: bo.Float(0, 1) for name in HOSTILE}
    space["kind"] = bo.Categorical([*HOSTILE, None])
    space["fixed"] = bo.Constant(HOSTILE[2])
    optimizer = bo.Optimizer(space, seed=0, outcome_constraints={HOSTILE[0]: "<= 1"})
    for i in range(10):
        trial = optimizer.ask()
        if i % 4 == 3:
            optimizer.tell_failure(trial, HOSTILE[i % 5])
        else:
            optimizer.tell(trial, {"value": i * 0.1, HOSTILE[0]: 0.5})
    written = page(optimizer.result(), title=HOSTILE[2])
    reader = read(written)  # only known attributes, one script, balanced tags
    assert "<img" not in written
    assert "\x1b" not in written
    assert "\x00" not in written
    assert any("<script>alert(1)" in word for word in reader.words)  # shown as it is


@settings(max_examples=30)
@given(st.text(max_size=50), st.text(max_size=50))
def test_text_is_escaped_in_content_and_attributes(content, value):
    reader_of = f"{tag('p', content, class_=value)}"
    inside = reader_of.removeprefix('<p class="').removesuffix("</p>")
    assert "<" not in inside
    assert inside.count('"') == 1
    assert inside.count(">") == 1
    assert text(text(content)) == text(content)


def test_result_report_writes_a_file(tmp_path):
    result = seen({"x": bo.Float(0, 1)}, lambda p: p["x"], 6)
    path = result.report(tmp_path / "run.html", title="A run")
    assert path == tmp_path / "run.html"
    assert "A run" in " ".join(read(path.read_text("utf-8")).words)
    result.to_csv(tmp_path / "run.csv")
    again = Result.from_csv(tmp_path / "run.csv", result.space)
    assert set(ALWAYS) <= set(read(page(again)).ids)


def test_times_and_curves_have_sections_of_their_own():
    trials = []
    for i in range(6):
        outcome = bo.Outcome(float(i))
        start = TIME + timedelta(seconds=10 * (i // 2))
        curve = ((1, 3.0 + i), (2, 2.0 + i), (4, float(i)))
        trials.append(
            Trial(i, {"x": i / 6}, TrialState.COMPLETE, Origin.INITIAL, outcome,
                  start=start, seconds=9.0, curve=curve)
        )  # fmt: skip
    trials.append(
        Trial(6, {"x": 0.99}, TrialState.STOPPED, start=TIME, seconds=5.0, curve=((1, 9.0),))
    )
    space = bo.Space(x=bo.Float(0, 1))
    result = Result(trials[0], trials[0], tuple(trials), Stop.N_TRIALS, "minimize", space)
    reader = read(page(result))
    words = " ".join(reader.words)
    assert {"curves", "timeline"} <= set(reader.ids)
    assert "1 trial stopped early" in words
    assert "ran side by side" in words


@pytest.mark.slow
def test_200_trials_of_12_parameters_are_below_a_megabyte():
    space = {f"parameter {i}": bo.Float(0, 1) for i in range(12)}
    result = seen(space, lambda p: sum(x * x for x in p.values()), 200)
    assert len(page(result).encode()) < 1_000_000


def test_every_section_is_linked_once():
    assert len({id_ for id_, _, _ in SECTIONS}) == len(SECTIONS)


@given(
    st.floats(-1e300, 1e300), st.floats(1e-6, 1e6), st.booleans()
)  # any axis: ticks are within, in order
def test_ticks_lie_on_the_axis(low, width, log):
    low = abs(low) + 1e-290 if log else low
    axis = Axis.over([low, low + width * max(abs(low), 1e-300)], log=log)
    ticks = [value for value, _ in axis.ticks()]
    places = [float(axis.place(value)) for value in ticks]
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in places)
    assert places == sorted(places)


def test_places_of_a_plot_are_within_it():
    plot = Plot(Axis(0, 10), Axis(1, 100, log=True), "a plot")
    assert float(plot.px(0.0)) == plot.left
    assert float(plot.py(1.0)) == plot.height - plot.bottom
    assert float(plot.py(10.0)) == pytest.approx((plot.height - plot.bottom + plot.top) / 2)


def two_objectives(n=12):
    optimizer = bo.Optimizer(
        {"x": bo.Float(0, 1), "y": bo.Float(0, 1)},
        objectives={"error<b>": "minimize", "speed": "maximize"},
        seed=0,
    )
    for x, y in np.random.default_rng(0).random((n, 2)):
        optimizer.add_observation(
            {"x": x, "y": y}, {"error<b>": (x - 0.2) ** 2 + y, "speed": 1 - x + 0.2 * y}
        )
    return optimizer


def test_several_objectives_have_a_front():
    result = two_objectives().result()
    reader = read(page(result))
    words = " ".join(reader.words)
    assert {*ALWAYS, "front"} <= set(reader.ids)
    assert "are on the front of error<b> and speed" in words
    assert "is the compromise" in words
    assert "Hypervolume" in words
    assert words.count("The model explains") >= 2
    read(page(two_objectives(0).result()))
    read(page(two_objectives(1).result()))


def test_what_matters_for_each_of_several_objectives():
    optimizer = two_objectives()
    assert optimizer.what_matters("speed").parameters[0].name == "x"
    assert optimizer.result().what_matters("error<b>").output == "error<b>"


def test_a_run_with_earlier_ones_shows_their_weights():
    space = {"x": bo.Float(0, 1), "y": bo.Float(0, 1)}
    old = bo.minimize(lambda p: (p["x"] - 0.3) ** 2 + p["y"], space, n_trials=8, seed=1)
    opt = bo.Optimizer(space, seed=0, earlier=old)
    cube = np.random.default_rng(0).random((8, 2))
    opt.add_observations([({"x": x, "y": y}, (x - 0.4) ** 2 + y) for x, y in cube])
    html = page(opt.result())
    assert "weight of this run" in html
    assert "weight of run 1" in html
