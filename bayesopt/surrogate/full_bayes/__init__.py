"""The full-Bayesian surrogate: hyperparameters sampled with PyMC or nutpie, judged by ArviZ."""

from bayesopt.surrogate.full_bayes.judgement import Gates as Gates
from bayesopt.surrogate.full_bayes.judgement import Verdict as Verdict
from bayesopt.surrogate.full_bayes.layout import SaasPriors as SaasPriors
from bayesopt.surrogate.full_bayes.model import OwnPriors as OwnPriors
from bayesopt.surrogate.full_bayes.surrogate import FullBayesGP as FullBayesGP
