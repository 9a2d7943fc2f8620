"""The compiled log evidence as a PyTensor operation with a gradient. Import only where PyTensor
may be loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, grad_not_implemented
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from bayesopt.surrogate.evidence import NegativeLogEvidence
from bayesopt.surrogate.full_bayes.layout import bounded_evidence


@dataclass(eq=False)
class Slot:
    """Where a compiled model looks for its data: a new evidence here is new data, without
    compiling again.
    """

    evidence: NegativeLogEvidence | None = None


class LogEvidence(Op):  # type: ignore[misc]  # PyTensor carries no types
    """From log θ (t,) to the log evidence and its gradient (t,), of the data in a slot.

    One node gives both, so that a gradient costs one factorisation; -inf and zeros where there is
    no factorisation.
    """

    itypes = (pt.dvector,)
    otypes = (pt.dscalar, pt.dvector)

    def __init__(self, slot: Slot) -> None:
        self.slot = slot

    def make_node(self, log_theta: Any) -> Apply:
        """The operation applied to a vector."""
        return Apply(self, [pt.as_tensor_variable(log_theta)], [pt.dscalar(), pt.dvector()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any, *_: Any) -> None:
        """Evaluate."""
        if self.slot.evidence is None:
            raise RuntimeError("this model has no data: put an Evidence into its slot")
        value, gradient = bounded_evidence(
            self.slot.evidence, np.asarray(inputs[0], dtype=np.float64)
        )
        output_storage[0][0] = np.asarray(-value)
        output_storage[1][0] = -gradient

    def infer_shape(self, *arguments: Any) -> list[Any]:
        """Shapes of the outputs; the arguments differ between the generations, the shapes come
        last.
        """
        return [(), arguments[-1][0]]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Gradient of anything that depends on the log evidence (PyTensor 3)."""
        if not isinstance(cotangents[1].type, DisconnectedType):
            return [
                grad_not_implemented(
                    self, 0, inputs[0], "the Hessian of the evidence is not known"
                )
            ]
        return [cotangents[0] * outputs[1]]


if not hasattr(Op, "pullback"):  # PyTensor 2 calls it by another name
    LogEvidence.L_op = LogEvidence.pullback
