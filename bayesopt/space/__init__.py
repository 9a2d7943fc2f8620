"""The search space: parameters, their conditions, known constraints, and their numeric forms."""

from .at_most import AtMost
from .beliefs import LogNormal, Normal
from .choice import Boolean, Categorical, Constant, Ordinal
from .documents import UnknownParameterType
from .identity import identity
from .linear import LinearConstraint
from .linear import LinearConstraint as Linear
from .linear import total as Sum
from .numeric import Float, Int
from .parameter import Parameter
from .point_codec import IncompletePoint
from .scales import DUPLICATE
from .space import Space
from .task import Task
from .warped import ContinuousParameter

__all__ = [
    "DUPLICATE",
    "AtMost",
    "Boolean",
    "Categorical",
    "Constant",
    "ContinuousParameter",
    "Float",
    "IncompletePoint",
    "Int",
    "Linear",
    "LinearConstraint",
    "LogNormal",
    "Normal",
    "Ordinal",
    "Parameter",
    "Space",
    "Sum",
    "Task",
    "UnknownParameterType",
    "identity",
]
