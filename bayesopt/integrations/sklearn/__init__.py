"""Parameter search for scikit-learn: ``BayesSearchCV(SVC(), {"C": (0.1, 10.0)}).fit(X, y)``.

Users of scikit-optimize change their imports, of ``skopt`` and of ``skopt.space``, to this module.
"""

from bayesopt.integrations.host import require

require("sklearn", extra="sklearn", at_least="1.5", distribution="scikit-learn")

from bayesopt.integrations.sklearn.dimensions import Categorical as Categorical  # noqa: E402
from bayesopt.integrations.sklearn.dimensions import Integer as Integer  # noqa: E402
from bayesopt.integrations.sklearn.dimensions import Real as Real  # noqa: E402
from bayesopt.integrations.sklearn.search import BayesSearchCV as BayesSearchCV  # noqa: E402
from bayesopt.integrations.sklearn.stopping import DeadlineStopper as DeadlineStopper  # noqa: E402
from bayesopt.integrations.sklearn.stopping import DeltaYStopper as DeltaYStopper  # noqa: E402
from bayesopt.integrations.sklearn.stopping import (  # noqa: E402
    HollowIterationsStopper as HollowIterationsStopper,
)
from bayesopt.integrations.sklearn.stopping import (  # noqa: E402
    ThresholdStopper as ThresholdStopper,
)
