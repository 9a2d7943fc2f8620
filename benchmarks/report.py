"""Report on raw results: ``python -m benchmarks.report RESULTS --output FOLDER``.

Writes ``report.md`` and a self-contained ``report.html``.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import measures, pictures, store
from benchmarks.document import Document
from benchmarks.measures import Comparison
from benchmarks.rivals import METHODS
from benchmarks.sources import commit

_OURS = "bayesopt"
_CHECKPOINTS = (10, 20, 40, 60, 100, 150, 200)


def latest(runs: Sequence[store.Run], versions: Sequence[str]) -> list[store.Run]:
    """Runs of one version a method: the asked one, else the one whose files are newest."""
    chosen: dict[str, str] = {}
    for run in runs:  # they come in order of their time
        chosen[run.head["method"]] = run.head["version"]
    for version in versions:
        method = next((r.head["method"] for r in runs if r.head["version"] == version), None)
        if method is None:
            raise SystemExit(
                f"no run has the version {version!r}; there are "
                f"{sorted({r.head['version'] for r in runs})}"
            )
        chosen[method] = version
    return [r for r in runs if r.head["version"] == chosen[r.head["method"]]]


def read_runs(folders: Sequence[Path]) -> list[store.Run]:
    """All runs below the folders, the oldest file first."""
    paths = [p for folder in folders for p in folder.glob("*/*/seed-*.jsonl")]
    return [store.read(p) for p in sorted(paths, key=lambda p: (p.stat().st_mtime, p))]


def main_methods(c: Comparison) -> list[str]:
    """Methods with runs on at least two thirds of the problems: those of the main tables."""
    count = {m: len({p for method, p, _ in c.curves if method == m}) for m in c.methods}
    return [m for m in c.methods if count[m] >= 2 / 3 * len(c.problems)]


def write(c: Comparison, *, title: str = "Benchmark results") -> Document:
    """The report of a comparison."""
    document = Document(title)
    _setting(document, c)
    methods = main_methods(c)
    document.heading("Overall")
    _ranking(document, c, methods)
    few = [m for m in c.methods if m not in methods]
    if few:
        document.heading(f"With {', '.join(few)}, on the problems that all of them have")
        _ranking(document, c, c.methods)
    if _OURS in c.methods:
        _duels(document, c)
    _groups(document, c, methods)
    _effort(document, c)
    _problems(document, c)
    _caveats(document, c)
    return document


def _setting(document: Document, c: Comparison) -> None:
    seeds = sorted({s for _, _, s in c.curves})
    document.paragraph(
        f"{len(c.problems)} problems, {c.budget} evaluations, seeds {seeds[0]} to {seeds[-1]}, "
        "one thread each; "
        f"{platform.platform()}, {_processor()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; "
        f"report made at commit {commit()}."
    )
    rows = []
    for m in c.methods:
        runs = [r for (method, _, _), r in c.runs.items() if method == m]
        at = sorted({str(r.head["commit"]) for r in runs}) if m == _OURS else []
        rows.append([m, METHODS[m].title, runs[0].head["version"], ", ".join(at), str(len(runs))])
    document.table(["method", "what", "version", "commit", "runs"], rows)
    document.paragraph(
        "Score: 1 is the best known value, 0 what random search is expected to reach with the "
        "whole budget. "
        "Noisy problems are judged by the noise-free value of what is recommended."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), ""
    )


def _ranking(document: Document, c: Comparison, methods: Sequence[str]) -> None:
    problems = c.common(methods)
    if len(methods) < 2 or not problems:
        document.paragraph("There is no problem that two methods or more have done.")
        return
    seeds = [len(c.seeds(methods, p)) for p in problems]
    document.paragraph(
        f"{len(problems)} problems with {min(seeds)} to {max(seeds)} seeds that all methods "
        "have done."
    )
    at = [n for n in _CHECKPOINTS if n < c.budget] + [c.budget]
    rank = {n: measures.ranks(c, methods, problems, n) for n in at}
    interval = measures.bootstrap(rank[c.budget])
    curves = {
        m: np.array([measures.mean_scores(c, m, p, c.seeds(methods, p)) for p in problems])
        for m in methods
    }
    rows = []
    for j in np.argsort(rank[c.budget].mean(axis=0)):
        m, r = methods[j], rank[c.budget][:, j].mean()
        limits = measures.bootstrap(curves[m])[:, -1]
        rows.append(
            [m, f"{r:.2f} [{interval[0, j]:.2f}, {interval[1, j]:.2f}]"]
            + [f"{rank[n][:, j].mean():.2f}" for n in at[:-1]]
            + [f"{curves[m][:, n - 1].mean():.3f}" for n in at]
            + [f"[{limits[0]:.3f}, {limits[1]:.3f}]", f"{curves[m].mean():.3f}"]
            + [f"{measures.targets_reached(c, m, problems)[-1]:.3f}"]
        )
    head = ["method", f"mean rank at {c.budget} [95 %]"] + [f"rank at {n}" for n in at[:-1]]
    head += [f"score at {n}" for n in at] + ["[95 %]", "area", "targets"]
    document.table(head, rows)
    document.picture(
        pictures.rank_diagram(methods, list(rank[c.budget].mean(axis=0)), interval), "mean ranks"
    )
    document.picture(pictures.group_scores(c, methods, problems, "all problems"), "mean scores")
    document.picture(pictures.ecdf(c, methods, problems), "targets reached")


def _duels(document: Document, c: Comparison) -> None:
    document.heading(f"{_OURS} against each rival")
    document.paragraph(
        "Wins and losses count problems (mean score over common seeds); p of the paired "
        "Wilcoxon test over "
        "problems, corrected by Holm's method among the rivals."
    )
    rows = []
    for n in [n for n in (20, 40, 60, 100, 150) if n <= c.budget]:
        for duel in measures.duels(c, _OURS, [m for m in c.methods if m != _OURS], n):
            rows.append(
                [
                    duel.rival,
                    str(n),
                    str(duel.problems),
                    str(duel.wins),
                    str(duel.losses),
                    f"{duel.difference:+.3f}",
                    f"{duel.p:.2g}",
                ]
            )
    document.table(["rival", "at", "problems", "wins", "losses", "score difference", "p"], rows)


def _groups(document: Document, c: Comparison, methods: Sequence[str]) -> None:
    document.heading("By group")
    for group in dict.fromkeys(c.groups.values()):
        inside = [p for p, g in c.groups.items() if g == group]
        able = [
            m
            for m in methods
            if any((m, p, s) in c.curves for p in inside for s in c.seeds([m], p))
        ]
        problems = [p for p in c.common(able) if p in inside]
        if not problems:
            continue
        rank = measures.ranks(c, able, problems, c.budget).mean(axis=0)
        rows = []
        for j in np.argsort(rank):
            curves = [measures.mean_scores(c, able[j], p, c.seeds(able, p)) for p in problems]
            mean = np.mean(curves, axis=0)
            rows.append([able[j], f"{rank[j]:.2f}", f"{mean[-1]:.3f}", f"{mean.mean():.3f}"])
        document.paragraph(f"{group}: {', '.join(problems)}")
        document.table([group, "mean rank", f"score at {c.budget}", "area"], rows)
        document.picture(pictures.group_scores(c, able, problems, group), group)


def _effort(document: Document, c: Comparison) -> None:
    document.heading("Effort")
    document.paragraph(
        "Seconds of ask plus tell per evaluation in the second half of the runs (CPU time "
        "beside it: runs may have "
        "shared the machine), time until the optimizer is built with imports, and peak memory "
        "of its process."
    )
    rows = []
    for m in c.methods:
        e = measures.effort(c, m)
        rows.append(
            [
                m,
                f"{e.median:.4f}",
                f"{e.median_cpu:.4f}",
                f"{e.p95:.4f}",
                f"{e.start:.2f}",
                f"{e.peak_mb:.0f}",
                f"{100 * e.duplicates:.1f} %",
                str(e.failures),
                f"{e.crashed} of {e.runs}",
            ]
        )
    head = ["method", "median s", "median CPU s", "95 % s", "start s", "peak MB", "duplicates"]
    document.table([*head, "failed evaluations", "runs that broke off"], rows)


def _problems(document: Document, c: Comparison) -> None:
    document.heading("By problem")
    document.paragraph("Mean over seeds at the end; for known optima (marked *) the gap to it.")
    rows = []
    for p in c.problems:
        star = p in c.exact
        cells = []
        for m in c.methods:
            finals = [v[-1] for (method, q, _), v in c.curves.items() if (method, q) == (m, p)]
            cells.append(
                f"{np.mean(finals) - (c.best[p] if star else 0.0):.4g}" if finals else "–"
            )
        rows.append([p + (" *" if star else ""), *cells])
        document.picture(pictures.problem_curves(c, p), p)
    document.table(["problem", *c.methods], rows)


def _caveats(document: Document, c: Comparison) -> None:
    document.heading("Refusals, approximations, broken runs")
    lines = {f"{m} refuses {p}: {why}" for (m, p), why in c.refused.items()}
    for (m, p, s), run in c.runs.items():
        lines |= {f"{m}, approximation: {a}" for a in run.head["approximations"]}
        if run.head["status"] != "done":
            lines.add(
                f"{m} on {p}, seed {s}: {run.head['status']} after {len(run.evaluations)}: "
                f"{run.head['error']}"
            )
    document.bullets(sorted(lines) or ["none"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report's two files."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    options.add_argument("results", nargs="+", type=Path)
    options.add_argument("--output", type=Path, default=Path())
    options.add_argument("--budget", type=int, help="only runs of this budget (the commonest one)")
    options.add_argument(
        "--versions", nargs="*", default=[], help="versions to take instead of the newest"
    )
    options.add_argument("--problems", nargs="*", help="only problems whose name begins so")
    options.add_argument(
        "--append", nargs="*", type=Path, default=[], help="Markdown to add to report.md"
    )
    given = options.parse_args(arguments)
    runs = latest(read_runs(given.results), given.versions)
    if given.problems:
        runs = [r for r in runs if r.head["problem"].startswith(tuple(given.problems))]
    document = write(measures.compare(runs, budget=given.budget))
    given.output.mkdir(parents=True, exist_ok=True)
    text = "\n".join([document.markdown(), *(path.read_text() for path in given.append)])
    (given.output / "report.md").write_text(text)
    (given.output / "report.html").write_text(document.page())
    print(given.output / "report.md", given.output / "report.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
