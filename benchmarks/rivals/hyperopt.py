"""Hyperopt's TPE with its defaults. Conditions are native as nested choices (one parent each)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Unsupported, installed, serve
from benchmarks.space import Parameter


class Hyperopt(Rival):
    """The suggest function of TPE over a Trials object."""

    expresses = ("conditional", "batch")

    @staticmethod
    def version() -> str:
        return installed("hyperopt")

    def start(self) -> None:
        import numpy as np
        from hyperopt import Trials
        from hyperopt.base import Domain

        if any(len(p.when) > 1 for p in self.task.space.parameters):
            raise Unsupported("no parameters with two parents")
        if any(not self._parent(p).choices for p in self.task.space.parameters if p.when):
            raise Unsupported("no conditions on numbers")
        if any(p.kind == "int" and p.log for p in self.task.space.parameters):
            self.approximations.append("logarithmic integers by rounding")
        self.made: dict[str, Any] = {}
        self.space = {p.name: self._node(p) for p in self.task.space.parameters if not p.when}
        self.domain = Domain(lambda _: 0.0, self.space)
        self.trials = Trials()
        self.rng = np.random.default_rng(self.task.seed)

    def _parent(self, p: Parameter) -> Parameter:
        return next(q for q in self.task.space.parameters if q.name in p.when)

    def _node(self, p: Parameter) -> Any:
        """The expression of a parameter with its children; a shared child is one node."""
        from hyperopt import hp

        if p.name in self.made:
            return self.made[p.name]
        children = [c for c in self.task.space.parameters if p.name in c.when]
        if p.kind == "float":
            node = (
                hp.loguniform(p.name, math.log(p.low), math.log(p.high))
                if p.log
                else hp.uniform(p.name, p.low, p.high)
            )
        elif p.kind == "int" and p.log:
            node = hp.qloguniform(p.name, math.log(p.low), math.log(p.high), 1)
        elif p.kind == "int":
            node = hp.quniform(p.name, p.low, p.high, 1)
        elif p.kind == "ordinal" and not children:
            node = hp.quniform(p.name, 0, len(p.choices) - 1, 1)
        else:
            branches = []
            for i, value in enumerate(p.choices):
                inner = {
                    c.name: self._node(c)
                    for c in children
                    if any(type(v) is type(value) and v == value for v in c.when[p.name])
                }
                branches.append({"index": i, "children": inner})
            node = hp.choice(p.name, branches)
        self.made[p.name] = node
        return node

    def ask(self, n: int) -> list[Point]:
        from hyperopt import space_eval, tpe

        numbers = self.trials.new_trial_ids(n)
        self.trials.refresh()
        seed = int(self.rng.integers(2**31 - 1))
        self.docs = tpe.suggest(numbers, self.domain, self.trials, seed)
        points = []
        for doc in self.docs:
            values = {k: v[0] for k, v in doc["misc"]["vals"].items() if v}
            points.append(self._flat(space_eval(self.space, values)))
        return points

    def _flat(self, tree: dict[str, Any]) -> Point:
        point: Point = {}
        for name, v in tree.items():
            p = next(q for q in self.task.space.parameters if q.name == name)
            if isinstance(v, dict):
                point[name] = p.choices[v["index"]]
                point |= self._flat(v["children"])
            elif p.kind == "ordinal":
                point[name] = p.choices[round(v)]
            else:
                value = min(max(float(v), p.low), p.high)
                point[name] = round(value) if p.kind == "int" else value
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        from hyperopt import JOB_STATE_DONE, STATUS_FAIL, STATUS_OK

        for doc, result in zip(self.docs, results, strict=True):
            doc["state"] = JOB_STATE_DONE
            failed = "failed" in result
            doc["result"] = (
                {"status": STATUS_FAIL}
                if failed
                else {"status": STATUS_OK, "loss": float(result["value"])}
            )
        self.trials.insert_trial_docs(self.docs)
        self.trials.refresh()


if __name__ == "__main__":
    serve(Hyperopt, Hyperopt.version)
