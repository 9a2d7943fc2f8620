"""A real job to try the package on: which model, with which settings, reads digits best?"""

from bayesopt.demo.comparison import MethodResult, compare
from bayesopt.demo.digits import DigitsLogLoss, model_space

__all__ = ["DigitsLogLoss", "MethodResult", "compare", "model_space"]
