"""As in SciPy: a vector within bounds, whole numbers, constraints, a callback.

The function stands for a simulation that takes minutes: a welded beam is to be as cheap as can be
and still carry its load (simplified from Ragsdell and Phillips, 1976).
"""

import numpy as np
from scipy import optimize

from bayesopt.integrations.scipy import method, minimize

BOUNDS = optimize.Bounds([0.1, 1.0, 2.0, 1.0], [2.0, 10.0, 10.0, 8.0])
WHOLE = [False, False, False, True]  # the bar comes in multiples of 1/4 inch
LOAD, LENGTH = 6000.0, 14.0  # pound, inch


def cost(x: np.ndarray) -> float:
    """Weld and bar: size of the weld, its length, height of the bar, its thickness."""
    weld, length, height, thickness = x[0], x[1], x[2], x[3] / 4
    return 1.105 * weld**2 * length + 0.048 * height * thickness * (LENGTH + length)


def stresses(x: np.ndarray) -> list[float]:
    """Shear in the weld and bending in the bar (psi)."""
    weld, length, height, thickness = x[0], x[1], x[2], x[3] / 4
    return [
        LOAD / (np.sqrt(2) * weld * length),
        6 * LOAD * LENGTH / (thickness * height**2),
    ]


STRONG_ENOUGH = optimize.NonlinearConstraint(stresses, -np.inf, [13_600.0, 30_000.0])
WELD_FITS = optimize.LinearConstraint([[1, 0, 0, -1 / 4]], ub=0.0)  # no wider than the bar


def progress(intermediate_result: optimize.OptimizeResult) -> None:
    """Stop when it is cheap enough."""
    if intermediate_result.fun < 1.6:
        raise StopIteration


def main(maxfev: int = 40) -> None:
    """The same problem twice: by this package's function, and through SciPy's."""
    options = {"integrality": WHOLE, "maxfev": maxfev, "rng": 0, "deterministic": True}
    constraints = [STRONG_ENOUGH, WELD_FITS]
    found = minimize(cost, BOUNDS, constraints=constraints, callback=progress, **options)
    print(f"{found.message} {found.nfev} evaluations, cost {found.fun:.3f} at {found.x.round(3)}")
    start = [1.0, 4.0, 8.0, 4.0]
    same = optimize.minimize(
        cost, start, method=method, bounds=BOUNDS, constraints=constraints, options=options
    )
    print(f"{same.message} {same.nfev} evaluations, cost {same.fun:.3f} at {same.x.round(3)}")


if __name__ == "__main__":
    main()
