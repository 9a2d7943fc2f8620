"""Bayesian optimization in SciPy's style: ``minimize(fun, bounds)`` gives an ``OptimizeResult``.

``method`` goes into SciPy's own function: ``scipy.optimize.minimize(fun, x0, method=method,
...)``.
"""

from bayesopt.integrations.scipy.api import method as method
from bayesopt.integrations.scipy.api import minimize as minimize
