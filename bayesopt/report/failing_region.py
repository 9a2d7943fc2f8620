"""Where failures cluster: one parameter that tells most of them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.plots.figure import listed_values
from bayesopt.report.grids import place_of
from bayesopt.report.markup import number, short
from bayesopt.report.run_facts import RunFacts

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEAST = 3  # failures
_TIMES = 3.0  # how much more often trials fail inside than outside
_MOST_BY_CHANCE = 0.02  # probability of such a split among all that were tried
_CUTS = 16


def failing_region(facts: RunFacts) -> str | None:
    """In words, the one side of a number or the one choice in which most failures lie; None where
    nothing stands out (one-sided hypergeometric test, corrected for the splits tried).
    """
    trials = [*facts.evaluated, *facts.failed]
    failed = np.arange(len(trials)) >= len(facts.evaluated)
    if failed.sum() < _LEAST or not (~failed).any():
        return None
    tried, best = 0, (1.0, "")
    for name in facts.columns:
        active = np.array([name in t.params for t in trials])
        if not active.any():
            continue
        places = np.array(
            [place_of(facts, name, t) if name in t.params else np.nan for t in trials]
        )
        for inside, words in _splits(facts, name, places):
            tried += 1
            chance = _chance(inside, failed)
            if chance < best[0] and _stands_out(inside, failed):
                many = f"{int((inside & failed).sum())} of {int(failed.sum())} failures"
                among = f"{int(inside.sum())} of {len(trials)} trials"
                best = chance, f"{many} have {words}, as {among} have"
    return best[1] if best[0] * max(tried, 1) < _MOST_BY_CHANCE else None


def _splits(facts: RunFacts, name: str, places: Floats) -> list[tuple[Mask, str]]:
    """Parts of the trials by one parameter, with words for them."""
    listed = listed_values(facts.space.parameters[name])
    if listed is not None:
        return [(places == i, f"{short(name)} = {short(v)}") for i, v in enumerate(listed)]
    known = np.unique(places[~np.isnan(places)])
    if len(known) < 2:
        return []
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, _CUTS + 2)[1:-1]))
    with np.errstate(invalid="ignore"):
        above = [(places >= c, f"{short(name)} at least {number(c, 3)}") for c in cuts]
        below = [(places < c, f"{short(name)} below {number(c, 3)}") for c in cuts]
    return above + below


def _stands_out(inside: Mask, failed: Mask) -> bool:
    if not inside.any() or inside.all():
        return False
    rate, other = failed[inside].mean(), failed[~inside].mean()
    most = (inside & failed).sum() > 0.5 * failed.sum()
    return bool(most and rate > _TIMES * other)


def _chance(inside: Mask, failed: Mask) -> float:
    """Probability of as many failures inside by chance."""
    from scipy.stats import hypergeom

    k = int((inside & failed).sum())
    return float(hypergeom.sf(k - 1, len(failed), int(failed.sum()), int(inside.sum())))
