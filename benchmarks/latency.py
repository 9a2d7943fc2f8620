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


def measure(name: str, setting: str, environments: Path, *, limit: float) -> dict[str, Any]:
    """One method at one setting; the asks end after ``limit`` seconds, but there are three at
    least.
    """
    import numpy as np

    n, space = space_of(setting)
    rng = np.random.default_rng(0)
    points = [space.from_unit(u) for u in rng.random((n, len(space.parameters))).tolist()]
    record: dict[str, Any] = {"method": name, "setting": setting, "asks": []}
    with _start(name, environments) as process:
        start = {"cmd": "start", "space": space.to_json(), "seed": 0, "budget": n + _ASKS + 1}
        answer = process.request(start)
        record["start"] = answer.get("wall")
        results = [{"value": objective(space, p), "constraints": {}} for p in points]
        loaded = process.request({"cmd": "preload", "points": points, "results": results})
        record["preload"] = loaded["cpu"]
        began = time.monotonic()
        for i in range(_ASKS + 1):
            asked = process.request({"cmd": "ask", "n": 1})
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
                found[state] = {
                    "wall": time.perf_counter() - began - sum(a["wall"] for a in record["asks"]),
                    "first": record["first"],
                }
        finally:
            if kept is None:
                del os.environ["NUMBA_CACHE_DIR"]
            else:
                os.environ["NUMBA_CACHE_DIR"] = kept
    return found


def table(records: Sequence[dict[str, Any]], reference: str = "optuna-gp") -> str:
    """Markdown of all settings, with the ratio of each rival's median to ours."""
    import numpy as np

    median = {
        (r["method"], r["setting"]): np.median([a["cpu"] for a in r["asks"]]) for r in records
    }
    lines = [
        "| setting (n x d) | method | median s | worst of asks | worst / median | first ask s "
        "| peak MB | asks | times ours |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in sorted(
        records,
        key=lambda r: (
            SETTINGS.index(r["setting"]) if r["setting"] in SETTINGS else 99,
            r["method"],
        ),
    ):
        m = median[r["method"], r["setting"]]
        worst = max(a["cpu"] for a in r["asks"])
        ours = median.get(("bayesopt", r["setting"]))
        ratio = f"{m / ours:.1f}" if ours else "–"
        cells = [r["setting"], r["method"], f"{m:.4f}", f"{worst:.4f}", f"{worst / m:.1f}"]
        cells += [f"{r['first']['cpu']:.3f}", f"{r['peak_mb']:.0f}", str(len(r["asks"])), ratio]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def exponents(records: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Slope of log median time against log n over the settings with d=10, by method."""
    import numpy as np

    slopes = {}
    for name in {r["method"] for r in records}:
        mine = [r for r in records if r["method"] == name and r["setting"].endswith("x10")]
        n = [int(r["setting"].partition("x")[0]) for r in mine]
        if len(n) > 1:
            seconds = [np.median([a["cpu"] for a in r["asks"]]) for r in mine]
            slopes[name] = float(np.polyfit(np.log(n), np.log(seconds), 1)[0])
    return slopes


def plot(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Median time against n at d=10, both axes logarithmic."""
    import matplotlib as mpl
    import numpy as np

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.8), layout="constrained")
    slopes = exponents(records)
    for name in sorted({r["method"] for r in records}):
        mine = [r for r in records if r["method"] == name and r["setting"].endswith("x10")]
        mine.sort(key=lambda r: int(r["setting"].partition("x")[0]))
        n = [int(r["setting"].partition("x")[0]) for r in mine]
        seconds = [float(np.median([a["cpu"] for a in r["asks"]])) for r in mine]
        label = f"{name} (n^{slopes[name]:.2f})" if name in slopes else name
        axes.loglog(n, seconds, "o-", label=label)
    axes.set(xlabel="observations (d = 10)", ylabel="ask plus tell, CPU seconds (median)")
    axes.legend()
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
    options.add_argument("--settings", nargs="+", default=list(SETTINGS[:-1]))
    options.add_argument("--limit", type=float, default=120.0, help="seconds of asking a setting")
    options.add_argument("--cold", action="store_true")
    options.add_argument(
        "--output", type=Path, default=Path("latency.jsonl"), help="raw lines are added here"
    )
    options.add_argument("--environments", type=Path, default=environments_folder())
    options.add_argument("--plot", type=Path, help="write a picture of the growth with n")
    given = options.parse_args(arguments)
    records, failed = [], 0
    for setting in given.settings:
        for name in given.methods:  # one after the other: the machine's mood is shared
            try:
                record = measure(name, setting, given.environments, limit=given.limit)
            except (Died, FileNotFoundError) as why:
                print(f"{name} at {setting}: {why}", file=sys.stderr)
                failed += 1
                continue
            records.append(record)
            with given.output.open("a") as file:
                file.write(json.dumps(record | {"commit": commit()}) + "\n")
    print(table(records))
    for name, slope in sorted(exponents(records).items()):
        print(f"\n{name}: time grows as n^{slope:.2f} at d=10")
    if given.plot:
        plot(records, given.plot)
    if given.cold:
        for name in given.methods:
            print(json.dumps(cold(name, given.environments)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
