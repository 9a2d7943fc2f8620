"""An algorithm for Hyperopt: ``fmin(..., algo=bayesopt.integrations.hyperopt.suggest)``."""

from bayesopt.integrations.host import require

require("hyperopt", extra="hyperopt", at_least="0.2.7")

from bayesopt.integrations.hyperopt.suggest import suggest as suggest  # noqa: E402
