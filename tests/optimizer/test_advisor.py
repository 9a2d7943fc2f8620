"""Proposals for runs that another tool keeps: from what is known of them alone."""

import numpy as np
import pytest

from bayesopt import Categorical, Float, InitialDesign, Int, LinearConstraint, Optimizer, Space
from bayesopt.optimizer.advisor import Advisor, Known
from bayesopt.optimizer.model import Results
from bayesopt.trial import Origin, Outcome, Trial, TrialState

SPACE = Space(
    x=Float(0, 1),
    kind=Categorical(["a", "b"]),
    k=Int(1, 9, when={"kind": "a"}),
)


def objective(params):
    return (params["x"] - 0.3) ** 2 + (params.get("k", 9) - 4) ** 2 / 20


def known(space, points, values, *, pending=(), failed=(), avoided=(), number=99, state=None):
    def coords(some):
        rows = np.array([space.encode(p) for p in some]).reshape(len(some), space.n_columns)
        return space.to_coords(rows)

    complete = [
        Trial(i, p, TrialState.COMPLETE, Origin.ADDED, Outcome(v))
        for i, (p, v) in enumerate(zip(points, values, strict=True))
    ]
    results = Results(complete, coords(points), coords(failed), 1.0, deterministic=False)
    return Known(space, results, coords(pending), coords(avoided), number, state or {})


def point(space, proposal):
    return space.decode(space.to_rows(proposal.coords[None, :])[0])


def evaluated(n, seed=0, space=SPACE):
    rng = np.random.default_rng(seed)
    rows = space.to_rows(space.from_cube(rng.random((n, space.n_columns))))
    points = [space.decode(row) for row in rows]
    return points, [objective(p) for p in points]


def test_a_run_by_an_advisor_is_the_run_of_an_optimizer():
    """Two routes to the same trials: events folded, and knowledge handed over whole."""
    optimizer, advisor = Optimizer(SPACE, seed=4), Advisor(seed=4)
    points, values, state = [], [], {}
    for number in range(12):
        trial = optimizer.ask()
        proposal = advisor.propose(known(SPACE, points, values, number=number, state=state))
        assert point(SPACE, proposal) == trial.params
        assert proposal.from_model == (trial.origin is Origin.MODEL)
        points.append(trial.params)
        values.append(objective(trial.params))
        state = proposal.state
        optimizer.tell(trial, values[-1])
    assert proposal.from_model


def test_the_same_knowledge_and_seed_make_the_same_proposal():
    data = evaluated(12)
    a, b = (Advisor(seed=1).propose(known(SPACE, *data)) for _ in range(2))
    assert np.array_equal(a.coords, b.coords, equal_nan=True)
    assert a.state == b.state
    other = Advisor(seed=1).propose(known(SPACE, *data), attempt=1)
    assert not np.array_equal(a.coords, other.coords, equal_nan=True)


def test_advice_leads_to_the_optimum():
    advisor, points, values, state = Advisor(seed=0), [], [], {}
    for number in range(22):
        proposal = advisor.propose(known(SPACE, points, values, number=number, state=state))
        points.append(point(SPACE, proposal))
        values.append(objective(points[-1]))
        state = proposal.state
    assert min(values) < 1e-3


@pytest.mark.parametrize("role", ["pending", "failed", "avoided"])
def test_taken_points_of_every_kind_are_not_proposed(role):
    space = Space(a=Int(0, 3), b=Categorical(["x", "y"]))
    every = [space.decode(row) for row in space.to_rows(space.enumerate())]
    for left in every:
        others = [p for p in every if p != left]
        data = known(space, others[:2], [1.0, 2.0], **{role: others[2:]})
        proposal = Advisor(seed=0, initial_design=None).propose(data)
        assert point(space, proposal) == left
        assert not proposal.repeated


def test_an_exhausted_space_is_gone_through_again_but_not_what_is_pending():
    space = Space(a=Int(0, 2))
    points = [{"a": i} for i in range(3)]
    proposal = Advisor(seed=0).propose(known(space, points[:2], [1.0, 5.0], pending=[{"a": 2}]))
    assert proposal.repeated
    assert point(space, proposal) in points[:2]
    alone = Advisor(seed=0).propose(known(space, [], [], pending=points))
    assert alone.repeated


def test_columns_that_lack_values_are_conditional_even_where_the_space_has_no_condition():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    coords = np.array([[0.1, 0.2], [0.4, np.nan], [0.7, 0.9]])
    complete = [
        Trial(i, {}, TrialState.COMPLETE, Origin.ADDED, Outcome(float(i))) for i in range(3)
    ]
    data = Known(
        space, Results(complete, coords, coords[:0], 1.0, False), coords[:0], coords[:0], 5
    )
    assert data.columns.conditional.tolist() == [False, True]
    proposal = Advisor(seed=0, initial_design=None).propose(data)
    assert np.isfinite(proposal.coords).all()


def test_known_constraints_hold_for_what_is_proposed():
    limit = LinearConstraint({"x": 1.0, "y": 1.0}, upper=0.5)
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=[limit])
    points = [{"x": 0.1 * i, "y": 0.05 * i} for i in range(4)]
    for design in (None, InitialDesign(n=8)):
        advisor = Advisor(seed=0, initial_design=design)
        proposal = advisor.propose(known(space, points, [-p["x"] for p in points]))
        made = point(space, proposal)
        assert made["x"] + made["y"] <= 0.5


def test_parts_of_the_wrong_kind_are_refused():
    with pytest.raises(TypeError, match="surrogate must be a Surrogate"):
        Advisor.of(0, surrogate=3, acquisition=None, initial_design=None)
