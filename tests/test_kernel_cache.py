"""The fallback place of compiled kernels: one a user, and never one that others can write to."""

import os
import stat
import subprocess
import sys
import tempfile

import pytest

from bayesopt import kernel_cache

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes of POSIX")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(kernel_cache.atexit, "register", lambda *_: None)
    return folder


def own(temporary):
    return temporary / f"bayesopt-kernels-{os.getuid()}"


def test_one_folder_for_all_processes_of_a_user(temporary):
    first, kept = kernel_cache.folder()
    assert kept
    assert kernel_cache.folder() == (first, True)
    assert first.is_relative_to(own(temporary))
    assert stat.S_IMODE(own(temporary).stat().st_mode) == 0o700
    assert [p.name for p in temporary.iterdir()] == [own(temporary).name]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(temporary, mode):
    own(temporary).mkdir()
    own(temporary).chmod(mode)
    place, kept = kernel_cache.folder()
    assert not kept
    assert not place.is_relative_to(own(temporary))
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_nor_one_that_others_can_replace(temporary, mode):
    temporary.chmod(mode)
    assert not kernel_cache.folder()[1]
    temporary.chmod(0o1777)  # as /tmp: others may add, but not replace
    assert kernel_cache.folder()[1]


def test_nor_one_of_another_user(temporary, monkeypatch):
    kernel_cache.folder()
    mine = os.getuid()
    theirs = temporary / f"bayesopt-kernels-{mine + 1}"
    theirs.mkdir(mode=0o700)  # made by me for somebody else
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    place, kept = kernel_cache.folder()
    assert not kept
    assert not place.is_relative_to(theirs)


def test_nor_what_is_a_link_or_a_file(temporary, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    own(temporary).symlink_to(elsewhere)
    assert not kernel_cache.folder()[1]
    own(temporary).unlink()
    own(temporary).write_text("in the way")
    assert not kernel_cache.folder()[1]
    own(temporary).unlink()
    own(temporary).symlink_to(temporary / "nowhere")
    assert not kernel_cache.folder()[1]


def test_a_folder_for_one_process_goes_with_it_and_not_with_its_children(tmp_path):
    tmp_path.chmod(0o777)
    program = """
import os
from bayesopt import kernel_cache
place, kept = kernel_cache.folder()
assert not kept
child = os.fork()
if not child:
    raise SystemExit
os.waitpid(child, 0)
assert place.exists()
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_another_state_of_the_kernels_has_another_folder(temporary, tmp_path, monkeypatch):
    first = kernel_cache.folder()[0]
    (tmp_path / "changed.py").write_text("x = 1")
    changed = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})()
    monkeypatch.setattr(kernel_cache, "find_spec", lambda name: changed)
    assert kernel_cache.folder()[0] != first
