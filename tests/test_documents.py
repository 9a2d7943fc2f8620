"""README.md and ``docs/`` tell the truth: their code runs, and their links lead to files."""

import re
import tomllib
from pathlib import Path

import pytest

import bayesopt as bo

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(path, language):
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_python_compiles(path):
    for number, block in enumerate(blocks(path, "python")):
        compile(block, f"{path.name}, block {number}", "exec")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_to_files(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_python_of_the_readme_runs_as_it_is_copied(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), names)  # one after another, as in a notebook
    assert re.search(
        r"'booster': '(tree|linear)'.* all trials were spent$", capsys.readouterr().out.strip()
    )
    assert len(names["opt"].trials) == 2
    assert (tmp_path / "train.db").exists()


def test_the_specification_of_the_readme_is_one():
    (text,) = blocks(ROOT / "README.md", "toml")
    from bayesopt.cli.spec import read_objective

    tables = tomllib.loads(text)
    assert bo.Space.from_toml({"space": tables["space"]}).names == ("angle",)
    objective = read_objective(tables["objective"], (), "README.md", ROOT)
    assert "{angle}" in objective.command


def test_the_mixture_of_the_readme_is_one_in_python_and_in_toml():
    parameters = {"a": bo.Float(0, 1), "b": bo.Float(0, 1)}
    shares = "".join(f'[space.{n}]\ntype = "float"\nlow = 0\nhigh = 1\n' for n in "ab")
    written = bo.Space.from_toml(f'{shares}[[constraints]]\nsum = ["a", "b"]\nequals = 1\n')
    (shown,) = re.findall(
        r"constraints=(\[bo\.Sum.*?\])\)`", (ROOT / "README.md").read_text("utf-8")
    )
    names = {"bo": bo}
    exec(f"constraints = {shown}", names)
    assert bo.Space(parameters, constraints=names["constraints"]) == written


RUN_AS_COPIED = (
    "beliefs.md",
    "candidates.md",
    "context.md",
    "fidelity.md",
    "gradients.md",
    "index.md",
    "research.md",
    "several_objectives.md",
    "tune_a_model.md",
    "when_to_stop.md",
)


@pytest.mark.parametrize("name", RUN_AS_COPIED)
def test_the_python_of_a_page_runs_as_it_is_copied(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(ROOT / "docs" / name, "python"):
        exec(compile(block, name, "exec"), names)  # one after another, as in a notebook
