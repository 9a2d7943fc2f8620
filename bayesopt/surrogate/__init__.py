"""Surrogates: from observations to a posterior over the objective."""

from bayesopt.surrogate.base import Fitted as Fitted
from bayesopt.surrogate.base import Observations as Observations
from bayesopt.surrogate.base import Surrogate as Surrogate
from bayesopt.surrogate.features import Columns as Columns
from bayesopt.surrogate.full_bayes import FullBayesGP as FullBayesGP
from bayesopt.surrogate.full_bayes import Gates as Gates
from bayesopt.surrogate.full_bayes import OwnPriors as OwnPriors
from bayesopt.surrogate.full_bayes import SaasPriors as SaasPriors
from bayesopt.surrogate.gp import GaussianProcess as GaussianProcess
from bayesopt.surrogate.gp import Hyperparameters as Hyperparameters
from bayesopt.surrogate.map_gp import MapGP as MapGP
from bayesopt.surrogate.posterior import Component as Component
from bayesopt.surrogate.posterior import Moments as Moments
from bayesopt.surrogate.posterior import Posterior as Posterior
from bayesopt.surrogate.posterior import sample_joint as sample_joint
from bayesopt.surrogate.prior import NormalInLog as NormalInLog
from bayesopt.surrogate.prior import Priors as Priors
from bayesopt.surrogate.transform import OutputTransform as OutputTransform
