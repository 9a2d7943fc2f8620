"""The scheduler recipe of examples/slurm, with a stand-in for sbatch; and what collect takes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState
from tests.cli.test_amend import bayesopt, file

__all__ = ["file"]

EXAMPLE = Path(__file__).parents[2] / "examples" / "slurm"
SBATCH = """#!/bin/sh
# runs an array job here, task by task
range=${1#--array=}; shift
echo "Submitted batch job 1"
i=${range%-*}
while [ "$i" -le "${range#*-}" ]; do SLURM_ARRAY_TASK_ID=$i sh "$@" || exit 1; i=$((i + 1)); done
"""


@pytest.mark.slow
def test_the_recipe_of_the_example(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (
        ("sbatch", SBATCH),
        (
            "bayesopt",
            f'#!/bin/sh\nexec "{sys.executable}" -c '
            f"'from bayesopt.cli import main; main()' \"$@\"\n",
        ),
    ):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    root = str(Path(bo.__file__).parents[1])
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = f"{root}{os.pathsep}{root}/kernels"
    for _ in range(3):
        done = subprocess.run(
            ["./submit.sh", "4"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Submitted" in done.stdout
    opt = bo.Optimizer.reopen(tmp_path / "run.db")
    states = [t.state for t in opt.trials]
    opt.close()
    assert len(states) == 12
    assert TrialState.PENDING not in states[:8]
    assert set(states[8:]) == {TrialState.PENDING}


def written(name, text):
    Path("results").mkdir(exist_ok=True)
    (Path("results") / name).write_text(text)


def test_collecting_again_changes_nothing(file):
    written("0.json", '{"value": 3, "impurity": 0.25}\n')
    written("1.txt", "the solver says\n4.5\n")
    written("log.txt", "not a result")
    first = [json.loads(line) for line in bayesopt("collect", file, "results").splitlines()]
    assert [(t["number"], t["value"]) for t in first] == [(0, 3.0), (1, 4.5)]
    before = bayesopt("show", file, "--json", "--history")
    assert bayesopt("collect", file, "results") == ""
    assert bayesopt("show", file, "--json", "--history") == before
    written("2.json", '{"error": "diverged"}')
    (failed,) = map(json.loads, bayesopt("collect", file, "results").splitlines())
    assert (failed["state"], failed["error"]) == ("failed", "diverged")
    assert bayesopt("collect", file, "results") == ""


def test_what_cannot_be_collected_is_named_and_the_rest_is_taken(file):
    for name, text in [
        ("0.json", "7"),
        ("1.json", '{"value": 1'),
        ("2.json", ""),
        ("9.json", "1"),
    ]:
        written(name, text)
    said = bayesopt("collect", file, "results", code=2)
    assert "1 told, 0 known before, 2 still waiting" in said
    assert "results/1.json: RESULT is neither a number nor JSON" in said
    assert "results/2.json: it is empty" in said
    assert "results/9.json: there is no trial 9" in said
    written("0.json", "8")
    assert "trial 0 has another result" in bayesopt("collect", file, "results", code=2)
    assert "is no folder" in bayesopt("collect", file, "nowhere", code=2)
