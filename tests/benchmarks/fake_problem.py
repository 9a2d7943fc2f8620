"""A problem with every kind of parameter; it writes down nothing and fails in one corner."""

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space

FLAT = (
    Parameter("rate", "float", 1e-4, 1.0, log=True),
    Parameter("depth", "int", 1, 9),
    Parameter("width", "int", 4, 256, log=True),
    Parameter("share", "ordinal", choices=(0.0, 0.1, 0.5)),
    Parameter("kind", "categorical", choices=("a", "b", None)),
)
NUMBERS = (Parameter("rate", "float", 1e-4, 1.0, log=True), Parameter("depth", "int", 1, 9))


class Fake(Problem):
    name = "fake"
    group = "mixed"
    optimum = 0.0
    space = Space(FLAT)

    def value(self, params):
        if params["depth"] == 9:
            raise ArithmeticError("too deep")
        return abs(params["depth"] - 3) + params["rate"] + (params.get("kind") is not None)


class Numbers(Fake):
    name = "numbers"
    space = Space(NUMBERS)


class Branching(Fake):
    name = "branching"
    space = Space((*FLAT, Parameter("momentum", "float", 0.0, 1.0, when={"kind": ("a", None)})))


class Limited(Fake):
    name = "limited"
    constraints = ("shallow",)

    def constraint_values(self, params):
        return {"shallow": params["depth"] - 5.0}
