"""The event of the next ask: from the events so far to data, to a proposal, to an event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bayesopt.optimizer.events import Asked, stored_row
from bayesopt.optimizer.given import Given
from bayesopt.optimizer.history import History
from bayesopt.optimizer.history_data import run_data
from bayesopt.optimizer.stored_values import legal
from bayesopt.problem import Problem
from bayesopt.proposal import SpaceExhausted
from bayesopt.stopping import StoppingRule
from bayesopt.strategy import Cache, Proposal, ProposalConfig, propose
from bayesopt.trial import Origin

_log = logging.getLogger("bayesopt")


def next_ask(
    history: History,
    problem: Problem,
    config: ProposalConfig,
    given: Given,
    rule: StoppingRule,
    *,
    exhausted: Callable[[], Asked | None] | None = None,
    cache: Cache,
    threads: int,
) -> Asked:
    """The event of the next ask: a point of the queue, or a proposal; with fixed values always
    a proposal.

    Parameters
    ----------
    exhausted : asked where no new point is left: what else is to be done, None for nothing.

    Raises
    ------
    SpaceExhausted : when there is no open point.
    ValueError : for values that cannot be fixed, and when a part proposes what is no point.
    """
    number = len(history.trials)

    def proposed(values: Mapping[str, Any], config: ProposalConfig) -> Proposal:
        proposal = propose(
            run_data(history, problem, config.counted, rule),
            config,
            number=number,
            state=history.fit_from,
            fixed=values,
            cache=cache,
            threads=threads,
        )
        _check(proposal, problem, config)
        return proposal

    for queued in () if given.fixed else history.queue:
        if not queued.suits(given.context_numbers):
            continue
        if queued.given is None:
            return Asked(number, stored_row(queued.row), Origin.ENQUEUED)
        try:  # where all is taken, as a whole point that was evaluated may be put in line too
            part = proposed({**queued.given, **given.context}, replace(config, repeat=True))
        except (SpaceExhausted, ValueError) as error:
            _log.warning("a part of a point stays in the queue, %r: %s", queued.given, error)
            continue
        return Asked(number, stored_row(part.row), Origin.ENQUEUED)
    try:
        proposal = proposed(given.all, config)
    except SpaceExhausted:
        if exhausted is None or (other := exhausted()) is None:
            raise
        return other
    changed = proposal.from_model and proposal.state != history.model_state
    state = proposal.state if changed else None
    return Asked(number, stored_row(proposal.row), proposal.origin, state)


def _check(proposal: Proposal, problem: Problem, config: ProposalConfig) -> None:
    """ValueError when a part of the user's own proposed what is no point of the space."""
    if legal(problem.space, proposal.row[None])[0]:
        return
    what = "initial_design" if proposal.origin is Origin.INITIAL else "proposer"
    raise ValueError(
        f"{getattr(config, what)!r} proposed {proposal.row.tolist()}, which is no "
        f"point of the space: the {what} must return legal coordinates, see Space.snap()"
    )
