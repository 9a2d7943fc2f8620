"""Plug-ins for other tools: Optuna, scikit-learn, SciPy, Hyperopt, bayesian-optimization.

Each is a module of its own that needs its host; nothing is loaded before it is imported::

    from bayesopt.integrations.optuna import BayesOptSampler
    from bayesopt.integrations.sklearn import BayesSearchCV
    from bayesopt.integrations import hyperopt
"""
