"""Every acquisition keeps the contract."""

from dataclasses import dataclass, is_dataclass

import numpy as np

import bayesopt.acquisition
from bayesopt.acquisition import UCB, Acquisition, Thompson
from bayesopt.testing.acquisitions import AcquisitionLaws

# All that the room exports, so that none is forgotten.
OURS = [c for c in vars(bayesopt.acquisition).values() if isinstance(c, type) and is_dataclass(c)]
OURS = [c for c in OURS if issubclass(c, Acquisition)]
for _cls in OURS:
    globals()[f"Test{_cls.__name__}"] = type(
        f"Test{_cls.__name__}", (AcquisitionLaws,), {"acquisition": lambda _self, c=_cls: c()}
    )


class TestUCBOfAnotherBeta(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return UCB(beta=1.5)


class TestThompsonOfFewPoints(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return Thompson(n_points=40)


def test_there_are_acquisitions() -> None:
    assert {c.__name__ for c in OURS} >= {"EI", "PI", "UCB", "LogEI", "Thompson"}


@dataclass(frozen=True)
class Certain(Acquisition):
    """A user's own: the mean less half the standard deviation, plain NumPy."""

    in_log = False

    def score(self, mean, var, best):
        return -mean.mean(axis=1) - 0.5 * np.sqrt(var)

    def score_slopes(self, mean, var, best):
        d_mean = np.full(mean.shape, -1.0 / mean.shape[1])
        return self.score(mean, var, best), d_mean, -0.25 / np.sqrt(np.maximum(var, 1e-12))


class TestOfAUsersOwn(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return Certain()
