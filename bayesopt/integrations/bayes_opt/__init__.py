"""The interface of ``bayesian-optimization`` 3 (imported as ``bayes_opt``) on this engine.

``from bayesopt.integrations.bayes_opt import BayesianOptimization`` in place of ``from bayes_opt
import BayesianOptimization``; that package need not be installed.
"""

from bayesopt.integrations.bayes_opt.acquisition import acquisition as acquisition
from bayesopt.integrations.bayes_opt.facade import BayesianOptimization as BayesianOptimization
from bayesopt.integrations.bayes_opt.facade import NotUniqueError as NotUniqueError
