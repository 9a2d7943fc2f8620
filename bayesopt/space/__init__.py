"""The search space: parameters, their conditions, known constraints, and their numeric forms."""

from .choice import Boolean, Categorical, Constant, Ordinal
from .linear import LinearConstraint
from .numeric import Float, Int
from .parameter import Parameter
from .space import Space

__all__ = [
    "Boolean",
    "Categorical",
    "Constant",
    "Float",
    "Int",
    "LinearConstraint",
    "Ordinal",
    "Parameter",
    "Space",
]
