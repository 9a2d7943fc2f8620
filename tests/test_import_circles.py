"""No circle of imports, not even one that an import within a function or for types alone hides."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import bayesopt
from bayesopt import upcalls

ROOT = Path(bayesopt.__file__).parent


def modules() -> dict[str, Path]:
    """Every module of the package by its name, packages included."""
    found = {}
    for file in ROOT.rglob("*.py"):
        parts = file.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(name: str, file: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the package that a module imports anywhere."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            up = package.split(".")[: len(package.split(".")) - max(node.level - 1, 0)]
            base = ".".join([*(up if node.level else []), *([node.module] if node.module else [])])
            for alias in node.names:
                inside = f"{base}.{alias.name}"
                yield inside if inside in known else base


def circle(graph: dict[str, set[str]]) -> list[str] | None:
    """Modules that import each other in a ring."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def test_no_import_closes_a_circle():
    known = modules()
    graph = {}
    for name, file in known.items():
        # the package itself imports for types alone what it hands on by name
        if name != ROOT.name:
            of_room = {m for m in imported(name, file, known) if m in known}
            graph[name] = of_room - {name, ROOT.name}
    assert circle(graph) is None
    assert len(graph) > 300
    assert sum(map(len, graph.values())) > 1000


def test_a_room_asks_an_upper_one_by_name_in_one_module_only():
    by_name = re.compile(r"""import_module\(\s*["']bayesopt\.""")
    found = {n for n, file in modules().items() if by_name.search(file.read_text("utf-8"))}
    assert not found
    for name, room in upcalls.ROOMS.items():
        assert callable(upcalls.upper(name)), room


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) is not None
