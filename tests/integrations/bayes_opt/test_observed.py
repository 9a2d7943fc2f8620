"""The registered evaluations: found and ranked as by looking through all, at a cost that stays."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.integrations.bayes_opt import BayesianOptimization
from bayesopt.integrations.bayes_opt.observed import Observed, Registered

SPACE = bo.Space(x=bo.Float(0, 1), n=bo.Int(0, 3), kind=bo.Categorical(["a", "b"]))
points = st.fixed_dictionaries(
    {
        "x": st.sampled_from([0.0, 0.5, 0.5 + 5e-10, 0.5 + 5e-9, 1.0, -2.0, 7.0, 1e12]),
        "n": st.integers(-1, 4),
        "kind": st.sampled_from(["a", "b"]),
    }
)


@given(st.lists(st.tuples(points, st.sampled_from([1.0, 2.0, float("nan")]))), points)
def test_found_and_ranked_as_by_looking_through_all(given_points, wanted):
    observed = Observed(SPACE, None)
    for point, target in given_points:
        observed.add(Registered(point, target))
    first = next((r for r in observed.points if observed.same(r.params, wanted)), None)
    assert observed.find(wanted) is first
    proper = [r for r in observed.points if r.target == r.target and SPACE.contains(r.params)]
    best = max(proper, key=lambda r: r.target, default=None)
    assert observed.best() == (best and {"target": best.target, "params": dict(best.params)})
    again = observed.over(SPACE)
    assert again.points == observed.points
    assert again.best() == observed.best()


@pytest.mark.parametrize("duplicates", [False, True])
def test_to_register_one_more_takes_no_longer_with_many(duplicates):
    run = BayesianOptimization(
        None, {"x": (0, 1), "y": (0, 1)}, verbose=0, allow_duplicate_points=duplicates
    )
    read = []
    encode = bo.Space.encode
    with patch.object(bo.Space, "encode", lambda *a, **k: (read.append(1), encode(*a, **k))[1]):
        counts = []
        for x, y in np.random.default_rng(0).random((60, 2)):
            before = len(read)
            run.register({"x": x, "y": y}, x - y)
            counts.append(len(read) - before)
    assert max(counts[10:]) <= max(counts[:10])
