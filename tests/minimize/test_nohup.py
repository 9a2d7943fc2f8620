"""What a run leaves in the log of a batch system: whole lines, and all that one wants to know."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bayesopt as bo
import bayesopt_kernels

CODE = """
import logging
import bayesopt as bo
logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")

def objective(params):
    if params["x"] > 0.8:
        raise ValueError("too hot")
    return params["x"] ** 2

if __name__ == "__main__":
    bo.minimize(objective, {"x": bo.Float(0, 1)}, n_trials=8, seed=0, progress=True,
                proposer=bo.RandomSearch())
"""


@pytest.mark.skipif(shutil.which("nohup") is None, reason="there is no nohup here")
def test_a_nohup_log_has_a_line_a_trial_and_a_summary(tmp_path):
    roots = [Path(bo.__file__).parents[1], Path(bayesopt_kernels.__file__).parents[1]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, roots))}
    log = tmp_path / "nohup.log"
    with log.open("w") as file:
        command = ["nohup", sys.executable, "-c", CODE]
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            check=False,
        )
    text = log.read_text()
    assert done.returncode == 0, text
    assert "\r" not in text
    assert "\x1b" not in text
    trials = re.findall(r"^bayesopt\.minimize: trial (\d+): (\S+ ?\S*); best (.*)$", text, re.M)
    assert [int(number) for number, _, _ in trials] == list(range(8))
    failed = [what for _, what, _ in trials if what.startswith("failed")]
    assert failed, "the case needs a failed trial"
    assert len(re.findall(r"ValueError: too hot", text)) >= 1
    assert re.search(r"^8/8 trials, best ", text, re.M)
    assert f"Result: minimize, 8 trials ({len(failed)} failed); all trials were spent" in text
