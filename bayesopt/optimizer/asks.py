"""Asking: which point is next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bayesopt.checks import optional, whole
from bayesopt.optimizer.asking import next_ask
from bayesopt.optimizer.best_for import ContextQueries
from bayesopt.optimizer.events import Asked, Enqueued
from bayesopt.optimizer.given import Given, shared_names, shared_values
from bayesopt.optimizer.queue import queued_points
from bayesopt.optimizer.stopped_data import asked_again, explored
from bayesopt.proposal import RandomSearch, SpaceExhausted
from bayesopt.stopping import StoppingRule
from bayesopt.trial import Trial

_LARGEST_BATCH = 10_000
_LOCKED_AFTER = 2  # proposals lost to other workers before one is made under the lock


class Asks(ContextQueries):
    """The part of :class:`~bayesopt.Optimizer` that hands out trials.

    Attributes
    ----------
    early_stopping : the rule that decides on running trials, and which of the stopped ones is
        asked again.
    """

    early_stopping: StoppingRule

    def ask(
        self,
        *,
        hold: bool | float = False,
        limit: int | None = None,
        fixed: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Trial:
        """The next point to evaluate, as a pending trial; first of all a trial that was lost, with
        its old number.

        Parameters
        ----------
        hold : matters when the run is kept in a file. False: the trial is lost when this
            process dies. True: it is out until it is told, by whomever. A number: it is out for so
            many seconds.
        limit : trials that the run may have in all, counted together with other processes'
            (added and abandoned ones not).
        fixed : name -> value of parameters that are not to be chosen this time: the trial has
            exactly these values. Lost trials and the queue wait for another ask.
        context : name -> present value of each context parameter (``role="context"``): needed
            when the space has any. Lost trials and points in the queue with other values of them
            wait.

        Raises
        ------
        EnoughTrials : when the run has ``limit`` trials.
        SpaceExhausted : when every legal point is evaluated, failed or pending.
        TypeError, ValueError : for values that cannot be fixed, and for a context that is missing,
            unknown or out of range.
        """
        limit = optional(whole, "limit", limit, 0)
        given = Given.read(self.space, fixed, context)
        event_log = self._event_log
        with event_log.whole(), event_log.lock:
            event_log.sync()
            if not given.fixed:
                again = event_log.hand_out_again(hold, limit, given.context_numbers)
                if again is not None:
                    return again
            for _ in range(_LOCKED_AFTER):
                event_log.check_limit(limit)
                event = self._next_ask(given)
                with event_log.transaction() as history:
                    if event.number == len(history.trials):
                        return event_log.hand_out(event, hold, limit)
                # another worker was faster and has this number: the streams and the pending points
                # are others now
            with event_log.transaction():
                return event_log.hand_out(self._next_ask(given), hold, limit)

    def ask_batch(
        self,
        k: int,
        *,
        hold: bool | float = False,
        fixed: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        same: Iterable[str] | None = None,
    ) -> list[Trial]:
        """The next ``k`` points (1 to 10,000), each chosen with the ones before it pending.

        Fewer when the space is exhausted on the way; SpaceExhausted when there is none at all.

        Parameters
        ----------
        hold, fixed, context : as for :meth:`ask`.
        same : names of parameters that have one value in the whole batch: one oven, one plate,
            one solvent. The value is that of the first point, which is chosen freely. Where one
            of them is inactive there, it is so in the whole batch.
        """
        k = whole("k, the number of points of ask_batch,", k, 1, _LARGEST_BATCH)
        names = [] if same is None else shared_names(self.space, same)
        batch: list[Trial] = []
        for _ in range(k):
            if names and batch:
                fixed = {**(fixed or {}), **shared_values(self.space, names, batch[0].params)}
            try:
                batch.append(self.ask(hold=hold, fixed=fixed, context=context))
            except SpaceExhausted:
                if not batch:
                    raise
                break
        return batch

    def enqueue(self, points: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
        """Put points first in line for the next asks.

        Parameters
        ----------
        points : one or several. Of a point with some values only, the rest is proposed when its
            turn has come; where no open point has these values, by one that was evaluated before.

        Raises
        ------
        TypeError, ValueError : when one of them is not a point of the space, or part of one, or
            not allowed by its known constraints; then none is queued.
        """
        events = queued_points(self.space, points)
        with self._event_log.whole(), self._event_log.transaction():
            for event in events:
                self._event_log.append(event)

    def _check_limit(self, limit: int | None) -> None:
        """EnoughTrials when the run has ``limit`` trials and none is to be handed out again."""
        if limit is None or not self.space.context:
            return
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            self._event_log.check_limit(limit)

    def _begin_with(self, events: list[Enqueued]) -> None:
        """Queue points unless the run has begun already."""
        with self._event_log.whole(), self._event_log.transaction() as history:
            if not history.trials and not history.queue:
                for event in events:
                    self._event_log.append(event)

    def _next_ask(self, given: Given) -> Asked:
        free = not (given.fixed or given.context or self._history.queue)
        again = self._asked_again() if free else None
        if again is not None:
            return again
        config = self.config
        if explored(self._history, self.problem, self.early_stopping):
            config = replace(config, proposer=RandomSearch())
        return next_ask(
            self._history,
            self.problem,
            config,
            given,
            self.early_stopping,
            exhausted=(lambda: self._asked_again(exhausted=True)) if free else None,
            cache=self._cache,
            threads=self._threads,
        )

    def _asked_again(self, *, exhausted: bool = False) -> Asked | None:
        return asked_again(self._history, self.problem, self.early_stopping, exhausted=exhausted)
