"""Told derivatives: the hyperparameters are at their MAP, and nothing is sampled."""

import json

import numpy as np
import pytest

from bayesopt.surrogate import Columns, MapGP, Observations
from bayesopt.surrogate.full_bayes import FullBayesGP

pytestmark = pytest.mark.bayes


def test_with_derivatives_it_is_the_map_fit():
    columns = Columns(np.zeros(2, bool), np.zeros(2, bool), ("a", "b"))
    x = np.random.default_rng(0).random((9, 2))
    y, g = (x**2).sum(axis=1), 2 * x
    data = Observations(x, y, np.full(9, np.nan), gradients=g)
    surrogate, state = FullBayesGP(), None
    for n in (8, 9):
        part = data.part(slice(n))
        found = surrogate.fit(columns, part, state=state, rng=np.random.default_rng(0))
        state = json.loads(json.dumps(found.state))
    assert not state["sampled"]
    assert found.diagnostics["gradients"]["used"] > 0
    mean, _ = found.posterior.mean_var(x)
    plain = MapGP(short_scale=False).fit(columns, data, state=None, rng=np.random.default_rng(0))
    np.testing.assert_allclose(mean, plain.posterior.mean_var(x)[0], atol=0.05)
