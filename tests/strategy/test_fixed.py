"""Parameters that are not to be chosen: the proposal has exactly the values given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.strategy import Cache, Measured, Objective, ProposalConfig, RunData, propose
from bayesopt.testing.spaces import each_space, named, some_points
from tests.optimizer.running import MIXED, QUICK, mixed_value, optimizer, run
from tests.strategy.test_propose import runs

seeds = st.integers(0, 10**6)
configs = st.builds(
    ProposalConfig,
    st.integers(0, 99),
    proposer=st.sampled_from([QUICK, QUICK, bo.RandomSearch(), bo.GridSearch(levels=5)]),
    initial_design=st.sampled_from([None, bo.InitialDesign(n=3), bo.InitialDesign(n=12)]),
)


@given(runs(), configs, st.integers(0, 60), seeds)
def test_the_proposal_has_exactly_the_fixed_values(data, config, number, seed):
    space, rng = data.space, np.random.default_rng(seed)
    (coords,) = some_points(space, 1, seed)
    params = space.decode(space.to_rows(coords[None])[0])
    fixed = {name: value for name, value in params.items() if rng.random() < 0.5}
    try:
        proposal = propose(data, config, number=number, fixed=fixed)
    except bo.SpaceExhausted:
        part = space.fix(fixed)
        if isinstance(config.proposer, bo.GridSearch) or not part.n_points:
            return  # a grid may have no allowed point there; thin parts may not be found
        every = part.enumerate()
        assert part.same(every, data.coords).any(axis=1).all()
        return
    point = space.decode(proposal.row)
    assert {name: point[name] for name in fixed} == fixed
    space.validate(point)
    assert not space.same(proposal.coords[None], data.coords).any()
    again = propose(data, config, number=number, fixed=fixed, cache=Cache())
    np.testing.assert_array_equal(proposal.coords, again.coords)


@given(each_space, seeds)
def test_nothing_fixed_is_as_without(name, seed):
    space = named(name)
    points = some_points(space, 6, seed)
    values = np.random.default_rng(seed).standard_normal(len(points))
    data = RunData.of(space, points, [Measured(Objective(), values)])
    config = ProposalConfig(seed, proposer=QUICK, initial_design=None)
    one, other = (propose(data, config, number=6, fixed=fixed) for fixed in (None, {}))
    np.testing.assert_array_equal(one.coords, other.coords)


def test_every_point_with_the_values_is_found_before_these_are_exhausted():
    space = bo.Space(a=bo.Int(0, 3), b=bo.Categorical(["x", "y", "z"]))
    for proposer in (QUICK, bo.RandomSearch(), bo.GridSearch()):
        opt = bo.Optimizer(space, seed=0, proposer=proposer)
        for n in range(4):
            trial = opt.ask(fixed={"b": "y"})
            assert trial.params["b"] == "y"
            opt.tell(trial, float(n))
        with pytest.raises(bo.SpaceExhausted):
            opt.ask(fixed={"b": "y"})
        assert opt.ask().params["b"] != "y"


def test_what_is_free_is_optimised_for_what_is_fixed():
    """The best x moves with the context: at every value of it near its own optimum."""
    space = bo.Space(x=bo.Float(0.0, 1.0), heat=bo.Float(0.0, 1.0))
    opt = bo.Optimizer(space, seed=0, proposer=QUICK)
    rng = np.random.default_rng(0)
    for _ in range(30):
        trial = opt.ask(fixed={"heat": float(rng.random())})
        opt.tell(trial, (trial.params["x"] - 0.2 - 0.6 * trial.params["heat"]) ** 2)
    missed = [abs(t.params["x"] - 0.2 - 0.6 * t.params["heat"]) for t in opt.trials[15:]]
    assert np.median(missed) < 0.05


def test_initial_points_with_other_fixed_values_are_not_all_the_same():
    # the middles of branches would share what they have in common
    opt = optimizer(initial_design=bo.InitialDesign(branch_middles=False))
    points = [opt.ask(fixed={"x": 0.1 * n}).params for n in range(5)]
    assert [p["x"] for p in points] == [0.1 * n for n in range(5)]
    assert len({p["rate"] for p in points}) == 5


def test_equal_results_are_explored_with_the_fixed_values():
    opt = optimizer(MIXED, initial_design=bo.InitialDesign(n=3, branch_middles=False))
    points = []
    for n in range(12):
        trial = opt.ask(fixed={"x": 0.125 * n - 1.0})
        assert trial.params["x"] == 0.125 * n - 1.0
        points.append(trial.params["rate"])
        opt.tell(trial, 1.0)
    assert opt.trials[-1].origin is bo.Origin.EXPLORATION
    assert len(set(points)) == 12


def test_a_batch_may_share_values_and_the_queue_waits():
    opt = optimizer()
    run(opt, mixed_value, 10)
    first = opt.trials[0].params
    opt.enqueue({**first, "x": 2.5})
    batch = opt.ask_batch(3, fixed={"kind": "a", "x": 1.25})
    assert all(t.params["kind"] == "a" and t.params["x"] == 1.25 for t in batch)
    assert len({t.params["rate"] for t in batch}) == 3
    queued = opt.ask()
    assert (queued.origin, queued.params["x"]) == (bo.Origin.ENQUEUED, 2.5)


def test_lost_trials_wait_for_an_ask_that_leaves_the_choice():
    opt = optimizer()
    lost = opt.ask()
    opt.abandon(lost, "power cut")
    assert opt.ask(fixed={"x": 1.0}).number == 1
    assert opt.ask().number == lost.number


def test_values_that_cannot_be_fixed_leave_the_run_as_it_was():
    opt = optimizer()
    for fixed in ({"x": 17.0}, {"kind": "b", "extra": 0.5}, {"y": 1.0}, "x"):
        with pytest.raises((TypeError, ValueError)):
            opt.ask(fixed=fixed)
    assert opt.trials == ()
