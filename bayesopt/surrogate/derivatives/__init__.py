"""A Gaussian process that also observes derivatives of its function."""

from bayesopt.surrogate.derivatives.fit import sharpened as sharpened
from bayesopt.surrogate.derivatives.process import DerivativeProcess as DerivativeProcess
from bayesopt.surrogate.derivatives.rows import Rows as Rows
