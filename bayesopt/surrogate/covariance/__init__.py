"""Covariances: trees of terms with named hyperparameters, and what turns them into numbers."""

from bayesopt.surrogate.covariance.base import Covariance as Covariance
from bayesopt.surrogate.covariance.base import CovarianceOver as CovarianceOver
from bayesopt.surrogate.covariance.base import CovarianceProduct as CovarianceProduct
from bayesopt.surrogate.covariance.base import CovarianceSum as CovarianceSum
from bayesopt.surrogate.covariance.base import CovarianceTerm as CovarianceTerm
from bayesopt.surrogate.covariance.base import Hyperparameter as Hyperparameter
from bayesopt.surrogate.covariance.base import MixedPoints as MixedPoints
from bayesopt.surrogate.covariance.bound import BoundCovariance as BoundCovariance
from bayesopt.surrogate.covariance.bound import CovarianceAt as CovarianceAt
from bayesopt.surrogate.covariance.bound import ToPoints as ToPoints
from bayesopt.surrogate.covariance.bound import as_covariance as as_covariance
from bayesopt.surrogate.covariance.bound import bind as bind
from bayesopt.surrogate.covariance.gram import Gram as Gram
from bayesopt.surrogate.covariance.gram import Slopes as Slopes
from bayesopt.surrogate.covariance.points import Points as Points
from bayesopt.surrogate.covariance.stack import CovarianceStack as CovarianceStack
from bayesopt.surrogate.covariance.terms import Additive as Additive
from bayesopt.surrogate.covariance.terms import Categories as Categories
from bayesopt.surrogate.covariance.terms import Radial as Radial
from bayesopt.surrogate.covariance.terms import ShortScale as ShortScale
