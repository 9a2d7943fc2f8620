"""Runs kept in a file: continued, shared, and handed on from workers that died."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.optimizer import EnoughTrials
from bayesopt.optimizer.events import Abandoned, Asked, Failed, Told, stored_row
from bayesopt.optimizer.fold import apply
from bayesopt.optimizer.history import History
from bayesopt.outcome import Outcome
from bayesopt.proposal import Proposer
from bayesopt.storage import MemoryStorage, SQLiteStorage, StorageError
from bayesopt.storage.worker import this_worker
from bayesopt.strategy import ProposalConfig
from bayesopt.trial import Origin, TrialState

SPACE = bo.Space(
    x=bo.Float(-1, 1), k=bo.Int(1, 9), kind=bo.Categorical(["a", None, 1, True]),
    extra=bo.Float(0.1, 10, log=True, when={"kind": [None, 1]}),
)  # fmt: skip
QUICK = bo.AcquisitionSearch(n_candidates=64, n_sprays=16, n_starts=2, max_rounds=1)


def value(params: dict[str, Any]) -> float:
    return float(params["x"] ** 2 + params["k"] + 0.1 * params.get("extra", 0.0))


def random_run(path: Path, **options: Any) -> bo.Optimizer:
    return bo.Optimizer(SPACE, seed=1, storage=path, proposer=bo.RandomSearch(), **options)


@contextmanager
def as_a_process_that_dies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is asked inside is asked by a worker that is dead afterwards."""
    with monkeypatch.context() as patch:
        gone = replace(this_worker(), start="1")
        patch.setattr("bayesopt.optimizer.event_log.this_worker", lambda: gone)
        yield


def go_on(opt: bo.Optimizer, n: int) -> list[dict[str, Any]]:
    """Evaluate until ``n`` trials have a result; odd ones of them fail now and then."""
    while sum(t.state in (TrialState.COMPLETE, TrialState.FAILED) for t in opt.trials) < n:
        trial = opt.ask()
        if trial.number % 5 == 3:
            opt.tell_failure(trial, "as it happens")
        else:
            opt.tell(trial, value(dict(trial.params)))
    return [dict(t.params) for t in opt.trials]


@pytest.mark.parametrize("model", [False, True])
def test_a_killed_run_continues_as_the_undisturbed_one(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, model: bool
) -> None:
    settings: dict[str, Any] = {"seed": 3, "initial_design": bo.InitialDesign(n=5)}
    settings["proposer"] = QUICK if model else bo.RandomSearch()
    undisturbed = go_on(bo.Optimizer(SPACE, **settings), 10)
    for done in (2, 5, 6, 8):
        with as_a_process_that_dies(monkeypatch):
            opt = bo.Optimizer(SPACE, storage=quick_path, **settings)
            go_on(opt, done)
            opt.ask()
            opt.close()
    with bo.Optimizer(SPACE, storage=quick_path, **settings).storage as storage:
        opt = bo.Optimizer(SPACE, storage=storage)
        assert go_on(opt, 10) == undisturbed
        attempts = [e["number"] for _, e in storage.read() if e["kind"] == "asked"]
    assert sorted(attempts) == sorted([*range(10), 2, 5, 6, 8])


def test_a_batch_is_the_same_after_a_restart_in_its_middle(quick_path: Path) -> None:
    settings: dict[str, Any] = {"initial_design": bo.InitialDesign(n=3), "proposer": QUICK}
    whole = bo.Optimizer(SPACE, seed=0, **settings)
    go_on(whole, 4)
    batch = [t.params for t in whole.ask_batch(3)]
    opt = bo.Optimizer(SPACE, seed=0, storage=quick_path, **settings)
    go_on(opt, 4)
    halves = [t.params for t in opt.ask_batch(2, hold=True)]
    opt.close()
    opt = bo.Optimizer.reopen(quick_path)
    halves.append(opt.ask().params)
    opt.close()
    assert halves == batch


def test_looking_at_a_run_does_not_change_it() -> None:
    settings: dict[str, Any] = {"seed": 0, "initial_design": bo.InitialDesign(n=3)}
    looked_at = bo.Optimizer(SPACE, proposer=QUICK, **settings)
    for _ in range(6):
        trial = looked_at.ask()
        looked_at.tell(trial, value(dict(trial.params)))
        looked_at.result()
        looked_at.predict(trial.params)
    left_alone = bo.Optimizer(SPACE, proposer=QUICK, **settings)
    for trial in looked_at.trials:
        assert left_alone.ask().params == trial.params
        left_alone.tell(trial, value(dict(trial.params)))


def test_a_trial_of_a_dead_process_is_handed_out_again_with_its_number(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_a_process_that_dies(monkeypatch):
        opt = random_run(quick_path)
        lost = opt.ask()
        opt.close()
    opt = random_run(quick_path)
    again = opt.ask()
    assert (again.number, again.params) == (lost.number, lost.params)
    assert again.state is TrialState.PENDING
    assert opt.ask().number == 1  # this process lives: its own are not lost
    reasons = [e["error"] for _, e in opt.storage.read() if e["kind"] == "abandoned"]
    assert reasons == [f"its worker {this_worker().name} died"]
    assert opt.tell(again, 1.0).value == 1.0
    opt.close()


def test_a_point_is_not_tried_for_ever(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        with as_a_process_that_dies(monkeypatch):
            opt = random_run(quick_path)
            assert opt.ask().number == 0
            opt.close()
    opt = random_run(quick_path)
    assert opt.ask().number == 1
    assert opt.trials[0].state is TrialState.ABANDONED
    assert opt.best is None
    opt.close()


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_an_abandoned_trial_is_retried_as_configured(retries: int) -> None:
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), retries=retries)
    numbers = []
    for _ in range(retries + 2):
        trial = opt.ask()
        numbers.append(trial.number)
        opt.abandon(trial, "node lost")
    assert numbers == [0] * (retries + 1) + [1]
    assert {t.state for t in opt.trials} == {TrialState.ABANDONED}


def test_abandoned_for_good() -> None:
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    opt.abandon(opt.ask(), "nobody wants it", retry=False)
    assert opt.ask().number == 1


def test_a_result_that_comes_late_is_kept() -> None:
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    slow = opt.ask()
    opt.abandon(slow, "no word from it")
    assert opt.tell(slow, 0.5).value == 0.5
    assert opt.ask().number == 1
    with pytest.raises(ValueError, match=r"already finished \(complete\)"):
        opt.tell(slow, 0.6)
    with pytest.raises(ValueError, match=r"already finished"):
        opt.abandon(slow, "again")


@pytest.mark.parametrize(
    ("hold", "later", "lost"),
    [(True, 1e9, False), (60, 59.0, False), (60, 61.0, True), (False, 0.0, True)],
)
def test_how_long_a_trial_is_out(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, hold: bool | float, later: float, lost: bool
) -> None:
    with as_a_process_that_dies(monkeypatch):
        monkeypatch.setattr("bayesopt.optimizer.event_log.time.time", lambda: 1000.0)
        opt = random_run(quick_path, lease=30.0)
        opt.ask(hold=hold)
        opt.close()
    monkeypatch.setattr("bayesopt.optimizer.event_log.time.time", lambda: 1000.0 + later)
    opt = random_run(quick_path)
    assert opt.ask().number == (0 if lost else 1)
    opt.close()


@pytest.mark.parametrize(("later", "lost"), [(29.0, False), (31.0, True)])
def test_the_lease_of_a_worker_elsewhere(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, later: float, lost: bool
) -> None:
    elsewhere = replace(this_worker(), host="elsewhere")
    with monkeypatch.context() as patch:
        patch.setattr("bayesopt.optimizer.event_log.this_worker", lambda: elsewhere)
        patch.setattr("bayesopt.optimizer.event_log.time.time", lambda: 1000.0)
        opt = random_run(quick_path, lease=30.0)
        opt.ask()
        opt.close()
    monkeypatch.setattr("bayesopt.optimizer.event_log.time.time", lambda: 1000.0 + later)
    opt = random_run(quick_path)
    assert opt.ask().number == (0 if lost else 1)
    opt.close()


@pytest.mark.parametrize(
    "option", [{"lease": 0}, {"lease": True}, {"retries": -1}, {"retries": 1.5}]
)
def test_options_that_make_no_sense(option: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=next(iter(option))):
        bo.Optimizer(SPACE, **option)
    with pytest.raises(ValueError, match="hold"):
        bo.Optimizer(SPACE, proposer=bo.RandomSearch()).ask(hold=-1.0)


def test_two_on_one_file_see_each_other(quick_path: Path) -> None:
    one, other = random_run(quick_path), random_run(quick_path)
    trials = [opt.ask() for opt in (one, other, one, other)]
    assert [t.number for t in trials] == [0, 1, 2, 3]
    assert len({repr(t.params) for t in trials}) == 4
    other.tell(trials[0], 2.0)
    one.add_observation({"x": 0.0, "k": 1, "kind": "a"}, 3.0)
    other.enqueue({"x": 0.5, "k": 2, "kind": True})
    assert one.ask().params == {"x": 0.5, "k": 2, "kind": True}
    assert one.trials == other.trials
    assert one.best == other.trials[0]
    [opt.close() for opt in (one, other)]


def test_the_limit_is_that_of_the_run(quick_path: Path) -> None:
    one, other = random_run(quick_path), random_run(quick_path)
    one.add_observation({"x": 0.0, "k": 1, "kind": "a"}, 3.0)
    lost = one.ask(limit=3)
    other.ask(limit=3), one.ask(limit=3)
    for opt in (one, other):
        with pytest.raises(EnoughTrials, match="3 trials of 3"):
            opt.ask(limit=3)
    one.abandon(lost, "lost")
    assert other.ask(limit=3) == lost
    with pytest.raises(EnoughTrials):
        one.ask(limit=3)
    assert len(one.trials) == 4
    [opt.close() for opt in (one, other)]


class Unreliable(MemoryStorage):
    """Fails to keep what one transaction wrote, as a full disk does at the last moment."""

    fails = False

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with super().exclusive():
            yield
            if self.fails and self._depth == 1:
                raise StorageError("the disk is full")


def test_what_was_not_kept_is_not_believed() -> None:
    storage = Unreliable()
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), storage=storage)
    trial = opt.ask()
    storage.fails = True
    for action in (lambda: opt.tell(trial, 1.0), opt.ask, lambda: opt.abandon(trial, "why")):
        with pytest.raises(StorageError, match="full"):
            action()
        assert [t.state for t in opt.trials] == [TrialState.PENDING]
    storage.fails = False
    opt.tell(trial, 1.0)
    assert opt.ask().number == 1
    assert bo.Optimizer(SPACE, storage=storage).trials == opt.trials


def test_a_run_is_reopened_from_its_file_alone(quick_path: Path) -> None:
    path = quick_path
    parts: dict[str, Any] = {
        "surrogate": bo.MapGP(n_starts=2), "acquisition": bo.UCB(beta=1.5),
        "proposer": QUICK, "initial_design": bo.InitialDesign(n=4, start_at_default=False),
    }  # fmt: skip
    opt = bo.Optimizer(
        SPACE, direction="maximize", seed=5, deterministic=True, n_trials=30, storage=path, **parts
    )
    go_on(opt, 5)
    next_one = opt.ask(hold=True)
    opt.close()
    again = bo.Optimizer.reopen(path)
    assert again.config == opt.config
    assert again.config == ProposalConfig(5, n_trials=30, **parts)
    assert (again.direction, again.problem.deterministic) == ("maximize", True)
    assert again.trials[-1] == next_one
    assert again.space.to_json() == SPACE.to_json()
    again.close()


def test_parts_may_be_changed_and_the_file_says_so(quick_path: Path) -> None:
    path = quick_path
    random_run(path).close()
    bo.Optimizer(SPACE, storage=path, proposer=bo.GridSearch(levels=3)).close()
    opt = bo.Optimizer(SPACE, storage=path)
    assert opt.config.proposer == bo.GridSearch(levels=3)
    assert [e["kind"] for _, e in opt.storage.read()] == ["started", "changed"]
    opt.close()


@dataclass(frozen=True)
class Own(Proposer):
    """A part that only this test knows."""

    needs_model = False

    def propose(self, context: Any) -> Any:
        return context.space.default_coords()


def test_a_part_of_ones_own_has_to_be_brought_along(quick_path: Path) -> None:
    path = quick_path
    bo.Optimizer(SPACE, storage=path, proposer=Own()).close()
    opt = bo.Optimizer.reopen(path)
    with pytest.raises(ValueError, match=r"proposer=[\w.]+:Own\(\).*give proposer="):
        opt.ask()
    opt.close()
    with pytest.raises(ValueError, match=r"proposer=[\w.]+:Own\(\).*give proposer="):
        bo.Optimizer(SPACE, storage=path)
    opt = bo.Optimizer.reopen(path, proposer=Own())
    assert opt.ask().params["k"] == 5
    opt.close()


@pytest.mark.parametrize(
    "text", ["__import__('os')", "MapGP(n_starts=open('x'))", "LogEI", "1", "Floats()", "MapGP("]
)
def test_nothing_else_is_made_of_what_a_file_says(quick_path: Path, text: str) -> None:
    path = quick_path
    parts = {"surrogate": text}
    with SQLiteStorage(path) as storage:
        storage.append(
            {"kind": "started", "space": SPACE.to_json(), "direction": "minimize", "seed": 0,
             "deterministic": False, "n_trials": None, "parts": parts}
        )  # fmt: skip
    opt = bo.Optimizer.reopen(path)
    with pytest.raises(ValueError, match="surrogate="):
        opt.ask()
    opt.close()


def test_no_run_to_reopen(quick_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        bo.Optimizer.reopen(quick_path)
    SQLiteStorage(quick_path).close()
    with pytest.raises(ValueError, match="no run yet"):
        bo.Optimizer.reopen(quick_path)
    free = bo.Space(x=bo.Float(0, 1), constraints=[lambda params: params["x"] < 0.5])
    opt = bo.Optimizer(free, storage=quick_path, proposer=bo.RandomSearch(), seed=0)
    first = opt.ask(hold=True)
    opt.close()
    with pytest.raises(ValueError, match="functions as constraints"):
        bo.Optimizer.reopen(quick_path)
    opt = bo.Optimizer(free, storage=quick_path)
    assert opt.trials == (first,)
    opt.close()


def test_a_file_that_is_only_looked_at(quick_path: Path) -> None:
    path = quick_path
    opt = random_run(path)
    go_on(opt, 4)
    opt.close()
    path.chmod(0o444)
    before = path.read_bytes()
    with SQLiteStorage(path, read_only=True) as storage:
        looking = bo.Optimizer.reopen(storage)
        assert len(looking.trials) == 4
        assert looking.result().best is not None
        with pytest.raises(StorageError, match="look only"):
            looking.ask()
    assert path.read_bytes() == before


def test_another_space_is_another_run(quick_path: Path) -> None:
    random_run(quick_path).close()
    with pytest.raises(ValueError, match="another search space"):
        bo.Optimizer(bo.Space(x=bo.Float(0, 1)), storage=quick_path)
    assert [p.name for p in quick_path.parent.iterdir()] == ["run.db"]  # nothing is left open


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"y": bo.Float(0, 1)}, "only the given one has 'y'. Give"),
        ({"x": None}, "only the stored one has 'x'"),
        ({"k": bo.Int(1, 5)}, "'k' is stored as {"),
        (
            {"k": None, "K": bo.Int(1, 4)},
            "only the stored one has 'k'; only the given one has 'K'",
        ),
        ({"constraints": [bo.Sum(["x", "k"], upper=3)]}, "space: their constraints differ. Give"),
        ({}, "the order of its parameters"),
    ],
)
def test_another_space_is_told_by_its_differences(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    first: dict[str, Any] = {"x": bo.Float(0, 1), "k": bo.Int(1, 4), "z": bo.Boolean()}
    bo.Optimizer(bo.Space(first), storage=tmp_path / "run.db").close()
    constraints = changes.get("constraints", [])
    second = {name: p for name, p in (first | changes).items() if name != "constraints" and p}
    if not changes:
        second = dict(reversed(first.items()))
    with pytest.raises(ValueError, match="another search space") as refused:
        bo.Optimizer(bo.Space(second, constraints=constraints), storage=tmp_path / "run.db")
    assert said in str(refused.value)


def test_a_fit_is_made_again_from_where_it_began() -> None:
    def asked(number: int, state: dict[str, Any] | None = None) -> Asked:
        row = SPACE.encode({"x": 0.01 * number, "k": 1, "kind": "a"})
        return Asked(number, stored_row(row), Origin.MODEL, state)

    history = History(SPACE)
    apply(history, asked(0, {"fit": 1}))
    apply(history, asked(1))  # with the same model
    assert (history.fit_from, history.model_state) == ({}, {"fit": 1})
    apply(history, Abandoned(1, "lost"))
    apply(history, asked(1))
    assert history.fit_from == {}  # nothing has been learned in between
    apply(history, Told(0, Outcome(1.0)))
    assert history.fit_from == {"fit": 1}
    apply(history, asked(2))  # fitted anew, to the same state
    assert history.fit_from == {"fit": 1}
    apply(history, Failed(1, "bad"))
    apply(history, asked(3, {"fit": 2}))
    assert history.fit_from == {"fit": 1}
    assert history.model_state == {"fit": 2}
