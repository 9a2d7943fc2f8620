"""README.md and ``docs/`` tell the truth: their code runs, and their links lead to files."""

import re
import shlex
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


STAND_INS = {  # what a page names that a test machine has not got, and what is run in its place
    "distributed.md": {
        "from dask_jobqueue import SLURMCluster": "from dask.distributed import LocalCluster",
        'SLURMCluster(cores=1, processes=1, job_cpu=4, memory="16GB", walltime="12:00:00")': (
            "LocalCluster(n_workers=1, processes=False, dashboard_address=None)"
        ),
        "cluster.scale(jobs=16)": "cluster.scale(1)",
        "from simulation import simulate": "simulate = train",
        "n_trials=400": "n_trials=4",
        "/local/run.db": "local.db",
        "n_trials=100": "n_trials=4",
        "postgresql+psycopg://user@server/optuna": "sqlite:///study.db",
    },
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_a_code_block_says_what_it_is(path):
    opening = re.findall(r"^ *```(.*)$", path.read_text("utf-8"), re.M)[::2]
    assert set(opening) <= {"python", "console", "sh", "toml", "text"}


def missing_package(error):
    """What is to be installed, where an import failed for that; None for an error of ours."""
    if "bayesopt-engine[" in str(error):
        return str(error).split(", which")[0].split(": pip")[0]
    outside = error.name and error.name.partition(".")[0] not in ("bayesopt", "bayesopt_kernels")
    return str(error) if isinstance(error, ModuleNotFoundError) and outside else None


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [p for p in DOCUMENTS[1:] if blocks(p, "python")], ids=lambda p: p.name
)
def test_the_python_of_a_page_runs_as_it_is_copied(path, tmp_path, monkeypatch):
    """One block after another, as in a notebook, up to the first whose package is not here."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for number, block in enumerate(blocks(path, "python"), 1):
        for theirs, ours in STAND_INS.get(path.name, {}).items():
            block = block.replace(theirs, ours)
        try:
            exec(compile(block, f"{path.name}, block {number}", "exec"), names)
        except ImportError as error:
            missing = missing_package(error)
            if missing is None:
                raise
            pytest.skip(f"{path.name}, from block {number} on: {missing}")


def test_every_stand_in_stands_for_something():
    for name, replaced in STAND_INS.items():
        text = "".join(blocks(ROOT / "docs" / name, "python"))
        assert [theirs for theirs in replaced if theirs not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_commands_of_the_shell_exist_with_their_options(path):
    """Transcripts are run (``test_transcripts.py``); here the others are read."""
    from typer.main import get_command

    from bayesopt.cli.app import app

    group = get_command(app)
    lines = [
        line.removeprefix("$ ")
        for language in ("sh", "console")
        for block in blocks(path, language)
        for line in block.splitlines()
        if line.removeprefix("$ ").startswith("bayesopt ")
    ]
    for line in lines:
        words = shlex.split(re.sub(r" [|<>&;].*", "", line), comments=True)[1:]
        command = group.commands.get(words[0])
        assert command is not None, line
        with command.context_class(command, info_name=words[0]) as context:
            command.make_parser(context).parse_args(words[1:])  # raises for an unknown option


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if blocks(p, "toml")], ids=lambda p: p.name)
def test_toml_blocks_are_specifications(path, tmp_path):
    from bayesopt.cli.spec import has_objective, read_plan, read_spec

    spec = tmp_path / "spec.toml"
    for block in blocks(path, "toml"):
        spec.write_text(block, "utf-8")
        candidates = tomllib.loads(block).get("candidates", {})
        if candidates:
            head = ["name", *candidates.get("descriptors", ())]
            rows = [head, *([str(i)] * len(head) for i in range(3))]
            (tmp_path / candidates["file"]).write_text("\n".join(map(",".join, rows)))
        (read_spec if has_objective(spec) else read_plan)(spec)  # raises for what it is not
