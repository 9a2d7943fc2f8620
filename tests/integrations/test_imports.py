"""Plug-ins are built on what the rooms export, as one of somebody else's would have to be."""

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest

import bayesopt

ROOT = Path(bayesopt.__file__).parent
PLUGINS = sorted((ROOT / "integrations").rglob("*.py"))


def imported(file: Path) -> list[tuple[str, str]]:
    """Modules of this package and the names that a file takes from them; its own plug-in's not."""
    tree = ast.parse(file.read_text())
    found = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module]
    return [
        (node.module, alias.name)
        for node in found
        if node.module.split(".")[0] == "bayesopt" and "integrations" not in node.module
        for alias in node.names
    ]


@pytest.mark.parametrize("file", PLUGINS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_plug_in_takes_from_rooms_only(file):
    for module, name in imported(file):
        room = ROOT.joinpath(*module.split(".")[1:])
        assert module.count(".") <= 1, f"{file.name}: {module}.{name} is inside a room"
        assert not name.startswith("_"), f"{file.name}: {module}.{name} is private"
        if room.is_dir():
            exported = getattr(import_module(module), "__all__", [])
            as_itself = f"import {name} as {name}" in (room / "__init__.py").read_text()
            assert name in exported or as_itself, f"{file.name}: {module} does not export {name}"


def test_there_is_something_to_look_at():
    assert sum(len(imported(file)) for file in PLUGINS) > 40


def test_ray_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    from bayesopt.integrations.ray import RayExecutor

    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed
    with pytest.raises(ImportError, match="pip install ray"):
        RayExecutor(num_cpus=1)
