"""The model along each parameter, and over the pairs that interact, with the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.along import levels, moved
from bayesopt.report.grids import (
    Slice,
    centre,
    parameter_axis,
    place_of,
    slice_of,
)
from bayesopt.report.markup import Markup, join, number, paragraph, short, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.svg import Axis, Plot
from bayesopt.trial import Trial

Floats = NDArray[np.float64]

_SHOWN = 6  # slices that are open; the rest is folded
_CELLS = 25  # of a contour in each direction
_COLOURS = 9
_PAIRS = 3
_DOTS = 400
_SMALL = 340, 220, 52  # width, height, room at the left


def surface(facts: RunFacts) -> Markup:
    """The section of slices and contours."""
    if facts.fitted is None or not facts.columns:
        return paragraph("There is no model to show yet.")
    names = _ordered(facts)
    drawn = [s for name in names if (s := slice_of(facts, name)) is not None]
    figures = [_figure(facts, s) for s in drawn]
    parts = [
        paragraph(
            "Each picture moves one parameter and keeps the others at the recommended setting. "
            "Line: the model's mean. Band: where 90 % of its belief lies. Dots: all trials, "
            "wherever their other parameters were. Ring: the recommended trial.",
            class_="small",
        ),
        tag("div", *figures[:_SHOWN], class_="grid"),
    ]
    if len(figures) > _SHOWN:
        more = tag("div", *figures[_SHOWN:], class_="grid")
        summary = tag("summary", f"{len(figures) - _SHOWN} more parameters")
        parts.append(tag("details", summary, more))
    pairs = [picture for pair in _pairs(facts, names) if (picture := _contour(facts, *pair))]
    if pairs:
        parts.append(tag("h3", "Two parameters together"))
        parts.append(
            paragraph(
                "Dark is good. Dots: all trials. Ring: the recommended trial. White: not allowed, "
                "or a parameter is inactive there.",
                class_="small",
            )
        )
        parts.append(tag("div", *pairs, class_="grid"))
    return join(parts)


def _ordered(facts: RunFacts) -> list[str]:
    """Parameters that matter most first."""
    if facts.importance is None:
        return facts.columns
    known = facts.columns
    return [e.name for e in facts.importance.parameters if e.name in known]


def _figure(facts: RunFacts, found: Slice) -> Markup:
    axis = _axis_with(facts, found)
    plot = Plot(found.axis, axis, f"the model along {found.name}", *_SMALL)
    low, high = (np.clip(end, axis.low, axis.high) for end in (found.low, found.high))
    mean = np.clip(found.mean, axis.low, axis.high)
    if found.axis.names:
        for i, x in enumerate(found.x):
            ends = np.array([x - 0.32, x + 0.32])
            plot.band(ends, low[[i, i]], high[[i, i]], "band")
            plot.line(ends, mean[[i, i]], "mean")
    else:
        plot.band(found.x, low, high, "band")
        plot.line(found.x, mean, "mean")
    _dots(plot, facts, found.name, axis)
    trial = facts.trials[found.through]
    if trial.outcome is not None:
        value = np.clip([facts.value(trial)], axis.low, axis.high)
        plot.marks(np.array([found.at]), value, [f"trial {trial.number}"], "ring", 5)
    chosen = facts.recommended
    caption = short(found.name, 40)
    if chosen is None or chosen.number != found.through:
        caption += f" (through trial {found.through}, where it is active)"
    return tag("figure", tag("figcaption", caption), plot.render())


def _axis_with(facts: RunFacts, found: Slice) -> Axis:
    """The axis of values, wide enough for the good end of the model's mean."""
    axis = facts.value_axis
    if axis.log:
        return axis
    ends = [axis.low, axis.high]
    good = found.mean.min() if facts.sign > 0 else found.mean.max()
    if np.isfinite(good) and abs(good - np.mean(ends)) < 2 * (axis.high - axis.low):
        ends.append(float(good))
    return Axis(min(ends), max(ends), axis.label)


def _dots(plot: Plot, facts: RunFacts, name: str, axis: Axis) -> None:
    trials = [t for t in facts.evaluated if name in t.params]
    trials = _thinned(facts, trials)
    x = np.array([place_of(facts, name, t) for t in trials])
    if plot.x.names:  # points of one value are spread by a fixed pattern
        x = x + 0.4 * (np.modf(np.arange(len(x)) * 0.618)[0] - 0.5)
    y = np.array([facts.value(t) for t in trials], dtype=float)
    inside = (y >= axis.low) & (y <= axis.high)
    plot.dots(x[inside], y[inside], "dots")
    plot.dots(x[~inside], np.clip(y[~inside], axis.low, axis.high), "dots beyond")
    failed = [t for t in facts.failed if name in t.params][:_DOTS]
    at = np.array([place_of(facts, name, t) for t in failed])
    edge = axis.high if facts.sign > 0 else axis.low
    plot.dots(at, np.full(len(at), edge), "dots failed")


def _thinned(facts: RunFacts, trials: list[Trial]) -> list[Trial]:
    """The best and an even part of the others, where there are very many."""
    if len(trials) <= _DOTS:
        return trials
    ranked = sorted(trials, key=lambda t: facts.sign * facts.value(t))
    rest = ranked[_DOTS // 2 :]
    step = len(rest) / (_DOTS - _DOTS // 2)
    return ranked[: _DOTS // 2] + [rest[int(i * step)] for i in range(_DOTS - _DOTS // 2)]


def _pairs(facts: RunFacts, names: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs that interact most, or else the two that matter most."""
    found = facts.importance
    if found is not None and found.pairs:
        known = facts.columns
        pairs = [pair.names for pair in found.pairs if set(pair.names) <= set(known)]
        return pairs[:_PAIRS]
    return [(names[0], names[1])] if len(names) > 1 else []


def _contour(facts: RunFacts, first: str, second: str) -> Markup | None:
    """The model's mean over two parameters as a grid of colours."""
    trial = centre(facts, first, second)
    if trial is None:
        return None
    columns = [facts.space.columns.index(name) for name in (first, second)]
    along = [levels(facts.space, j, _CELLS) for j in columns]
    to = np.stack(np.meshgrid(*along, indexing="ij"), axis=-1).reshape(-1, 2)
    points, rows = moved(facts.space, facts.coords([trial])[0], columns, to)
    means = facts.predict(points).mean
    means[np.isnan(rows).all(axis=1) | np.isnan(points[:, columns]).any(axis=1)] = np.nan
    grid = means.reshape(len(along[0]), len(along[1]))
    if np.isnan(grid).all():
        return None
    axes = [parameter_axis(name, facts.space.parameters[name]) for name in (first, second)]
    places = [_values_at(facts, j, a) for j, a in zip(columns, along, strict=True)]
    plot = Plot(axes[0], axes[1], f"the model over {first} and {second}", *_SMALL)
    level, ends = _levels(grid, facts.sign)
    plot.cells(places[0], places[1], level, "cell")
    shown = [t for t in facts.evaluated if first in t.params and second in t.params]
    shown = _thinned(facts, shown)
    x, y = (np.array([place_of(facts, name, t) for t in shown]) for name in (first, second))
    plot.dots(x, y, "dots halo")
    plot.dots(x, y, "dots over")
    at = [np.array([place_of(facts, name, trial)]) for name in (first, second)]
    plot.marks(at[0], at[1], [f"trial {trial.number}"], "ring", 5)
    scale = [tag("i", class_=f"swatch level{i}") for i in range(_COLOURS)]
    legend = tag("p", number(ends[0]), *scale, number(ends[1]), class_="legend")
    caption = f"{short(first, 30)} and {short(second, 30)}"
    return tag("figure", tag("figcaption", caption), plot.render(), legend)


def _values_at(facts: RunFacts, j: int, coords: Floats) -> Floats:
    """The values of coordinates along one column."""
    points = np.full((len(coords), facts.space.n_columns), 0.5)
    points[:, facts.space.is_categorical] = 0.0
    points[:, j] = coords
    return facts.space.to_rows(points)[:, j]


def _levels(grid: Floats, sign: float) -> tuple[NDArray[np.int64], tuple[float, float]]:
    """Colours 0 (good) to 8 by value; -1 where there is none. Half of the picture is in the better
    half of the colours: a steep wall leaves the rest its shades.
    """
    good = sign * grid
    known = good[~np.isnan(good)]
    low, high = float(known.min()), float(known.max())
    cuts = np.quantile(known, np.linspace(0, 1, _COLOURS + 1)[1:-1])
    even = np.linspace(low, high, _COLOURS + 1)[1:-1]
    level = np.searchsorted((cuts + even) / 2, np.where(np.isnan(good), high, good))
    return np.where(np.isnan(good), -1, level), (sign * low, sign * high)
