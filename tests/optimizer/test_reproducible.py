"""Same seed, same trials: whoever looks, wherever it was interrupted, whatever the unit."""

import json
import math
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import bayesopt as bo
from tests.optimizer.running import (
    LINE,
    MIXED,
    PLANE,
    QUICK,
    events,
    line_value,
    mixed_value,
    optimizer,
    replayed,
    run,
)


def eventful(opt, *, n=12, look=lambda: None):
    """Batches that overlap, failures, lost trials, brought data, constraints, queued points."""
    waiting = []
    for i in range(n):
        if i == 3:
            opt.enqueue([MIXED_POINT, MIXED_POINT | {"k": 2}])
        if i == 6:
            opt.add_observations([(MIXED_POINT | {"x": 2.5}, 3.0), (MIXED_POINT | {"x": -1}, 5.0)])
        waiting += opt.ask_batch(3 if i % 4 == 3 else 1)
        look()
        while len(waiting) > (2 if i % 4 == 3 else 0):
            trial = waiting.pop(0)
            if trial.number % 7 == 5:
                opt.tell_failure(trial, "as it happens")
            elif trial.number == 9:
                opt.abandon(trial, "lost", retry=False)
            else:
                value = mixed_value(trial.params)
                limit = {"c": trial.params["x"] - 1.5} if trial.number > 4 else {}
                opt.tell(trial, {"value": value, "constraints": limit})
            look()
    return opt


MIXED_POINT = {"x": 0.5, "rate": 0.01, "k": 7, "kind": "b"}


@pytest.fixture(scope="module")
def written():
    """The events of an undisturbed run."""
    return events(eventful(optimizer()))


def test_same_seed_same_events(written):
    assert events(eventful(optimizer())) == written


def test_another_seed_is_another_run(written):
    other = events(eventful(optimizer(seed=2), n=5))
    rows = [e["row"] for e in written if e.get("origin") == "INITIAL"]
    others = [e["row"] for e in other if e.get("origin") == "INITIAL"]
    assert rows[0] == others[0]  # the middle
    assert rows[1:] != others[1:]


def test_the_next_point_is_the_same_after_a_reload_anywhere(written):
    asked = [k for k, e in enumerate(written) if e["kind"] == "asked"]
    assert sum(written[k]["origin"] == "MODEL" for k in asked) >= 9
    for k in asked:
        again = optimizer(storage=replayed(written[:k]), seed=None)
        again.ask()
        assert events(again)[k] == written[k], f"event {k}"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.8])
def test_the_rest_of_a_run_is_the_same_after_a_reload(part):
    reference = optimizer()
    run(reference, mixed_value, 14)
    whole = events(reference)
    k = int(part * len(whole))
    again = optimizer(storage=replayed(whole[:k]), seed=None)
    for trial in again.trials:
        if trial.value is None:
            again.tell(trial, mixed_value(trial.params))
    run(again, mixed_value, 14 - len(again.trials))
    assert events(again) == whole


def test_looking_changes_nothing(written):
    opt = optimizer()

    def look():
        assert opt.best is None or opt.best.value is not None
        assert opt.result().recommended is opt.recommended
        if opt.best is not None:
            opt.predict([MIXED_POINT])

    assert events(eventful(opt, look=look)) == written


def test_telling_in_another_order_keeps_what_was_asked():
    """Trials draw from their own streams: only what is known when they are asked counts."""
    one, other = optimizer(), optimizer()
    for opt, order in ((one, [0, 1, 2]), (other, [2, 0, 1])):
        run(opt, mixed_value, 7)
        batch = opt.ask_batch(3)
        for i in order:
            opt.tell(batch[i], mixed_value(batch[i].params))
    assert [t.params for t in one.trials] == [t.params for t in other.trials]


CONTINUE = """
import json, sys
from tests.optimizer.running import events, mixed_value, optimizer, run
opt = optimizer(storage=sys.argv[1])
run(opt, mixed_value, int(sys.argv[2]))
print(json.dumps([e.get("row") for e in events(opt)]))
"""


def test_processes_and_blas_threads_do_not_matter(tmp_path):
    """Half of the run in this process, half in another with another number of threads."""
    reference = optimizer()
    run(reference, mixed_value, 14)
    path = tmp_path / "run.db"
    first = optimizer(storage=path)
    run(first, mixed_value, 9)
    first.close()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = os.environ | {
        "OPENBLAS_NUM_THREADS": "4",
        "OMP_NUM_THREADS": "4",
        "PYTHONPATH": os.pathsep.join([root, *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", CONTINUE, str(path), "5"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout.splitlines()[-1])
    assert rows == [e.get("row") for e in events(reference)]


def test_the_seed_is_drawn_and_kept():
    one, other = (bo.Optimizer(LINE) for _ in range(2))
    assert one.seed != other.seed
    again = bo.Optimizer(LINE, storage=one.storage)
    assert again.seed == one.seed


# ---- what must not matter -------------------------------------------------------------------


def test_maximising_is_minimising_the_negative():
    low = run(optimizer(), mixed_value, 14)
    high = run(optimizer(direction="maximize"), lambda p: -mixed_value(p), 14)
    assert low == high


def test_a_power_of_two_as_unit_changes_nothing():
    plain = run(optimizer(), mixed_value, 14)
    assert run(optimizer(), lambda p: 2.0**40 * mixed_value(p), 14) == plain
    assert run(optimizer(), lambda p: 2.0**-900 * mixed_value(p), 14) == plain


@pytest.mark.parametrize(("a", "b"), [(3.7, -11.0), (1e-5, 0.0)])
def test_units_and_origin_change_nothing_that_matters(a, b):
    """Rounding differs, so that the points agree for a while and the results in the end."""
    plain = run(optimizer(LINE), line_value, 12)
    other = run(optimizer(LINE), lambda p: a * line_value(p) + b, 12)
    first = [p["x"] for p in plain[:8]]
    np.testing.assert_allclose([p["x"] for p in other[:8]], first, atol=1e-3)
    best = min(line_value(p) for p in plain)
    assert min(line_value(p) for p in other) == pytest.approx(best, abs=1e-3)


def test_the_names_of_parameters_do_not_matter():
    renamed = bo.Space({"any name": bo.Float(-2.0, 3.0)})
    plain = [p["x"] for p in run(optimizer(LINE), line_value, 9)]
    other = run(optimizer(renamed), lambda p: line_value({"x": p["any name"]}), 9)
    assert [p["any name"] for p in other] == plain


def test_no_global_random_state_is_used():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    plain = run(optimizer(LINE), line_value, 8)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    assert run(optimizer(LINE), line_value, 8) == plain


@pytest.mark.parametrize(
    "options",
    [
        {"acquisition": bo.Thompson(n_points=40)},
        {"acquisition": bo.UCB(beta=1.0)},
        {"acquisition": bo.EI()},
        {"acquisition": bo.PI()},
        {"proposer": bo.RandomSearch()},
        {"proposer": bo.GridSearch(levels=3)},
        {"surrogate": bo.MapGP(kernel="rbf")},
        {"deterministic": True},
    ],
    ids=lambda o: str(*o.values()),
)
def test_every_part_repeats_itself_after_a_reload(options):
    reference = optimizer(**options)
    run(reference, mixed_value, 11)
    whole = events(reference)
    k = len(whole) - 5
    again = optimizer(storage=replayed(whole[:k]), **options)
    for trial in again.trials:
        if trial.value is None:
            again.tell(trial, mixed_value(trial.params))
    run(again, mixed_value, 11 - len(again.trials))
    assert events(again) == whole


def test_points_are_told_apart_exactly():
    """What is stored is what was evaluated, to the last bit."""
    opt = optimizer(proposer=QUICK)
    run(opt, mixed_value, 10)
    for trial, event in zip(
        opt.trials, [e for e in events(opt) if e["kind"] == "asked"], strict=True
    ):
        row = np.array([math.nan if v is None else v for v in event["row"]])
        assert MIXED.decode(row) == trial.params


def test_a_long_run_between_two_fits_is_the_same_after_a_reload():
    """The undisturbed run extends a factor by each result; the reloaded one makes it anew."""
    rng = np.random.default_rng(6)
    rows = MIXED.to_rows(MIXED.from_cube(rng.random((152, MIXED.n_columns))))
    points = [MIXED.decode(row) for row in rows]
    opt = optimizer()
    opt.add_observations([(p, mixed_value(p)) for p in points])
    run(opt, mixed_value, 6)
    whole = events(opt)
    thetas = [e["state"]["objective"]["log_theta"] for e in whole if "state" in e]
    assert thetas[0] == thetas[1]  # else nothing was extended
    assert thetas[0] != thetas[-1]
    for k in [k for k, e in enumerate(whole) if e["kind"] == "asked"]:
        again = optimizer(storage=replayed(whole[:k]))
        again.ask()
        assert events(again)[k] == whole[k], f"event {k}"
    again = optimizer(storage=replayed(whole))
    np.testing.assert_array_equal(again.predict(points[:20]).mean, opt.predict(points[:20]).mean)


def test_a_rugged_run_is_the_same_after_a_reload():
    """The model of some of its fits has a ripple."""

    def rugged(p):
        return 30 * (p["x"] - 0.4) ** 2 + 20 * (p["y"] - 0.7) ** 2 + math.sin(90 * p["x"] * p["y"])

    opt = optimizer(PLANE)
    run(opt, rugged, 30)
    whole = events(opt)
    sizes = {len(e["state"]["objective"]["log_theta"]) for e in whole if "state" in e}
    assert 6 in sizes
    for k in [k for k, e in enumerate(whole) if e["kind"] == "asked"][8:]:
        again = optimizer(PLANE, storage=replayed(whole[:k]))
        again.ask()
        assert events(again)[k] == whole[k], f"event {k}"


def test_a_run_within_a_contest_of_several_asks_is_the_same_after_a_reload():
    def steep(p):
        return math.exp(9 * p["x"]) + p["y"] ** 2

    rng = np.random.default_rng(7)
    rows = PLANE.to_rows(PLANE.from_cube(rng.random((56, PLANE.n_columns))))
    points = [PLANE.decode(row) for row in rows]
    opt = optimizer(PLANE)
    opt.add_observations([(p, steep(p)) for p in points[:52]])
    opt.ask()
    opt.add_observations([(p, steep(p)) for p in points[52:]])
    run(opt, steep, 6)
    whole = events(opt)
    waiting = [len(e["state"]["objective"]["waiting"]) for e in whole if "state" in e]
    assert {1, 2} & set(waiting)
    for k in [k for k, e in enumerate(whole) if e["kind"] == "asked"]:
        again = optimizer(PLANE, storage=replayed(whole[:k]))
        again.ask()
        assert events(again)[k] == whole[k], f"event {k}"


def test_threads_that_share_an_optimizer():
    """Every trial is handed out once and has its own number."""
    opt = optimizer(LINE, proposer=bo.RandomSearch())
    handed = []

    def work():
        for _ in range(15):
            trial = opt.ask()
            handed.append(trial)
            opt.tell(trial, line_value(trial.params))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(t.number for t in handed) == [*range(60)]
    assert len({t.params["x"] for t in handed}) == 60
    assert all(t.value == line_value(t.params) for t in opt.trials)
