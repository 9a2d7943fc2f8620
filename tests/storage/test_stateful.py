"""Any order of ask, tell, fail, abandon, kill and reopen by two workers, against a model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import bayesopt as bo
from bayesopt.storage.worker import Worker, WorkerStatus, this_worker
from bayesopt.trial import TrialState

from .conftest import IN_MEMORY

SPACE = bo.Space(
    x=bo.Float(0, 1), kind=bo.Categorical([1, True, "1"]), k=bo.Int(0, 3, when={"kind": True})
)
RETRIES = 1
OPEN = (TrialState.PENDING, TrialState.ABANDONED)


@dataclass
class Expected:
    """What the model knows of a trial."""

    params: dict[str, Any]
    owner: Worker | None
    state: TrialState = TrialState.PENDING
    answer: Any = None
    attempts: int = 1
    final: bool = False


@dataclass
class Process:
    """A worker process and its optimizer."""

    me: Worker
    opt: bo.Optimizer = field(init=False)


class Runs(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=IN_MEMORY)
        self.path = Path(self.folder.name, "run.db")
        self.dead: set[Worker] = set()
        self.born = 0
        self.trials: list[Expected] = []
        self.queue: list[dict[str, Any]] = []
        status = mock.patch.object(
            Worker,
            "status",
            lambda me: WorkerStatus.DEAD if me in self.dead else WorkerStatus.ALIVE,
        )
        status.start()
        self.undo = status.stop
        self.processes = [self.new_process() for _ in range(2)]

    def teardown(self) -> None:
        for process in self.processes:
            process.opt.close()
        self.undo()
        self.folder.cleanup()

    def new_process(self) -> Process:
        self.born += 1
        process = Process(replace(this_worker(), start=f"process {self.born}"))
        if self.born == 1:
            process.opt = bo.Optimizer(
                SPACE, seed=0, storage=self.path, proposer=bo.RandomSearch(), retries=RETRIES
            )
        else:
            process.opt = bo.Optimizer.reopen(self.path, retries=RETRIES)
        return process

    def does(self, which: int, action: Callable[[bo.Optimizer], Any]) -> Any:
        process = self.processes[which]
        with mock.patch("bayesopt.optimizer.event_log.this_worker", return_value=process.me):
            return action(process.opt)

    def numbers(self, *states: TrialState) -> list[int]:
        return [n for n, t in enumerate(self.trials) if t.state in states]

    @rule(which=st.integers(0, 1), hold=st.booleans())
    def ask(self, which: int, hold: bool) -> None:
        trial = self.does(which, lambda opt: opt.ask(hold=hold))
        owner = None if hold else self.processes[which].me
        for t in self.trials:
            if t.state is TrialState.PENDING and t.owner in self.dead:
                t.state, t.answer = TrialState.ABANDONED, f"its worker {t.owner.name} died"
        lost = [
            n
            for n in self.numbers(TrialState.ABANDONED)
            if self.trials[n].attempts <= RETRIES and not self.trials[n].final
        ]
        if lost:
            again = self.trials[lost[0]]
            assert (trial.number, trial.params) == (lost[0], again.params)
            again.state, again.owner, again.answer = TrialState.PENDING, owner, None
            again.attempts += 1
            return
        assert trial.number == len(self.trials)
        if self.queue:
            assert trial.params == self.queue.pop(0)
        else:
            taken = [repr(t.params) for t in self.trials if t.state is not TrialState.ABANDONED]
            assert repr(trial.params) not in taken
        self.trials.append(Expected(dict(trial.params), owner))

    @precondition(lambda self: self.numbers(*OPEN))
    @rule(which=st.integers(0, 1), data=st.data(), value=st.floats(-1e300, 1e300))
    def tell(self, which: int, data: st.DataObject, value: float) -> None:
        number = data.draw(st.sampled_from(self.numbers(*OPEN)))
        self.does(which, lambda opt: opt.tell(number, value))
        self.trials[number].state, self.trials[number].answer = TrialState.COMPLETE, value

    @precondition(lambda self: self.numbers(*OPEN))
    @rule(which=st.integers(0, 1), data=st.data())
    def fail(self, which: int, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.numbers(*OPEN)))
        self.does(which, lambda opt: opt.tell_failure(number, "it broke"))
        self.trials[number].state, self.trials[number].answer = TrialState.FAILED, "it broke"

    @precondition(lambda self: self.numbers(TrialState.PENDING))
    @rule(which=st.integers(0, 1), data=st.data(), retry=st.booleans())
    def abandon(self, which: int, data: st.DataObject, retry: bool) -> None:
        number = data.draw(st.sampled_from(self.numbers(TrialState.PENDING)))
        self.does(which, lambda opt: opt.abandon(number, "lost", retry=retry))
        trial = self.trials[number]
        trial.state, trial.answer, trial.final = TrialState.ABANDONED, "lost", not retry

    @precondition(lambda self: self.numbers(TrialState.COMPLETE, TrialState.FAILED))
    @rule(which=st.integers(0, 1), data=st.data())
    def tell_again(self, which: int, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.numbers(TrialState.COMPLETE, TrialState.FAILED)))
        with pytest.raises(ValueError, match="already finished"):
            self.does(which, lambda opt: opt.tell(number, 0.0))

    @rule(which=st.integers(0, 1), x=st.floats(0, 1))
    def enqueue(self, which: int, x: float) -> None:
        point = {"x": x, "kind": "1"}
        self.does(which, lambda opt: opt.enqueue(point))
        self.queue.append(point)

    @rule(which=st.integers(0, 1))
    def kill(self, which: int) -> None:
        self.dead.add(self.processes[which].me)
        self.processes[which].opt.close()
        self.processes[which] = self.new_process()

    @rule(which=st.integers(0, 1))
    def reopen(self, which: int) -> None:
        """The same process opens the file again: its trials are not lost."""
        me = self.processes[which].me
        self.processes[which].opt.close()
        self.processes[which] = self.new_process()
        self.processes[which].me = me

    @invariant()
    def all_agree(self) -> None:
        expected = [(t.params, t.state, t.answer) for t in self.trials]
        for process in self.processes:
            trials = process.opt.trials
            seen = [(t.params, t.state, t.error if t.outcome is None else t.value) for t in trials]
            assert repr(seen) == repr(expected)
            assert [t.number for t in trials] == [*range(len(trials))]


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    deadline=None,
    max_examples=12,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
