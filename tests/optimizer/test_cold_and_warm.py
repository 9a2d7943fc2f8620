"""Bitwise the same trials from freshly compiled kernels and from kept ones, with any BLAS threads.

The data are enough for BLAS to use the threads it is allowed, and for extended factors, refits and
a comparison of transforms.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import json
import numpy as np
import bayesopt as bo
from tests.optimizer.running import MIXED, mixed_value
rng = np.random.default_rng(0)
rows = MIXED.to_rows(MIXED.from_cube(rng.random((398, MIXED.n_columns))))
points = [MIXED.decode(row) for row in rows]
opt = bo.Optimizer(MIXED, seed=5, n_trials=450)
opt.add_observations([(p, mixed_value(p)) for p in points])
for _ in range(12):
    for trial in opt.ask_batch(2 if _ == 4 else 1):
        opt.tell(trial, mixed_value(trial.params))
print(json.dumps([[float(v).hex() for v in MIXED.encode(t.params)] for t in opt.trials]))
"""


def trials(cache, threads):
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(cache),
        "OPENBLAS_NUM_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_cold_and_warm_caches_and_blas_threads_do_not_matter(tmp_path):
    first = trials(tmp_path / "one", 1)
    assert len(first) == 398 + 13
    kept = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.nbi")}
    assert kept  # it did compile
    for threads in (1, 2, 4):
        assert trials(tmp_path / "one", threads) == first
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.nbi")} == kept  # these did not
    assert trials(tmp_path / "other", 2) == first
    assert len([*tmp_path.rglob("*.nbi")]) == 2 * len(kept)
