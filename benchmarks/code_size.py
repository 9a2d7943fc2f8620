"""Count what docs/architecture.md says of the code: ``python benchmarks/code_size.py [ROOT]``.

ROOT is a checkout of any version. Plug-ins' private imports are those from inside a room (a module
below it, or a name that the room does not export) or of a name with an underscore.
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[tuple[int, str]]:
    """Lines and names of all functions."""
    nodes = [n for n in ast.walk(tree) if isinstance(n, Functions)]
    return [((n.end_lineno or 0) - n.lineno + 1, n.name) for n in nodes]


def exported(room: Path) -> set[str]:
    """Names that a room's ``__init__`` or module has for others."""
    file = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text("utf-8"))
    names = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)
             for a in n.names}  # fmt: skip
    named = [n for n in tree.body if isinstance(n, Functions | ast.ClassDef)]
    targets = [t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets]
    return names | {n.name for n in named} | {t.id for t in targets if isinstance(t, ast.Name)}


def private_imports(package: Path) -> int:
    """How many names the plug-ins import that are not for others."""
    count = 0
    for file in (package / "integrations").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.module or node.level:
                continue
            parts = node.module.split(".")
            if parts[0] != package.name or "integrations" in parts:
                continue
            inside = len(parts) > 2
            names = exported(package.joinpath(*parts[1:2])) if len(parts) == 2 else set()
            for alias in node.names:
                unknown = len(parts) == 2 and alias.name not in names
                count += inside or unknown or alias.name.startswith("_")
    return count


def main(root: Path) -> None:
    """Print the counts of a checkout."""
    package = root / "bayesopt"
    files = [f for p in (package, root / "kernels") for f in p.rglob("*.py")]
    texts = {f: f.read_text("utf-8") for f in files}
    lines = {f: text.count("\n") for f, text in texts.items()}
    size, name, where = max(
        (n, name, f.relative_to(root))
        for f, text in texts.items()
        for n, name in functions(ast.parse(text))
    )
    largest = max(lines, key=lines.__getitem__)
    print(f"modules: {len(files)}, lines: {sum(lines.values())}")
    print(f"median module: {statistics.median(lines.values()):g} lines")
    print(f"largest module: {lines[largest]} lines ({largest.relative_to(root)})")
    print(f"longest function: {size} lines ({name} in {where})")
    print(f"plug-ins' private imports: {private_imports(package)}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]))
