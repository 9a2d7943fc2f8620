"""Every acquisition keeps the contract."""

from dataclasses import dataclass

import numpy as np

from bayesopt.acquisition import EI, PI, UCB, Acquisition, LogEI, Thompson
from bayesopt.testing.acquisitions import AcquisitionLaws


class TestLogEI(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return LogEI()


class TestEI(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return EI()


class TestPI(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return PI()


class TestUCB(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return UCB(beta=1.5)


class TestThompson(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return Thompson(n_points=40)


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
