"""The sampled posterior given values and derivatives.

Which derivatives are used, and whether the covariance has an additive component, is what the MAP
fit found (see ``surrogate.derivatives``). The noise
variances of the derivatives are one more hyperparameter for each numeric parameter, sampled with
the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Observations
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance import BoundCovariance, Covariance
from bayesopt.surrogate.derivatives import DerivativeProcess, Rows
from bayesopt.surrogate.derivatives.joint_evidence import JointEvidence
from bayesopt.surrogate.derivatives.joint_model import JointModel, joint_vector
from bayesopt.surrogate.derivatives.kept_rows import most_useful, rows_of, to_fit
from bayesopt.surrogate.derivatives.models import of_derivatives
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.posterior import Posterior
from bayesopt.surrogate.selection import Covariances
from bayesopt.surrogate.transform import OutputTransform

Floats = NDArray[np.float64]

USED = "derivatives", "derivatives_covariance"  # keys of a state
_SAMPLED_TO = 150  # rows that hyperparameters are sampled given, at most
_KEPT = 800  # rows that the process of each draw is conditioned on, at most


@dataclass(frozen=True, eq=False)
class SampledDerivatives:
    """Values, and those derivatives that are used.

    Attributes
    ----------
    bound : the covariance of values, an additive component included.
    left_out : numeric columns whose derivatives contradict the values.
    """

    bound: BoundCovariance
    left_out: tuple[int, ...]

    @classmethod
    def of(
        cls, columns: Columns, kernel: str | Covariance, state: Mapping[str, Any]
    ) -> SampledDerivatives | None:
        """What a stored state says of them; None where none are used."""
        left_out, name = (state.get(key) for key in USED)
        if left_out is None:
            return None
        models = of_derivatives(Covariances.over(columns, kernel, short_scale=False))
        return cls(models.get(str(name), models["plain"]), tuple(left_out))

    @property
    def covariance(self) -> BoundCovariance:
        """The covariance, with the derivatives' noise in its vector."""
        return replace(self.bound, vector=joint_vector(self.bound))

    def evidence(self, data: Observations, transform: OutputTransform) -> JointEvidence:
        """Of so many rows as hyperparameters are sampled given."""
        return JointEvidence(self.bound, to_fit(self._rows(data, transform), _SAMPLED_TO))

    def posterior(
        self, data: Observations, transform: OutputTransform, draws: Sequence[Floats] | Floats
    ) -> tuple[Posterior, dict[str, Any]]:
        """Equally weighted processes, one for each draw (t + g,) that can be factorised; and for
        the diagnostics, what they are conditioned on.

        Raises
        ------
        NotPositiveDefinite : when none can be.
        """
        rows = most_useful(self._rows(data, transform), _KEPT)
        processes: list[DerivativeProcess] = []
        failed: NotPositiveDefinite | None = None
        for log_theta in draws:
            try:
                processes.append(DerivativeProcess.fit(JointModel(self.bound, log_theta), rows))
            except NotPositiveDefinite as error:
                failed = error
        if failed is not None and not processes:
            raise failed
        used = {"used": int((~rows.values).sum()), "left_out": len(self.left_out)}
        shares = np.full(len(processes), 1.0 / len(processes))
        return Posterior(tuple(processes), shares), {"gradients": used}

    def _rows(self, data: Observations, transform: OutputTransform) -> Rows:
        rows = rows_of(self.bound, data, transform)
        return rows.some(~np.isin(rows.of, self.left_out)) if self.left_out else rows


def used_by(best: Mapping[str, Any]) -> dict[str, Any]:
    """What a state keeps of the derivatives that a MAP fit, by its state, uses: the columns left
    out and the covariance's name; nothing when it uses none.
    """
    about = best.get("derivatives")
    if about is None or about["worse"]:
        return {}
    left_out = [int(j) for j in about["contradicting"]]
    return dict(zip(USED, (left_out, about["model"]), strict=True))
