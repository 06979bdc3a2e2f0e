"""House rules that no tool knows."""

import re
from pathlib import Path

from haqdar.base.duck import connect_duck

ROOT = Path(__file__).resolve().parents[2]


def test_every_environment_variable_is_documented() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    used = set()
    for path in [*(ROOT / "src").rglob("*.py"), ROOT / "haqdar"]:
        used |= set(re.findall(r"\b(HAQDAR_[A-Z_]+|DATABASE_URL)\b", path.read_text(encoding="utf-8")))
    # Names of settings (not of the environment) and what a parent process tells its children.
    used -= {"HAQDAR_DSN", "HAQDAR_SECRET", "HAQDAR_PREVIOUS_SECRET", "HAQDAR_PARENT_PIPE"}
    used -= {"HAQDAR_VAULT_DSN", "HAQDAR_VAULT_KEY_MADE"}
    assert {name for name in used if f"`{name}`" not in documented} == set()


def test_every_documented_variable_exists() -> None:
    documented = set(
        re.findall(
            r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    files = [*(ROOT / "src").rglob("*.py"), ROOT / "tests" / "home.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    assert {name for name in documented if name not in source} == set()


def test_every_folder_is_explained() -> None:
    explained = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = [p for p in (ROOT / "src" / "haqdar").iterdir() if p.is_dir() and (p / "__init__.py").exists()]
    assert [p.name for p in folders if f"`{p.name}/`" not in explained] == []


def test_the_lock_names_no_host() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        path = ROOT / name
        if path.exists():
            assert "://" not in re.sub(
                r'"(funding|url|homepage)":.*', "", path.read_text(encoding="utf-8")
            ), name


def test_files_stay_small() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "src").rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {name: lines for name, lines in sizes.items() if lines > 600} == {}


def test_every_engine_is_opened_by_the_function_that_encrypts_what_it_spills() -> None:
    opened = {
        str(path.relative_to(ROOT / "src" / "haqdar"))
        for path in (ROOT / "src").rglob("*.py")
        if re.search(
            r"\bduckdb\.connect\(|from duckdb import .*\bconnect\b", path.read_text(encoding="utf-8")
        )
    }
    assert opened == {"base/duck.py"}
    with connect_duck(threads=1, temp_file_encryption=False) as duck:
        (encrypted,) = duck.execute("SELECT current_setting('temp_file_encryption')").fetchone() or (False,)
    assert encrypted
