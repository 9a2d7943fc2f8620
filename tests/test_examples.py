"""Every script in ``examples/`` runs, with a small budget, and does what it says."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def called(name, capsys, **budget):
    """What an example prints whose ``main`` takes its budget."""
    runpy.run_path(str(EXAMPLES / name), run_name="example")["main"](**budget)
    return capsys.readouterr().out


def started(name, *arguments):
    """What an example prints that has processes or connections of its own."""
    return printed_by([str(EXAMPLES / name), *arguments])


def started_in(name, folder, where):
    """What an example prints with six trials that keeps things at ``where``."""
    return started_as(name, f"main({where!r}, n_trials=6)", folder)


def started_as(name, call, folder=None):
    """What a call of an example's ``main`` prints, in a process of its own."""
    code = f"import runpy; runpy.run_path({str(EXAMPLES / name)!r}, run_name='example')"
    return printed_by(["-c", f"{code}['main']{call.removeprefix('main')}"], folder)


def printed_by(arguments, folder=None):
    """What Python prints."""
    folders = os.pathsep.join(p for p in sys.path if p)
    own = {"PYTHONPATH": folders, "WANDB_SILENT": "true", "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | own,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def number(pattern, printed):
    found = re.search(pattern, printed)
    assert found, printed
    return float(found[1])


def needs(*packages):
    for package in packages:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def test_every_example_is_run_here():
    files = (Path(__file__), *Path(__file__).parent.glob("cli/test_*.py"))
    tests = "".join(path.read_text(encoding="utf-8") for path in files)
    for path in EXAMPLES.iterdir():
        if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__"):
            assert f'"{path.name}"' in tests, f"no test runs {path.name}"


def test_earlier_runs(capsys):
    needs("sklearn")
    printed = called("earlier_runs.py", capsys, n_trials=8, n_new=6)
    assert number(r"with earlier runs ([\d.]+)", printed) < 0.6
    assert "'run 2'" in printed


def test_quickstart():
    printed = started("quickstart.py")
    assert "'booster': 'tree'" in printed
    assert number(r"\} ([\d.]+) ", printed) < 0.5


def test_the_quickstart_has_to_search():
    """The first point, the middle of the space, is not its answer."""
    found = runpy.run_path(str(EXAMPLES / "quickstart.py"), run_name="example")
    space, train = found["space"], found["train"]
    middle = space.to_rows(space.from_cube([[0.5] * space.n_columns]))[0]
    assert train(space.decode(middle)) > 0.5


def test_ask_tell(capsys, tmp_path):
    printed = called("ask_tell.py", capsys, path=tmp_path / "bench.db")
    assert "'catalyst': 'B'" in printed
    assert number(r"\} ([\d.]+) ±", printed) == pytest.approx(90, abs=5)


def test_context(capsys):
    printed = called("context.py", capsys, days=7)
    assert number(r"at humidity 0.2: .* truly ([\d.]+)", printed) > 85
    assert number(r"at humidity 0.8: .* truly ([\d.]+)", printed) > 85


def test_ridge_hypergradient(capsys):
    needs("sklearn")
    printed = called("ridge_hypergradient.py", capsys, n_trials=14)
    assert number(r"with derivatives: ([\d.]+)", printed) < 3_000


def test_parallel():
    assert number(r"\} ([\d.]+) ", started("parallel.py")) < 2.0


def test_simulator(tmp_path):
    needs("typer")
    from typer.testing import CliRunner

    from bayesopt.cli.app import app

    shutil.copytree(EXAMPLES / "simulator", tmp_path / "simulator")
    spec = tmp_path / "simulator" / "spec.toml"
    spec.write_text(spec.read_text().replace('"python3"', json.dumps(sys.executable)))
    done = CliRunner().invoke(app, ["run", str(spec), "-q", "--json", "--n-trials", "15"])
    assert done.exit_code == 0, done.output
    best = json.loads(done.stdout)["best"]
    assert best["constraints"]["energy"] <= 0
    assert best["value"] > 50


@pytest.mark.slow
def test_full_bayes(capsys):
    needs("pymc")
    printed = called("full_bayes.py", capsys, n_trials=14)
    assert "the last posterior: " in printed
    assert printed.count("lengthscale") == 12


def test_scipy_minimize(capsys):
    printed = called("scipy_minimize.py", capsys, maxfev=12)
    assert printed.count("evaluations, cost") == 2
    assert all(int(n) <= 12 for n in re.findall(r"(\d+) evaluations", printed))


def test_bayes_opt_maximize(capsys):
    printed = called("bayes_opt_maximize.py", capsys, n_iter=4)
    assert "'target'" in printed.splitlines()[-1]


def test_hyperopt_fmin(capsys):
    needs("hyperopt")
    printed = called("hyperopt_fmin.py", capsys, max_evals=12)
    assert 0.05 <= number(r"best loss ([\d.]+)", printed) < 0.6


@pytest.mark.slow
def test_optuna_sampler():
    needs("optuna")
    printed = started("optuna_sampler.py")
    complete, failed = re.findall(r"(\d+) trials complete, (\d+) failed", printed)[0]
    assert int(complete) + int(failed) == 40


@pytest.mark.slow
@pytest.mark.parametrize("storage", ["sqlite", "journal"])
def test_optuna_processes(storage):
    needs("optuna")
    options = ["--storage", storage, "--processes", "2", "--trials", "4"]
    printed = started("optuna_processes.py", *options)
    assert f"{storage}: 8 of 8 trials complete, 0 lost" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("sklearn_forest_on_iris.py", "accuracy"),
        ("sklearn_svm_on_digits.py", "accuracy"),
        ("sklearn_logistic_branches.py", "F1"),
    ],
)
def test_sklearn(name, score, capsys):
    needs("sklearn")
    if name == "sklearn_logistic_branches.py":
        pytest.importorskip("sklearn", minversion="1.8")
    printed = called(name, capsys, n_iter=6, cv=2)
    assert number(rf"{score} on the test set: ([\d.]+)", printed) > 0.5


@pytest.mark.slow
def test_sklearn_side_by_side(capsys):
    needs("sklearn")
    pytest.importorskip("sklearn", minversion="1.8")
    example = runpy.run_path(str(EXAMPLES / "sklearn_side_by_side.py"), run_name="example")
    problems = [
        replace(p, grid={name: values[:1] for name, values in p.grid.items()})
        for p in example["PROBLEMS"]
        if "Keras" not in p.name or (find_spec("keras") and find_spec("jax"))
    ]
    example["main"](n_iter=2, cv=2, seeds=[0], problems=problems)
    printed = capsys.readouterr().out
    rows = re.findall(r"^\| (?:grid|random grid|random|Bayesian) \| 0\.\d", printed, re.MULTILINE)
    assert len(rows) == 4 * len(problems)


def test_several_objectives(capsys):
    needs("sklearn")
    printed = called("several_objectives.py", capsys, n_trials=7, rows=150)
    assert "minimize error, minimize nodes, 7 trials" in printed
    assert number(r"a compromise: ([0-9.]+)% errors", printed) < 60
    assert number(r"hypervolume: ([0-9.e+]+)", printed) > 0


def test_reactions(capsys, tmp_path):
    printed = called("reactions.py", capsys, n_trials=14)
    assert "maximize yield, minimize price, 14 trials" in printed
    assert "14 of 108 conditions tried" in printed
    assert number(r"highest yield found: ([0-9.]+)", printed) > 50
    path = tmp_path / "own.csv"
    path.write_text("new_index,base,heat,yield,cost\n0,a,1,5,1\n1,b,1,9,2\n2,a,2,7,0.5\n3,b,2,8,1")
    printed = called("reactions.py", capsys, path=str(path), n_trials=4)
    assert "4 of 4 conditions tried" in printed
    assert number(r"highest yield found: ([0-9.]+)", printed) == 9


@pytest.mark.slow
def test_keras_tuner_digits():
    needs("keras_tuner", "keras", "jax", "sklearn")
    code = "import runpy, sys; runpy.run_path(sys.argv[1])['main'](max_trials=2, epochs=1)"
    folders = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code, str(EXAMPLES / "keras_tuner_digits.py")],
        env=os.environ | {"PYTHONPATH": folders, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert number(r"best validation accuracy ([\d.]+)", done.stdout) > 0.0


def test_report(capsys, tmp_path):
    path = tmp_path / "run.html"
    printed = called("report.py", capsys, n_trials=14, path=str(path))
    assert "Tuning a model" in path.read_text("utf-8")
    assert {"rate", "depth", "model"} <= set(re.findall(r"^(\w+): \d+ %", printed, re.MULTILINE))
    assert "explained when left out" in printed


@pytest.mark.slow
def test_early_stopping(capsys):
    needs("sklearn")
    printed = called("early_stopping.py", capsys, n_trials=20)
    assert number(r"best loss ([\d.]+)", printed) < 1.0
    assert number(r"the epochs of ([\d.]+)", printed) < 10.0


@pytest.mark.slow
def test_ray_tune_search():
    needs("ray")
    code = "import runpy, sys; runpy.run_path(sys.argv[1])['main'](num_samples=3)"
    folders = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code, str(EXAMPLES / "ray_tune_search.py")],
        env=os.environ | {"PYTHONPATH": folders},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert number(r"best loss ([\d.]+)", done.stdout) >= 0.0
    assert "3 trials" in done.stdout


def test_tensorboard_log(capsys, tmp_path):
    needs("tensorboardX")
    printed = called("tensorboard_log.py", capsys, log_dir=str(tmp_path), n_trials=4)
    assert number(r"best ([\d.]+)", printed) >= 0.0
    assert list(tmp_path.glob("events.*"))


def test_mlflow_runs(tmp_path):
    needs("mlflow")
    printed = started_in("mlflow_runs.py", tmp_path, f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert number(r"best ([\d.]+)", printed) < 3.0
    assert number(r"; (\d+) runs", printed) == 7  # that of the search, and one a trial


def test_wandb_offline(tmp_path):
    needs("wandb")
    printed = started_in("wandb_offline.py", tmp_path, str(tmp_path))
    assert number(r"best ([\d.]+)", printed) < 3.0
    assert list(tmp_path.glob("wandb/offline-run-*"))


def test_configspace_space(capsys):
    needs("ConfigSpace")
    assert number(r"best ([\d.]+)", called("configspace_space.py", capsys, n_trials=8)) < 1.5


def test_sklearn_several_scores(capsys):
    needs("sklearn")
    printed = called("sklearn_several_scores.py", capsys, n_iter=4)
    assert number(r"accuracy ([\d.]+) in", printed) > 0.8
    assert "refitted: {" in printed


def test_keras_early_stopping():
    needs("keras", "jax", "sklearn")
    printed = started_as("keras_early_stopping.py", "main(n_trials=4, epochs=3)")
    assert number(r"best loss ([\d.]+)", printed) < 3.0
    assert number(r"(\d+) epochs", printed) <= 12
