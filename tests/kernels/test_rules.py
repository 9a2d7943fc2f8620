"""A kernel file is closed: numba's cache is keyed by the text of the file alone.

A callee, a constant or a decorator taken from another file could change without the caller
being compiled anew, and the numbers would be stale (measured with numba 0.68).
"""

import ast
import builtins
from importlib.util import find_spec
from pathlib import Path

import pytest

DECORATOR = "njit(cache=True, error_model='numpy', nogil=True)"
INLINED = DECORATOR[:-1] + ", inline='always')"  # for what is called within the file
IMPORTS = {
    "import math",
    "import numpy as np",
    "import numpy.typing as npt",
    "from numba import njit",
    "from __future__ import annotations",
}
MAX_ARGUMENTS = 10
UNCACHED = {"pairs.py"}  # calls a user's function: never kept on disk, so nothing can be stale


def kernel_files():
    spec = find_spec("bayesopt_kernels")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    return sorted(p for p in folder.rglob("*.py") if p.name != "__init__.py")


def callers(tree, name):
    """Functions of a file that call one of its functions."""
    return [
        f.name
        for f in tree.body
        if isinstance(f, ast.FunctionDef)
        and any(isinstance(n, ast.Call) and ast.unparse(n.func) == name for n in ast.walk(f))
    ]


def breaches(source):
    """All breaches of the rules in the text of a kernel file."""
    tree = ast.parse(source)
    found = []
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    found += [f"imports: {ast.unparse(n)}" for n in imports if ast.unparse(n) not in IMPORTS]
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    for name, function in functions.items():
        decorators = [ast.unparse(d) for d in function.decorator_list]
        if decorators not in ([DECORATOR], [INLINED]):
            found.append(f"{name}: decorator is not literally @{DECORATOR} or @{INLINED}")
        if decorators == [INLINED] and not callers(tree, name):
            found.append(f"{name}: is inlined and called by none")
        arguments = function.args
        if len(arguments.args) + len(arguments.kwonlyargs) > MAX_ARGUMENTS:
            found.append(f"{name}: more than {MAX_ARGUMENTS} arguments")
        if not ast.get_docstring(function) and not name.startswith("_"):
            found.append(f"{name}: no docstring")
    called = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
    for func in called:
        root = func
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(func, ast.Name):
            known = func.id in functions or hasattr(builtins, func.id) or func.id == "njit"
        else:  # a function of numpy or math, or a method of an array
            known = isinstance(root, ast.Name | ast.Subscript)
        if not known:
            found.append(f"calls {ast.unparse(func)}, which is not in this file")
    uses_random = [
        n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "random"
    ]
    found += ["draws random numbers" for _ in uses_random]
    return found


@pytest.mark.parametrize("path", kernel_files(), ids=lambda p: p.name)
def test_a_kernel_file_is_closed(path):
    source = path.read_text("utf-8")
    if path.name in UNCACHED:
        assert "cache=True" not in source
    else:
        assert breaches(source) == []


def test_there_are_kernel_files():
    assert {"acquisition.py", "covariance.py"} <= {p.name for p in kernel_files()}


def test_the_package_itself_loads_nothing():
    spec = find_spec("bayesopt_kernels")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


GOOD = '''
import numpy as np
from numba import njit
@njit(cache=True, error_model="numpy", nogil=True)
def f(x):
    """Square."""
    return np.square(x)
'''


def test_a_good_file_has_no_breach():
    assert breaches(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import numpy as np", "import numpy as np\nfrom bayesopt_kernels.covariance import gram"),
        ("import numpy as np", "import numpy as np\nfrom ._types import vec"),
        ("nogil=True)", "nogil=True, fastmath=True)"),
        ('error_model="numpy", ', ""),
        ("nogil=True)", 'nogil=True, inline="never")'),
        ("nogil=True)", 'nogil=True, inline="always")'),
        ("@njit(cache", "@jit(cache"),
        ("@njit", "@other\n@njit"),
        ("def f(x)", "def f(a, b, c, d, e, g, h, i, j, k, x)"),
        ('"""Square."""', "pass"),
        ("np.square(x)", "elsewhere(x)"),
        ("np.square(x)", "np.random.normal()"),
    ],
)
def test_each_rule_can_fail(old, new):
    assert old in GOOD
    assert breaches(GOOD.replace(old, new))
