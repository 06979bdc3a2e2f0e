"""Data folders and processes of the start-up tests."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def new_home() -> Iterator[Path]:
    """A folder of our own that the server's unprivileged user can reach (pytest's own folders are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="haqdar-platform-"))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def haqdar(new_home: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run `haqdar` with the given arguments in a process and a data folder of its own."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "haqdar.config.cli", *arguments],
            env=plain_environment(new_home) | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def plain_environment(home: Path) -> dict[str, str]:
    """The environment without any setting but the data folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"HAQDAR_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8"}
