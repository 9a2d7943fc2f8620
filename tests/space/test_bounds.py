"""Bounds that are other parameters hold everywhere, and nothing that keeps to them is lost."""

import itertools
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.design import InitialDesign
from bayesopt.proposal import SpaceExhausted
from bayesopt.space.sobol import sobol_points

SPACES = {
    "high": {"n": bo.Int(1, 6), "k": bo.Int(1, "n")},
    "low": {"n": bo.Int(1, 6), "k": bo.Int("n", 8)},
    "both": {"a": bo.Float(0, 1), "c": bo.Float(0, 1), "b": bo.Float("a", "c")},
    "chain": {f"x{i}": bo.Float(-1, "x" + str(i + 1) if i < 5 else 1) for i in range(6)},
    "steps": {"n": bo.Int(1, 40, step=3), "k": bo.Int(2, "n", step=2)},
    "logs": {"n": bo.Float(1e-3, 1e3, log=True), "k": bo.Float(1e-4, "n", log=True)},
    "mixed": {"n": bo.Float(0.5, 4.5), "k": bo.Int(1, "n")},
    "inactive other": {
        "kind": bo.Categorical(["a", "b"]),
        "n": bo.Float(-5, 5, when={"kind": "a"}),
        "k": bo.Float(1, "n"),
    },
    "inactive self": {
        "kind": bo.Categorical(["a", "b"]),
        "n": bo.Int(-9, -2),
        "k": bo.Int(-20, "n", when={"kind": "a"}),
    },
    "thin and conditional": {
        "kind": bo.Categorical(["a", "b"]),
        **{
            f"x{i}": bo.Int(0, "x" + str(i + 1) if i < 4 else 9, when={"kind": "a"} if i else None)
            for i in range(5)
        },
        "z": bo.Int("x3", 9),
    },
}


def keeps(given_space, point):
    """Whether a point meets the bounds as they were written, by the plain reading of them."""
    for name, parameter in given_space.items():
        if not isinstance(parameter, bo.Float | bo.Int) or name not in point:
            continue
        low, high = (
            point.get(bound) if isinstance(bound, str) else bound
            for bound in (parameter.low, parameter.high)
        )
        if (low is not None and point[name] < low) or (high is not None and point[name] > high):
            return False
    return True


@pytest.fixture(params=SPACES, ids=str)
def parameters(request):
    return SPACES[request.param]


def test_all_points_that_are_made_keep_to_them(parameters):
    space = bo.Space(parameters)
    cube = sobol_points(space.n_columns, 7, np.random.default_rng(0))
    design = InitialDesign(n=12).points(space, 12, np.random.default_rng(1))
    assert len(design) == 12
    made = space.from_cube(cube)
    made = made[space.allowed(made)]
    assert len(made) > 20
    for coords in itertools.chain(made, design):
        point = space.decode(space.to_rows(coords[None])[0])
        assert keeps(parameters, point), point
        assert space.contains(point)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(SPACES)), st.integers(0, 10_000))
def test_what_is_legal_is_what_was_written(name, seed):
    """The space without the bounds has the same values; a point of it is legal as they say."""
    space = bo.Space(SPACES[name])
    free = bo.Space(space.parameters)  # the numbers only
    assert not free.constraints
    points = free.from_cube(np.random.default_rng(seed).random((40, free.n_columns)))
    for coords in points:
        point = free.decode(free.to_rows(coords[None])[0])
        assert space.contains(point) == keeps(SPACES[name], point), point


@pytest.mark.slow
def test_proposals_keep_to_them(parameters):
    opt = bo.Optimizer(parameters, seed=0)
    for n in range(14):
        fixed = {"kind": "ab"[n % 2]} if "kind" in parameters and n % 3 == 0 else None
        trial = opt.ask(fixed=fixed)
        assert keeps(parameters, trial.params), trial.params
        opt.tell(trial, sum(v for v in trial.params.values() if not isinstance(v, str)))


@pytest.mark.parametrize("name", ["high", "low"])
def test_all_points_and_no_other_are_asked_for_until_none_is_left(name):
    parameters = SPACES[name]
    opt = bo.Optimizer(
        parameters, seed=0, deterministic=True, initial_design=bo.InitialDesign(n=100)
    )
    seen = []
    with suppress(SpaceExhausted):
        while len(seen) < 100:
            trial = opt.ask()
            seen.append(tuple(trial.params.values()))
            opt.tell(trial, float(sum(seen[-1])))
    space = bo.Space(parameters)
    ranges = [range(p.low, p.high + 1) for p in space.parameters.values()]
    points = (dict(zip(parameters, point, strict=True)) for point in itertools.product(*ranges))
    legal = [tuple(p.values()) for p in points if keeps(parameters, p)]
    assert sorted(seen) == sorted(legal)


def test_written_and_read_it_is_the_same_space(parameters):
    space = bo.Space(parameters)
    assert bo.Space.from_json(space.to_json()) == space
    assert "if_active" in str(space.to_json())


def test_a_table_of_results_is_read_by_them(tmp_path):
    opt = bo.Optimizer(SPACES["high"], seed=0)
    sheet = tmp_path / "old.csv"
    sheet.write_text("n,k,value\n4,2,1.0\n3,5,0.5\n")
    opt.add_csv(sheet)  # what breaks a known constraint informs the model, and is never the best
    assert [t.params for t in opt.trials] == [{"n": 4, "k": 2}, {"n": 3, "k": 5}]
    assert opt.best.params == {"n": 4, "k": 2}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"k": bo.Int(1, "n")}, "k: high must be a number or another Float or Int; got 'n'"),
        ({"num": bo.Int(1, 3), "k": bo.Int(1, "nun")}, "did you mean 'num'"),
        ({"n": bo.Boolean(), "k": bo.Int(1, "n")}, "'n', which is no Float or Int"),
        ({"k": bo.Int(1, "k")}, "k: high leads back to 'k'"),
        ({"n": bo.Int(1, "k"), "k": bo.Int(1, "n")}, "leads back to"),
        ({"n": bo.Int(1, 3), "k": bo.Int(5, "n")}, "k: .*low must not be above high"),
        ({"n": bo.Int(1, 3), "k": bo.Int(1, "n", default=9)}, "k: .*default"),
    ],
)
def test_what_is_no_bound_is_refused(parameters, reason):
    with pytest.raises(ValueError, match=reason):
        bo.Space(parameters)


def test_a_point_beyond_is_refused_in_the_words_of_the_bound():
    with pytest.raises(ValueError, match="does not satisfy the constraint k <= n"):
        bo.Space(SPACES["high"]).validate({"n": 2, "k": 3})
    with pytest.raises(ValueError, match="does not satisfy the constraint n <= k"):
        bo.Space(SPACES["low"]).validate({"n": 4, "k": 3})
