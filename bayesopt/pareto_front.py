"""The answer of a run with several objectives: its front, and how much of it is dominated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import listed, mapping, real, shown, suggestion
from bayesopt.output import Objective
from bayesopt.show import name_text, table_html, table_text, value_text
from bayesopt.trial import Trial

Floats = NDArray[np.float64]

_SHOWN = 20  # trials of a front that are printed


@dataclass(frozen=True)
class ParetoTrial:
    """A trial of the front and what the model believes of it.

    Attributes
    ----------
    trial : the trial.
    means, sds : posterior mean and standard deviation of each objective without its noise, by
        name, in the user's units; where no model was asked the observed values, and NaN.
    probability : that no other evaluated trial dominates it, in [0, 1]; NaN without a model.
    """

    trial: Trial
    means: Mapping[str, float]
    sds: Mapping[str, float]
    probability: float

    @property
    def number(self) -> int:
        """The trial's number."""
        return self.trial.number

    @property
    def params(self) -> Mapping[str, Any]:
        """The trial's point."""
        return self.trial.params

    @property
    def values(self) -> dict[str, float]:
        """What was measured, by name."""
        return self.trial.values


@dataclass(frozen=True, eq=False)
class ParetoFront(Sequence[ParetoTrial]):
    """Trials that are believed to be dominated by no other, in the order of the first objective.

    Attributes
    ----------
    objectives : in the order of the columns below.
    trials : (k,) the trials.
    means, sds : (k, m) posterior means and standard deviations, in the user's units.
    probability : (k,) that no other evaluated trial dominates it.
    """

    objectives: tuple[Objective, ...]
    trials: tuple[Trial, ...]
    means: Floats
    sds: Floats
    probability: Floats

    def __len__(self) -> int:
        return len(self.trials)

    @overload
    def __getitem__(self, index: int) -> ParetoTrial: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ParetoTrial]: ...
    def __getitem__(self, index: int | slice) -> ParetoTrial | Sequence[ParetoTrial]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        names = [o.name for o in self.objectives]
        return ParetoTrial(
            self.trials[index],
            dict(zip(names, self.means[index].tolist(), strict=True)),
            dict(zip(names, self.sds[index].tolist(), strict=True)),
            float(self.probability[index]),
        )

    def __iter__(self) -> Iterator[ParetoTrial]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParetoFront):
            return NotImplemented
        same = (self.objectives, self.trials) == (other.objectives, other.trials)
        return same and all(
            np.array_equal(getattr(self, name), getattr(other, name), equal_nan=True)
            for name in ("means", "sds", "probability")
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self._title}\n{table_text(self.rows())}"

    def _repr_html_(self) -> str:
        return table_html(self._title, self.rows())

    @property
    def _title(self) -> str:
        return f"front of {len(self)} trial{'s' * (len(self) != 1)}"

    def rows(self) -> list[list[str]]:
        """The front as a table of texts, the heading first; not all of a long one."""
        names = [name_text(o.name) for o in self.objectives]
        table = [["trial", *names, "P(non-dominated)", "point"]]
        for one in self[:_SHOWN]:
            values = [_with_sd(one.means[o.name], one.sds[o.name]) for o in self.objectives]
            sure = "" if np.isnan(one.probability) else f"{one.probability:.2f}"
            point = ", ".join(f"{name_text(k)}={value_text(v)}" for k, v in one.params.items())
            table.append([str(one.number), *values, sure, point])
        if len(self) > _SHOWN:
            table.append(["…", *[""] * (len(names) + 2)])
        return table

    @property
    def oriented(self) -> Floats:
        """(k, m) the means, turned so that less is better."""
        return self.means * [o.sign for o in self.objectives]

    def compromise(self, weights: Mapping[str, float] | None = None) -> ParetoTrial:
        """The trial nearest to the ideal point, which is the front's best value of each objective.

        Distances are in units of the front's ranges.

        Parameters
        ----------
        weights : by objective, >= 0 and not all 0: the weight of a distance in it; 1 where it is
            not named.

        Raises
        ------
        ValueError, TypeError : for an empty front, or weights that cannot be.
        """
        factors = self._weights(weights)
        if not len(self):
            raise ValueError("the front is empty: no trial has feasible values yet")
        values = self.oriented
        low = values.min(axis=0)
        span = values.max(axis=0) / 2.0 - low / 2.0  # in halves: no overflow
        scaled = (values / 2.0 - low / 2.0) / np.where(span > 0.0, span, 1.0)
        return self[int(np.argmin(np.linalg.norm(scaled * factors, axis=1)))]

    def _weights(self, weights: Mapping[str, float] | None) -> Floats:
        names = [o.name for o in self.objectives]
        what = f"names of objectives with weights, such as {{{names[0]!r}: 2.0}}"
        given = mapping("weights", weights or {}, what)
        for name in given:
            if name not in names:
                raise ValueError(
                    f"weights has {shown(name)}, which is no objective{suggestion(name, names)}; "
                    f"the objectives are {listed(names)}"
                )
        factors = np.array([real(f"weights[{n!r}]", given.get(n, 1.0), 0.0) for n in names])
        if not factors.any():
            raise ValueError("weights must not all be 0")
        return np.asarray(factors / factors.max())


@dataclass(frozen=True, eq=False)
class HypervolumeTrace:
    """The volume that is dominated below a reference point, after each evaluated trial.

    Attributes
    ----------
    numbers : (n,) of the evaluated trials, in the order they were told.
    values : (n,) the volume by then, in the product of the objectives' units. Under noise it is of
        what is believed now of the trials, not of what was measured.
    reference : the reference point by objective, in the user's units.
    inferred : names of the objectives whose coordinate of it was inferred from the front; that of
        the others is their threshold.
    met : whether any trial is better than the reference point in every objective; while none is,
        the volume is 0.
    """

    numbers: tuple[int, ...]
    values: Floats
    reference: Mapping[str, float]
    inferred: tuple[str, ...]
    met: bool

    def __float__(self) -> float:
        return float(self.values[-1]) if len(self.values) else 0.0

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"hypervolume {value_text(float(self))} below {self.reference_text}"

    @property
    def reference_text(self) -> str:
        """The reference point in words, and what of it was inferred."""
        if not self.reference:
            return "no reference point yet"
        point = ", ".join(f"{name_text(k)}={value_text(v)}" for k, v in self.reference.items())
        how = "inferred from the front" if self.inferred else "the thresholds"
        if self.inferred and len(self.inferred) < len(self.reference):
            how = f"{', '.join(map(name_text, self.inferred))} inferred from the front"
        unmet = "" if self.met else "; no trial is better in every objective"
        return f"{point} ({how}{unmet})"


def _with_sd(mean: float, sd: float) -> str:
    return value_text(mean) if np.isnan(sd) else f"{value_text(mean)} ± {sd:.2g}"
