"""The derivatives of the benchmark's jobs, by finite differences."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from benchmarks.gradient_jobs import JOBS, _elastic_weights, there


@pytest.mark.parametrize("job", JOBS)
def test_derivatives_are_those_of_the_loss(job):
    objective, space = JOBS[job]
    middles = {
        name: float(np.sqrt(p.low * p.high)) if p.log else 0.5 * (p.low + p.high)
        for name, p in space.items()
    }
    value, slopes = objective(middles)
    assert np.isfinite(value)
    assert slopes.keys() == space.keys()
    for name in list(space)[::3]:
        h = 1e-5 * middles[name]
        high, low = ({**middles, name: middles[name] + s * h} for s in (1, -1))
        slope = (objective(high)[0] - objective(low)[0]) / (2 * h)
        assert slopes[name] == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_the_elastic_net_is_that_of_scikit_learn():
    from sklearn.linear_model import ElasticNet

    rng = np.random.default_rng(0)
    X, n = rng.normal(size=(50, 6)), 50
    y = X[:, 0] - 0.5 * X[:, 1] + 0.1 * rng.normal(size=50)
    # alpha (l1_ratio |w| + (1 - l1_ratio) w²/2)
    sklearn = ElasticNet(alpha=0.2, l1_ratio=0.5, fit_intercept=False, tol=1e-12).fit(X, y)
    w = _elastic_weights(X.T @ X / n, X.T @ y / n, np.full(6, 0.1), np.full(6, 0.1))
    np.testing.assert_allclose(w, sklearn.coef_, atol=1e-8)


def test_share_of_the_evaluations():
    plain = np.array([[3.0, 2.0, 1.0, 1.0]])
    assert there(np.array([[1.0, 1.0, 1.0, 1.0]]), plain) == "33 %"
    assert there(plain, plain) == "100 %"
    assert there(plain + 1.0, plain) == "not"
