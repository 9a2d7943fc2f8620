"""Several workers on one study: threads, processes, storages of all kinds."""

import importlib.util
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

from bayesopt.integrations.optuna import BayesOptSampler, sampler, snapshot  # noqa: E402
from bayesopt.integrations.optuna.publishing import Board, Published, publish  # noqa: E402
from bayesopt.integrations.optuna.snapshot import read_trials, search_space  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import studies  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
EXAMPLE = Path(__file__).parents[3] / "examples" / "optuna_processes.py"


def make_storage(kind, path):
    if kind == "memory":
        return optuna.storages.InMemoryStorage()
    if kind == "sqlite":
        return optuna.storages.RDBStorage(f"sqlite:///{path}.db")
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))


@pytest.mark.parametrize("kind", ["memory", "sqlite", "journal"])
def test_a_running_trial_is_seen_with_its_proposal_before_it_asks_for_anything(kind, tmp_path):
    study = studies.study(storage=make_storage(kind, tmp_path / "s"))
    study.optimize(studies.mixed, n_trials=8)
    first, second = study.ask(), study.ask()
    # the other three are proposed, and not yet asked for
    first.suggest_categorical("kind", ["a", "b", "c"])
    known = studies.known(study, own=second.number)
    assert known.pending_coords.shape == (1, 4)
    assert not np.isnan(known.pending_coords).any()
    k = second.suggest_int("k", 1, 9), first.suggest_int("k", 1, 9)
    x = second.suggest_float("x", 0, 1), first.suggest_float("x", 0, 1)
    assert k[0] != k[1] or abs(x[0] - x[1]) > 0.01


def test_proposals_of_any_length_survive_a_database(tmp_path):
    study = studies.study(storage=make_storage("sqlite", tmp_path / "s"))
    for n in (200, 1, 90):  # a shorter one is written over a longer one
        numbers = {f"a parameter with a rather long name {i}": i / 7 for i in range(n)}
        state = {"objective": {"log_theta": [i / 3 for i in range(n)]}}
        publish(study, 7, Published(numbers, state, "fingerprint"))
        assert Board(study).published(7) == Published(numbers, state, "fingerprint")
    assert Board(study).published(70) is None
    chunks = study._storage.get_study_system_attrs(study._study_id).values()
    assert max(len(chunk) for chunk in chunks) <= 2045


def test_half_written_proposals_are_not_read():
    study = studies.study()
    assert Board(study).published(0) is None
    publish(study, 0, Published({f"x{i}": i / 7 for i in range(300)}))
    whole = dict(study._storage.get_study_system_attrs(study._study_id))
    assert len(whole) > 1
    for key, chunk in whole.items():
        study._storage.set_study_system_attr(study._study_id, key, "something else")
        assert Board(study).published(0) is None
        study._storage.set_study_system_attr(study._study_id, key, chunk)
    assert Board(study).published(0) is not None


@pytest.mark.parametrize("kind", ["memory", "sqlite", "journal"])
def test_a_study_shows_nothing_of_the_sampler(kind, tmp_path):
    """``trials_dataframe`` makes a column of each system attribute of a trial."""

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.report(x, 1)
        if trial.number % 3 == 1:
            raise optuna.TrialPruned
        return float("nan") if trial.number % 3 == 2 else x

    study = studies.study(storage=make_storage(kind, tmp_path / "s"))
    study.optimize(objective, n_trials=9)
    assert not any(t.system_attrs for t in study.trials)
    assert not study.user_attrs
    if importlib.util.find_spec("pandas"):
        columns = " ".join(map(str, study.trials_dataframe().columns))
        assert "system_attrs" not in columns
        assert "user_attrs" not in columns
    # and other workers know what they need
    known = studies.known(study, own=99)
    assert len(known.failed_coords) == 3


def test_two_workers_that_propose_the_same_at_once_end_up_with_different_points(monkeypatch):
    """The second worker reads the study before the first has published, and publishes after it."""
    study = studies.study()
    study.optimize(studies.mixed, n_trials=9)
    first, second = study.ask(), study.ask()
    before, boards = read_trials(study, own=second.number), [Board(studies.study())]
    x = first.suggest_float("x", 0.0, 1.0)
    real, readings = sampler.read_trials, [before]

    def late(study, own):
        return readings.pop() if readings else real(study, own)

    monkeypatch.setattr(sampler, "search_space", lambda trials: search_space(before))
    proposals = []
    propose = BayesOptSampler._propose

    def same_stream(self, snapshot, attempt):
        proposal = propose(self, snapshot, attempt)
        if attempt == 0:  # the very point of the first worker
            numbers = Board(study).published(first.number).numbers
            row = [numbers[name] for name in snapshot.data.space.columns]
            proposal = replace(proposal, coords=snapshot.data.space.to_coords([row])[0])
        proposals.append(proposal.coords)
        return proposal

    monkeypatch.setattr(BayesOptSampler, "_propose", same_stream)
    second.relative_search_space  # noqa: B018
    space = search_space(before)
    monkeypatch.setattr(sampler, "read_trials", late)
    monkeypatch.setattr(snapshot, "Board", lambda s: boards.pop() if boards else Board(s))
    made = study.sampler.sample_relative(study, study._storage.get_trial(second._trial_id), space)
    assert len(proposals) >= 2
    assert made["x"] != x or made["k"] != study.trials[first.number].params.get("k")
    assert np.abs(proposals[-1] - proposals[0]).max() > 0.01


def test_threads_of_one_sampler_do_not_repeat_each_other():
    def objective(trial):
        return trial.suggest_int("a", 0, 7) + trial.suggest_int("b", 0, 7) / 10

    study = studies.study(BayesOptSampler(seed=0, n_startup_trials=4))
    study.optimize(objective, n_trials=24, n_jobs=3)
    counts = Counter(tuple(sorted(p.items())) for p in studies.points(study))
    assert sum(counts.values()) == 24
    # the first trials start before any of them has shown what there is to propose
    assert sum(counts.values()) - len(counts) <= 1
    assert study.best_value == 0


@pytest.mark.skipif(importlib.util.find_spec("grpc") is None, reason="grpcio is not installed")
def test_a_study_behind_a_grpc_proxy():
    import socket
    import threading
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optuna.storages import GrpcStorageProxy
        from optuna.storages._grpc.server import make_server

    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    server = make_server(optuna.storages.InMemoryStorage(), "localhost", port)
    thread = threading.Thread(target=server.start)
    thread.start()
    try:
        proxy = GrpcStorageProxy(host="localhost", port=port)
        proxy.wait_server_ready(timeout=300)
        study = studies.study(BayesOptSampler(seed=5), storage=proxy)
        study.optimize(studies.mixed, n_trials=9)
        made = studies.points(study)
        proxy.close()
    finally:
        server.stop(None)
        thread.join()
    here = studies.study(BayesOptSampler(seed=5))
    here.optimize(studies.mixed, n_trials=9)
    assert made == studies.points(here)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_processes_on_one_file_lose_nothing(kind, tmp_path):
    spec = importlib.util.spec_from_file_location("optuna_processes", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    study = example.run(kind, str(tmp_path / "study"), processes=2, trials=8)
    trials = study.get_trials(deepcopy=False)
    assert [t.number for t in trials] == list(range(16))
    assert {t.state for t in trials} == {optuna.trial.TrialState.COMPLETE}
    counts = Counter(tuple(sorted(t.params.items())) for t in trials)
    assert sum(counts.values()) - len(counts) <= 1
