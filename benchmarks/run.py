"""Run suites: ``python -m benchmarks.run SUITE... --methods bayesopt random optuna-tpe``.

Every run (method, version, problem, seed, budget) has a file of its own below ``--results``; what
is there is not done again, so a run that was killed goes on by giving the same command.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks import store
from benchmarks.rivals import METHODS
from benchmarks.rivals.process import (
    FOLDER_VARIABLE,
    Died,
    Process,
    adapter,
    environments_folder,
    find_python,
)
from benchmarks.sources import commit
from benchmarks.suites import SUITES, problems_of

HERE = Path(__file__).resolve().parent


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    options.add_argument(
        "suites",
        nargs="+",
        help=f"{SUITES}, a kind of problems, a problem, or a user's .toml or .py file",
    )
    options.add_argument(
        "--methods", nargs="+", default=["random", "bayesopt"], choices=sorted(METHODS)
    )
    options.add_argument("--seeds", type=int, default=5, help="seeds 0 to SEEDS-1")
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--budget", type=int, default=60, help="evaluations a run")
    options.add_argument("--batch", type=int, default=1, help="points asked at once")
    options.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    options.add_argument("--timeout", type=float, default=3600.0, help="seconds a run may take")
    options.add_argument("--data", type=Path, help="folder with the suites' data files")
    options.add_argument("--results", type=Path, default=HERE / "runs")
    options.add_argument("--environments", type=Path, default=environments_folder())
    options.add_argument("--quiet", action="store_true", help="no progress bar")
    return options


def versions(methods: Sequence[str], environments: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The version of each method, and why the others cannot run."""
    found, missing = {}, {}
    for name in methods:
        method = METHODS[name]
        try:
            with adapter(
                method.module,
                method.argument,
                find_python(method.environment, environments, imports=method.imports),
            ) as process:
                found[name] = str(process.request({"cmd": "version"}, timeout=120)["version"])
        except (Died, FileNotFoundError) as error:
            missing[name] = str(error)
    return found, missing


def tasks(options: argparse.Namespace, found: dict[str, str]) -> list[dict[str, Any]]:
    """The runs still to be done, seed by seed: so a part of them is a fair sample."""
    names = list(dict.fromkeys(name for suite in options.suites for name in problems_of(suite)))
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    fixed = {name: str(getattr(options, name).resolve()) for name in ("results", "environments")}
    fixed |= {"data": str(options.data.resolve()) if options.data else None}
    fixed |= {"log": str(options.results.resolve() / "stderr.log")}
    fixed |= {"timeout": options.timeout, "commit": commit()}
    todo = []
    for seed, name, method in product(seeds, names, found):
        key = store.Key(method, found[method], name, seed, options.budget, options.batch)
        if not key.path(options.results).exists():
            todo.append({"key": key.to_json(), **fixed})
    return todo


class JobRunner:
    """Workers that take tasks from one list."""

    def __init__(self, todo: list[dict[str, Any]], bar: Any) -> None:
        self.todo, self.bar = list(reversed(todo)), bar
        self.lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def work(self) -> None:
        process = Process([sys.executable, "-m", "benchmarks.worker"], log=sys.__stderr__)
        try:
            while True:
                with self.lock:
                    if not self.todo:
                        return
                    task = self.todo.pop()
                self._do(process, task)
        finally:
            process.close()

    def _do(self, process: Process, task: dict[str, Any]) -> None:
        key = task["key"]
        answer = process.request(task | {"cmd": f"{key['method']} on {key['problem']}"})
        with self.lock:
            self.outcomes[answer["status"]] += 1
            if answer["status"] != "done":
                self.reasons[
                    f"{key['method']} on {key['problem']}: {answer['status']}: {answer['reason']}"
                ] += 1
            self.bar.set_postfix_str(f"{key['method']} {key['problem']}", refresh=False)
            self.bar.update()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing; 0 when everything that could run did."""
    from tqdm import tqdm

    options = parser().parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER_VARIABLE] = str(
        options.environments.resolve()
    )  # for the problems' processes
    found, missing = versions(options.methods, options.environments)
    for name, why in missing.items():
        print(f"{name} cannot run: {why}", file=sys.stderr)
    todo = tasks(options, found)
    print(
        f"{len(todo)} runs to do; {platform.machine()}, {os.cpu_count()} cores; results in "
        f"{options.results}",
        file=sys.stderr,
    )
    with tqdm(total=len(todo), unit="run", disable=options.quiet, smoothing=0.1) as bar:
        runner = JobRunner(todo, bar)
        threads = [
            threading.Thread(target=runner.work) for _ in range(min(options.jobs, len(todo)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for reason, count in sorted(runner.reasons.items()):
        print(f"{reason} ({count} x)", file=sys.stderr)
    print(
        ", ".join(f"{count} {status}" for status, count in sorted(runner.outcomes.items()))
        or "nothing to do"
    )
    return (
        1 if missing or runner.outcomes["not run"] or runner.outcomes.total() != len(todo) else 0
    )


if __name__ == "__main__":
    sys.exit(main())
