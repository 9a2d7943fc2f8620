"""A sampler for Optuna: ``optuna.create_study(sampler=BayesOptSampler(seed=0))``."""

from bayesopt.integrations.host import require

require("optuna", extra="optuna", at_least="4.0")

from bayesopt.integrations.optuna.outcomes import last_value as last_value  # noqa: E402
from bayesopt.integrations.optuna.pruner import BayesOptPruner as BayesOptPruner  # noqa: E402
from bayesopt.integrations.optuna.sampler import BayesOptSampler as BayesOptSampler  # noqa: E402
from bayesopt.integrations.optuna.suggesting import (  # noqa: E402
    from_distributions as from_distributions,
)
from bayesopt.integrations.optuna.suggesting import suggest as suggest  # noqa: E402
from bayesopt.integrations.optuna.suggesting import (  # noqa: E402
    to_distributions as to_distributions,
)
