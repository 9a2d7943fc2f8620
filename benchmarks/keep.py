"""Keep rivals' results between checkouts: ``python -m benchmarks.keep pack|unpack``.

``pack`` puts the finished runs of every method but ours (``--ours``: of ours too) into one
compressed archive (by default ``benchmarks/kept.tar.xz``, which is committed); ``unpack`` lays
those that are missing into the folder of the results, so that the rivals are run once. Runs that
broke off are not kept.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import store
from benchmarks.run import HERE

ARCHIVE = HERE / "kept.tar.xz"
_OURS = "bayesopt"


def pack(results: Path, archive: Path, *, ours: bool = False) -> int:
    """Write the archive; return the number of runs in it. The same runs give the same bytes."""
    paths = sorted(results.glob("*/*/seed-*.jsonl"))
    kept = [p for p in paths if _worth_keeping(p, ours)]
    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for path in kept:
            content = _shortened(path).encode()
            entry = tarfile.TarInfo(path.relative_to(results).as_posix())
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return len(kept)


def _shortened(path: Path) -> str:
    """The lines of a run with its times to the microsecond: more digits do not compress."""
    lines = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        times = {
            k: round(v, 6) for k, v in record.items() if k in store.TIMES and isinstance(v, float)
        }
        lines.append(json.dumps(record | times) + "\n")
    return "".join(lines)


def _worth_keeping(path: Path, ours: bool) -> bool:
    head = store.read(path).head
    return (ours or head["method"] != _OURS) and head["status"] in ("done", "unsupported")


def unpack(archive: Path, results: Path) -> int:
    """Lay down the runs that are not there yet; return how many they were."""
    new = 0
    with tarfile.open(archive, "r:xz") as tar:
        for entry in tar:
            target = results / entry.name
            content = tar.extractfile(entry)
            if content is None or ".." in Path(entry.name).parts or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
            new += 1
    return new


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.keep", description=__doc__)
    options.add_argument("what", choices=["pack", "unpack"])
    options.add_argument("--results", type=Path, default=HERE / "runs")
    options.add_argument("--archive", type=Path, default=ARCHIVE)
    options.add_argument("--ours", action="store_true", help="keep our own runs as well")
    given = options.parse_args(arguments)
    if given.what == "pack":
        n = pack(given.results, given.archive, ours=given.ours)
        print(f"{n} runs in {given.archive}")
    else:
        print(f"{unpack(given.archive, given.results)} runs added to {given.results}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
