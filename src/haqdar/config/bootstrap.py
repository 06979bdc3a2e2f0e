"""Prepares `.venv` from the hash-pinned requirements.lock; uses nothing but the standard library.

Run by ./haqdar and the Makefile as `python3.11 bootstrap.py ROOT`. The environment is stamped with a
copy of the lock file when it is complete, so an interrupted installation is done again.
"""

import fcntl
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path


def prepare(root: Path) -> int:
    """Create or complete the environment of the repository at `root`; 0 when it is ready."""
    folder, lock = root / ".venv", root / "requirements.lock"
    stamp = folder / "installed.lock"
    with lock.open("rb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
            return 0
        print(
            "Preparing the Python environment in .venv; once, a minute or two …", file=sys.stderr, flush=True
        )
        python = folder / "bin" / "python"
        if not _works(python):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                venv.create(folder, with_pip=True, symlinks=True)
            except (OSError, subprocess.CalledProcessError) as error:
                return _say(
                    f"The environment could not be created ({error}); on Debian install python3.11-venv."
                )
        done = subprocess.run(
            [
                *(python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-input"),
                *("--no-deps", "--prefer-binary", "--require-hashes", "--requirement", lock),
            ],
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            return _say(
                "The packages of requirements.lock could not be installed (the reason is above); "
                "check network and disk and run the same command again."
            )
        # A path file in place of an installation: nothing is built, and the sources are what runs.
        packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
        back = "/".join([".."] * len(packages.relative_to(root).parts))
        packages.joinpath("haqdar.pth").write_text(f"{back}/src\n")
        draft = stamp.with_suffix(".draft")
        draft.write_bytes(lock.read_bytes())
        draft.replace(stamp)
    return 0


def _works(python: Path) -> bool:
    try:
        return (
            subprocess.run(
                [python, "-c", "import pip, sys; sys.exit(sys.version_info[:2] != (3, 11))"],
                stderr=subprocess.DEVNULL,
                check=False,
            ).returncode
            == 0
        )
    except OSError:
        return False


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(prepare(Path(sys.argv[1]).resolve()))
