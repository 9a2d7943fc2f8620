"""The pages on other tools: their code runs, block after block, as it is copied."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
HOSTS = ("hyperopt", "optuna", "sklearn", "keras_tuner", "ray")

pytestmark = pytest.mark.filterwarnings("ignore")  # of the other tools


@pytest.mark.slow
@pytest.mark.parametrize("name", ["migration.md", "integrations.md", "hyperparameter_tuning.md"])
def test_the_code_of_the_page_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names, n_run = {}, 0
    text = (DOCS / name).read_text("utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        needed = [host for host in HOSTS if re.search(rf"(from|import) {host}\b", block)]
        if all(find_spec(host) for host in needed):
            exec(compile(block, name, "exec"), names)
            n_run += 1
    assert n_run >= 2


@pytest.mark.parametrize("name", ["migration.md", "integrations.md", "trackers.md"])
def test_what_the_page_names_is_there(name):
    text = (DOCS / name).read_text("utf-8")
    modules = set(re.findall(r"bayesopt\.integrations\.(\w+)", text))
    assert len(modules) >= 3
    root = DOCS.parent / "bayesopt" / "integrations"
    if not root.is_dir():  # the package is installed elsewhere
        import bayesopt

        root = Path(bayesopt.__file__).parent / "integrations"
    for module in modules:
        assert (root / f"{module}.py").exists() or (root / module).is_dir(), module
