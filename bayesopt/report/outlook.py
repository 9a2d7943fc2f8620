"""What to do next: the next points, what is expected of them, and whether to go on."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.pareto_front import ParetoFront
from bayesopt.proposal import SpaceExhausted
from bayesopt.report.front_gain import hypervolume_gain
from bayesopt.report.markup import Markup, join, number, paragraph, short, table
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.search_path import best_so_far
from bayesopt.show import value_text
from bayesopt.strategy import Cache, propose

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_POINTS = 3
_NODES = 201  # of the normal distribution, evenly spaced in probability
_SMALL = 0.01  # of what the run has gained: less than that is little
_LONG = 12  # parameters that a table of points holds


@dataclass(frozen=True)
class NextPoint:
    """A point that would be proposed next, with what is expected of it.

    Attributes
    ----------
    params : the point.
    moments : mean and standard deviation of each noise-free objective, in its units.
    gain : expected improvement of the objective over the best known, in its units; of several
        objectives that of the hypervolume, in the product of theirs; >= 0, NaN where not known.
    chance : probability of an improvement.
    """

    params: dict[str, Any]
    moments: dict[str, tuple[float, float]]
    gain: float
    chance: float


def next_points(facts: RunFacts, count: int = _POINTS) -> list[NextPoint]:
    """What would be asked next, each with the ones before it pending; the run is not changed."""
    run, fitted = facts.run, facts.fitted
    if run is None or fitted is None:
        return []
    data, state, found = run.data, run.state, []
    fixed = context_of(facts) or None
    for i in range(count):
        try:
            proposal = propose(
                data,
                run.config,
                number=len(facts.trials) + i,
                state=state,
                fixed=fixed,
                cache=_cache(facts),
            )
        except SpaceExhausted:
            break
        except (ValueError, ArithmeticError) as error:
            logger.warning("the report has no next points: %s", error)
            break
        coords = proposal.coords[None]
        found.append(_expected(facts, coords, facts.space.decode(proposal.row)))
        data = data.with_pending(coords)
    return found


def context_of(facts: RunFacts) -> dict[str, Any]:
    """The context of the recommended trial: the values that are given and never chosen."""
    chosen = facts.recommended
    if chosen is None:
        return {}
    return {name: chosen.params[name] for name in facts.space.context if name in chosen.params}


def _cache(facts: RunFacts) -> Cache:
    assert facts.run is not None
    cache = Cache()
    cache.model = facts.run.model
    cache.fitted_with = facts.run.config.surrogate, facts.run.config.seed
    return cache


def _expected(facts: RunFacts, coords: Floats, params: dict[str, Any]) -> NextPoint:
    from scipy.special import ndtri

    each = {one.objective.name: _moments(one, coords) for one in facts.each()}
    if facts.front is not None:
        return NextPoint(params, each, *hypervolume_gain(facts, coords))
    predicted = facts.predict(coords)
    nodes = ndtri((np.arange(_NODES) + 0.5) / _NODES)
    latent = predicted.latent_mean[0] + predicted.latent_sd[0] * nodes
    values = predicted.transform.inverse(latent)  # less is better
    best = _least(facts)
    gains = np.maximum(best / 2 - values / 2, 0.0)
    gain = min(2.0 * float(np.mean(gains)), 1.7e308)
    chance = float((values < best).mean())
    return NextPoint(params, each, gain, chance)


def _moments(facts: RunFacts, coords: Floats) -> tuple[float, float]:
    if facts.fitted is None:
        return float("nan"), float("nan")
    predicted = facts.predict(coords)
    return float(predicted.mean[0]), float(predicted.sd[0])


def _least(facts: RunFacts) -> float:
    """The best value known, turned so that less is better: by the model where there is noise."""
    chosen = facts.recommended
    if chosen is None:
        return float((facts.sign * facts.values).min())
    if facts.best is not None and chosen.number == facts.best.number:
        return facts.sign * facts.value(chosen)
    return facts.sign * facts.mean(facts.coords([chosen]))


def outlook(facts: RunFacts) -> Markup:
    """The section of what to do next."""
    found = next_points(facts)
    if not found:
        return paragraph("There is no further point to propose, or no model to propose one.")
    names = facts.columns[:_LONG]
    outputs = list(found[0].moments)
    one = facts.front is None
    head = ["", *(short(name, 14) for name in names)]
    head += ["expected"] if one else map(short, outputs)
    head += ["expected gain" if one else "gain in volume", "chance of any"]
    rows = [
        [
            str(i),
            *(value_text(p.params[n]) if n in p.params else "inactive" for n in names),
            *(f"{number(m)} ± {number(sd, 2)}" for m, sd in p.moments.values()),
            number(p.gain, 2),
            "–" if np.isnan(p.chance) else f"{100 * p.chance:.0f} %",
        ]
        for i, p in enumerate(found, 1)
    ]
    front = facts.front
    lead = _advice(facts, found) if front is None else _advice_of_front(facts, front, found)
    parts = [paragraph(lead, class_="lead"), table(head, rows)]
    if len(facts.columns) > _LONG:
        parts.append(
            paragraph(f"Of {len(facts.columns)} parameters, {_LONG} are shown.", class_="small")
        )
    if context_of(facts):
        parts.append(paragraph("In the context of the recommended trial.", class_="small"))
    parts.append(
        paragraph(
            "The points are what the run would ask for now; asking here changed nothing. "
            + (
                "A gain is the mean improvement over the best known value."
                if one
                else "A gain is what a trial adds to the hypervolume, in the mean."
            ),
            class_="small",
        )
    )
    return join(parts)


def _advice(facts: RunFacts, found: list[NextPoint]) -> str:
    """Stop or go on, by the expected gain against what was gained and against the noise."""
    gain = max(point.gain for point in found)
    _, curve = best_so_far(facts)
    gained = abs(curve[-1] - curve[0]) if len(curve) > 1 else 0.0
    said = f"One more trial is expected to gain {number(gain, 2)}"
    if gained > 0:
        said += f", {100 * gain / gained:.2g} % of what the run has gained so far"
    noise = facts.noise_sd or 0.0
    if facts.left_out is not None and not facts.left_out.explained >= 0.1:
        return f"{said}. But the model explains next to nothing: do not rely on this figure."
    if gained > 0 and gain < _SMALL * gained:
        return f"{said} (less than {100 * _SMALL:.0f} %). You can stop."
    if noise > 0 and gain < 0.1 * noise:
        return (
            f"{said}. That is less than a tenth of the noise: you can stop, or measure the best "
            "again."
        )
    return f"{said}. Going on is worth it if that is worth a trial to you."


def _advice_of_front(facts: RunFacts, front: ParetoFront, found: list[NextPoint]) -> str:
    """Stop or go on, by the hypervolume that is expected beside what the run has gained."""
    gains = [point.gain for point in found if not np.isnan(point.gain)]
    trace = facts.result.hypervolume
    if not gains or not trace.met:
        names = " and ".join(short(o.name) for o in front.objectives)
        return f"These points are expected to move the front of {names} most."
    gain, feasible = max(gains), [v for v in trace.values.tolist() if v > 0.0]
    gained = feasible[-1] - feasible[0]
    said = f"One more trial is expected to add {number(gain, 2)} to the hypervolume"
    if gained <= 0.0:
        return f"{said}, which is {number(float(trace))} now."
    said += f", {100 * gain / gained:.2g} % of what the run has gained so far"
    if gain < _SMALL * gained:
        return f"{said} (less than {100 * _SMALL:.0f} %). You can stop."
    return f"{said}. Going on is worth it if that is worth a trial to you."
