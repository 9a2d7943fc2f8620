"""Pictures of runs: each function returns a matplotlib figure and touches no global state.

Show one with ``figure.savefig("picture.png")``; in a notebook it shows itself.
"""

from bayesopt.plots.convergence import convergence
from bayesopt.plots.parallel import parallel
from bayesopt.plots.posterior import lengthscales, predictive, trace
from bayesopt.plots.slices import slices
from bayesopt.plots.tradeoffs import front, hypervolume, parallel_front

__all__ = [
    "convergence",
    "front",
    "hypervolume",
    "lengthscales",
    "parallel",
    "parallel_front",
    "predictive",
    "slices",
    "trace",
]
