"""Bayesian optimization with a compiled Gaussian process, over mixed and conditional spaces.

Names load on first use: ``import bayesopt`` needs neither numba nor SciPy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

# At once, not on first use: the package and the function share a name, and whoever imported the
# package first (the command line does) would find it here in place of the function. It is light.
from bayesopt.minimize import maximize as maximize
from bayesopt.minimize import minimize as minimize

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bayesopt.acquisition import EHVI as EHVI
    from bayesopt.acquisition import EI as EI
    from bayesopt.acquisition import PI as PI
    from bayesopt.acquisition import UCB as UCB
    from bayesopt.acquisition import Gittins as Gittins
    from bayesopt.acquisition import LogEI as LogEI
    from bayesopt.acquisition import ParEGO as ParEGO
    from bayesopt.acquisition import Thompson as Thompson
    from bayesopt.budget import Cost as Cost
    from bayesopt.budget import Seconds as Seconds
    from bayesopt.design import InitialDesign as InitialDesign
    from bayesopt.integrations.studies import from_optuna as from_optuna
    from bayesopt.minimize.ending import Converged as Converged
    from bayesopt.minimize.ending import WorthIt as WorthIt
    from bayesopt.minimize.failures import ObjectiveError as ObjectiveError
    from bayesopt.optimizer import Optimizer as Optimizer
    from bayesopt.optimizer import Prediction as Prediction
    from bayesopt.optimizer import earlier_points as earlier_points
    from bayesopt.optimizer.in_place import migrate as migrate
    from bayesopt.outcome import Outcome as Outcome
    from bayesopt.pareto_front import ParetoFront as ParetoFront
    from bayesopt.proposal import AcquisitionSearch as AcquisitionSearch
    from bayesopt.proposal import GridSearch as GridSearch
    from bayesopt.proposal import MultistartGradient as MultistartGradient
    from bayesopt.proposal import NoFeasiblePoint as NoFeasiblePoint
    from bayesopt.proposal import RandomSearch as RandomSearch
    from bayesopt.proposal import SpaceExhausted as SpaceExhausted
    from bayesopt.result import Result as Result
    from bayesopt.result import Stop as Stop
    from bayesopt.space import AtMost as AtMost
    from bayesopt.space import Boolean as Boolean
    from bayesopt.space import Categorical as Categorical
    from bayesopt.space import Constant as Constant
    from bayesopt.space import ContinuousParameter as ContinuousParameter
    from bayesopt.space import Float as Float
    from bayesopt.space import Int as Int
    from bayesopt.space import Linear as Linear
    from bayesopt.space import LinearConstraint as LinearConstraint
    from bayesopt.space import LogNormal as LogNormal
    from bayesopt.space import Normal as Normal
    from bayesopt.space import Ordinal as Ordinal
    from bayesopt.space import Space as Space
    from bayesopt.space import Sum as Sum
    from bayesopt.space import Task as Task
    from bayesopt.stopping import CurveModel as CurveModel
    from bayesopt.stopping import FoldRace as FoldRace
    from bayesopt.stopping import Hyperband as Hyperband
    from bayesopt.stopping import LearningCurve as LearningCurve
    from bayesopt.stopping import MedianRule as MedianRule
    from bayesopt.stopping import NoStopping as NoStopping
    from bayesopt.stopping import StoppingRule as StoppingRule
    from bayesopt.stopping import SuccessiveHalving as SuccessiveHalving
    from bayesopt.storage import SQLiteStorage as SQLiteStorage
    from bayesopt.storage import StorageError as StorageError
    from bayesopt.strategy import Proposal as Proposal
    from bayesopt.strategy import ProposalConfig as ProposalConfig
    from bayesopt.strategy import RunData as RunData
    from bayesopt.strategy import propose as propose
    from bayesopt.surrogate import Additive as Additive
    from bayesopt.surrogate import Categories as Categories
    from bayesopt.surrogate import Covariance as Covariance
    from bayesopt.surrogate import CovarianceTerm as CovarianceTerm
    from bayesopt.surrogate import EarlierRun as EarlierRun
    from bayesopt.surrogate import EarlierRunsGP as EarlierRunsGP
    from bayesopt.surrogate import Hyperparameter as Hyperparameter
    from bayesopt.surrogate import MapGP as MapGP
    from bayesopt.surrogate import NormalInLog as NormalInLog
    from bayesopt.surrogate import Priors as Priors
    from bayesopt.surrogate import Radial as Radial
    from bayesopt.surrogate import ShortScale as ShortScale
    from bayesopt.surrogate.full_bayes import FullBayesGP as FullBayesGP
    from bayesopt.surrogate.full_bayes import OwnPriors as OwnPriors
    from bayesopt.surrogate.full_bayes import SaasPriors as SaasPriors
    from bayesopt.trial import Origin as Origin
    from bayesopt.trial import Trial as Trial
    from bayesopt.trial import TrialState as TrialState

_LAZY_EXPORTS = {
    "acquisition": ("EHVI", "EI", "PI", "UCB", "Gittins", "LogEI", "ParEGO", "Thompson"),
    "budget": ("Cost", "Seconds"),
    "design": ("InitialDesign",),
    "integrations.studies": ("from_optuna",),
    "minimize": ("maximize", "minimize"),
    "minimize.ending": ("Converged", "WorthIt"),
    "minimize.failures": ("ObjectiveError",),
    "optimizer": ("Optimizer", "Prediction", "earlier_points"),
    "optimizer.in_place": ("migrate",),
    "outcome": ("Outcome",),
    "pareto_front": ("ParetoFront",),
    "proposal": (
        "AcquisitionSearch",
        "GridSearch",
        "NoFeasiblePoint",
        "MultistartGradient",
        "RandomSearch",
        "SpaceExhausted",
    ),
    "result": ("Result", "Stop"),
    "space": (
        "AtMost",
        "Boolean",
        "Categorical",
        "Constant",
        "ContinuousParameter",
        "Float",
        "Int",
        "Linear",
        "LinearConstraint",
        "LogNormal",
        "Normal",
        "Ordinal",
        "Space",
        "Sum",
        "Task",
    ),
    "stopping": (
        "CurveModel",
        "FoldRace",
        "Hyperband",
        "LearningCurve",
        "MedianRule",
        "NoStopping",
        "StoppingRule",
        "SuccessiveHalving",
    ),
    "storage": ("SQLiteStorage", "StorageError"),
    "strategy": ("Proposal", "ProposalConfig", "RunData", "propose"),
    "surrogate": (
        "Additive",
        "Categories",
        "Covariance",
        "CovarianceTerm",
        "Hyperparameter",
        "EarlierRun",
        "EarlierRunsGP",
        "MapGP",
        "NormalInLog",
        "Priors",
        "Radial",
        "ShortScale",
    ),
    "surrogate.full_bayes": ("FullBayesGP", "OwnPriors", "SaasPriors"),
    "trial": ("Origin", "Trial", "TrialState"),
}
_MODULE_OF = {name: module for module, names in _LAZY_EXPORTS.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]  # noqa: PLE0604  (all are strings)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(  # with name and obj Python says what was probably meant
            f"module 'bayesopt' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )
    value = getattr(import_module(f"bayesopt.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
