"""Every proposer keeps the contract."""

from bayesopt.proposal import (
    AcquisitionSearch,
    GridSearch,
    MultistartGradient,
    Proposer,
    RandomSearch,
)
from bayesopt.testing.proposers import ProposerLaws


class TestAcquisitionSearch(ProposerLaws):
    def proposer(self) -> Proposer:
        return AcquisitionSearch(n_candidates=128, n_sprays=64)


class TestTheLeastSearch(ProposerLaws):
    def proposer(self) -> Proposer:
        return AcquisitionSearch(n_candidates=1, n_sprays=0, n_starts=1, max_rounds=1)


class TestRandomSearch(ProposerLaws):
    def proposer(self) -> Proposer:
        return RandomSearch()


class TestGridSearch(ProposerLaws):
    def proposer(self) -> Proposer:
        return GridSearch(levels=40)  # as many as the largest of the finite spaces has


class TestMultistartGradient(ProposerLaws):
    def proposer(self) -> Proposer:
        return MultistartGradient()
