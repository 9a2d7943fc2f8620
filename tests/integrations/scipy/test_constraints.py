"""SciPy's constraints, checked before a point is evaluated."""

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, NonlinearConstraint

import bayesopt as bo
from bayesopt.integrations.scipy import minimize
from bayesopt.integrations.scipy.constraints import read_constraints
from bayesopt.integrations.scipy.convert import read_variables

BOX = [(-1.0, 1.0), (-1.0, 1.0)]
POINTS = np.random.default_rng(0).uniform(-1, 1, (300, 2))


def product(x):
    return x[0] * x[1]


CASES = [
    (LinearConstraint([[1, 2]], ub=0.5), lambda x: x[0] + 2 * x[1] <= 0.5),
    (LinearConstraint([1, 2], -0.5, 0.5), lambda x: abs(x[0] + 2 * x[1]) <= 0.5),
    (
        LinearConstraint([[1, 0], [1, -1]], [-0.5, -np.inf], [np.inf, 0.25]),
        lambda x: x[0] >= -0.5 and x[0] - x[1] <= 0.25,
    ),
    (LinearConstraint(sparse.csr_array([[0.0, 1.0]]), lb=0.1), lambda x: x[1] >= 0.1),
    (NonlinearConstraint(product, -0.1, 0.2), lambda x: -0.1 <= product(x) <= 0.2),
    (
        NonlinearConstraint(lambda x: [x[0], x @ x], [-np.inf, 0.2], [0.5, 1.0]),
        lambda x: x[0] <= 0.5 and 0.2 <= x @ x <= 1.0,
    ),
    (Bounds([-0.5, -1], [0.5, 0]), lambda x: abs(x[0]) <= 0.5 and x[1] <= 0),
    ({"type": "ineq", "fun": product}, lambda x: product(x) >= 0),
    (
        {"type": "INEQ", "fun": lambda x, a, b: a * x[0] + b, "args": (2.0, 0.3)},
        lambda x: 2 * x[0] + 0.3 >= 0,
    ),
    (
        [{"type": "ineq", "fun": product}, LinearConstraint([[1, 0]], ub=0.0)],
        lambda x: product(x) >= 0 and x[0] <= 0,
    ),
    ({"type": "ineq", "fun": lambda x: np.nan if x[0] > 0 else 1.0}, lambda x: x[0] <= 0),
    ([], lambda x: True),
]


@pytest.mark.parametrize(("given", "holds"), CASES)
def test_a_constraint_says_what_scipys_does(given, holds):
    variables = read_variables(BOX, None)
    space = bo.Space(variables, constraints=read_constraints(given, variables))
    found = [space.contains(dict(zip(variables, x, strict=True))) for x in POINTS.tolist()]
    assert found == [bool(holds(x)) for x in POINTS]


def test_no_point_outside_is_ever_evaluated():
    ring = NonlinearConstraint(lambda x: x @ x, 0.3, 0.8)
    side = {"type": "ineq", "fun": lambda x: x[0]}
    evaluated = []

    def fun(x):
        evaluated.append(x)
        return float(((x - 0.2) ** 2).sum())

    found = minimize(fun, BOX, constraints=[ring, side], maxfev=12, rng=0)
    assert len(evaluated) == 12
    for x in evaluated:
        assert 0.3 <= x @ x <= 0.8
        assert x[0] >= 0
    best = (np.sqrt(0.3) - np.sqrt(0.08)) ** 2  # the nearest point of the ring
    assert found.fun < best + 0.03


def test_equalities_over_whole_numbers():
    total = {"type": "eq", "fun": lambda x: x.sum() - 3}
    found = minimize(
        lambda x: x[0], [(0, 5), (0, 5)], integrality=1, constraints=total, maxfev=9, rng=0
    )
    assert sorted(map(tuple, found.x_iters)) == [(0, 3), (1, 2), (2, 1), (3, 0)]
    assert found.status == 1


def test_a_linear_equality_over_numbers_holds_at_every_point():
    line = LinearConstraint([[1, 1]], 0.5, 0.5)
    found = minimize(lambda x: float(x[0] ** 2), BOX, constraints=line, maxfev=9, rng=0)
    np.testing.assert_allclose(found.x_iters.sum(axis=1), 0.5, atol=1e-8)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (3, TypeError, "constraints must be LinearConstraint"),
        ([None], TypeError, "got None"),
        ({"type": "ineq"}, ValueError, "needs 'type'"),
        ({"type": "leq", "fun": product}, ValueError, "needs 'type'"),
        ({"type": "eq", "fun": product}, ValueError, "equality over continuous"),
        (NonlinearConstraint(product, 0.5, 0.5), ValueError, "equality over continuous"),
        (LinearConstraint([[1, 1, 1]], ub=0), ValueError, "A must have 2 columns"),
        (LinearConstraint([[1, 1]], lb=5), ValueError, "no point can satisfy"),
    ],
)
def test_what_cannot_be_kept_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        minimize(lambda x: 0.0, BOX, constraints=given, maxfev=2)


def test_a_starting_point_that_breaks_a_constraint_is_left_out():
    side = LinearConstraint([[1, 0]], ub=0.0)
    starts = [[0.5, 0.5], [-0.5, 0.5]]
    found = minimize(lambda x: 0.0, BOX, x0=starts, constraints=side, maxfev=2, rng=0)
    assert found.x_iters[0].tolist() == [-0.5, 0.5]
    assert (found.x_iters[:, 0] <= 0).all()
