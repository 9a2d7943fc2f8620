"""How well a surrogate predicts: its densities of new observations beside those of a constant.

Evidence judges a model by the data that its hyperparameters were fitted to. What it said of an
observation before it came is a test without that help (Dawid 1984, prequential), and the only one
that tells when noise has been taken for structure.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST = 3  # observations before which a spread cannot be told
_MEMORY = 0.9  # of the score that is left after another observation
_CLIP = 3.0  # nats: one outlier or one lucky hit does not decide
_FLOOR = 1e-6  # variance of standardised values that are all equal


def updated(log_score: float, mean: Floats, var: Floats, new: Floats, known: Floats) -> float:
    """The log score after some new observations.

    A discounted sum of log density ratios, in nats: the surrogate's prediction over that of a
    constant with noise of unknown size, Student's t distribution. Below 0 the mean and the spread
    of what was known say more than the surrogate did.

    Parameters
    ----------
    log_score : before them.
    mean, var : (q,) of the new observations, noise included, as predicted without any of them.
    new : (q,) their values; all values are standardised in the same way.
    known : (m,) the values known before, m >= ``LEAST``.
    """
    by_surrogate = -0.5 * (np.log(2.0 * math.pi * var) + (new - mean) ** 2 / var)
    for gain in np.clip(by_surrogate - _by_constant(new, known), -_CLIP, _CLIP):
        log_score = _MEMORY * log_score + float(gain)
    return log_score


def _by_constant(new: Floats, known: Floats) -> Floats:
    """Log densities (q,) of observations given (m,) others of the same unknown normal."""
    m, nu = len(known), len(known) - 1
    scale2 = max(float(known.var(ddof=1)), _FLOOR) * (1.0 + 1.0 / m)
    constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi)
    tail = 0.5 * (nu + 1) * np.log1p((new - known.mean()) ** 2 / (nu * scale2))
    return np.asarray(constant - 0.5 * math.log(scale2) - tail)
