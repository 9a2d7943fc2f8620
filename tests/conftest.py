"""What all tests share: where compiled kernels are kept, one BLAS thread, hypothesis' settings."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings


def kernel_files() -> list[Path]:
    """Every file of the kernels, found without importing the package."""
    spec = find_spec("bayesopt_kernels")
    assert spec is not None
    assert spec.submodule_search_locations
    return [
        p for folder in spec.submodule_search_locations for p in sorted(Path(folder).rglob("*.py"))
    ]


def kernel_digest() -> str:
    """Hash of the text of every kernel file."""
    digest = hashlib.sha256()
    for path in kernel_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """A folder of the user's for caches, or one among the temporary files."""
    given = os.environ.get("XDG_CACHE_HOME")
    root = (Path(given) if given else Path.home() / ".cache") / "bayesopt-tests"
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="bayesopt-tests-"))
    return root if os.access(root, os.W_OK) else Path(tempfile.mkdtemp(prefix="bayesopt-tests-"))


# numba's key holds the text of the calling file only, so a kernel changed elsewhere could be
# served stale; a folder for each state of the kernels cannot. Before numba is imported.
os.environ["NUMBA_CACHE_DIR"] = str(cache_root() / kernel_digest())

# Small matrices: a second BLAS thread costs more than it brings, and sums would depend on it.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# The same examples in every run: a failure that comes and goes is nobody's to mend.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("house")

# A shell that runs the tests in the background makes them, and their children, ignore Ctrl-C:
# then a test that presses it would wait forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels before the first test, once for all processes of the tests.

    Else whichever test comes first is minutes slower on a small machine, and finds the warning
    that kernels are compiled where it expects nothing: the result would depend on the order.
    """
    if hasattr(session.config, "workerinput") or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return
    # what numba's own key holds: a cached kernel is for one file as it is, and one numba
    state = [(str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in kernel_files()]
    key = hashlib.sha256(repr((state, sys.version, version("numba"))).encode()).hexdigest()[:16]
    done = Path(os.environ["NUMBA_CACHE_DIR"], f"compiled-{key}")
    if done.exists():
        return
    code = "from bayesopt.cli.warmup import warm; warm()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if (
        subprocess.run([sys.executable, "-P", "-c", code], env=environment, check=False).returncode
        == 0
    ):
        done.parent.mkdir(parents=True, exist_ok=True)
        done.touch()
