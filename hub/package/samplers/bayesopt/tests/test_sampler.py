"""Optuna's conformance classes, on the sampler as OptunaHub loads it."""

from collections.abc import Callable
from pathlib import Path

import optunahub
import pytest
from optuna.testing.pytest_samplers import (
    BasicSamplerTestCase,
    RelativeSamplerTestCase,
    SingleOnlySamplerTestCase,
)

ROOT = Path(__file__).parents[3]
module = optunahub.load_local_module("samplers/bayesopt", registry_root=str(ROOT))


class TestBayesOptSampler(
    BasicSamplerTestCase, RelativeSamplerTestCase, SingleOnlySamplerTestCase
):
    """The laws that Optuna ships for samplers of single objectives."""

    @pytest.fixture
    def sampler(self) -> Callable[[], module.BayesOptSampler]:
        """The sampler under test."""
        return lambda: module.BayesOptSampler(seed=0, n_startup_trials=2)
