"""The best point for a context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bayesopt.compiled import blas_threads
from bayesopt.optimizer.given import read_context
from bayesopt.optimizer.queries import RunQueries
from bayesopt.readonly import read_only
from bayesopt.show import point_text, value_text
from bayesopt.strategy.best_point import best_by_mean


@dataclass(frozen=True, repr=False)
class BestPoint:
    """The point that the model takes for the best; it need not have been evaluated.

    Attributes
    ----------
    params : the whole point, the context's values included.
    mean, sd : what the model expects of the noise-free objective there, in the user's units.
    """

    params: Mapping[str, Any]
    mean: float
    sd: float

    def __repr__(self) -> str:
        value = f"{value_text(self.mean)} ± {value_text(self.sd)}"
        return f"BestPoint: {value} expected at {point_text(self.params)}"


class ContextQueries(RunQueries):
    """Questions to a run whose space has context parameters."""

    def best_for(self, context: Mapping[str, Any] | None = None) -> BestPoint:
        """The point with the best posterior mean in a context.

        Parameters
        ----------
        context : name -> value of each context parameter; None for a space without any: then it
            is the best point of all by the model. It is at the top fidelity, of the target task.

        Raises
        ------
        TypeError, ValueError : for a context that is missing, unknown or out of range, and before
            the first successful evaluation.
        SpaceExhausted : when the known constraints leave no point in that context.
        """
        values = read_context(self.space, context)
        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            self._event_log.sync()
            model = self._model()
            if model.objective is None:
                raise ValueError("nothing to go by: no trial has a value yet; tell at least one")
            held = {**self.space.targets, **values}
            part = self.space.fix(held) if held else self.space
            coords = best_by_mean(model, part, self.seed)
            params = self.space.decode(part.to_rows(coords[None])[0])
            there = self.predict(params)
            return BestPoint(read_only(params), float(there.mean[0]), float(there.sd[0]))
