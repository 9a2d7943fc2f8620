"""Problems with several objectives, as functions of the unit cube (n, d) to outputs (n, m).

All outputs are minimised. ZDT, DTLZ2, BraninCurrin, C2-DTLZ2, VehicleSafety, CarSideImpact and
Penicillin have the reference points and maxima of BoTorch's test functions. Those of RE21, RE24
and RE33 (Tanabe & Ishibuchi 2020) are the nadir of an evolutionary search's front and a tenth of
its range, and the volume below it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Outputs = Callable[[Floats], Floats]


@dataclass(frozen=True)
class MultiObjectiveProblem:
    """Outputs to be minimised; ``limited`` (n,) is at most 0 where a point is feasible."""

    dimension: int
    reference: tuple[float, ...]
    maximum: float
    evaluate: Outputs
    limited: Outputs | None = None


def branin_currin(u: Floats) -> Floats:
    x, y = 15.0 * u[:, 0] - 5.0, 15.0 * u[:, 1]
    branin = (y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6) ** 2
    branin += 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10
    a, b = u[:, 0], np.maximum(u[:, 1], 1e-300)
    currin = (1 - np.exp(-1 / (2 * b))) * (2300 * a**3 + 1900 * a**2 + 2092 * a + 60)
    return np.stack([branin, currin / (100 * a**3 + 500 * a**2 + 4 * a + 20)], axis=1)


def dtlz2(m: int) -> Outputs:
    """The front is a quarter, an octant, ... of the unit sphere."""

    def evaluate(u: Floats) -> Floats:
        radius = 1.0 + ((u[:, m - 1 :] - 0.5) ** 2).sum(axis=1)
        angles = 0.5 * np.pi * u[:, : m - 1]
        outputs = [radius * np.cos(angles).prod(axis=1)]
        for j in range(1, m):
            outputs.append(
                radius * np.cos(angles[:, : m - 1 - j]).prod(axis=1) * np.sin(angles[:, m - 1 - j])
            )
        return np.stack(outputs, axis=1)

    return evaluate


def c2_limit(u: Floats) -> Floats:
    """C2-DTLZ2, two objectives: only what is within .2 of an end or the middle is allowed."""
    f, square = dtlz2(2)(u), 0.2**2
    at_ends = [(f[:, i] - 1.0) ** 2 + f[:, 1 - i] ** 2 - square for i in range(2)]
    at_middle = ((f - np.sqrt(0.5)) ** 2).sum(axis=1) - square
    return np.minimum(np.minimum(*at_ends), at_middle)


def _zdt(second: Callable[[Floats, Floats], Floats]) -> Outputs:
    def evaluate(u: Floats) -> Floats:
        g = 1.0 + 9.0 * u[:, 1:].mean(axis=1)
        return np.stack([u[:, 0], second(u[:, 0], g)], axis=1)

    return evaluate


zdt1 = _zdt(lambda x, g: g * (1.0 - np.sqrt(x / g)))
zdt2 = _zdt(lambda x, g: g * (1.0 - (x / g) ** 2))
zdt3 = _zdt(lambda x, g: 1.0 - np.sqrt(x / g) - x / g * np.sin(10.0 * np.pi * x))


def _scaled(u: Floats, low: object, high: object) -> tuple[Floats, ...]:
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return tuple((low + u * (high - low)).T)


def vehicle_safety(u: Floats) -> Floats:
    """Mass, acceleration and intrusion in a crash; five thicknesses (RE34)."""
    a, b, c, d, e = _scaled(u, 1.0, 3.0)
    mass = 1640.2823 + 2.3573285 * a + 2.3220035 * b + 4.5688768 * c + 7.7213633 * d
    acceleration = 6.5856 + 1.15 * a - 1.0427 * b + 0.9738 * c + 0.8364 * d - 0.3695 * a * d
    acceleration += 0.0861 * a * e + 0.3628 * b * d - 0.1106 * a**2 - 0.3437 * c**2
    intrusion = -0.0551 + 0.0181 * a + 0.1024 * b + 0.0421 * c - 0.0073 * a * b + 0.024 * b * c
    intrusion += -0.0118 * b * d - 0.0204 * c * d - 0.008 * c * e - 0.0241 * b**2 + 0.0109 * d**2
    return np.stack([mass + 4.4559504 * e, acceleration + 0.1764 * d**2, intrusion], axis=1)


def car_side_impact(u: Floats) -> Floats:
    """Weight, force, velocity, the sum of what exceeds ten limits; seven thicknesses (RE41)."""
    low = np.array([0.5, 0.45, 0.5, 0.5, 0.875, 0.4, 0.4])
    a, b, c, d, e, f, g = _scaled(u, low, 3.0 * low)
    weight = 1.98 + 4.9 * a + 6.67 * b + 6.98 * c + 4.01 * d + 1.78 * e + 1e-5 * f + 2.73 * g
    force = 4.72 - 0.5 * d - 0.19 * b * c
    middle = 10.58 - 0.674 * a * b - 0.67275 * b
    front = 16.45 - 0.489 * c * g - 0.843 * e * f
    slack = [
        -0.16 + 0.3717 * b * d + 0.0092928 * c,
        0.059 + (0.0159 * a * b + 0.06486 * a + 0.019 * b * g) - (0.0144 * c * e + 0.0154464 * f),
        0.106
        + (0.0587118 * a + 0.018 * b * g + 0.00364 * e * f + 0.018 * b**2)
        - (0.00817 * e + 0.03099 * b * f + 0.030408 * c),
        -0.42 + 0.61 * b + 0.031296 * c + 0.031872 * g - 0.227 * b**2,
        3.02 - 3.818 * c + 4.2 * a * b - 1.27296 * f + 2.68065 * g,
        -3.31728 - 2.95 * c + 5.057 * a * b + 3.795 * b + 3.4431 * g,
        -14.36 + 9.9 * b + 4.4505 * a,
        4.0 - force,
        9.9 - middle,
        15.7 - front,
    ]
    exceeded = np.maximum(-np.stack(slack), 0.0).sum(axis=0)
    return np.stack([weight, force, 0.5 * (middle + front), exceeded], axis=1)


def four_bar_truss(u: Floats) -> Floats:
    """Volume and displacement; four cross-sections (RE21)."""
    root = np.sqrt(2.0)
    a, b, c, d = _scaled(u, [1.0, root, root, 1.0], 3.0)
    volume = 200.0 * (2.0 * a + root * b + np.sqrt(c) + d)
    displacement = 0.01 * (2.0 / a + 2.0 * root / b - 2.0 * root / c + 2.0 / d)
    return np.stack([volume, displacement], axis=1)


def hatch_cover(u: Floats) -> Floats:
    """Weight, and the sum of what exceeds four limits; two thicknesses (RE24)."""
    a, b = _scaled(u, 0.5, [4.0, 50.0])
    bending, shear = 4500.0 / (a * b), 1800.0 / b
    deflection, buckling = 56.2e4 / (7e5 * a * b**2), 7e3 * a**2
    slack = [
        1.0 - bending / 700.0,
        1.0 - shear / 450.0,
        1.0 - deflection / 1.5,
        1.0 - bending / buckling,
    ]
    exceeded = np.maximum(-np.stack(slack), 0.0).sum(axis=0)
    return np.stack([a + 120.0 * b, exceeded], axis=1)


def disc_brake(u: Floats) -> Floats:
    """Mass, stopping time, and the sum of what exceeds four limits (RE33)."""
    inner, outer, force, surfaces = _scaled(u, [55, 75, 1000, 11], [80, 110, 3000, 20])
    squares, cubes = outer**2 - inner**2, outer**3 - inner**3
    slack = [
        outer - inner - 20.0,
        0.4 - force / (3.14 * squares),
        1.0 - 2.22e-3 * force * cubes / squares**2,
        2.66e-2 * force * surfaces * cubes / squares - 900.0,
    ]
    exceeded = np.maximum(-np.stack(slack), 0.0).sum(axis=0)
    mass = 4.9e-5 * squares * (surfaces - 1.0)
    return np.stack([mass, 9.82e6 * squares / (force * surfaces * cubes), exceeded], axis=1)


def penicillin(u: Floats) -> Floats:
    """Yield (negated), CO2 and time of a fermentation (Liang & Lai 2021), hour by hour, with the
    constants and the stops of BoTorch's test function; 7-d.
    """
    low = [60.0, 0.05, 293.0, 0.05, 0.01, 500.0, 5.0]
    high = [120.0, 18.0, 303.0, 18.0, 0.5, 700.0, 6.5]
    volume, biomass, kelvin, glucose, feed, fed, ph = _scaled(u, low, high)
    acid = 10.0**-ph
    growth = 0.092 / (1.0 + 1e-10 / acid + acid / 7e-5)
    growth *= 7e3 * np.exp(-5100.0 / (1.9872 * kelvin)) - 1e33 * np.exp(
        -50000.0 / (1.9872 * kelvin)
    )
    evaporated = 2.5e-4 * np.expm1(5.0 * (kelvin - 373.0) / (273.0 - 373.0))
    product, gas = np.zeros(len(u)), np.zeros(len(u))
    hours, runs = np.full(len(u), 2500.0), np.arange(len(u))
    for t in range(1, 2501):
        v, x, s, p, f = (a[runs] for a in (volume, biomass, glucose, product, feed))
        dv = f - v * evaporated[runs]
        mu = growth[runs] * s / (0.15 * x + s)
        made = 0.005 * s / (0.0002 + s + s**2 / 0.10)
        dx = mu * x - x / v * dv
        ds = -(mu / 0.45 + made / 0.90 + 0.014) * x + f * fed[runs] / v - s / v * dv
        dp = made * x - 0.04 * p - p / v * dv
        volume[runs], biomass[runs], glucose[runs] = v + dv, x + dx, s + ds
        product[runs] = p + dp
        gas[runs] += 0.143 * dx + 4e-7 * x + 1e-4
        over = (v + dv > 180.0) | (s + ds < 0.0) | (dp < 1e-11)
        hours[runs[over]] = t
        runs = runs[~over]
        if not len(runs):
            break
    return np.stack([-product, gas, hours], axis=1)


PROBLEMS = {
    "branin_currin": MultiObjectiveProblem(2, (18.0, 6.0), 59.36011874867746, branin_currin),
    "zdt1": MultiObjectiveProblem(6, (11.0, 11.0), 120.6667, zdt1),
    "zdt2": MultiObjectiveProblem(6, (11.0, 11.0), 120.3333, zdt2),
    "zdt3": MultiObjectiveProblem(6, (11.0, 11.0), 128.77811613, zdt3),
    "dtlz2_2": MultiObjectiveProblem(6, (1.1,) * 2, 1.1**2 - np.pi / 4, dtlz2(2)),
    "dtlz2_3": MultiObjectiveProblem(6, (1.1,) * 3, 1.1**3 - np.pi / 6, dtlz2(3)),
    "dtlz2_4": MultiObjectiveProblem(6, (1.1,) * 4, 1.1**4 - np.pi**2 / 32, dtlz2(4)),
    "c2_dtlz2": MultiObjectiveProblem(6, (1.1,) * 2, 0.3996406303723544, dtlz2(2), c2_limit),
    "vehicle_safety": MultiObjectiveProblem(
        5, (1864.72022, 11.81993945, 0.2903999384), 246.81607081187002, vehicle_safety
    ),
    "car_side_impact": MultiObjectiveProblem(
        7, (45.4872, 4.5114, 13.3394, 10.3942), 484.72654347642793, car_side_impact
    ),
    "penicillin": MultiObjectiveProblem(7, (25.935, 57.612, 935.5), 2183455.909507436, penicillin),
    "re21": MultiObjectiveProblem(4, (3051.22, 0.0437239), 54.3673, four_bar_truss),
    "re24": MultiObjectiveProblem(2, (523.878, 48.7101), 21813.56, hatch_cover),
    "re33": MultiObjectiveProblem(4, (5.90952, 9.84411, 131.257), 7176.56, disc_brake),
}
