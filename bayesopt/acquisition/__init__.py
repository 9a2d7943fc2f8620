"""Acquisitions: what is expected of evaluating a point."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bayesopt.acquisition.base import Acquisition as Acquisition
from bayesopt.acquisition.base import AcquisitionContext as AcquisitionContext
from bayesopt.acquisition.base import BoundAcquisition as BoundAcquisition
from bayesopt.acquisition.base import Feasibility as Feasibility
from bayesopt.acquisition.base import LogProbability as LogProbability
from bayesopt.acquisition.base import Score as Score
from bayesopt.acquisition.scores import EI as EI
from bayesopt.acquisition.scores import PI as PI
from bayesopt.acquisition.scores import UCB as UCB
from bayesopt.acquisition.scores import LogEI as LogEI
from bayesopt.acquisition.scores import Thompson as Thompson

if TYPE_CHECKING:
    from bayesopt.acquisition.front import nondominated as nondominated
    from bayesopt.acquisition.gittins import Gittins as Gittins
    from bayesopt.acquisition.hypervolume import EHVI as EHVI
    from bayesopt.acquisition.hypervolume import ParEGO as ParEGO
    from bayesopt.acquisition.multi_objective import (
        MultiObjectiveAcquisition as MultiObjectiveAcquisition,
    )
    from bayesopt.acquisition.multi_objective import MultiObjectiveContext as MultiObjectiveContext

# of several objectives, and of costs: not loaded by a run that has none
_LAZY = {
    "Gittins": "gittins",
    "nondominated": "front",
    "EHVI": "hypervolume",
    "ParEGO": "hypervolume",
    "MultiObjectiveAcquisition": "multi_objective",
    "MultiObjectiveContext": "multi_objective",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
