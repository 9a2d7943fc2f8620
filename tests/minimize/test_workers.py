"""Several workers: asynchronous telling, lost workers, time limits, executors of other people."""

import textwrap
import threading
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from importlib import import_module
from multiprocessing import get_context

import pytest

import bayesopt as bo
from bayesopt.result import Stop
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))


def bowl(params):
    return params["x"] ** 2 + params["k"]


def fast(**settings):
    return {"space": SPACE, "seed": 0, "proposer": bo.RandomSearch(), **settings}


def count(result, state):
    return sum(t.state is state for t in result.trials)


@pytest.fixture
def objectives(tmp_path, monkeypatch):
    """A module that worker processes can import: this one they cannot."""
    (tmp_path / "objectives_of_a_test.py").write_text(
        textwrap.dedent(
            """
            import os, time

            def bowl(params):
                return params["x"] ** 2 + params["k"]

            def deadly(params):
                if params["k"] == 2:
                    os._exit(1)
                return bowl(params)

            def always_deadly(params):
                os._exit(1)

            def hangs_once(params):
                try:  # one call makes the file, however many begin at the same moment
                    open(__file__ + ".called", "x").close()
                except FileExistsError:
                    return bowl(params)
                time.sleep(3600)

            def raises(params):
                raise LookupError("in a worker")
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    import objectives_of_a_test

    return objectives_of_a_test


def processes(n=2):
    return ProcessPoolExecutor(n, mp_context=get_context("spawn"))


def test_so_many_trials_run_at_once():
    barrier = threading.Barrier(4, timeout=300)

    def together(params):
        barrier.wait()  # breaks unless four are inside
        return bowl(params)

    result = bo.minimize(together, **fast(n_trials=12, n_workers=4))
    assert count(result, TrialState.COMPLETE) == 12
    assert result.stop is Stop.N_TRIALS
    assert len({tuple(t.params.items()) for t in result.trials}) == 12


def test_results_are_told_as_they_come():
    gate = threading.Event()
    told = []

    def first_is_slow(params):
        if threading.current_thread() is slow_thread.setdefault("it", threading.current_thread()):
            gate.wait(300)
        return bowl(params)

    def watch(opt, trial):
        told.append(trial.number)
        if len(told) == 5:
            gate.set()

    slow_thread = {}
    result = bo.minimize(first_is_slow, **fast(n_trials=6, n_workers=2, callbacks=[watch]))
    assert told[:5] == [1, 2, 3, 4, 5]
    assert told[5] == 0
    assert count(result, TrialState.COMPLETE) == 6


def test_running_trials_are_collected_when_the_run_stops():
    barrier = threading.Barrier(3, timeout=300)

    def together(params):
        barrier.wait()
        return bowl(params)

    result = bo.minimize(
        together, **fast(n_trials=30, n_workers=3, callbacks=[lambda opt, trial: True])
    )
    assert result.stop is Stop.CALLBACK
    assert [t.state for t in result.trials] == [TrialState.COMPLETE] * 3


def test_ctrl_c_abandons_what_is_in_flight():
    release = threading.Event()
    seen = []

    def interrupt(opt, trial):
        seen.append(trial)
        raise KeyboardInterrupt

    def objective(params):
        if not seen and objective.first.acquire(blocking=False):
            return bowl(params)
        release.wait(300)
        return bowl(params)

    objective.first = threading.Lock()
    result = bo.minimize(objective, **fast(n_trials=30, n_workers=3, callbacks=[interrupt]))
    release.set()
    assert result.stop is Stop.INTERRUPTED
    assert count(result, TrialState.COMPLETE) == 1
    assert count(result, TrialState.ABANDONED) == 2
    assert count(result, TrialState.PENDING) == 0


def test_the_number_of_workers_is_read_off_the_executor():
    barrier = threading.Barrier(3, timeout=300)

    def together(params):
        barrier.wait()
        return bowl(params)

    with ThreadPoolExecutor(3) as pool:
        result = bo.minimize(together, **fast(n_trials=6, executor=pool))
    assert count(result, TrialState.COMPLETE) == 6


def test_a_trial_that_takes_too_long_fails_and_the_run_goes_on():
    release = threading.Event()
    calls = []

    def hangs_twice(params):
        calls.append(params)
        if len(calls) <= 2:
            release.wait(300)
        return bowl(params)

    result = bo.minimize(hangs_twice, **fast(n_trials=8, trial_timeout=2.0))
    release.set()
    assert [t.error for t in result.trials[:2]] == ["timeout: no result after 2 s"] * 2
    assert [t.state for t in result.trials[2:]] == [TrialState.COMPLETE] * 6


@pytest.mark.slow
def test_a_process_pool_whose_workers_hang_is_replaced(objectives):
    with processes(1) as pool:
        result = bo.minimize(
            objectives.hangs_once, **fast(n_trials=4, executor=pool, trial_timeout=15.0)
        )
    assert [t.state.name for t in result.trials] == ["FAILED", *["COMPLETE"] * 3]
    assert result.trials[0].error == "timeout: no result after 15 s"


@pytest.mark.slow
def test_a_dead_worker_is_replaced_and_only_the_point_that_kills_fails(objectives):
    seen = []
    with processes() as pool:
        result = bo.minimize(
            objectives.deadly,
            **fast(n_trials=10, executor=pool, callbacks=[lambda opt, trial: seen.append(trial)]),
        )
    lost = [t for t in seen if t.state is TrialState.ABANDONED]
    assert any(t.params["k"] == 2 for t in lost)
    assert all("its worker died: BrokenProcessPool" in t.error for t in lost)
    assert len(result.trials) == 10
    for trial in result.trials:  # bystanders of the same pool were tried again
        killed = trial.params["k"] == 2
        assert trial.state is (TrialState.FAILED if killed else TrialState.COMPLETE)
        assert not killed or "3 times" in trial.error


def test_workers_that_always_die_end_the_run_with_failures(objectives):
    made = []

    def make():
        made.append(processes(1))
        return made[-1]

    result = bo.minimize(objectives.always_deadly, **fast(n_trials=2, executor=make, n_workers=1))
    assert [t.state for t in result.trials] == [TrialState.FAILED] * 2
    assert len(made) == 6
    assert result.best is None


def test_a_run_that_never_retries_ends_too():
    class Dies(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            self._errors = [KilledWorker("again")]
            return super().submit(fn, *args, **kwargs)

    result = bo.minimize(bowl, **fast(n_trials=2, executor=Dies(), n_workers=1, retries=0))
    assert count(result, TrialState.ABANDONED) == 3
    assert count(result, TrialState.FAILED) == 2


def test_an_exception_in_a_worker_process_is_a_failure(objectives):
    with processes() as pool:
        result = bo.minimize(objectives.raises, **fast(n_trials=3, executor=pool))
        assert {t.error for t in result.trials} == {"LookupError: in a worker"}
        with pytest.raises(LookupError, match="in a worker"):
            bo.minimize(objectives.raises, **fast(n_trials=3, executor=pool, raise_errors=True))


def test_an_objective_that_cannot_be_sent_to_a_process_is_said_at_once():
    with processes() as pool, pytest.raises(RuntimeError, match="top level of a module"):
        bo.minimize(lambda params: 1.0, **fast(n_trials=5, executor=pool))


class Scripted(Executor):
    """Answers each call with the next of some futures' outcomes."""

    def __init__(self, *errors):
        self._errors = list(errors)

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        error = self._errors.pop(0) if self._errors else None
        if isinstance(error, CancelledError):
            future.cancel()
            future.set_running_or_notify_cancel()
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future


class KilledWorker(Exception):
    """As Dask names it."""


def test_cancelled_and_killed_evaluations_are_abandoned_and_tried_again():
    seen = []
    executor = Scripted(CancelledError(), KilledWorker("node 7"))
    result = bo.minimize(
        bowl,
        **fast(n_trials=4, executor=executor, n_workers=1),
        callbacks=[lambda opt, trial: seen.append(trial)],
    )
    assert [t.state for t in seen[:2]] == [TrialState.ABANDONED] * 2
    assert seen[0].error == "the evaluation was cancelled"
    assert "KilledWorker: node 7" in seen[1].error
    assert count(result, TrialState.COMPLETE) == 4


def test_an_executor_that_broke_for_good_ends_the_run_with_what_there_is():
    from concurrent.futures import BrokenExecutor

    class Breaks(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            if not self._errors:
                raise BrokenExecutor("gone")
            self._errors.pop()
            return super().submit(fn, *args, **kwargs)

    result = bo.minimize(bowl, **fast(n_trials=9, executor=Breaks(*[None] * 3), n_workers=1))
    assert result.stop is Stop.WORKERS
    assert count(result, TrialState.COMPLETE) >= 1
    assert result.trials[-1].state is TrialState.ABANDONED


def test_a_pool_caught_in_the_act_of_breaking_is_replaced():
    class Closing(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            raise OSError("handle is closed")

    executors = [Closing(), Scripted()]
    result = bo.minimize(bowl, **fast(n_trials=3, executor=lambda: executors.pop(0), n_workers=1))
    assert count(result, TrialState.COMPLETE) == 3


def test_threads_that_all_hang_end_the_run(caplog):
    release = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        result = bo.minimize(
            lambda params: release.wait(300),
            **fast(n_trials=9, executor=pool, trial_timeout=1.0, worker_timeout=1.0),
        )
        release.set()
    assert result.stop is Stop.WORKERS
    assert [t.state for t in result.trials] == [TrialState.FAILED] * 2
    assert "all workers hang in trials that took too long" in caplog.text


def test_trials_that_never_begin_are_not_held_against_their_points():
    class Idle(Executor):
        def submit(self, fn, /, *args, **kwargs):
            return Future()

    result = bo.minimize(
        bowl, **fast(n_trials=9, executor=Idle(), n_workers=2, trial_timeout=0.05)
    )
    assert result.stop is Stop.WORKERS
    assert {t.state for t in result.trials} == {TrialState.ABANDONED}
    assert "no worker was free" in result.trials[0].error


class Cluster(Executor):
    """Runs calls in threads while it has workers; says how many it has."""

    def __init__(self, *capacities):
        self._capacities, self.waiting = list(capacities), []

    def capacity(self):
        now = self._capacities.pop(0) if len(self._capacities) > 1 else self._capacities[0]
        if now:
            for call in self.waiting:
                threading.Thread(target=call, daemon=True).start()
            self.waiting.clear()
        return now

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.waiting.append(lambda: future.set_result(fn(*args, **kwargs)))
        return future


def test_a_clusters_first_workers_are_waited_for(monkeypatch):
    monkeypatch.setattr(import_module("bayesopt.minimize.worker_pool"), "_LOOK", 0.05)
    limits = {"trial_timeout": 1.0, "worker_timeout": 1.0}
    result = bo.minimize(
        bowl, **fast(n_trials=4, executor=Cluster(*[0] * 40, 2), n_workers=2, **limits)
    )
    assert count(result, TrialState.COMPLETE) == 4


def test_a_cluster_that_lost_its_workers_is_given_up_in_time(monkeypatch, caplog):
    monkeypatch.setattr(import_module("bayesopt.minimize.worker_pool"), "_LOOK", 0.05)
    cluster = Cluster(2, 2, 2, 0)
    result = bo.minimize(
        bowl, **fast(n_trials=10**6, executor=cluster, n_workers=2, worker_timeout=0.3)
    )
    assert result.stop is Stop.WORKERS
    assert "no worker is left" in result.trials[-1].error
    assert {t.state for t in result.trials[-2:]} == {TrialState.ABANDONED}
    assert "no worker is left" in caplog.text


def test_an_executor_of_unknown_size_needs_n_workers():
    with pytest.raises(ValueError, match="give 'n_workers'"):
        bo.minimize(bowl, **fast(n_trials=2, executor=Scripted()))
