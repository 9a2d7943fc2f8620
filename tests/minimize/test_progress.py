"""What is seen of a run while it goes on."""

import io
import logging
import sys
from contextlib import redirect_stderr
from types import SimpleNamespace

import pytest

import bayesopt as bo
from bayesopt.minimize import progress

SPACE = bo.Space(x=bo.Float(0.0, 1.0))


def objective(params):
    if params["x"] > 0.8:
        raise ValueError("too far")
    return params["x"] ** 2


def run(stderr=None, **options):
    with redirect_stderr(stderr or io.StringIO()):
        return bo.minimize(
            objective, SPACE, n_trials=8, seed=0, proposer=bo.RandomSearch(), **options
        )


@pytest.fixture
def stderr():
    return io.StringIO()


def test_a_file_gets_whole_lines(stderr):
    result = run(stderr, progress=True)
    lines = stderr.getvalue().splitlines()
    assert "\r" not in stderr.getvalue()
    assert lines[0].startswith("1/8 trials, ")
    assert lines[-1].startswith(f"8/8 trials, best {result.value:.6g}")
    assert len(lines) <= 8


def test_lines_tell_the_time_left_at_the_pace_so_far(stderr, monkeypatch, tmp_path):
    now = [0.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def slow(params):
        now[0] += 4000.0
        return params["x"]

    options = {"proposer": bo.RandomSearch(), "seed": 0, "storage": tmp_path / "run.db"}
    bo.minimize(slow, SPACE, n_trials=2, progress=False, **options)
    with redirect_stderr(stderr):
        bo.minimize(slow, SPACE, n_trials=4, progress=True, **options)
    first, last = stderr.getvalue().splitlines()
    assert first.startswith("3/4 trials, best ")
    assert first.endswith(", about 1:06:40 left")
    assert last.startswith("4/4 trials, best ")
    assert "left" not in last


@pytest.mark.parametrize("wanted", [None, False])
def test_a_file_gets_nothing_unasked(stderr, wanted):
    run(stderr, progress=wanted)
    assert stderr.getvalue() == ""


def test_a_terminal_gets_a_bar(stderr):
    stderr.isatty = lambda: True  # as a terminal would say
    run(stderr)
    assert "8/8" in stderr.getvalue()
    assert "best" in stderr.getvalue()


@pytest.mark.parametrize("widgets", [True, False])
def test_a_notebook_gets_a_live_line(monkeypatch, widgets):
    bars = []

    class Bar:
        def __init__(self, **options):
            self.n, self.options = 0, options
            bars.append(self)

        def set_postfix_str(self, text, refresh):
            self.text = text

        def update(self, n):
            self.n += n

        def close(self):
            self.closed = True

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(progress, "find_spec", lambda name: widgets or None)
    kind = "tqdm.notebook" if widgets else "tqdm.std"
    monkeypatch.setitem(sys.modules, kind, SimpleNamespace(tqdm=Bar))
    run()
    (bar,) = bars
    assert bar.n == 8
    assert bar.closed
    assert "best" in bar.text
    # text goes where it is not shown as an error is
    assert bar.options.get("file") is (None if widgets else sys.stdout)
    run(progress=False)
    assert len(bars) == 1


def test_no_standard_error_at_all():
    with redirect_stderr(None):
        result = bo.minimize(lambda p: p["x"], SPACE, n_trials=2, seed=0)
    assert len(result.trials) == 2


def test_a_line_a_trial_and_a_summary_are_logged(caplog):
    caplog.set_level(logging.INFO, "bayesopt.minimize")
    result = run()
    said = [r.getMessage() for r in caplog.records if r.levelno == logging.INFO]
    lines = [line for line in said if line.startswith("trial ")]
    assert len(lines) == 8
    for trial, line in zip(result.trials, lines, strict=True):
        assert line.startswith(f"trial {trial.number}: ")
        assert ("failed" in line) is (trial.value is None)
        assert "best " in line
        assert " s; " in line
        assert trial.origin.value in line
    assert said[-1] == repr(result)


def test_silence_is_silence(caplog):
    caplog.set_level(logging.INFO, "bayesopt.minimize")
    run(progress=False)
    assert not [r for r in caplog.records if r.levelno == logging.INFO]
