"""Signals: none in the middle of an import, none lost, and what was found is given back."""

import _thread
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import bayesopt as bo
from bayesopt.minimize import interrupts
from bayesopt.minimize.interrupts import Interrupted, Signals, signals, stop_of
from bayesopt.result import Stop
from bayesopt.trial import TrialState

INT, TERM = signal.SIGINT, signal.SIGTERM
SPACE = bo.Space(x=bo.Float(-1, 1))


@pytest.fixture(autouse=True)
def python_s_own_handler():
    before = signal.signal(INT, signal.default_int_handler), signal.getsignal(TERM)
    yield
    assert signal.getsignal(INT) is signal.default_int_handler  # put back by whoever took it
    assert signal.getsignal(TERM) is before[1]
    assert interrupts._active is None
    signal.signal(INT, before[0])


def wait():
    """Long enough for a signal that is to be raised again."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        time.sleep(0.01)
    raise AssertionError("it was lost")


@pytest.mark.parametrize("number", [INT, TERM])
def test_a_signal_is_raised_by_its_name(number):
    with Signals("SIGINT", "SIGTERM"), pytest.raises(Interrupted, match=number.name) as caught:
        signal.raise_signal(number)
    assert caught.value.number == number
    assert stop_of(caught.value).value.startswith(("interrupted", "stopped by SIGTERM"))


def test_an_import_is_finished_first(tmp_path, monkeypatch):
    module = tmp_path / "half_imported_for_a_test.py"
    module.write_text("import signal\nbefore = 1\nsignal.raise_signal(signal.SIGINT)\nafter = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Signals("SIGINT"), pytest.raises(Interrupted):  # noqa: PT012
        import half_imported_for_a_test  # noqa: F401

        wait()
    assert sys.modules.pop("half_imported_for_a_test").after == 1


def test_a_compilation_is_finished_first():
    import numba
    from numba.extending import overload

    def successor(x):
        raise NotImplementedError

    came, found = [], []

    @overload(successor)
    def compiled(x):
        if not came:  # numba may ask more than once
            came.append(x)
            signal.raise_signal(INT)
        return lambda x: x + 1.0

    kernel = numba.njit(lambda x: successor(x))
    with Signals("SIGINT"), pytest.raises(Interrupted):  # noqa: PT012
        found.append(kernel(1.0))
        wait()
    assert found == [2.0]


def test_a_program_that_is_itself_inside_an_import_can_be_interrupted(tmp_path, monkeypatch):
    program = tmp_path / "program_for_a_test.py"
    program.write_text(
        textwrap.dedent(
            """
            import signal, bayesopt as bo
            def objective(params):
                signal.raise_signal(signal.SIGINT)
                raise AssertionError("it went on")
            result = bo.minimize(objective, bo.Space(x=bo.Float(0, 1)), n_trials=3, seed=0)
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import program_for_a_test

    assert sys.modules.pop("program_for_a_test").result.stop is Stop.INTERRUPTED
    assert program_for_a_test.result.trials[0].state is TrialState.ABANDONED


def test_what_is_held_is_not_interrupted_but_by_the_third():
    with Signals("SIGINT") as ours, ours.held():
        signal.raise_signal(INT)
        signal.raise_signal(INT)
        assert ours.due
        with pytest.raises(Interrupted):
            signal.raise_signal(INT)
        assert not ours.due


def test_what_was_held_comes_where_it_is_let_through():
    with Signals("SIGINT") as ours, ours.held():
        signal.raise_signal(INT)
        with pytest.raises(Interrupted), ours.released():
            raise AssertionError("it came at once")
        with ours.released():
            pass  # and only once


def test_one_that_python_ignores_is_raised_again():
    class Dies:
        def __del__(self):
            signal.raise_signal(INT)

    with Signals("SIGINT"), pytest.raises(Interrupted):  # noqa: PT012
        Dies()
        wait()


def test_an_object_that_was_half_made_goes_silently(monkeypatch):
    """As those of LLVM do when a compilation is broken off."""

    class Resource:
        def __init__(self, number=None):
            if number is not None:
                signal.raise_signal(number)
            self.handle = 0

        def __del__(self):
            1 / self.handle  # fails in one way when it is whole, and in another when it is not

    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda said: seen.append(said.exc_type))
    with Signals("SIGINT"):
        Resource()
        assert seen == [ZeroDivisionError]
        with pytest.raises(Interrupted):
            Resource(INT)
        gc.collect()
    assert seen == [ZeroDivisionError]


def test_a_signal_that_wakes_nobody_is_heard_while_trials_run():
    """Windows wakes no wait for a lock; elsewhere it may come just before the wait begins."""
    release, unheard = threading.Event(), []

    def objective(params):
        time.sleep(0.2)  # by now the main thread waits
        _thread.interrupt_main(INT)
        if not release.wait(30):
            unheard.append(params)
        return params["x"]

    result = bo.minimize(
        objective, SPACE, n_trials=2, n_workers=2, seed=0, proposer=bo.RandomSearch()
    )
    release.set()
    assert not unheard
    assert result.stop is Stop.INTERRUPTED
    assert {t.state for t in result.trials} == {TrialState.ABANDONED}


def test_a_handler_of_the_users_own_stays():
    came = []
    signal.signal(INT, lambda number, frame: came.append(number))

    def objective(params):
        signal.raise_signal(INT)
        return params["x"]

    result = bo.minimize(objective, SPACE, n_trials=2, seed=0, progress=False)
    assert came == [INT, INT]
    assert result.stop is Stop.N_TRIALS
    signal.signal(INT, signal.default_int_handler)


def test_ignored_stays_ignored():
    signal.signal(TERM, signal.SIG_IGN)
    try:
        with Signals("SIGINT", "SIGTERM"):
            os.kill(os.getpid(), TERM)
    finally:
        signal.signal(TERM, signal.SIG_DFL)


def test_other_threads_and_other_signals_are_left_alone():
    seen = []

    def work():
        bo.minimize(lambda p: seen.append(signal.getsignal(INT)) or 1.0, SPACE, n_trials=1, seed=0)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
    assert signals().held  # those that never come have the same methods


@pytest.mark.parametrize("n_workers", [1, 2])
@pytest.mark.parametrize("twice", [False, True])
def test_minimize_gives_back_what_there_is(monkeypatch, n_workers, twice):
    """The second comes while the result is made: that costs the recommendation only."""
    made = bo.Optimizer.result

    def result(self, stop):
        if twice:
            signal.raise_signal(INT)
        return made(self, stop)

    def impatient(opt, trial):
        if trial.number == 3:
            signal.raise_signal(INT)

    monkeypatch.setattr(bo.Optimizer, "result", result)
    found = bo.minimize(
        lambda p: p["x"] ** 2, SPACE, n_trials=50, seed=0, n_workers=n_workers,
        callbacks=[impatient], progress=False,
    )  # fmt: skip
    assert found.stop is Stop.INTERRUPTED
    assert sum(t.state is TrialState.COMPLETE for t in found.trials) >= 3
    assert all(t.state is not TrialState.PENDING for t in found.trials)
    assert found.best is not None
    assert (found.recommended is None) is twice


def test_a_second_one_while_the_run_is_being_ended_loses_nothing(monkeypatch):
    abandon = bo.Optimizer.abandon

    def interrupted(self, *args, **options):
        signal.raise_signal(INT)
        return abandon(self, *args, **options)

    def objective(params):
        if objective.calls == 3:
            signal.raise_signal(INT)
        objective.calls += 1
        return params["x"]

    objective.calls = 0
    monkeypatch.setattr(bo.Optimizer, "abandon", interrupted)
    found = bo.minimize(objective, SPACE, n_trials=50, seed=0, progress=False)
    assert found.stop is Stop.INTERRUPTED
    assert [t.state.name for t in found.trials] == ["COMPLETE"] * 3 + ["ABANDONED"]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("n_workers", [1, 2])
def test_a_trial_is_not_left_pending_when_its_ask_was_written_and_interrupted(
    monkeypatch, tmp_path, kept, n_workers
):
    ask, asked = bo.Optimizer.ask, []

    def interrupted(self, **options):
        trial = ask(self, **options)
        asked.append(trial)
        if len(asked) == 4:
            signal.raise_signal(INT)
        return trial

    storage = tmp_path / "run.db" if kept else None
    optimizer = bo.Optimizer(SPACE, seed=0, storage=storage)
    of_the_users_own = optimizer.ask().number
    monkeypatch.setattr(bo.Optimizer, "ask", interrupted)
    found = bo.minimize(
        lambda p: p["x"], optimizer=optimizer, n_trials=50, n_workers=n_workers, progress=False
    )
    assert found.stop is Stop.INTERRUPTED
    assert found.trials[asked[-1].number].state is TrialState.ABANDONED
    pending = [t.number for t in found.trials if t.state is TrialState.PENDING]
    assert pending == [of_the_users_own]
    optimizer.close()


def test_the_command_line_hears_signals_before_it_loads_anything_heavy():
    code = (
        "import sys, bayesopt.cli, bayesopt.minimize.interrupts;"
        "print(*{'numpy', 'scipy', 'numba', 'typer', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
