"""Direct arylation beside the published runs: ``python -m benchmarks.published.arylation --data
DATA``.

Batches of five, as Shields et al. (Nature 590, 2021) did; mean best yield after 5 to 50 reactions
of their GP-EI with chemical descriptors (50 runs), of fifty chemists, and of the given methods,
which see labels only.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import report, run
from benchmarks.problems.chemistry import Arylation
from benchmarks.problems.remote import folder_of
from benchmarks.rivals import METHODS

AT = (5, 10, 15, 20, 25, 30, 40, 50)
_BATCH = 5


def published(data: Path) -> dict[str, np.ndarray]:
    """Best yields so far (runs, reactions) of the authors and of the chemists."""
    with (data / "edbo" / "arylation_bo_results_GP-EI_bs=5.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    authors = np.maximum.accumulate(
        np.array([[float(v) for v in row[1:]] for row in rows]), axis=1
    )
    with (data / "edbo" / "arylation_game_summary.csv").open(encoding="utf-8-sig") as file:
        games = list(csv.DictReader(file))
    people = []
    for game in games:  # a chemist may have stopped early: his best stays
        yields = [game.get(f"yield_{i}") for i in range(1, 101)]
        values = [float(v) if v not in (None, "") else 0.0 for v in yields]
        people.append(np.maximum.accumulate(values))
    return {"GP-EI with descriptors (authors)": authors, "chemists": np.array(people)}


def ours(results: Path, budget: int) -> dict[str, np.ndarray]:
    """Best yields so far (runs, budget) by method."""
    found: dict[str, list[np.ndarray]] = {}
    for r in report.latest(report.read_runs([results]), []):
        head = r.head
        if (head["problem"], head["budget"], head["batch"]) == (Arylation.name, budget, _BATCH):
            values = [-float(e["true"]) for e in r.evaluations]
            found.setdefault(head["method"], []).append(np.maximum.accumulate(values))
    return {m: np.array(v) for m, v in found.items()}


def table(rows: dict[str, np.ndarray], budget: int) -> str:
    """Markdown: mean best yield at each count, and how many runs reach 99."""
    at = [n for n in AT if n <= budget]
    lines = ["| method | runs | " + " | ".join(map(str, at)) + f" | ≥ 99 at {at[-1]} |"]
    lines.append("|" + "---|" * (len(at) + 3))
    for name, curves in rows.items():
        cells = [f"{curves[:, n - 1].mean():.1f}" for n in at]
        reached = f"{100 * (curves[:, at[-1] - 1] >= 99).mean():.0f} %"
        lines.append(f"| {name} | {len(curves)} | " + " | ".join(cells) + f" | {reached} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.published.arylation", description=__doc__
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument(
        "--methods", nargs="+", default=["bayesopt", "random"], choices=sorted(METHODS)
    )
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--budget", type=int, default=50)
    options.add_argument("--results", type=Path, default=run.HERE / "runs")
    options.add_argument("--environments", type=Path)
    given = options.parse_args(arguments)
    folder_of(given.data, "edbo", "from the repository b-shields/edbo")
    size = ["--seeds", str(given.runs), "--budget", str(given.budget), "--batch", str(_BATCH)]
    where = ["--data", str(given.data), "--results", str(given.results)]
    where += ["--environments", str(given.environments)] if given.environments else []
    code = run.main([Arylation.name, "--methods", *given.methods, *size, *where])
    print(table(published(given.data) | ours(given.results, given.budget), given.budget))
    return code


if __name__ == "__main__":
    sys.exit(main())
