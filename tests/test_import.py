"""What importing costs, and where compiled kernels go."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import bayesopt as bo
from bayesopt import compiled

HEAVY = {
    "numba", "scipy", "sklearn", "torch", "matplotlib", "pandas", "pymc", "pytensor", "arviz",
    "optuna", "hyperopt", "distributed", "typer", "rich", "threadpoolctl", "bayesopt_kernels",
}  # fmt: skip


def run_python(program, *, path=(), **environment):
    """Run a program in a process of its own; returns what it printed and what it logged."""
    folders = [*map(str, path), *(p for p in sys.path if p)]
    inherited = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def modules_after(program):
    printed, _ = run_python(f"{program}\nimport sys, json\nprint(json.dumps([*sys.modules]))")
    return {name.split(".")[0] for name in json.loads(printed.splitlines()[-1])}


def test_importing_loads_nothing_heavy():
    loaded = modules_after("import bayesopt")
    assert "bayesopt" in loaded
    assert loaded & HEAVY == set()


def test_describing_a_problem_loads_nothing_heavy():
    loaded = modules_after(
        "import bayesopt as bo\n"
        "space = bo.Space(x=bo.Float(0, 1), k=bo.Int(1, 9), c=bo.Categorical(['a', 'b']))\n"
        "opt = bo.Optimizer(space, seed=0)\n"
        "opt.add_observation({'x': 0.5, 'k': 3, 'c': 'a'}, 1.0)\n"
        "assert opt.best.value == 1.0"
    )
    assert loaded & (HEAVY - {"threadpoolctl"}) == set()


def test_proposing_loads_no_optional_package():
    loaded = modules_after(
        "import bayesopt as bo\n"
        "opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0)\n"
        "for _ in range(6):\n"
        "    trial = opt.ask(); opt.tell(trial, trial.params['x'])\n"
        "opt.predict({'x': 0.5}).mean, opt.result()"
    )
    optional = {"sklearn", "torch", "matplotlib", "pandas", "pymc", "arviz", "optuna", "typer"}
    assert loaded & optional == set()
    assert "numba" in loaded  # or the test sees nothing


def test_every_public_name_is_there():
    for name in bo.__all__:
        assert getattr(bo, name) is not None
        assert name in dir(bo)
    assert len(set(bo.__all__)) == len(bo.__all__)


def test_names_are_the_same_objects_wherever_they_are_taken_from():
    assert bo.Optimizer is import_module("bayesopt.optimizer").Optimizer
    assert bo.minimize is import_module("bayesopt.minimize").minimize
    assert bo.Space is import_module("bayesopt.space").Space


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Optimiser'"):
        _ = bo.Optimiser


# ---- compiled kernels -----------------------------------------------------------------------

COMPILE = """
import logging
logging.basicConfig(format="%(name)s %(levelname)s %(message)s")
import numpy as np
from bayesopt.compiled import ascent, covariance
x = -np.ones(2)
covariance.exp_nonpositive(x, np.empty(2))
print(x.round(3).tolist())
assert ascent.propose is not None
"""


def test_kernels_are_compiled_where_no_cache_can_be_written(tmp_path):
    """A read-only installation: neither the given folder, nor beside the files, nor at home."""
    spec = find_spec("bayesopt_kernels")
    site = tmp_path / "site"
    shutil.copytree(
        spec.submodule_search_locations[0],
        site / "bayesopt_kernels",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    # even the superuser cannot make a folder where a file is, nor in /proc
    (site / "bayesopt_kernels" / "__pycache__").write_text("in the way")
    home = tmp_path / "home"
    home.write_text("in the way")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for fresh in (True, False):
        printed, logged = run_python(
            COMPILE,
            path=[site],
            NUMBA_CACHE_DIR="/proc/nowhere",
            HOME=str(home),
            XDG_CACHE_HOME=str(home),
            TMPDIR=str(temporary),
            PYTHONDONTWRITEBYTECODE="1",
        )
        assert json.loads(printed) == [0.368, 0.368]
        assert logged.count("no writable place for compiled kernels was found") == 1
        assert "bayesopt WARNING" in logged
        assert ("compiled for this machine" in logged) is fresh  # the second process finds them
        assert len(list(temporary.glob("bayesopt-kernels-*"))) == 1
    assert any(Path(temporary).rglob("*.nbi"))


def test_a_wait_for_the_compiler_is_announced_once(tmp_path):
    said = "the kernels are compiled for this machine"
    _, cold = run_python(COMPILE, NUMBA_CACHE_DIR=str(tmp_path))
    assert cold.count(said) == 1
    _, warm = run_python(COMPILE, NUMBA_CACHE_DIR=str(tmp_path))
    assert said not in warm


def test_a_kernel_that_is_compiled_becomes_a_plain_attribute():
    proxy = compiled._Kernels("covariance")
    for _ in range(2):
        proxy.exp_nonpositive(-np.ones(2), np.empty(2))
    assert "exp_nonpositive" in proxy.__dict__
    with pytest.raises(AttributeError):
        _ = proxy.no_such_kernel


def test_a_fault_in_a_kernel_file_is_not_hidden(monkeypatch):
    def broken(name):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiled.importlib, "import_module", broken)
    with pytest.raises(RuntimeError, match="something else"):
        compiled._load.__wrapped__("ascent")


@pytest.mark.parametrize(
    "array",
    [
        [[1, 2], [3, 4]],
        np.arange(4).reshape(2, 2),
        np.ones((2, 2), np.float32),
        np.asfortranarray(np.ones((2, 2))),
        np.ones((4, 4))[::2, ::2],
    ],
)
def test_arrays_are_brought_into_one_form(array):
    for convert, kind in ((compiled.floats, np.float64), (compiled.integers, np.int64)):
        got = convert(array)
        assert got.dtype == kind
        assert got.flags.c_contiguous
        assert got.flags.writeable
        np.testing.assert_array_equal(got, array)


def test_an_array_that_must_not_change_is_copied():
    frozen = np.ones(3)
    frozen.flags.writeable = False
    assert compiled.floats(frozen).flags.writeable


def test_one_blas_thread_inside_and_as_before_outside():
    from threadpoolctl import threadpool_info

    def threads():
        return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]

    before = threads()
    with compiled.blas_threads():
        assert set(threads()) == {1}
    assert threads() == before
