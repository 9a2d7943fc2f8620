"""How well models rank observations: the weights of a rank-weighted ensemble.

RGPE: Feurer, Letham, Hutter & Bakshy, "Practical transfer learning for Bayesian optimization",
arXiv 1802.02219 (2018, revised 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DRAWS = 512  # bootstrap samples of the observations
_PERCENTILE = 95.0


@dataclass(frozen=True, eq=False)
class Ranked:
    """Predictions of a run's n observations.

    Attributes
    ----------
    values : (n,) the observations.
    left_out : (n,) the run's own model's prediction of each from the others.
    earlier : each earlier model's predictions (n,).
    """

    values: Floats
    left_out: Floats
    earlier: Sequence[Floats]

    def misranked(self) -> Floats:
        """(k + 1, n, n) whether each model puts a pair in the wrong order, its own model last.

        An earlier model's order is that of its predictions. The own one's is that of the
        prediction of one observation, made from the others, beside those others.
        """
        smaller = _smaller(self.values, self.values)
        wrong = [_smaller(mean, mean) != smaller for mean in self.earlier]
        own = _smaller(self.left_out, self.values) != smaller
        np.fill_diagonal(own, False)
        return np.array([*wrong, own], dtype=float)


def rank_weights(ranked: Ranked, n: int, horizon: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Weights (k + 1,) of the earlier models and, last, the own one; and which earlier ones (k,)
    were dropped.

    The observations are resampled with replacement; a model's weight is its share of the samples
    in which it misranks the fewest pairs. Equals share it.

    Against dilution by many earlier models an earlier one is dropped when its median loss is
    above the 95th percentile of the own model's. One that misranks no more pairs than the own
    model in a share s < 1/2 of the samples is kept with the probability 2 s (1 - n / horizon).
    The draws depend on the values alone.
    """
    rng = np.random.default_rng(ranked.values.view(np.uint32).tolist())
    losses = _losses(ranked.misranked(), rng)
    own = losses[-1]
    as_good = (losses[:-1] <= own).mean(axis=1)
    keep = np.where(as_good < 0.5, 2.0 * as_good * max(1.0 - n / horizon, 0.0), 1.0)
    lost = np.median(losses[:-1], axis=1) > np.percentile(own, _PERCENTILE)
    dropped = lost | (rng.random(len(lost)) >= keep)
    counted = np.where(np.append(dropped, False)[:, None], np.inf, losses)
    least = counted == counted.min(axis=0)
    shares = least / least.sum(axis=0)
    return shares.mean(axis=1), dropped


def _losses(misranked: Floats, rng: np.random.Generator) -> Floats:
    """(k + 1, draws) misranked pairs in bootstrap samples of the observations."""
    n = misranked.shape[1]
    counts = rng.multinomial(n, np.full(n, 1.0 / n), size=_DRAWS).astype(float)
    return np.array([np.einsum("sj,sj->s", counts @ wrong, counts) for wrong in misranked])


def _smaller(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """(n, n) whether each of a (n,) is less than each of b (n,)."""
    return np.asarray(a[:, None] < b[None, :])
