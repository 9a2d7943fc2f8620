"""Reports from worker processes: they get to the run, which decides as if all were one process."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import pytest

import bayesopt as bo
from bayesopt.minimize.failures import ObjectiveError
from bayesopt.minimize.reporting import LocalReports, RemoteReports
from bayesopt.minimize.running import RunningTrial
from bayesopt.storage.worker import this_worker

LINE = {"x": bo.Float(0.0, 1.0)}
TRAIN = """
import os, signal, time

def train(params, trial):
    for step in range(1, 21):
        value = abs(params["x"] - 0.3) + 1.0 / step
        trial.report(value, step)
        if trial.should_stop():
            return trial.stopped()
    return value

def dies_once(params, trial):
    trial.report(3.0, 1)
    trial.report(2.0, 2)
    try:
        open(__file__ + ".called", "x").close()
    except FileExistsError:
        return train(params, trial)
    os.kill(os.getpid(), signal.SIGKILL)

def say(*words):  # in one piece: two processes write to one pipe
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def goes_on(params, trial):
    step = 0
    while not trial.should_stop():
        step += 1
        trial.report(1.0 / step, step)
        say(trial.number, step, os.getpid())
    say("ended", trial.stopped().why)
    return trial.stopped()
"""


@pytest.fixture
def remote():
    """A run, what answers for it, and a worker's side of it."""
    opt = bo.Optimizer(LINE, seed=1, proposer=bo.RandomSearch(), early_stopping="median")
    reports = LocalReports(opt)
    asked = opt.ask()
    trial = RunningTrial(reports, asked.number, asked.params)
    there = pickle.loads(pickle.dumps(trial))  # as an executor does it
    yield opt, reports, there
    there._reports.close()
    reports.close()


@pytest.fixture
def workers(tmp_path, monkeypatch):
    """A module for worker processes, which cannot import this one."""
    (tmp_path / "trained_in_a_test.py").write_text(TRAIN)
    monkeypatch.syspath_prepend(tmp_path)
    import trained_in_a_test

    yield trained_in_a_test
    del sys.modules["trained_in_a_test"]


def test_what_a_worker_says_gets_to_the_run(remote):
    opt, _, there = remote
    there.report(1, 1)
    there.report(float("nan"), 2)
    assert opt.trials[0].curve[0] == (1, 1.0)
    assert opt.trials[0].curve[1][0] == 2
    assert there.should_stop()
    assert "not finite" in there.stopped().why
    assert there.resumes is None
    again = pickle.loads(pickle.dumps(there))  # and from there to a process of its own
    again.report(0.5, 3)
    again._reports.close()
    assert opt.trials[0].curve[-1] == (3, 0.5)


def test_what_is_wrong_is_said_where_it_was_said(remote):
    opt, _, there = remote
    with pytest.raises(TypeError):
        there.report("much", 1)
    with pytest.raises(ValueError, match="step"):
        there.report(1.0, -1)
    with pytest.raises(IndexError):
        opt.trials[7]
    with pytest.raises(ValueError, match="there is no trial 7"):
        RunningTrial(there._reports, 7, {}).should_stop()
    opt.tell_failure(0, "timeout")
    there.report(1.0, 1)  # somebody else has ended it
    assert there.should_stop()
    assert opt.trials[0].curve == ()


def test_when_the_run_has_ended_a_worker_is_told_to_stop(remote):
    _, reports, there = remote
    there.report(1.0, 1)
    reports.close()
    for worker in (there, pickle.loads(pickle.dumps(there))):
        worker.report(1.0, 2)
        assert worker.should_stop()
        assert worker.resumes is None
        assert worker.stopped().why == "the run has ended"
        worker._reports.close()
    late = RunningTrial(reports, 0, {})
    assert pickle.loads(pickle.dumps(late)).should_stop()


def test_a_worker_that_waits_for_an_answer_hears_of_the_end(remote, monkeypatch):
    opt, reports, there = remote
    asked, heard = threading.Event(), []

    def slow(number):
        asked.set()
        time.sleep(3600)

    monkeypatch.setattr(opt, "why_stop", slow)
    waits = threading.Thread(target=lambda: heard.append(there.should_stop()), daemon=True)
    waits.start()
    assert asked.wait(60)
    reports.close()
    waits.join(60)
    assert heard == [True]


def test_a_connection_that_is_lost_is_made_anew(remote):
    opt, reports, there = remote
    there.report(1.0, 1)
    for connection in list(reports._connections):
        connection.shutdown(socket.SHUT_RDWR)
    there.report(0.5, 2)
    assert not there.should_stop()
    assert opt.trials[0].curve == ((1, 1.0), (2, 0.5))


def test_another_machine_is_refused_with_a_word_on_what_works():
    host, *rest = str(this_worker()).split("|")
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    far = RemoteReports(port, "key", "|".join(["else" + host, *rest]))
    with pytest.raises(ObjectiveError, match="on another machine"):
        far.report(0, 1.0, 1)
    with pytest.raises(ObjectiveError, match="ask, report and tell"):
        RunningTrial(far, 0, {}).should_stop()


def test_nobody_reports_without_the_key(remote):
    opt, _, there = remote
    near = there._reports
    stranger = RemoteReports(near.port, "0" * 64, near.process)
    stranger.report(0, 5.0, 1)
    assert stranger.why_stop(0) == "the run has ended"  # as far as it can tell
    for said in (b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b'{"nonce": 1}\n{"proof": "x"}\n', b""):
        with closing(socket.create_connection(("127.0.0.1", near.port))) as raw:
            raw.sendall(said + b'{"call": "report", "number": 0, "value": 1.0, "step": 1}\n')
    there.report(1.0, 2)
    assert opt.trials[0].curve == ((2, 1.0),)
    assert not there.should_stop()


@pytest.mark.slow
def test_a_run_with_worker_processes_is_that_of_one_process(workers):
    runs = []
    for executor in (None, ProcessPoolExecutor(1, mp_context=get_context("spawn"))):
        opt = bo.Optimizer(LINE, seed=1, proposer=bo.RandomSearch())
        bo.minimize(workers.train, optimizer=opt, n_trials=12, executor=executor, progress=False)
        runs.append(opt.trials)
        if executor is not None:
            executor.shutdown()
    assert runs[0] == runs[1]
    assert {t.state.name for t in runs[0]} == {"COMPLETE", "STOPPED"}


@pytest.mark.slow
def test_reports_of_a_killed_worker_are_kept(workers, tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        result = bo.minimize(
            workers.dies_once,
            LINE,
            n_trials=4,
            seed=1,
            proposer=bo.RandomSearch(),
            executor=executor,
            storage=tmp_path / "run.db",
            early_stopping=None,
            progress=False,
        )
    assert [t.state.name for t in result.trials] == ["COMPLETE"] * 4
    assert all(len(t.curve) == 20 for t in result.trials)
    with bo.SQLiteStorage(tmp_path / "run.db", read_only=True) as storage:
        kept = [e for _, e in storage.read(kinds=("reported", "abandoned"))]
    lost = {e["number"] for e in kept if e["kind"] == "abandoned"}
    assert lost
    assert sum(e["kind"] == "reported" for e in kept) > 4 * 20 + 2


_PARENT = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import bayesopt as bo
import trained_in_a_test

if __name__ == "__main__":
    executor = ProcessPoolExecutor(2, mp_context=get_context(sys.argv[2]))
    bo.minimize(trained_in_a_test.goes_on, {"x": bo.Float(0, 1)}, n_trials=2, executor=executor,
                seed=1, proposer=bo.RandomSearch(), storage=sys.argv[1], early_stopping=None)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "fork"])
@pytest.mark.skipif(os.name != "posix", reason="processes are killed by signals")
def test_when_the_run_is_killed_its_workers_stop_and_no_report_is_lost(workers, tmp_path, method):
    (tmp_path / "parent.py").write_text(_PARENT)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    command = [sys.executable, "-W", "ignore", "parent.py", "run.db", method]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        late = threading.Timer(300, os.killpg, (parent.pid, signal.SIGKILL))  # rather than hang
        late.start()
        try:
            said = [parent.stdout.readline().split() for _ in range(30)]
            while len({words[0] for words in said}) < 2:
                said.append(parent.stdout.readline().split())
            parent.kill()
            ended = 0
            while ended < 2:  # the workers have its standard output too
                words = parent.stdout.readline().split()
                assert words
                ended += words[0] == "ended"
                if words[0] == "ended":
                    assert words[1:] == ["the", "run", "has", "ended"]
                else:
                    said.append(words)
        finally:
            late.cancel()
            os.killpg(parent.pid, signal.SIGKILL)
    opt = bo.Optimizer.reopen(tmp_path / "run.db")
    for number, step, _ in said[:-2]:
        assert (int(step), 1.0 / int(step)) in opt.trials[int(number)].curve
    opt.close()
