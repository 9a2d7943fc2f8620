"""One pure function from what is known of a run to the next point."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt import (
    AcquisitionSearch,
    Categorical,
    Float,
    GridSearch,
    InitialDesign,
    Int,
    LinearConstraint,
    Origin,
    RandomSearch,
    Space,
    SpaceExhausted,
)
from bayesopt.strategy import (
    Cache,
    Measured,
    Objective,
    OutcomeConstraint,
    ProposalConfig,
    RunData,
    fit,
    propose,
)
from bayesopt.testing.spaces import each_space, named, some_points

SPACE = Space(
    x=Float(0, 1),
    kind=Categorical(["a", "b"]),
    k=Int(1, 9, when={"kind": "a"}),
)
QUICK = AcquisitionSearch(n_candidates=64, n_sprays=32, n_starts=3, max_rounds=2)
KEEPS_ON = ProposalConfig(0, initial_design=None, repeat=True)


def objective(params):
    return (params["x"] - 0.3) ** 2 + (params.get("k", 9) - 4) ** 2 / 20


def coords_of(space, some):
    rows = np.array([space.encode(p) for p in some]).reshape(len(some), space.n_columns)
    return space.to_coords(rows)


def known(space, points, values, **groups):
    coords = {name: coords_of(space, some) for name, some in groups.items()}
    measured = [Measured(Objective(), np.array(values, dtype=float))]
    return RunData.of(space, coords_of(space, points), measured, **coords)


def point(space, proposal):
    return space.decode(space.to_rows(proposal.coords[None, :])[0])


def evaluated(n, seed=0, space=SPACE):
    rng = np.random.default_rng(seed)
    rows = space.to_rows(space.from_cube(rng.random((n, space.n_columns))))
    points = [space.decode(row) for row in rows]
    return points, [objective(p) for p in points]


def arrays(data):
    """Every array in the data."""
    found = [data.coords, data.evaluated, data.failed, data.pending]
    return found + [a for m in data.measured for a in (m.values, m.sds) if a is not None]


@st.composite
def runs(draw):
    """A run over any space: evaluated, failed, pending and avoided points, two outputs."""
    space = named(draw(each_space))
    sizes = [draw(st.integers(0, 7)), *(draw(st.integers(0, 2)) for _ in range(3))]
    seed = draw(st.integers(0, 10**6))
    points = some_points(space, sum(sizes), seed)
    groups = np.split(points, np.cumsum(sizes)[:-1])
    rng, n = np.random.default_rng(seed), len(groups[0])
    measured = [Measured(Objective(), rng.standard_normal(n))]
    if draw(st.booleans()):
        limit = OutcomeConstraint("impurity", "<=", 0.5)
        purity = np.where(rng.random(n) < 0.2, np.nan, rng.random(n))
        measured.append(Measured(limit, purity))
    return RunData.of(
        space, groups[0], measured, failed=groups[1], pending=groups[2], avoided=groups[3]
    )


configs = st.builds(
    ProposalConfig,
    st.integers(0, 99),
    proposer=st.sampled_from([QUICK, QUICK, RandomSearch(), GridSearch(levels=5)]),
    initial_design=st.sampled_from([None, InitialDesign(n=3), InitialDesign(n=12)]),
)


@given(runs(), configs, st.integers(0, 60))
def test_a_proposal_is_legal_new_and_a_function_of_its_arguments(data, config, number):
    before = copy.deepcopy(arrays(data))
    try:
        one = propose(data, config, number=number)
    except SpaceExhausted:
        assert isinstance(config.proposer, GridSearch)
        return
    space, found = data.space, one.coords[None]
    np.testing.assert_array_equal(space.snap(found), found)
    assert space.allowed(found)[0]
    assert not space.same(found, data.coords).any()
    for array, was in zip(arrays(data), before, strict=True):
        np.testing.assert_array_equal(array, was)
    cache = Cache()
    for used in (None, cache, cache):
        again = propose(data, config, number=number, cache=used)
        np.testing.assert_array_equal(one.coords, again.coords)
        assert (one.state, one.origin) == (again.state, again.origin)


def test_a_cache_affects_speed_only():
    """A run with one cache, which also sees models of other data, seeds and states in between."""
    cache, config = Cache(), ProposalConfig(4, proposer=QUICK)
    points, values, state = [], [], {}
    other = known(SPACE, *evaluated(9, seed=3))
    for number in range(14):
        data = known(SPACE, points, values)
        if number % 4 == 3:
            fit(other, config, cache=cache)
        if number % 5 == 3:
            fit(data, ProposalConfig(5), state=state, cache=cache)
        cold = propose(data, config, number=number, state=state)
        warm = propose(data, config, number=number, state=state, cache=cache)
        np.testing.assert_array_equal(cold.coords, warm.coords)
        assert cold.state == warm.state
        points.append(point(SPACE, warm))
        values.append(objective(points[-1]))
        state = warm.state
    assert warm.from_model


def test_results_taken_back_are_not_remembered():
    """The cache holds a model of results that are gone: as when an event was not kept."""
    cache = Cache()
    points, values = evaluated(12)
    fit(known(SPACE, points, values), KEEPS_ON, cache=cache)
    fewer = known(SPACE, [*points[:8], points[10]], [*values[:8], values[10]])
    warm = propose(fewer, KEEPS_ON, number=9, cache=cache)
    np.testing.assert_array_equal(warm.coords, propose(fewer, KEEPS_ON, number=9).coords)


def test_another_number_attempt_or_seed_draws_from_another_stream():
    data = known(SPACE, *evaluated(12))
    one = propose(data, ProposalConfig(1), number=99)
    others = [
        propose(data, ProposalConfig(1), number=99, attempt=1),
        propose(data, ProposalConfig(1), number=98),
        propose(data, ProposalConfig(2), number=99),
    ]
    for other in others:
        assert not np.array_equal(one.coords, other.coords, equal_nan=True)


def test_proposals_lead_to_the_optimum():
    points, values, state = [], [], {}
    for number in range(22):
        data = known(SPACE, points, values)
        proposal = propose(data, ProposalConfig(0), number=number, state=state)
        points.append(point(SPACE, proposal))
        values.append(objective(points[-1]))
        state = proposal.state
    assert min(values) < 1e-3
    assert proposal.diagnostics


@pytest.mark.parametrize(
    ("proposer", "origin"),
    [(QUICK, Origin.MODEL), (RandomSearch(), Origin.RANDOM), (GridSearch(), Origin.GRID)],
)
def test_the_origin_is_what_proposed_it(proposer, origin):
    data = known(SPACE, *evaluated(12))
    assert propose(data, ProposalConfig(0, proposer=proposer), number=12).origin is origin
    fresh = propose(known(SPACE, [], []), ProposalConfig(0, proposer=proposer), number=0).origin
    assert fresh is (Origin.INITIAL if proposer.needs_model else origin)


def test_equal_results_are_explored():
    points, _ = evaluated(12)
    proposal = propose(known(SPACE, points, [1.0] * 12), KEEPS_ON, number=12)
    assert proposal.origin is Origin.EXPLORATION
    assert proposal.from_model


@pytest.mark.parametrize("role", ["pending", "failed", "avoided"])
def test_taken_points_of_every_kind_are_not_proposed(role):
    space = Space(a=Int(0, 3), b=Categorical(["x", "y"]))
    every = [space.decode(row) for row in space.to_rows(space.enumerate())]
    for left in every:
        others = [p for p in every if p != left]
        data = known(space, others[:2], [1.0, 2.0], **{role: others[2:]})
        proposal = propose(data, KEEPS_ON, number=9)
        assert point(space, proposal) == left
        assert not proposal.repeated


def test_an_exhausted_space_is_gone_through_again_but_not_what_is_pending():
    space = Space(a=Int(0, 2))
    points = [{"a": i} for i in range(3)]
    data = known(space, points[:2], [1.0, 5.0], pending=[{"a": 2}])
    proposal = propose(data, KEEPS_ON, number=3)
    assert proposal.repeated
    assert point(space, proposal) in points[:2]
    assert propose(known(space, [], [], pending=points), KEEPS_ON, number=3).repeated
    with pytest.raises(SpaceExhausted):
        propose(data, ProposalConfig(0, initial_design=None), number=3)


def test_columns_that_lack_values_are_conditional_even_where_the_space_has_no_condition():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    coords = np.array([[0.1, 0.2], [0.4, np.nan], [0.7, 0.9]])
    data = RunData.of(space, coords, [Measured(Objective(), np.arange(3.0))])
    assert data.columns.conditional.tolist() == [False, True]
    assert np.isfinite(propose(data, KEEPS_ON, number=5).coords).all()


def test_known_constraints_hold_for_what_is_proposed():
    limit = LinearConstraint({"x": 1.0, "y": 1.0}, upper=0.5)
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=[limit])
    points = [{"x": 0.1 * i, "y": 0.05 * i} for i in range(4)]
    for design in (None, InitialDesign(n=8)):
        data = known(space, points, [-p["x"] for p in points])
        made = point(space, propose(data, ProposalConfig(0, initial_design=design), number=4))
        assert made["x"] + made["y"] <= 0.5


@pytest.mark.parametrize(
    ("name", "part", "kind"),
    [
        ("surrogate", 3, "Surrogate"),
        ("acquisition", GridSearch(), "Acquisition"),
        ("proposer", RandomSearch, "Proposer"),
    ],
)
def test_parts_of_the_wrong_kind_are_refused(name, part, kind):
    with pytest.raises(TypeError, match=f"{name} must be an? .*{kind}"):
        ProposalConfig(0, **{name: part})
