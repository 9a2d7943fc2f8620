"""Names: each says one thing, in the words of the field."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import bayesopt

PACKAGE = Path(bayesopt.__file__).parent
ROOT = Path(__file__).parents[1]

# classes of one name, and why
CLASSES = {
    "Categorical": "the parameter; scikit-optimize's name for a dimension, which users write",
}

# modules of one name in several packages: what all of them hold
MODULES = {
    "__init__": "what a package offers",
    "api": "the functions that a user calls",
    "base": "the abstract classes of a package",
    "conditions": "when a parameter is active",
    "constraints": "known constraints of a point",
    "convert": "another library's arguments in this package's terms",
    "distributions": "another library's distributions as parameters",
    "options": "keyword arguments that are passed on",
    "posterior": "the posterior, and its picture",
    "progress": "the progress of a run, shown",
    "report": "what is said at the end",
    "run": "one run from its arguments to its result",
    "space": "a search space",
    "stack": "several hyperparameters evaluated at once",
}

# words that nobody in the field uses
PRIVATE = re.compile(
    r"\b(fore(told|tells?|telling)|dear(er|est|ly)?|what counts|sprays? around|bring along"
    r"|ledger|crew|contest)\b",
    re.IGNORECASE,
)


def modules():
    """All modules of the package but its laws for others, which are named after what they test."""
    return [p for p in sorted(PACKAGE.rglob("*.py")) if "testing" not in p.parts]


def shared(pairs):
    """The names that stand in several places, and where."""
    places = defaultdict(set)
    for name, path in pairs:
        places[name].add(path)
    return {name: sorted(map(str, found)) for name, found in places.items() if len(found) > 1}


def classes(text):
    """The names of all classes of a module, nested ones and private ones included."""
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]


def test_no_two_classes_share_a_name():
    found = shared((name, p) for p in modules() for name in classes(p.read_text("utf-8")))
    assert not {name: places for name, places in found.items() if name not in CLASSES}
    assert set(CLASSES) <= set(found), "an exception that is no longer needed"


def test_modules_that_share_a_name_hold_the_same_kind_of_thing():
    found = shared((p.stem, p.relative_to(PACKAGE).parent) for p in modules())
    assert not {name: places for name, places in found.items() if name not in MODULES}
    assert set(MODULES) <= set(found), "an exception that is no longer needed"


def test_no_private_words():
    texts = [*PACKAGE.rglob("*.py"), ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    said = {
        f"{path.name}: {match.group()}"
        for path in texts
        if path.exists()  # the tests may run against an installed package
        for match in [PRIVATE.search(path.read_text("utf-8"))]
        if match
    }
    assert not said


def test_the_tests_of_names_can_fail():
    assert shared([("Known", "a.py"), ("Known", "b.py"), ("Space", "a.py")]) == {
        "Known": ["a.py", "b.py"]
    }
    assert classes("class A:\n    class B: pass\ndef f():\n    class C: pass") == ["A", "B", "C"]
    assert PRIVATE.search("several dear fits")
    assert not PRIVATE.search("several expensive fits")
