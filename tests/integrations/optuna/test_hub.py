"""The folder for OptunaHub: complete, and loaded without a network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")
ROOT = Path(__file__).parents[3] / "hub" / "package"
PACKAGE = ROOT / "samplers" / "bayesopt"


def test_the_package_loads_from_its_folder_and_samples():
    hub = pytest.importorskip("optunahub", reason="optunahub is not installed")
    module = hub.load_local_module("samplers/bayesopt", registry_root=str(ROOT))
    study = optuna.create_study(sampler=module.BayesOptSampler(seed=0, n_startup_trials=3))
    study.optimize(lambda trial: trial.suggest_float("x", 0.0, 1.0) ** 2, n_trials=6)
    assert len(study.trials) == 6


def test_what_the_registry_asks_for_is_there():
    head = re.match(r"---\n(.*?)\n---\n", (PACKAGE / "README.md").read_text(), re.DOTALL)
    fields = dict(line.split(": ", 1) for line in head.group(1).splitlines())
    assert {"author", "title", "description", "tags", "optuna_versions", "license"} == set(fields)
    assert "sampler" in fields["tags"]
    assert fields["license"] == "MIT License"
    assert (PACKAGE / "LICENSE").read_text().startswith("MIT License")
    assert not [p for p in PACKAGE.rglob("*") if p.suffix in (".so", ".whl", ".png")]


def test_the_readme_tells_the_sampler_s_arguments():
    import inspect

    from bayesopt.integrations.optuna import BayesOptSampler

    told = re.search(r"### `BayesOptSampler\((.*)\)`", (PACKAGE / "README.md").read_text())
    signature = str(inspect.signature(BayesOptSampler)).replace("'", "")
    assert re.findall(r"(\w+)=", told.group(1)) == re.findall(r"(\w+): [^=]*? = ", signature)


def test_the_example_of_the_package_runs():
    code = (
        "import sys, types; sys.path.insert(0, sys.argv[1]); import example, optuna\n"
        "from bayesopt.integrations.optuna import BayesOptSampler\n"
        "study = optuna.create_study(sampler=BayesOptSampler(seed=0))\n"
        "study.optimize(example.objective, n_trials=3)"
    )
    pytest.importorskip("optunahub", reason="optunahub is not installed")
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(PACKAGE)], check=True)
