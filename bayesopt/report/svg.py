"""Pictures as SVG: two axes and the marks between them.

Marks without a text of their own share one path, so that a thousand of them stay small.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayesopt.report.markup import Markup, join, short, tag

Floats = NDArray[np.float64]
_TICKS = 5
_FAR = 1e5  # pixels: beyond it a mark is left out


@dataclass(frozen=True)
class Axis:
    """A map of values to the place between 0 and 1.

    Attributes
    ----------
    low, high : the ends.
    label : what is drawn along it.
    log : whether it is logarithmic.
    names : for listed values the name of 0, 1, 2, ...
    """

    low: float
    high: float
    label: str = ""
    log: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def over(
        cls, values: Iterable[float], label: str = "", *, log: bool = False, pad: float = 0.05
    ) -> Axis:
        """An axis that holds finite values, with a margin."""
        given = np.array([v for v in values if math.isfinite(v) and (v > 0 or not log)])
        if not len(given):
            return cls(0.0, 1.0, label)
        low, high = float(given.min()), float(given.max())
        if log:
            room = max(math.log10(high / low), 0.1) * pad
            return cls(low / 10**room, high * 10**room, label, log=True)
        half = max(high / 2 - low / 2, abs(high) * 1e-9, 1e-300)
        return cls(low - 2 * pad * half, high + 2 * pad * half, label)

    @classmethod
    def listed(cls, names: Sequence[str], label: str = "") -> Axis:
        """An axis over listed values."""
        return cls(-0.5, len(names) - 0.5, label, names=tuple(names))

    def place(self, values: Floats | float) -> Floats:
        """Where values lie; NaN where that is nowhere."""
        x = np.asarray(values, dtype=float)
        with np.errstate(all="ignore"):
            if self.log:
                span = math.log(self.high / self.low)
                return np.asarray(np.log(x / self.low) / span)
            return np.asarray((x / 2 - self.low / 2) / (self.high / 2 - self.low / 2))

    def ticks(self) -> list[tuple[float, str]]:
        """Values with their labels, about five."""
        if self.names:
            step = max(1, math.ceil(len(self.names) / 8))
            return [(float(i), self.names[i]) for i in range(0, len(self.names), step)]
        if self.log:
            return _log_ticks(self.low, self.high)
        return _linear_ticks(self.low, self.high)


def _linear_ticks(low: float, high: float) -> list[tuple[float, str]]:
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return []
    raw = span / _TICKS
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw)
    first, last = math.ceil(low / step), math.floor(high / step)
    if not last - first < 20:
        return []
    digits = max(6, 1 + math.ceil(math.log10(max(abs(low), abs(high)) / step + 1)))
    return [(i * step, f"{i * step:.{min(digits, 12)}g}") for i in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / 6))
    powers = [10.0**i for i in range(first, last + 1, step)]
    if len(powers) >= 2:
        return [(p, f"{p:g}") for p in powers]
    fine = [m * 10.0**i for i in range(first - 1, last + 1) for m in (1, 2, 5)]
    return [(v, f"{v:g}") for v in fine if low <= v <= high]


@dataclass
class Plot:
    """A picture with two axes, ``width`` x ``height`` in its own units; it scales with the page.

    Attributes
    ----------
    title : what it shows, for those who cannot see it.
    left : room for the labels of the vertical axis.
    """

    x: Axis
    y: Axis
    title: str
    width: int = 420
    height: int = 240
    left: int = 54
    bottom: int = 42
    top: int = 10
    right: int = 12
    parts: list[Markup] = field(default_factory=list)

    def __post_init__(self) -> None:
        longest = max((len(short(name, 12)) for _, name in self.y.ticks()), default=0)
        self.left += max(0, round(6.0 * (longest - 4)))

    def px(self, values: Floats | float) -> Floats:
        """Horizontal places."""
        return self.left + self.x.place(values) * (self.width - self.left - self.right)

    def py(self, values: Floats | float) -> Floats:
        """Vertical places."""
        inner = self.height - self.top - self.bottom
        return self.height - self.bottom - self.y.place(values) * inner

    def line(self, x: Floats, y: Floats, class_: str) -> None:
        """A line; a gap where a place is nowhere."""
        self._path(_run(self.px(x), self.py(y)), class_)

    def steps(self, x: Floats, y: Floats, class_: str) -> None:
        """A line that keeps each value until the next."""
        self.line(np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1], class_)

    def band(self, x: Floats, low: Floats, high: Floats, class_: str) -> None:
        """The area between two lines."""
        px = self.px(x)
        around = np.concatenate([px, px[::-1]])
        ends = np.clip(np.concatenate([self.py(high), self.py(low)[::-1]]), -_FAR, _FAR)
        if len(px) > 1 and np.isfinite(around).all() and np.isfinite(ends).all():
            self._path(_run(around, ends) + "z", class_)

    def dots(self, x: Floats, y: Floats, class_: str) -> None:
        """Round marks, all in one path."""
        places = zip(self.px(x), self.py(y), strict=True)
        self._path("".join(f"M{a:.1f} {b:.1f}h0" for a, b in places if _shown(a, b)), class_)

    def marks(self, x: Floats, y: Floats, titles: Sequence[str], class_: str, r: float) -> None:
        """Round marks, each with a text that shows when it is pointed at."""
        for a, b, title in zip(self.px(x), self.py(y), titles, strict=True):
            if _shown(a, b):
                place = {"cx": f"{a:.1f}", "cy": f"{b:.1f}", "r": r}
                self.parts.append(tag("circle", tag("title", title), class_=class_, **place))

    def crosses(self, x: Floats, y: Floats, titles: Sequence[str], class_: str) -> None:
        """Crosses with a text."""
        for a, b, title in zip(self.px(x), self.py(y), titles, strict=True):
            if _shown(a, b):
                d = f"M{a - 3:.1f} {b - 3:.1f}l6 6m0-6l-6 6"
                self.parts.append(tag("path", tag("title", title), d=d, class_=class_))

    def bars(self, x: Floats, low: Floats, high: Floats, class_: str) -> None:
        """Vertical lines, all in one path."""
        rows = zip(self.px(x), self.py(low), self.py(high), strict=True)
        self._path(
            "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in rows if _shown(a, b)), class_
        )

    def cells(self, x: Floats, y: Floats, level: NDArray[np.int64], class_: str) -> None:
        """A grid of equal cells from centres x (a,) and y (b,), coloured by level (a, b)."""
        edges_x = np.clip(_edges(self.px(x)), self.left, self.width - self.right)
        edges_y = np.clip(_edges(self.py(y)), self.top, self.height - self.bottom)
        for value in np.unique(level):
            d = []
            for i, j in np.argwhere(level == value):
                left, right = edges_x[i], edges_x[i + 1]
                up, down = sorted((edges_y[j], edges_y[j + 1]))
                d.append(f"M{left:.1f} {up:.1f}H{right:.1f}V{down:.1f}H{left:.1f}z")
            self._path("".join(d), f"{class_} level{value}")

    def note(self, x: float, y: float, content: str, class_: str = "note") -> None:
        """A text at a place in the picture's own units."""
        self.parts.append(tag("text", content, x=f"{x:.1f}", y=f"{y:.1f}", class_=class_))

    def _path(self, d: str, class_: str) -> None:
        if d and d != "z":
            self.parts.append(tag("path", d=d, class_=class_))

    def render(self) -> Markup:
        """The whole picture."""
        return tag(
            "svg",
            tag("title", self.title),
            self._grid(),
            *self.parts,
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
        )

    def _grid(self) -> Markup:
        bottom, right = self.height - self.bottom, self.width - self.right
        parts: list[Markup] = []
        crowded = sum(len(short(n, 12)) for _, n in self.x.ticks()) > self.width / 9
        for value, name in self.x.ticks():
            a = float(self.px(value))
            if not self.left - 1 <= a <= right + 1:
                continue
            parts.append(tag("path", d=f"M{a:.1f} {self.top}V{bottom}", class_="gridline"))
            turn = f"rotate(-30 {a:.1f} {bottom + 14})" if crowded else None
            parts.append(
                tag("text", short(name, 12), x=f"{a:.1f}", y=bottom + 14, transform=turn,
                    class_="tick end" if crowded else "tick middle")
            )  # fmt: skip
        for value, name in self.y.ticks():
            b = float(self.py(value))
            if not self.top - 1 <= b <= bottom + 1:
                continue
            parts.append(tag("path", d=f"M{self.left} {b:.1f}H{right}", class_="gridline"))
            parts.append(
                tag("text", short(name, 12), x=self.left - 5, y=f"{b + 4:.1f}", class_="tick end")
            )
        middle, height = (self.left + right) / 2, (self.top + bottom) / 2
        if self.x.label:
            said = short(self.x.label, 40)
            parts.append(tag("text", said, x=middle, y=self.height - 6, class_="label middle"))
        if self.y.label:
            place = {"x": 11, "y": f"{height:.1f}", "transform": f"rotate(-90 11 {height:.1f})"}
            parts.append(tag("text", short(self.y.label, 30), class_="label middle", **place))
        return join(parts)


def _shown(a: float, b: float) -> bool:
    return abs(a) < _FAR and abs(b) < _FAR


def _run(px: Floats, py: Floats) -> str:
    """The commands of a line through places."""
    d, pen = [], "M"
    for a, b in zip(px, np.clip(py, -_FAR, _FAR), strict=True):
        if _shown(a, b / 2):
            d.append(f"{pen}{a:.1f} {b:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(d)


def _edges(centres: Floats) -> Floats:
    """The edges (n + 1,) of cells around centres (n,)."""
    if len(centres) == 1:
        return np.array([centres[0] - 10.0, centres[0] + 10.0])
    half = np.diff(centres) / 2
    inner = centres[:-1] + half
    return np.concatenate([[centres[0] - half[0]], inner, [centres[-1] + half[-1]]])
