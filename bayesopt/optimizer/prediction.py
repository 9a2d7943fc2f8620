"""Predictions of the objective in the user's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import listed, shown, suggestion
from bayesopt.output import Objective, OutcomeConstraint, Output
from bayesopt.show import name_text, table_html, table_text, value_text
from bayesopt.strategy import RunModel
from bayesopt.surrogate import OutputTransform

Floats = NDArray[np.float64]
_NODES = 32
_SHOWN = 10  # points that are printed


@dataclass(frozen=True, eq=False)
class Prediction:
    """The posterior of the noise-free objective at B points.

    Attributes
    ----------
    latent_mean, latent_sd : (B,) of the standardised value, which is normal.
    transform : from the user's values (negated when maximising) to the standardised ones.
    sign : 1 when minimising, -1 when maximising.
    offset : what the values are above: the limit of an outcome constraint, else 0.
    output : the name of the output.
    """

    latent_mean: Floats
    latent_sd: Floats
    transform: OutputTransform
    sign: float
    offset: float = 0.0
    output: str = "value"

    def __repr__(self) -> str:
        title, rows = self._shown()
        return f"{title}\n{table_text(rows)}"

    def _repr_html_(self) -> str:
        return table_html(*self._shown())

    def _shown(self) -> tuple[str, list[list[str]]]:
        n = len(self.latent_mean)
        rows = [["point", "mean", "sd"]]
        for i, (mean, sd) in enumerate(zip(*self._moments(), strict=True)):
            if i == _SHOWN:
                rows.append(["…", "", ""])
                break
            rows.append([str(i), value_text(float(mean)), value_text(float(sd))])
        what = "objective" if self.output == "value" else name_text(self.output)
        return f"Prediction of the noise-free {what} at {n} point{'s' * (n != 1)}", rows

    @property
    def mean(self) -> Floats:
        """(B,) posterior mean."""
        return self._moments()[0]

    @property
    def sd(self) -> Floats:
        """(B,) posterior standard deviation."""
        return self._moments()[1]

    def quantile(self, q: float) -> Floats:
        """(B,) the value below which the objective lies with probability ``q`` in (0, 1)."""
        from scipy.special import ndtri

        if not 0.0 < q < 1.0:
            raise ValueError(f"q must lie strictly between 0 and 1; got {q!r}")
        level = q if self.sign > 0 else 1.0 - q
        latent = self.latent_mean + self.latent_sd * float(ndtri(level))
        return self.sign * self.transform.inverse(latent) + self.offset

    def _moments(self) -> tuple[Floats, Floats]:
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        weights = weights / weights.sum()
        values = self.transform.inverse(
            self.latent_mean[:, None] + self.latent_sd[:, None] * nodes
        )
        # relative to one value and scaled, so that neither 1e300 nor 1e-300 leaves the range of
        # squares
        center = values[:, _NODES // 2]
        scale = np.maximum(np.abs(values / 2.0 - center[:, None] / 2.0).max(axis=1), 1e-300)
        t = (values / 2.0 - center[:, None] / 2.0) / scale[:, None]
        mean = t @ weights
        sd = np.sqrt(np.maximum((t - mean[:, None]) ** 2 @ weights, 0.0))
        # within the values, in halves: twice the scale may leave the range of floats
        low, high = values.min(axis=1) / 2.0, values.max(axis=1) / 2.0
        half = np.clip(center / 2.0 + scale * mean, low, high)
        return self.sign * 2.0 * half + self.offset, scale * (2.0 * sd)


def output_of(outputs: Sequence[Output], name: str | None) -> Output:
    """The output that is called so; None: the only objective.

    Raises
    ------
    ValueError : when there is none that the model predicts.
    """
    modelled = [o for o in outputs if isinstance(o, Objective | OutcomeConstraint)]
    objectives = [o for o in modelled if isinstance(o, Objective)]
    if name is None:
        if len(objectives) == 1:
            return objectives[0]
        raise ValueError(
            f"which output? This run has several objectives; write predict(points, "
            f"{objectives[0].name!r})"
        )
    names = [o.name for o in modelled]
    if name not in names:
        raise ValueError(
            f"{shown(name)} is no output that is predicted{suggestion(name, names)}; expected one "
            f"of {listed(names)}"
        )
    return modelled[names.index(name)]


def predicted(model: RunModel, coords: Floats, output: Output) -> Prediction:
    """The prediction of an output at coordinates (B, p); of a constraint, in its own units.

    Raises
    ------
    ValueError : while it has no value.
    """
    fitted = next((f for o, f in model.fits.items() if o == output), None)
    if fitted is None:
        raise ValueError("nothing to predict from: no trial has a value yet; tell at least one")
    mean, var = fitted.posterior.mean_var(coords)
    if isinstance(output, OutcomeConstraint):
        sign, offset = (1.0 if output.relation == "<=" else -1.0), output.limit
        return Prediction(mean, np.sqrt(var), fitted.transform, sign, offset, output.name)
    sign = output.sign if isinstance(output, Objective) else 1.0
    return Prediction(mean, np.sqrt(var), fitted.transform, sign, 0.0, output.name)
