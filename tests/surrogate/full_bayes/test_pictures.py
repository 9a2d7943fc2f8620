"""Pictures of the posterior: what is on them."""

from typing import Any

import numpy as np
import pytest

from bayesopt.plots import lengthscales, predictive, trace
from bayesopt.plots.posterior import _left_out
from bayesopt.surrogate import Columns, GaussianProcess, MapGP, Observations
from bayesopt.surrogate.full_bayes import FullBayesGP

pytest.importorskip("matplotlib", reason="pictures need the extra 'plot'")
COLUMNS = Columns(np.array([False, False, True]), np.zeros(3, dtype=bool), ("lr", "depth", "kind"))


def data(n: int = 14) -> Observations:
    rng = np.random.default_rng(0)
    coords = np.column_stack([rng.random((n, 2)), rng.integers(0, 2, n)])
    values = np.sin(7 * coords[:, 0]) + 0.1 * coords[:, 2] + 0.05 * rng.standard_normal(n)
    return Observations(coords, values, np.full(n, np.nan))


@pytest.fixture(scope="module")
def surrogate() -> FullBayesGP:
    made = FullBayesGP(draws=30, tune=40, keep=5, sampler="pymc")
    made.fit(COLUMNS, data(), state=None, rng=np.random.default_rng(0))
    return made


@pytest.mark.bayes
class TestPictures:
    def test_every_hyperparameter_has_its_chains(self, surrogate: FullBayesGP) -> None:
        figure = trace(surrogate)
        assert len(figure.axes) == 2 * 5  # outputscale, noise, two lengthscales, one weight
        assert all(len(axes.lines) == 2 for axes in figure.axes[::2])
        figure.canvas.draw()

    def test_the_shortest_lengthscale_is_on_top(self, surrogate: FullBayesGP) -> None:
        figure = lengthscales(surrogate)
        labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
        assert labels == ["depth", "lr"]  # drawn upwards
        assert figure.axes[0].get_xscale() == "log"

    def test_predictions_of_the_left_out(self, surrogate: FullBayesGP) -> None:
        figure = predictive(surrogate)
        counts = sum(p.get_height() for p in figure.axes[1].patches[:10])
        assert counts == 14


def test_left_out_predictions_are_those_of_a_refit() -> None:
    """Second route: really leave each observation out, at the same hyperparameters."""
    observations = data()
    fitted = MapGP().fit(COLUMNS, observations, state=None, rng=np.random.default_rng(0))
    observed, low, middle, high, rank = _left_out(fitted)
    gp: Any = fitted.posterior.components[0]
    for i in (0, 5, 13):
        others = np.arange(14) != i
        z = fitted.transform.forward(observations.values)
        refit = GaussianProcess.fit(gp.hyperparameters, observations.coords[others], z[others])
        moments = refit.predict(observations.coords[i : i + 1])
        sd = float(np.sqrt(moments.var[0] + refit.noise_variance))
        np.testing.assert_allclose(middle[i], moments.mean[0, 0], atol=1e-6)
        np.testing.assert_allclose(high[i] - low[i], 2 * 1.6448536 * sd, rtol=1e-5)
    assert ((rank >= 0.0) & (rank <= 1.0)).all()
    np.testing.assert_allclose(observed, fitted.transform.forward(observations.values))


def test_pictures_of_a_surrogate_without_a_posterior_say_so() -> None:
    class Empty:
        @property
        def posterior(self) -> Any:
            raise ValueError("this surrogate has sampled nothing yet")

    with pytest.raises(ValueError, match="sampled nothing"):
        trace(Empty())  # type: ignore[arg-type]
