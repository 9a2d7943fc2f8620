"""What is known of a run, as arrays."""

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.strategy import Measured, Objective, OutcomeConstraint, Output, Problem, RunData

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
X = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]])
NAN = np.nan


def data(*more, values=(1.0, 2.0, 3.0, 4.0), direction="minimize", **groups):
    return RunData.of(
        SPACE, X, [Measured(Objective(direction=direction), np.array(values)), *more], **groups
    )


@pytest.mark.parametrize(("relation", "met"), [("<=", [1, 1, 1, 0]), (">=", [0, 1, 1, 1])])
def test_a_constraint_keeps_to_its_limit_in_the_users_units(relation, met):
    purity = Measured(OutcomeConstraint("purity", relation, 90.0), np.array([80, 90, NAN, 95.0]))
    known = data(purity)
    assert known.feasible.tolist() == [bool(m) for m in met]
    seen = purity.observations(X, deterministic=False)
    np.testing.assert_array_equal(seen.coords, X[[0, 1, 3]])
    assert ((seen.values <= 0) == np.array(met, dtype=bool)[[0, 1, 3]]).all()


def test_values_to_be_maximised_are_turned():
    known = data(direction="maximize")
    np.testing.assert_array_equal(known.objective.oriented, [-1.0, -2.0, -3.0, -4.0])
    np.testing.assert_array_equal(known.objective.values, [1.0, 2.0, 3.0, 4.0])


def test_points_by_kind_are_told_apart_and_all_are_taken():
    known = data(failed=X[:1] / 2, pending=X[:2] / 3, avoided=X[:1] / 4)
    np.testing.assert_array_equal(known.evaluated_coords, X)
    np.testing.assert_array_equal(known.failed_coords, X[:1] / 2)
    np.testing.assert_array_equal(known.pending_coords, X[:2] / 3)
    assert len(known.coords) == 8
    assert known.n_results == 5
    more = known.with_pending(X[3:] / 5)
    np.testing.assert_array_equal(more.pending_coords, [*X[:2] / 3, *X[3:] / 5])
    assert len(known.pending) == 2


def test_results_are_compared_by_what_a_model_sees_of_them():
    known = data()
    assert known.same_results(data(pending=X[:1] / 3))
    assert not known.same_results(data(failed=X[:1] / 3))
    assert not known.same_results(data(values=(1.0, 2.0, 3.0, 5.0)))
    assert not known.same_results(data(Measured(OutcomeConstraint("c"), np.ones(4))))
    fewer = RunData.of(SPACE, X[:2], [Measured(Objective(), np.array([1.0, 2.0]))])
    assert known.extends(fewer)
    assert not fewer.extends(known)
    other = RunData.of(SPACE, X[:2], [Measured(Objective(), np.array([1.0, 2.5]))])
    assert not known.extends(other)


def test_an_output_that_is_only_recorded_changes_nothing():
    note = Measured(Output("temperature"), np.array([NAN, 1.0, 2.0, 3.0]))
    known = data(note)
    assert known.feasible.all()
    config = bo.ProposalConfig(0, initial_design=None)
    one, other = (bo.propose(d, config, number=4) for d in (known, data()))
    np.testing.assert_array_equal(one.coords, other.coords)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: data(values=(1.0, 2.0)), "one number for each of the 4"),
        (lambda: data(values=(1.0, 2.0, NAN, 4.0)), "finite value at each evaluated point"),
        (lambda: data(pending=np.ones((1, 3))), r"pending must have shape \(n, 2\)"),
        (lambda: data(Measured(OutcomeConstraint("c"), np.full(4, np.inf))), "finite, or NaN"),
        (lambda: data(Measured(Objective(), np.ones(4))), "'value' is there twice"),
        (lambda: OutcomeConstraint("c", "<", 1.0), "relation must be '<=' or '>='"),
        (lambda: OutcomeConstraint("c", "<=", NAN), "limit must be a finite number"),
        (lambda: Objective(direction="up"), "direction must be 'minimize' or 'maximize'"),
        (lambda: Problem(SPACE, ()).objective, "one objective was expected"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
