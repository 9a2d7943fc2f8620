"""Two wells in a square, and a search that is quick there."""

import numpy as np

from bayesopt import AcquisitionSearch, Float, Space
from bayesopt.strategy import ProposalConfig

SQUARE = Space(x=Float(0, 1), y=Float(0, 1))
DEEP, OTHER = np.array([0.2, 0.25]), np.array([0.8, 0.75])
QUICK = AcquisitionSearch(n_candidates=64, n_sprays=64, n_starts=3, max_rounds=2)
CONFIG = ProposalConfig(0, initial_design=None, proposer=QUICK)


def two_wells(points):
    """-1 in one, -0.9 in the other."""
    return sum(
        -depth * np.exp(-12.0 * ((points[:, :2] - well) ** 2).sum(axis=1))
        for depth, well in ((1.0, DEEP), (0.9, OTHER))
    )
