"""A process that does runs one after the other: a task a line in, its outcome a line out.

It ends with its input, so nothing is left behind when the runner is killed; the run it is at then
ends with its file written whole or not at all.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from benchmarks import problems, store
from benchmarks.execute import execute


def main() -> None:
    loaded: dict[str, problems.Problem] = {}
    for line in sys.stdin:
        task = json.loads(line)
        key = store.Key(**task["key"])
        try:
            if key.problem not in loaded:
                for problem in loaded.values():
                    problem.close()
                data = Path(task["data"]) if task["data"] else None
                loaded = {key.problem: problems.load(key.problem, data)}
            with Path(task["log"]).open("a") as log:
                records = execute(
                    key,
                    loaded[key.problem],
                    Path(task["environments"]),
                    timeout=task["timeout"],
                    commit=task["commit"],
                    log=log,
                )
            store.write(key.path(Path(task["results"])), records)
            answer = {"status": records[0]["status"], "reason": records[0]["error"]}
        except Exception as error:
            traceback.print_exc()
            answer = {"status": "not run", "reason": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
