"""Problems: known minima are minima, what moves is moved, what is missing is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import problems
from benchmarks.problems.engineering import PressureVessel, SpeedReducer, WeldedBeam
from benchmarks.problems.functions import FUNCTIONS
from benchmarks.problems.synthetic import Moved, rotation
from benchmarks.problems.user import load_file
from benchmarks.space import Parameter, Space

SUITES = ("synthetic", "mixed", "noisy", "engineering", "combinatorial")
NAMES = [name for suite in SUITES for name in problems.names(suite)]


def cube(problem, n, seed=0):
    u = np.random.default_rng(seed).random((n, len(problem.space.parameters)))
    return [problem.space.from_unit(row) for row in u.tolist()]


@pytest.mark.parametrize("name", NAMES)
def test_deterministic_inside_its_space_and_never_below_its_optimum(name):
    problem, again = problems.load(name), problems.load(name)
    for params in cube(problem, 30):
        assert problem.space.fault(params) is None
        answer = problem.evaluate(params, seed=1, n=4)
        assert answer == again.evaluate(params, seed=1, n=4)
        if problem.optimum is not None and answer.feasible:
            assert answer.true >= problem.optimum - 1e-9
        assert set(answer.constraints) == set(problem.constraints)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("synthetic", "mixed"))])
def test_the_minimum_is_reached_at_the_minimiser(name):
    problem = problems.load(name)
    best = problem.moved.best
    params = {}
    for j, p in enumerate(problem.space.parameters):
        if p.kind == "float":
            params[p.name] = float(best[j])
        else:
            level = int(np.argmin(np.abs(problem.levels[p.name] - best[j])))
            params[p.name] = level if p.kind == "int" else p.choices[level]
    assert problem.value(params) == pytest.approx(problem.optimum, abs=1e-7)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_stated_minima_are_stationary(name):
    """Central differences at the minimiser vanish, and every way from it leads up."""
    d = {"branin": 2, "hartmann": 6}.get(name, 4)
    function = FUNCTIONS[name](d)
    for direction in np.eye(d):
        step = 1e-4 * (function.high[0] - function.low[0])
        up, down = (function.f(function.best + sign * step * direction) for sign in (1, -1))
        assert min(up, down) >= function.value - 1e-9


def test_instances_differ_and_are_off_centre():
    first, second = Moved("ackley", 5, 1, rotate=True), Moved("ackley", 5, 2, rotate=True)
    assert not np.allclose(first.best, second.best)
    assert not np.allclose(first.best, 0.0, atol=0.5)


def test_rotation_keeps_lengths():
    r = rotation(np.random.default_rng(0), 6)
    np.testing.assert_allclose(r @ r.T, np.eye(6), atol=1e-12)
    assert np.linalg.det(r) == pytest.approx(1.0)


def test_noise_is_the_same_for_every_method_and_centred():
    problem = problems.load("noisy/hartmann-d3-s20")
    params = cube(problem, 1)[0]
    draws = np.array(
        [problem.evaluate(params, seed=0, n=n).value - problem.value(params) for n in range(400)]
    )
    assert abs(draws.mean()) < 4 * problem.sd / 20
    assert draws.std() == pytest.approx(problem.sd, rel=0.15)


def test_heteroscedastic_noise_grows_away_from_the_minimum():
    problem = problems.load("noisy/ackley-d3-h10")
    best = dict(zip(problem.space.names, map(float, problem.moved.best), strict=True))
    assert problem.noise_sd(best) == pytest.approx(problem.sd)
    assert max(problem.noise_sd(p) for p in cube(problem, 20)) > 2 * problem.sd


# published solutions: rounding leaves constraints off by a little
@pytest.mark.parametrize(
    ("kind", "point"),
    [
        (PressureVessel, (13, 7, 42.0984456, 176.6365958)),
        (SpeedReducer, (3.5, 0.7, 17, 7.3, 7.7153199, 3.3502147, 5.2866545)),
        (WeldedBeam, (0.205730, 3.470489, 9.036624, 0.205730)),
    ],
)
def test_engineering_problems_have_their_published_optimum(kind, point):
    problem = kind()
    point = dict(zip(problem.space.names, point, strict=True))
    assert problem.value(point) == pytest.approx(problem.optimum, rel=1e-3)
    assert max(problem.constraint_values(point).values()) < 1e-4


def test_maxsat_agrees_with_brute_force():
    problem = problems.load("combinatorial/maxsat-6")
    values = {}
    for code in range(2**6):
        params = {
            p.name: p.choices[(code >> i) & 1] for i, p in enumerate(problem.space.parameters)
        }
        values[code] = problem.value(params)
    assert len(set(values.values())) > 5
    assert -1.0 <= min(values.values()) <= max(values.values()) <= 0.0


@pytest.mark.parametrize(
    "name", ["nowhere/x", "synthetic/x", "mixed/ackley", "pbo/x-1", "sklearn/svm-x", "yahpo/x-1"]
)
def test_unknown_names_are_refused_with_what_is_expected(name):
    with pytest.raises(ValueError, match="expected"):
        problems.load(name)


def test_a_class_of_ones_own(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from benchmarks.problems.base import Problem\n"
        "from benchmarks.space import floats\n"
        "class Bowl(Problem):\n"
        "    space = floats(2, -1, 1)\n"
        "    def value(self, params):\n"
        "        return params['x0'] ** 2 + params['x1'] ** 2\n"
    )
    problem = load_file(f"{tmp_path / 'mine.py'}:Bowl")
    assert problem.evaluate({"x0": 1.0, "x1": 0.5}, seed=0, n=1).value == 1.25
    with pytest.raises(ValueError, match="after a colon"):
        load_file(str(tmp_path / "mine.py"))


def test_a_command_as_the_objective(tmp_path):
    path = tmp_path / "echo.toml"
    path.write_text(
        'command = ["echo", "value", "{x}"]\n[space.x]\ntype = "int"\nlow = 1\nhigh = 5\n'
    )
    assert load_file(str(path)).value({"x": 4}) == 4.0
    path.write_text('commnd = ["echo"]\n')
    with pytest.raises(ValueError, match="commnd"):
        load_file(str(path))


SPACE = Space(
    (
        Parameter("x", "float", 1e-3, 10.0, log=True),
        Parameter("k", "int", -3, 4),
        Parameter("c", "categorical", choices=(1, True, "1", None)),
        Parameter("o", "ordinal", choices=(0.5, 1.0, 4.0), when={"c": (1, None)}),
        Parameter("z", "float", 0.0, 1.0, when={"o": (4.0,), "c": (1,)}),
    )
)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_points_of_the_cube_are_points_of_the_space(u):
    params = SPACE.from_unit(u)
    assert SPACE.fault(params) is None
    assert SPACE.strip(params) == params
    assert Space.from_json(SPACE.to_json()) == SPACE


def test_faults_are_named():
    good = {"x": 1.0, "k": 2, "c": True}
    assert SPACE.fault(good) is None
    assert "k" in str(SPACE.fault(good | {"k": 2.0}))
    assert "missing" in str(SPACE.fault({"x": 1.0, "k": 2}))
    assert "inactive" in str(SPACE.fault(good | {"o": 1.0}))
    assert "outside" in str(SPACE.fault(good | {"x": 11.0}))
    assert SPACE.key({"c": 1}) != SPACE.key({"c": True})


@pytest.mark.parametrize(
    "parameter",
    [
        {"type": "float", "low": 1, "high": 1},
        {"type": "float", "low": 0, "high": 1, "log": True},
        {"type": "int", "lo": 1},
        {"type": "categorical", "choices": ["a"]},
        {"type": "number"},
    ],
)
def test_spaces_that_make_no_sense_are_refused(parameter):
    with pytest.raises(ValueError, match="'p'"):
        Space.from_json({"p": parameter})


def test_real_tuning_records_a_finite_loss():
    pytest.importorskip("sklearn")
    problem = problems.load("sklearn/svm-wine")
    losses = [problem.value(p) for p in cube(problem, 2)]
    assert all(0 < loss < 10 for loss in losses)
