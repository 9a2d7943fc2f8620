"""Engineering design problems with outcome constraints (<= 0 is feasible).

Formulations and best known values as collected by Coello Coello (2002, Computer Methods in Applied
Mechanics and Engineering 191) and Golinski (1970) for the speed reducer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space


class Constrained(Problem):
    """A design problem: cost and constraints of a point in one function."""

    group = "constrained"

    def parts(self, params: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
        raise NotImplementedError

    def value(self, params: Mapping[str, Any]) -> float:
        return self.parts(params)[0]

    def constraint_values(self, params: Mapping[str, Any]) -> dict[str, float]:
        return dict(zip(self.constraints, self.parts(params)[1], strict=True))


def _labels(n: int) -> tuple[str, ...]:
    return tuple(f"g{i + 1}" for i in range(n))


class PressureVessel(Constrained):
    """Cost of a vessel; plate thicknesses come in sixteenths of an inch."""

    name = "engineering/pressure_vessel"
    space = Space(
        (
            Parameter("shell", "int", 1, 99),
            Parameter("head", "int", 1, 99),
            Parameter("radius", "float", 10.0, 200.0),
            Parameter("length", "float", 10.0, 200.0),
        )
    )
    optimum = 6059.714335
    constraints = _labels(3)

    def parts(self, params: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
        s, h = params["shell"] * 0.0625, params["head"] * 0.0625
        r, x = params["radius"], params["length"]
        cost = 0.6224 * s * r * x + 1.7781 * h * r**2 + 3.1661 * s**2 * x + 19.84 * s**2 * r
        volume = math.pi * r**2 * x + 4.0 / 3.0 * math.pi * r**3
        return cost, (0.0193 * r - s, 0.00954 * r - h, 1.0 - volume / 1_296_000.0)


class SpeedReducer(Constrained):
    """Weight of a gear box; the number of teeth is whole."""

    name = "engineering/speed_reducer"
    space = Space(
        (
            Parameter("face", "float", 2.6, 3.6),
            Parameter("module", "float", 0.7, 0.8),
            Parameter("teeth", "int", 17, 28),
            Parameter("shaft1", "float", 7.3, 8.3),
            Parameter("shaft2", "float", 7.3, 8.3),
            Parameter("diameter1", "float", 2.9, 3.9),
            Parameter("diameter2", "float", 5.0, 5.5),
        )
    )
    optimum = 2994.4244658
    constraints = _labels(11)

    def parts(self, params: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
        b, m, z, l1, l2, d1, d2 = (float(params[n]) for n in self.space.names)
        weight = (
            0.7854 * b * m**2 * (3.3333 * z**2 + 14.9334 * z - 43.0934)
            - 1.508 * b * (d1**2 + d2**2)
            + 7.4777 * (d1**3 + d2**3)
            + 0.7854 * (l1 * d1**2 + l2 * d2**2)
        )
        stress1 = math.sqrt((745.0 * l1 / (m * z)) ** 2 + 16.9e6) / (110.0 * d1**3)
        stress2 = math.sqrt((745.0 * l2 / (m * z)) ** 2 + 157.5e6) / (85.0 * d2**3)
        limits = (
            27.0 / (b * m**2 * z),
            397.5 / (b * m**2 * z**2),
            1.93 * l1**3 / (m * z * d1**4),
            1.93 * l2**3 / (m * z * d2**4),
            stress1,
            stress2,
            m * z / 40.0,
            5.0 * m / b,
            b / (12.0 * m),
            (1.5 * d1 + 1.9) / l1,
            (1.1 * d2 + 1.9) / l2,
        )
        return weight, tuple(limit - 1.0 for limit in limits)


class Spring(Constrained):
    """Weight of a tension/compression spring with a whole number of coils."""

    name = "engineering/spring"
    space = Space(
        (
            Parameter("wire", "float", 0.05, 0.2),
            Parameter("coil", "float", 0.25, 1.3),
            Parameter("turns", "int", 2, 15),
        )
    )
    constraints = _labels(4)

    def parts(self, params: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
        w, d, n = params["wire"], params["coil"], params["turns"]
        bend = (4.0 * d**2 - w * d) / (12566.0 * (d * w**3 - w**4)) + 1.0 / (5108.0 * w**2)
        limits = (
            1.0 - d**3 * n / (71785.0 * w**4),
            bend - 1.0,
            1.0 - 140.45 * w / (d**2 * n),
            (w + d) / 1.5 - 1.0,
        )
        return (n + 2.0) * d * w**2, limits


class WeldedBeam(Constrained):
    """Cost of a welded beam."""

    name = "engineering/welded_beam"
    space = Space(
        (
            Parameter("weld", "float", 0.125, 10.0),
            Parameter("length", "float", 0.1, 10.0),
            Parameter("height", "float", 0.1, 10.0),
            Parameter("breadth", "float", 0.1, 10.0),
        )
    )
    optimum = 1.724852
    constraints = _labels(5)

    def parts(self, params: Mapping[str, Any]) -> tuple[float, tuple[float, ...]]:
        h, x, t, b = (params[n] for n in self.space.names)
        load, arm = 6000.0, 14.0
        direct = load / (math.sqrt(2.0) * h * x)
        radius = math.sqrt(x * x / 4.0 + ((h + t) / 2.0) ** 2)
        inertia = 2.0 * math.sqrt(2.0) * h * x * (x * x / 12.0 + ((h + t) / 2.0) ** 2)
        twist = load * (arm + x / 2.0) * radius / inertia
        shear = math.sqrt(direct**2 + direct * twist * x / radius + twist**2)
        bending = 6.0 * load * arm / (b * t * t)
        deflection = 4.0 * load * arm**3 / (30e6 * t**3 * b)
        root = math.sqrt(t * t * b**6 / 36.0)
        buckling = (
            4.013 * 30e6 * root / arm**2 * (1.0 - t / (2.0 * arm) * math.sqrt(30e6 / (4.0 * 12e6)))
        )
        limits = (
            shear / 13600.0 - 1.0,
            bending / 30000.0 - 1.0,
            (h - b) / 10.0,
            deflection / 0.25 - 1.0,
            1.0 - buckling / load,
        )
        return 1.10471 * h * h * x + 0.04811 * t * b * (14.0 + x), limits


_ALL = {c.name: c for c in (PressureVessel, SpeedReducer, Spring, WeldedBeam)}


def names() -> list[str]:
    return list(_ALL)


def load(name: str, data: Path | None = None) -> Problem:
    if name not in _ALL:
        raise ValueError(f"unknown problem {name!r}: expected one of {sorted(_ALL)}")
    return _ALL[name]()
