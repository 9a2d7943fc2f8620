"""The event of the next ask: from the events so far to data, to a proposal, to an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.optimizer.events import Asked, stored_row
from bayesopt.optimizer.history import History
from bayesopt.optimizer.history_data import run_data
from bayesopt.optimizer.stored_values import legal
from bayesopt.problem import Problem
from bayesopt.strategy import Cache, Proposal, ProposalConfig, propose
from bayesopt.trial import Origin


def next_ask(
    history: History,
    problem: Problem,
    config: ProposalConfig,
    fixed: Mapping[str, Any] | None,
    *,
    cache: Cache,
    threads: int,
) -> Asked:
    """The event of the next ask: a point of the queue, or a proposal; with ``fixed`` values always
    a proposal.

    Raises
    ------
    SpaceExhausted : when there is no open point.
    ValueError : for values that cannot be fixed, and when a part proposes what is no point.
    """
    number = len(history.trials)
    if history.queue and not fixed:
        return Asked(number, stored_row(history.queue[0]), Origin.ENQUEUED)
    proposal = propose(
        run_data(history, problem),
        config,
        number=number,
        state=history.fit_from,
        fixed=fixed,
        cache=cache,
        threads=threads,
    )
    _check(proposal, problem, config)
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
