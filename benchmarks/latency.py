"""Time of a proposal against n and d: ``python -m benchmarks.latency --methods bayesopt optuna-gp
botorch``.

For each setting and method a fresh process takes n observations of a smooth function, then asks
and tells twenty times. Reported are the median and the worst of the twenty, the first ask (a full
fit, in a fresh process), all in CPU seconds of one thread (wall seconds are kept in the raw lines:
on a busy machine they say little), and the peak memory. ``--cold`` adds the time from the start of
a process to its first proposal by a model, with an empty and with a filled cache of compiled code.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.rivals import METHODS
from benchmarks.rivals.process import Died, Process, adapter, environments_folder, find_python
from benchmarks.sources import commit
from benchmarks.space import Parameter, Space, floats

SETTINGS = ("100x10", "100xmixed", "500x20", "1000x10", "2000x10", "5000x10")
_ASKS = 20


def space_of(setting: str) -> tuple[int, Space]:
    """Number of observations and space of a setting such as 100x10 or 100xmixed."""
    n, _, d = setting.partition("x")
    if d != "mixed":
        return int(n), floats(int(d), 0.0, 1.0)
    labels = ("a", "b", "c", "d")
    numbers = [Parameter(f"x{i}", "float", 0.0, 1.0) for i in range(5)]
    counts = [Parameter(f"k{i}", "int", 0, 20) for i in range(3)]
    kinds = [
        Parameter("c0", "categorical", choices=labels),
        Parameter("c1", "categorical", choices=labels, when={"c0": ("a", "b")}),
    ]
    return int(n), Space((*numbers, *counts, *kinds))


def objective(space: Space, point: dict[str, Any]) -> float:
    """A smooth function with a few bumps, over any point."""
    total = 0.0
    for i, p in enumerate(space.parameters):
        v = point.get(p.name)
        if v is None:
            continue
        u = p.index(v) / 3.0 if p.choices else (v - p.low) / (p.high - p.low)
        total += (u - 0.3 - 0.04 * i) ** 2 * (1 + i % 3) + 0.05 * math.sin(9.0 * u + i)
    return total


def measure(
    name: str, setting: str, environments: Path, *, limit: float, timeout: float | None = None
) -> dict[str, Any]:
    """One method at one setting; the asks end after ``limit`` seconds, but there are three at
    least. One that takes longer than ``timeout`` seconds ends the measurement: with an error when
    it is the first.
    """
    import numpy as np

    n, space = space_of(setting)
    rng = np.random.default_rng(0)
    points = [space.from_unit(u) for u in rng.random((n, len(space.parameters))).tolist()]
    record: dict[str, Any] = {"method": name, "setting": setting, "asks": []}
    with _start(name, environments) as process:
        start = {"cmd": "start", "space": space.to_json(), "seed": 0, "budget": n + _ASKS + 1}
        answer = process.request(start)
        record["start"], record["started_cpu"] = answer.get("wall"), answer.get("cpu")
        results = [{"value": objective(space, p), "constraints": {}} for p in points]
        loaded = process.request({"cmd": "preload", "points": points, "results": results})
        record["preload"] = loaded["cpu"]
        began = time.monotonic()
        for i in range(_ASKS + 1):
            try:
                asked = process.request({"cmd": "ask", "n": 1}, timeout=timeout)
            except Died as why:
                if not record["asks"]:
                    raise
                record["broken_off"] = str(why)
                break
            value = {"value": objective(space, asked["points"][0]), "constraints": {}}
            told = process.request({"cmd": "tell", "points": asked["points"], "results": [value]})
            both = {k: asked[k] + told[k] for k in ("cpu", "wall")}
            if i == 0:
                record["first"] = both
            else:
                record["asks"].append(both)
            record["peak_mb"] = told["peak_mb"]
            if i >= 3 and time.monotonic() - began > limit:
                break
    return record


def _start(name: str, environments: Path) -> Process:
    method = METHODS[name]
    python = find_python(method.environment, environments, imports=method.imports)
    return adapter(method.module, method.argument, python)


def cold(name: str, environments: Path) -> dict[str, Any]:
    """Wall and CPU seconds from process start to the first proposal by a model, n=20, d=5."""
    found: dict[str, Any] = {"method": name}
    with tempfile.TemporaryDirectory() as cache:
        kept = os.environ.get("NUMBA_CACHE_DIR")
        os.environ["NUMBA_CACHE_DIR"] = cache
        try:
            for state in ("empty cache", "warm cache"):
                began = time.perf_counter()
                record = measure(name, "20x5", environments, limit=0.0)
                asked = sum(a["wall"] for a in record["asks"])
                found[state] = {
                    "wall": time.perf_counter() - began - asked,
                    "cpu": record["started_cpu"] + record["preload"] + record["first"]["cpu"],
                    "first": record["first"],
                }
        finally:
            if kept is None:
                del os.environ["NUMBA_CACHE_DIR"]
            else:
                os.environ["NUMBA_CACHE_DIR"] = kept
    return found


def table(records: Sequence[dict[str, Any]]) -> str:
    """Markdown of all settings, with the ratio of each rival's median to ours.

    Records without asks are of methods that did not finish the first one; they come last.
    """
    import numpy as np

    done = [r for r in records if r["asks"]]
    median = {(r["method"], r["setting"]): np.median([a["cpu"] for a in r["asks"]]) for r in done}
    lines = [
        "| setting (n x d) | method | median s | quartiles | worst of asks | worst / median "
        "| first ask s | peak MB | asks | times ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in sorted(
        done,
        key=lambda r: (
            SETTINGS.index(r["setting"]) if r["setting"] in SETTINGS else 99,
            r["method"],
        ),
    ):
        m = median[r["method"], r["setting"]]
        worst = max(a["cpu"] for a in r["asks"])
        ours = median.get(("bayesopt", r["setting"]))
        ratio = f"{m / ours:.1f}" if ours else "–"
        low, high = np.quantile([a["cpu"] for a in r["asks"]], [0.25, 0.75])
        cells = [r["setting"], r["method"], f"{m:.4f}", f"{low:.4f} – {high:.4f}"]
        cells += [f"{worst:.4f}", f"{worst / m:.1f}"]
        cells += [f"{r['first']['cpu']:.3f}", f"{r['peak_mb']:.0f}", str(len(r["asks"])), ratio]
        lines.append("| " + " | ".join(cells) + " |")
    for r in records:
        if not r["asks"]:
            cells = [r["setting"], r["method"], r["broken_off"], *["–"] * 7]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def growth(records: Sequence[dict[str, Any]], *, by: str) -> dict[str, tuple[Any, Any]]:
    """Values of n (at d=10) or of d (at n=100) and median seconds, by method, where there are at
    least two.
    """
    import numpy as np

    found: dict[str, dict[int, float]] = {}
    for r in records:
        n, _, d = r["setting"].partition("x")
        varied, fixed = (n, d) if by == "n" else (d, n)
        if d != "mixed" and fixed == ("10" if by == "n" else "100") and r["asks"]:
            seconds = float(np.median([a["cpu"] for a in r["asks"]]))
            found.setdefault(r["method"], {})[int(varied)] = seconds
    return {
        name: (np.array(sorted(points)), np.array([points[x] for x in sorted(points)]))
        for name, points in sorted(found.items())
        if len(points) > 1
    }


def exponents(records: Sequence[dict[str, Any]], *, by: str = "n") -> dict[str, float]:
    """Slope of log median time against log n (at d=10) or log d (at n=100), by method."""
    import numpy as np

    return {
        name: float(np.polyfit(np.log(x), np.log(seconds), 1)[0])
        for name, (x, seconds) in growth(records, by=by).items()
    }


def plot(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Median time against n at d=10 and against d at n=100, all axes logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, both = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained", sharey=True)
    labels = {"n": "observations n (d = 10)", "d": "parameters d (n = 100)"}
    for axes, by in zip(both, labels, strict=True):
        slopes = exponents(records, by=by)
        for name, (x, seconds) in growth(records, by=by).items():
            axes.loglog(x, seconds, "o-", label=f"{name}: {by}^{slopes[name]:.2f}")
        ticks = sorted({int(v) for x, _ in growth(records, by=by).values() for v in x})
        axes.set_xticks(ticks, [str(t) for t in ticks])
        axes.minorticks_off()
        axes.set(xlabel=labels[by])
        axes.legend()
    both[0].set(ylabel="ask plus tell, CPU seconds (median)")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    options.add_argument(
        "--methods",
        nargs="+",
        default=["bayesopt", "optuna-gp", "botorch"],
        choices=sorted(METHODS),
    )
    options.add_argument("--settings", nargs="*", default=list(SETTINGS[:-1]))
    options.add_argument("--limit", type=float, default=120.0, help="seconds of asking a setting")
    options.add_argument("--timeout", type=float, default=300.0, help="seconds a single ask has")
    options.add_argument("--cold", action="store_true")
    options.add_argument(
        "--output", type=Path, default=Path("latency.jsonl"), help="raw lines are added here"
    )
    options.add_argument(
        "--read", type=Path, help="raw lines of earlier runs that the table shows as well"
    )
    options.add_argument("--environments", type=Path, default=environments_folder())
    options.add_argument("--plot", type=Path, help="write a picture of the growth with n")
    given = options.parse_args(arguments)
    records, failed = [], 0
    for setting in given.settings:
        for name in given.methods:  # one after the other: the machine's mood is shared
            try:
                record = measure(
                    name, setting, given.environments, limit=given.limit, timeout=given.timeout
                )
            except FileNotFoundError as why:
                print(f"{name} at {setting}: {why}", file=sys.stderr)
                failed += 1
                continue
            except Died as why:
                record = {"method": name, "setting": setting, "asks": [], "broken_off": str(why)}
            records.append(record)
            with given.output.open("a") as file:
                file.write(json.dumps(record | {"commit": commit()}) + "\n")
    if given.read:
        lines = given.read.read_text("utf-8").splitlines()
        records = [json.loads(line) for line in lines] + records
    print(table(records))
    for by in ("n", "d"):
        for name, slope in exponents(records, by=by).items():
            print(f"\n{name}: time grows as {by}^{slope:.2f}")
    if given.plot:
        plot(records, given.plot)
    if given.cold:
        for name in given.methods:
            print(json.dumps(cold(name, given.environments)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
