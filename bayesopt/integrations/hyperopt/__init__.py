"""An algorithm for Hyperopt: ``fmin(..., algo=bayesopt.integrations.hyperopt.suggest)``."""

from bayesopt.integrations.host import require

require("hyperopt", extra="hyperopt", at_least="0.2.7")

from bayesopt.integrations.hyperopt.expressions import (  # noqa: E402
    flat_params as flat_params,
)
from bayesopt.integrations.hyperopt.expressions import (  # noqa: E402
    from_hyperopt as from_hyperopt,
)
from bayesopt.integrations.hyperopt.expressions import to_hyperopt as to_hyperopt  # noqa: E402
from bayesopt.integrations.hyperopt.suggest import suggest as suggest  # noqa: E402
