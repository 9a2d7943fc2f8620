"""A real job to try the package on: which model, with which settings, reads digits best?"""

from bayesopt.demo.contest import Entry, contest
from bayesopt.demo.digits import DigitsAccuracy, model_space

__all__ = ["DigitsAccuracy", "Entry", "contest", "model_space"]
