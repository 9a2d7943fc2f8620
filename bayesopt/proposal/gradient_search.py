"""Pure gradient search: descents by L-BFGS-B from random starts, to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import whole
from bayesopt.proposal.base import Evaluated, ProposalContext, Proposer
from bayesopt.proposal.baselines import RandomSearch
from bayesopt.space import Space
from bayesopt.streams import descent_stream
from bayesopt.trial import Origin

Floats = NDArray[np.float64]

_STARTS = 10_000  # begun at most; then points are drawn at random
_MOST_STEPS = 100_000


class _Unknown(Exception):
    """The descent asks for a point that was not evaluated yet."""

    def __init__(self, coords: Floats) -> None:
        super().__init__()
        self.coords = coords


@explained_class
@dataclass(frozen=True)
class MultistartGradient(Proposer):
    """Descents by L-BFGS-B (Byrd, Lu, Nocedal & Zhu 1995) from random points, one after another.

    Each result must come with its ``gradient``. Continuous parameters move; the others stay what
    they are at the start of a descent. A point that failed, or is still being evaluated, ends a
    descent here, and the next one begins.

    Attributes
    ----------
    max_steps : evaluations of a descent, 1 to 100,000.
    """

    max_steps: int = 200
    needs_model: ClassVar[bool] = False
    origin: ClassVar[Origin] = Origin.DESCENT

    def __post_init__(self) -> None:
        steps = whole("max_steps", self.max_steps, 1, _MOST_STEPS)
        object.__setattr__(self, "max_steps", steps)

    def propose(self, context: ProposalContext) -> Floats:
        """The point (p,) that the first unfinished descent asks for.

        Raises
        ------
        ValueError : when a result of a descent has no gradient.
        """
        for start in _starts(context):
            asked = self._asked(context, start)
            if asked is not None and context.is_new(asked[None])[0]:
                return asked
        return RandomSearch().propose(context)

    def _asked(self, context: ProposalContext, start: Floats) -> Floats | None:
        """What a descent asks for next; None when it has ended."""
        from scipy.optimize import minimize

        space, evaluated = context.space, context.evaluated
        free = np.flatnonzero(np.isfinite(space.value_slopes(start[None])[0]))

        def value(u: Floats) -> tuple[float, Floats]:
            coords = start.copy()
            coords[free] = u
            coords = space.snap(coords[None])[0]
            found = None if evaluated is None else _known(space, evaluated, coords)
            if found is None:
                raise _Unknown(coords)
            gradient = found[1][free]
            if np.isnan(gradient).any():
                names = [space.columns[j] for j in free[np.isnan(gradient)]]
                raise ValueError(
                    "MultistartGradient needs the derivatives of each result: tell {'value': ..., "
                    f"'gradient': {{...}}}}; that with respect to {', '.join(names)} is missing"
                )
            return found[0], gradient

        if not len(free):
            return start
        try:
            minimize(
                value,
                start[free],
                jac=True,
                method="L-BFGS-B",
                bounds=[(0.0, 1.0)] * len(free),
                options={"maxfun": self.max_steps, "ftol": 1e-10, "gtol": 1e-9},
            )
        except _Unknown as unknown:
            return unknown.coords
        return None


def _starts(context: ProposalContext) -> Iterator[Floats]:
    """The runs' starting points, the same at each call."""
    space = context.space
    few = space.n_points is not None and space.n_points < _STARTS
    for k in range(space.n_points if few and space.n_points is not None else _STARTS):
        rng = descent_stream(context.seed, k)
        yield space.from_cube(rng.random((1, space.n_columns)))[0]


def _known(space: Space, evaluated: Evaluated, coords: Floats) -> tuple[float, Floats] | None:
    """The first value and gradient at a point."""
    there = np.flatnonzero(space.same(coords[None], evaluated.coords)[0])
    if not len(there):
        return None
    i = int(there[0])
    return float(evaluated.values[i]), evaluated.gradients[i]
