"""Pictures of runs: each function returns a matplotlib figure and touches no global state.

Show one with ``figure.savefig("picture.png")``; in a notebook it shows itself.
"""

from bayesopt.plots.convergence import convergence
from bayesopt.plots.parallel import parallel
from bayesopt.plots.posterior import lengthscales, predictive, trace
from bayesopt.plots.slices import slices

__all__ = ["convergence", "lengthscales", "parallel", "predictive", "slices", "trace"]
