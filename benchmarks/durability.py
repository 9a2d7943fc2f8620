"""What a run's file survives, measured: random kills, a crowd of processes, ten thousand trials.

    python -m benchmarks.durability kills --times 100 --workers 4
    python -m benchmarks.durability crowd --workers 8 --trials 400
    python -m benchmarks.durability large --trials 10000

Each prints one JSON object and exits with status 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import bayesopt as bo
from bayesopt.optimizer import EnoughTrials
from bayesopt.storage import SQLiteStorage
from bayesopt.trial import TrialState

SPACE = bo.Space(
    x=bo.Float(-5, 10), y=bo.Float(1e-4, 1e4, log=True), n=bo.Int(1, 1000),
    kind=bo.Categorical(["a", "b", None]), extra=bo.Float(0, 1, when={"kind": "b"}),
)  # fmt: skip
ENDLESS = 10**9  # retries: this is about the file, not about giving up


def value(params: dict[str, Any]) -> float:
    """An objective that can be checked afterwards."""
    return float(params["x"] ** 2 + params["n"] + params.get("extra", 0.0))


def work(path: Path, limit: int, seconds: float, proposer: str) -> None:
    """A worker process: acknowledges every told trial on standard output."""
    part = bo.RandomSearch() if proposer == "random" else None
    opt = bo.Optimizer(SPACE, seed=0, storage=path, proposer=part, retries=ENDLESS)
    while True:
        try:
            trial = opt.ask(limit=limit)
        except EnoughTrials:
            break
        time.sleep(seconds)
        told = opt.tell(trial, value(dict(trial.params)))
        sys.stdout.write(f"{told.number} {told.value!r}\n")
        sys.stdout.flush()
    opt.close()


def start(path: Path, limit: int, seconds: float, proposer: str) -> subprocess.Popen[str]:
    """Start a worker process."""
    words = ["work", path, "--trials", limit, "--seconds", seconds, "--proposer", proposer]
    command = [sys.executable, "-m", "benchmarks.durability", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kills(path: Path, times: int, workers: int, proposer: str) -> dict[str, Any]:
    """SIGKILL at random moments, again and again, and what is there afterwards."""
    moments, limit, seconds = random.Random(0), 20 * times, 0.02
    began = time.perf_counter()
    told: list[str] = []
    crew = [start(path, limit, seconds, proposer) for _ in range(workers)]
    done = 0
    while done < times and any(worker.poll() is None for worker in crew):
        victim = crew.pop(moments.randrange(workers))
        told += [victim.stdout.readline() if victim.stdout else ""]  # it is at work
        time.sleep(moments.uniform(0.0, 0.2))
        victim.kill()
        told += victim.communicate()[0].splitlines(keepends=True)
        crew.append(start(path, limit, seconds, proposer))
        done += 1
    for worker in [*crew, start(path, limit, 0.0, proposer)]:
        told += worker.communicate()[0].splitlines(keepends=True)
    opt = bo.Optimizer.reopen(path)
    kept = {f"{t.number} {t.value!r}\n" for t in opt.trials}
    events = [event for _, event in opt.storage.read()]
    asked = Counter(e["number"] for e in events if e["kind"] == "asked")
    lost = Counter(e["number"] for e in events if e["kind"] == "abandoned")
    values = Counter(e["number"] for e in events if e["kind"] == "told")
    report = {
        "kills": done,
        "trials": len(opt.trials),
        "complete": sum(t.state is TrialState.COMPLETE for t in opt.trials),
        "acknowledged": sum(line.endswith("\n") for line in told),
        "told_and_missing": len(
            [line for line in told if line.endswith("\n") and line not in kept]
        ),
        "lost_and_evaluated_again": sum(lost.values()),
        "evaluated_twice_without_being_lost": sum((asked - lost).values()) - len(opt.trials),
        "told_twice": sum(n - 1 for n in values.values()),
        "wrong_values": sum(t.value != value(dict(t.params)) for t in opt.trials),
        "seconds": round(time.perf_counter() - began, 1),
    }
    opt.close()
    names = (
        "told_and_missing",
        "evaluated_twice_without_being_lost",
        "told_twice",
        "wrong_values",
    )
    kept_all = not any(report[name] for name in names)
    return report | {"kept": kept_all and report["complete"] == report["trials"] == limit}


def crowd(path: Path, trials: int, workers: int, proposer: str) -> dict[str, Any]:
    """Many processes, one file."""
    began = time.perf_counter()
    crew = [start(path, trials, 0.0, proposer) for _ in range(workers)]
    told = [line for worker in crew for line in worker.communicate()[0].splitlines()]
    seconds = time.perf_counter() - began
    with SQLiteStorage(path) as storage:
        kinds = Counter(event["kind"] for _, event in storage.read())
    numbers = sorted(int(line.split()[0]) for line in told)
    report = {
        "processes": workers,
        "trials": len(numbers),
        "exit_codes": sorted({worker.returncode for worker in crew}),
        "events": dict(kinds),
        "seconds": round(seconds, 1),
    }
    whole = numbers == [*range(trials)] and kinds == {
        "started": 1,
        "asked": trials,
        "told": trials,
    }
    return report | {"kept": whole and report["exit_codes"] == [0]}


def large(path: Path, trials: int) -> dict[str, Any]:
    """A long run: its size, and how long one waits for its next point."""
    opt = bo.Optimizer(SPACE, seed=0, storage=path, proposer=bo.RandomSearch())
    with opt.storage.exclusive():  # one sync in place of thousands
        for _ in range(trials):
            trial = opt.ask()
            opt.tell(trial, value(dict(trial.params)))
    opt.close()
    report: dict[str, Any] = {"trials": trials, "megabytes": round(path.stat().st_size / 1e6, 2)}
    for name, code in {
        "open": "opt.trials",
        "open_and_first_ask": "opt.ask(hold=True)",
        "open_and_ask_again": "opt.ask(hold=True)",
    }.items():
        part = "bo.AcquisitionSearch()"
        script = (
            "import sys, time; began = time.perf_counter(); import bayesopt as bo\n"
            f"opt = bo.Optimizer.reopen(sys.argv[1], proposer={part}); {code}\n"
            "print(time.perf_counter() - began, time.process_time())"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, path], check=True, capture_output=True, text=True
        )
        wall, cpu = map(float, done.stdout.split())
        report[name] = {"seconds": round(wall, 2), "cpu_seconds": round(cpu, 2)}
    # one thread: on a busy machine its own time says more than the clock
    wanted = report["open_and_ask_again"]["cpu_seconds"] <= 10 and report["megabytes"] <= 20
    return report | {"kept": wanted}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("kills", "crowd", "large", "work"))
    parser.add_argument("path", type=Path, nargs="?", help="the file; a temporary one if left out")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--proposer", choices=("random", "model"), default="random")
    given = parser.parse_args()
    if given.what == "work":
        work(given.path, given.trials, given.seconds, given.proposer)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = given.path or Path(folder, "run.db")
        if given.what == "kills":
            report = kills(path, given.times, given.workers, given.proposer)
        elif given.what == "crowd":
            report = crowd(path, given.trials, given.workers, given.proposer)
        else:
            report = large(path, given.trials)
    print(json.dumps(report, indent=1))
    sys.exit(not report["kept"])


if __name__ == "__main__":
    main()
