"""Bayesian optimization of conditional spaces, by the sampler of bayesopt-engine."""

from bayesopt.integrations.optuna import BayesOptSampler, last_value

__all__ = ["BayesOptSampler", "last_value"]
