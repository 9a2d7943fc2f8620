"""Health: what looks wrong in a run, in plain words, each with its threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.report.failing_region import failing_region
from bayesopt.report.markup import Markup, join, number, several, short, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.sensitivity.effects import LITTLE
from bayesopt.trial import Origin, Trial, TrialState

Floats = NDArray[np.float64]

_AT_BOUND = 1e-6  # of the range: a proposal is at a bound (as in Ax)
_NEAR_BOUND = 0.01  # of the range: the recommended setting is as good as at it
_IDLE = 0.02  # share of the variance below which a parameter hardly matters
_MANY = 0.5  # share of the proposals
_NOISY = 0.5  # share of the results' variance
_REPEATED = 0.1  # share of the evaluations
_RARELY = 0.1  # share of the evaluations that meet a constraint
_STALE = 0.5  # share of the trials since the last improvement
_LUCKY = 1.0  # standard deviations of the noise
_FEW = 8  # trials below which little can be said


@dataclass(frozen=True)
class Finding:
    """One check: whether all is well, and a sentence or two."""

    well: bool
    sentence: str


def checkup(facts: RunFacts) -> Markup:
    """The section of health: what was found first, then what was checked and is well."""
    found = findings(facts)
    wrong = [tag("li", f.sentence, class_="warn") for f in found if not f.well]
    well = [tag("li", f.sentence) for f in found if f.well]
    if not found:
        return tag("p", "There are too few trials for a check-up.")
    parts = (
        [tag("ul", *wrong, class_="findings")]
        if wrong
        else [tag("p", "Nothing looks wrong.", class_="lead")]
    )
    if well:
        summary = tag("summary", f"{several(len(well), 'check')} passed")
        parts.append(tag("details", summary, tag("ul", *well, class_="findings")))
    return join(parts)


def findings(facts: RunFacts) -> list[Finding]:
    """All checks that could be made; of several objectives those that differ with each name."""
    if facts.front is None:
        return [finding for check in (*_OF_OBJECTIVE, *_OF_RUN) for finding in check(facts)]
    found = []
    for one in facts.each():
        name = short(one.objective.name)
        for check in _OF_OBJECTIVE:
            found += [Finding(f.well, f"{name}: {f.sentence}") for f in check(one)]
    return found + [finding for check in _OF_RUN for finding in check(facts)]


def _bounds_of_best(facts: RunFacts) -> Iterator[Finding]:
    chosen = facts.recommended
    if chosen is None or len(facts.evaluated) < _FEW:
        return
    coords = facts.coords([chosen])[0]
    ranked = sorted(
        (t for t in facts.evaluated if t.feasible), key=lambda t: facts.sign * facts.value(t)
    )
    top = facts.coords(ranked[:10])
    wide = _free(facts)
    at = [j for j in wide if min(coords[j], 1 - coords[j]) <= _NEAR_BOUND]
    idle = [j for j in at if facts.space.columns[j] in _idle(facts)]
    if len(idle) > 1:  # many parameters of which few matter: one line for all of these
        names = [short(facts.space.columns[j]) for j in idle[:10]]
        yield Finding(
            True,
            f"{', '.join(names)}{', …' if len(idle) > 10 else ''} are at a bound in the "
            "recommended setting, and hardly matter by the model.",
        )
    for j in at if len(idle) < 2 else [j for j in at if j not in idle]:
        name, low = facts.space.columns[j], coords[j] < 0.5
        parameter = facts.space.parameters[name]
        end = getattr(parameter, "low" if low else "high", None)
        near = top[:, j] if low else 1 - top[:, j]
        many = int((near <= _NEAR_BOUND).sum())
        yield Finding(
            False,
            f"{short(name)} is at its {'lower' if low else 'upper'} bound ({number(end)}) in the "
            f"recommended setting, and in {many} of the {len(top)} best trials. If it may go "
            "further, widen it.",
        )
    if not at and wide:
        yield Finding(True, "No number of the recommended setting is within 1 % of a bound.")


def _idle(facts: RunFacts) -> set[str]:
    """Parameters whose share is small for all functions that the results allow."""
    found = facts.importance
    if found is None or not found.is_trustworthy:
        return set()
    ends = {
        e.name: e.total if e.total_range is None else e.total_range[1] for e in found.parameters
    }
    return {name for name, most in ends.items() if most < _IDLE}


def _free(facts: RunFacts) -> list[int]:
    """Columns of numbers with more than a few values, whose ends are a choice of the user's."""
    space = facts.space
    return [
        j
        for j, name in enumerate(space.columns)
        if name in space.parameters
        and not space.is_categorical[j]
        and space.n_levels[j] > 4
        and hasattr(space.parameters[name], "low")
    ]


def _proposals_at_bounds(facts: RunFacts) -> Iterator[Finding]:
    proposed = [t for t in facts.trials if t.origin is Origin.MODEL]
    wide = _free(facts)
    if len(proposed) < _FEW or not wide:
        return
    coords = facts.coords(proposed)[:, wide]
    with np.errstate(invalid="ignore"):
        at = (np.minimum(coords, 1 - coords) <= _AT_BOUND).any(axis=1)
    share = float(at.mean())
    where = f"{100 * share:.0f} % of {len(proposed)} proposals have a number at a bound"
    if share > _MANY:
        more = f"(more than {100 * _MANY:.0f} %). The space may be too small"
        yield Finding(False, f"{where} {more}, or too large for the model.")
    else:
        yield Finding(True, f"{where} (at most {100 * _MANY:.0f} % is usual).")


def _explains(facts: RunFacts) -> Iterator[Finding]:
    if facts.left_out is None or len(facts.evaluated) < _FEW:
        return
    r2 = facts.left_out.explained
    if not r2 >= LITTLE:
        yield Finding(
            False,
            f"The model explains next to nothing (left-out R² {number(r2, 2)}, below {LITTLE}). "
            "Proposals are hardly better than random ones. More trials, fewer parameters or less "
            "noise would help.",
        )
    else:
        least = f"at least {100 * LITTLE:.0f} %"
        said = f"The model explains {100 * r2:.0f} % of the results when left out ({least})."
        yield Finding(True, said)


def _noise(facts: RunFacts) -> Iterator[Finding]:
    if facts.left_out is None or facts.fitted is None or len(facts.evaluated) < _FEW:
        return
    variance = float(np.var(facts.left_out.observed))
    share = min(facts.fitted.posterior.noise_variance / variance, 1.0) if variance > 0 else 0.0
    said = f"{100 * share:.0f} % of the results' variance is noise by the model"
    if share > _NOISY:
        advice = "Repeat evaluations, or average more inside one."
        yield Finding(False, f"{said} (more than {100 * _NOISY:.0f} %). {advice}")
    else:
        yield Finding(True, f"{said} (at most {100 * _NOISY:.0f} %).")


def _luck(facts: RunFacts) -> Iterator[Finding]:
    best, recommended = facts.best, facts.recommended
    if best is None or recommended is None or facts.fitted is None or facts.front is not None:
        return
    if best.number == recommended.number:
        return
    mean = facts.mean(facts.coords([best]))
    luck = facts.sign * (mean - facts.value(best))
    yield Finding(
        False,
        f"The luckiest trial ({best.number}: {number(facts.value(best))}) is not the recommended "
        f"one ({recommended.number}). The model takes {number(luck, 2)} of its value for luck. "
        "Evaluate both again before you choose.",
    )


def _duplicates(facts: RunFacts) -> Iterator[Finding]:
    done = [t for t in facts.evaluated if t.origin is not Origin.ADDED]
    if len(done) < _FEW:
        return
    coords = facts.coords(done)
    again = len(done) - len({facts.space.key(c) for c in coords})
    if again > _REPEATED * len(done) and not facts.noisy:
        yield Finding(
            False,
            f"{several(again, 'evaluation')} repeated an earlier point (more than "
            f"{100 * _REPEATED:.0f} %), though there is hardly any noise. The space may be used "
            "up.",
        )
    else:
        yield Finding(True, f"{again} of {len(done)} evaluations repeated an earlier point.")


def _failures(facts: RunFacts) -> Iterator[Finding]:
    tried = len(facts.evaluated) + len(facts.failed)
    if tried < _FEW:
        return
    if not facts.failed:
        yield Finding(True, "No trial failed.")
        return
    where = failing_region(facts)
    said = f"{len(facts.failed)} of {tried} trials failed."
    if where is not None:
        said += f" They cluster: {where}."
    reasons = [t.error for t in facts.failed if t.error]
    if reasons:
        most = max(set(reasons), key=reasons.count)
        said += f" Most often: {short(most, 80)}"
    yield Finding(where is None and len(facts.failed) <= 0.2 * tried, said)


def _constraints(facts: RunFacts) -> Iterator[Finding]:
    reported: dict[str, list[bool]] = {}
    for trial in facts.evaluated:
        for name, over in trial.excess.items():
            reported.setdefault(name, []).append(over <= 0)
    for name, met in reported.items():
        share = sum(met) / len(met)
        limit = facts.result.outcome_constraints.get(name, "<= 0")
        said = f"{short(name)} {limit} is met in {sum(met)} of {len(met)} trials"
        if not any(met):
            yield Finding(
                False, f"{said}: never. Check its limit and its sign, or widen the space."
            )
        else:
            yield Finding(share >= _RARELY, f"{said}.")


def _progress(facts: RunFacts) -> Iterator[Finding]:
    best = facts.best
    done = [t.number for t in facts.evaluated]
    if best is None or len(done) < 2 * _FEW or facts.front is not None:
        return
    since = sum(n > best.number for n in done)
    said = f"The best value came {several(since, 'evaluation')} before the end of {len(done)}"
    if since > _STALE * len(done):
        yield Finding(False, f"{said}: more than half of the run brought nothing better.")
    else:
        yield Finding(True, f"{said}.")


def _open(facts: RunFacts) -> Iterator[Finding]:
    lost = [t for t in facts.trials if t.state is TrialState.ABANDONED]
    if lost:
        yield Finding(False, f"{several(len(lost), 'evaluation')} got lost: {_numbers(lost)}.")


def _numbers(trials: Sequence[Trial]) -> str:
    shown = ", ".join(str(t.number) for t in trials[:10])
    return f"trials {shown}{', …' if len(trials) > 10 else ''}"


_OF_OBJECTIVE: tuple[Callable[[RunFacts], Iterator[Finding]], ...] = (_explains, _noise)
_OF_RUN: tuple[Callable[[RunFacts], Iterator[Finding]], ...] = (
    _bounds_of_best, _proposals_at_bounds, _luck, _failures, _constraints, _duplicates, _progress,
    _open,
)  # fmt: skip
