"""Several objectives in ``propose``: the law of one, the reference point, what is searched."""

from dataclasses import replace

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.proposal import ProposalContext
from bayesopt.strategy import Measured, Objective, OutcomeConstraint, RunData, fit
from bayesopt.strategy.several import guide
from bayesopt.streams import trial_stream

SPACE = bo.Space(x=bo.Float(0.0, 1.0), z=bo.Float(0.0, 1.0))


def data(objectives, n=14, seed=0, **options):
    points = np.random.default_rng(seed).random((n, 2))
    values = [
        np.sin(3.0 * points[:, 0] + j) + (points[:, 1] - 0.5) ** 2 for j in range(len(objectives))
    ]
    measured = [Measured(o, v) for o, v in zip(objectives, values, strict=True)]
    return RunData.of(SPACE, points, measured, **options)


def guided(run, config):
    model = fit(run, config)
    rng = trial_stream(config.seed, 20, 0)
    context = ProposalContext(
        SPACE, run.coords, run.coords[:0], rng=rng, number=20, seed=config.seed
    )
    return model, guide(run, model, context)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("n_pending", [0, 2])
def test_one_objective_is_scored_as_by_log_ei(direction, n_pending):
    pending = np.array([[0.31, 0.52], [0.77, 0.4]])[:n_pending]
    run = data([Objective(direction=direction)], pending=pending)
    config = bo.ProposalConfig(seed=1)
    model, found = guided(run, config)
    where = np.random.default_rng(2).random((60, 2))
    rng = np.random.default_rng(3)
    several = bo.EHVI().bind(found.posterior, where, rng).values(where)
    single = model.acquisition_context(pending, np.random.default_rng(4), SPACE)
    one = bo.LogEI().bind(single, where, rng).values(where)
    if n_pending:  # eight fantasies and thirty-two of others
        assert np.corrcoef(several, one)[0, 1] > 0.9
    else:
        np.testing.assert_allclose(several, one, atol=1e-6)


def test_the_same_arguments_make_the_same_proposal():
    run = data([Objective("a"), Objective("b", "maximize")])
    one, other = (bo.propose(run, bo.ProposalConfig(seed=1), number=20) for _ in range(2))
    assert one.coords.tolist() == other.coords.tolist()
    assert one.state == other.state
    assert set(one.state["objectives"]) == {"a", "b"}
    assert set(one.diagnostics) == {"a", "b"}


def test_acquisitions_of_one_objective_are_refused():
    run = data([Objective("a"), Objective("b")])
    with pytest.raises(TypeError, match=r"bo\.EHVI\(\)"):
        bo.propose(run, bo.ProposalConfig(seed=1, acquisition=bo.UCB()), number=20)


def test_a_fixed_value_is_kept_to():
    run = data([Objective("a"), Objective("b")], pending=np.array([[0.5, 0.5]]))
    found = bo.propose(run, bo.ProposalConfig(seed=1), number=20, fixed={"z": 0.25})
    assert found.row[1] == 0.25


def test_while_nothing_is_feasible_the_score_is_its_probability():
    run = data([Objective("a"), Objective("b"), OutcomeConstraint("c", "<=", -5.0)])
    _, found = guided(run, bo.ProposalConfig(seed=1))
    assert found.posterior.reference is None
    assert found.posterior.constrained


@pytest.mark.parametrize("m", [2, 3])
def test_the_reference_point_is_beyond_what_the_model_knows_of_the_front(m):
    run = data([Objective(str(j)) for j in range(m)])
    model, found = guided(run, bo.ProposalConfig(seed=1))
    reference = found.posterior.reference
    points = found.posterior.points
    means = np.stack([f.posterior.mean_var(points)[0] for f in model.objectives], axis=1)
    if m == 2:
        assert (reference.values >= ReferencePoint.of(means).values - 1e-9).all()
    assert (reference.values > means.min(axis=0)).all()
    assert reference.inferred.all()
    told = replace(run.problem.outputs[0], threshold=0.0)
    problem = replace(run.problem, outputs=(told, *run.problem.outputs[1:]))
    measured = (replace(run.measured[0], output=told), *run.measured[1:])
    limited = replace(run, problem=problem, measured=measured)
    model, found = guided(limited, bo.ProposalConfig(seed=1))
    standardised = model.objectives[0].transform.forward(np.zeros(1))[0]
    assert found.posterior.reference.values[0] == pytest.approx(standardised)
