"""Predictions of the objective in the user's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.show import table_html, table_text, value_text
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
    """

    latent_mean: Floats
    latent_sd: Floats
    transform: OutputTransform
    sign: float

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
        return f"Prediction of the noise-free objective at {n} point{'s' * (n != 1)}", rows

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
        return self.sign * self.transform.inverse(
            self.latent_mean + self.latent_sd * float(ndtri(level))
        )

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
        return self.sign * 2.0 * half, scale * (2.0 * sd)
