"""The laws that Optuna ships for samplers."""

from collections.abc import Callable

import pytest

pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")
kit = pytest.importorskip("optuna.testing.pytest_samplers", reason="not in this Optuna")

from bayesopt.integrations.optuna import BayesOptSampler  # noqa: E402


class TestBayesOptSampler(
    kit.BasicSamplerTestCase, kit.RelativeSamplerTestCase, kit.MultiObjectiveSamplerTestCase
):
    @pytest.fixture
    def sampler(self) -> Callable[[], BayesOptSampler]:
        return lambda: BayesOptSampler(seed=0, n_startup_trials=2)
