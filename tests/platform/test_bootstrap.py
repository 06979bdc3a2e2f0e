"""./haqdar prepares its environment by itself, from any folder, again after a change, never half."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what the bootstrap needs, in a folder with a blank in its name; nothing to install."""
    folder = tmp_path / "a clone"
    package = folder / "src" / "haqdar" / "config"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "haqdar", folder)
    shutil.copy(ROOT / "src" / "haqdar" / "config" / "bootstrap.py", package)
    for name in (package.parent / "__init__.py", package / "__init__.py"):
        name.write_text("")
    (package / "cli.py").write_text("import sys; print('ran', *sys.argv[1:])")
    (folder / "requirements.lock").write_text("# nothing\n")
    return folder


def call(program: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *arguments],
        cwd="/",
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_environment_is_prepared_once_and_after_each_change(clone: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(clone / "haqdar")
    first = call(link, "month", "2016-10")
    assert (first.returncode, first.stdout) == (0, "ran month 2016-10\n"), first.stderr
    assert "Preparing the Python environment" in first.stderr
    assert call(clone / "haqdar").stderr == ""
    (clone / "requirements.lock").write_text("no-such-package==0 --hash=sha256:" + "0" * 64 + "\n")
    broken = call(clone / "haqdar", PIP_NO_INDEX="1", PIP_RETRIES="0", PIP_FIND_LINKS="")
    assert broken.returncode == 1
    assert "could not be installed" in broken.stderr
    (clone / "requirements.lock").write_text("# nothing, again\n")
    assert "Preparing" in call(clone / "haqdar").stderr
    clone.rename(tmp_path / "moved")
    assert call(tmp_path / "moved" / "haqdar", "check").stdout == "ran check\n"


def test_without_python_311_it_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cmp", "readlink", "dirname"):
        (tools / name).symlink_to(shutil.which(name) or "/bin/sh")
    done = call(clone / "haqdar", PATH=str(tools))
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
