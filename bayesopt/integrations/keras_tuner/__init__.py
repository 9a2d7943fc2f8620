"""Keras Tuner: ``BayesOptTuner(build, objective="val_accuracy", max_trials=30)``.

Used as ``keras_tuner.BayesianOptimization`` is. Conditional scopes are conditions of the space.
"""

from bayesopt.integrations.host import require

require("keras_tuner", extra="keras", at_least="1.4", distribution="keras-tuner")

from bayesopt.integrations.keras_tuner.oracle import BayesOptOracle as BayesOptOracle  # noqa: E402
from bayesopt.integrations.keras_tuner.oracle import BayesOptTuner as BayesOptTuner  # noqa: E402
