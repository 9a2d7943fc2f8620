"""The full-Bayesian surrogate: hyperparameters sampled with PyMC or nutpie."""

from bayesopt.surrogate.full_bayes.diagnostics import ConvergenceStatus as ConvergenceStatus
from bayesopt.surrogate.full_bayes.diagnostics import (
    ConvergenceThresholds as ConvergenceThresholds,
)
from bayesopt.surrogate.full_bayes.layout import SaasPriors as SaasPriors
from bayesopt.surrogate.full_bayes.pymc_model import OwnPriors as OwnPriors
from bayesopt.surrogate.full_bayes.surrogate import FullBayesGP as FullBayesGP
