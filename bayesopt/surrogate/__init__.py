"""Surrogates: from observations to a posterior over the objective.

The full-Bayesian one is in a package of its own, ``full_bayes``, as it needs PyMC.
"""

from bayesopt.surrogate.base import Fitted as Fitted
from bayesopt.surrogate.base import Observations as Observations
from bayesopt.surrogate.base import Surrogate as Surrogate
from bayesopt.surrogate.covariance import Additive as Additive
from bayesopt.surrogate.covariance import Categories as Categories
from bayesopt.surrogate.covariance import Covariance as Covariance
from bayesopt.surrogate.covariance import CovarianceOver as CovarianceOver
from bayesopt.surrogate.covariance import CovarianceProduct as CovarianceProduct
from bayesopt.surrogate.covariance import CovarianceSum as CovarianceSum
from bayesopt.surrogate.covariance import CovarianceTerm as CovarianceTerm
from bayesopt.surrogate.covariance import Hyperparameter as Hyperparameter
from bayesopt.surrogate.covariance import Radial as Radial
from bayesopt.surrogate.covariance import ShortScale as ShortScale
from bayesopt.surrogate.earlier_runs import EarlierRun as EarlierRun
from bayesopt.surrogate.earlier_runs import EarlierRunsGP as EarlierRunsGP
from bayesopt.surrogate.ensemble import EnsembleComponent as EnsembleComponent
from bayesopt.surrogate.features import Columns as Columns
from bayesopt.surrogate.gp import GaussianProcess as GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters as Hyperparameters
from bayesopt.surrogate.map_gp import MapGP as MapGP
from bayesopt.surrogate.posterior import Component as Component
from bayesopt.surrogate.posterior import Moments as Moments
from bayesopt.surrogate.posterior import Posterior as Posterior
from bayesopt.surrogate.posterior import sample_joint as sample_joint
from bayesopt.surrogate.prior import NormalInLog as NormalInLog
from bayesopt.surrogate.prior import Priors as Priors
from bayesopt.surrogate.transform import OutputTransform as OutputTransform
