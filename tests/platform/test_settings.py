"""Settings are read strictly; production refuses what is only safe on a desk."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

SECRET, MASTER = "f3b1" * 4 + "0a9c8e7d6b5f4321" * 3, "1c9d" * 4 + "a0b9c8d7e6f51234" * 3
Run = Callable[..., "object"]


@pytest.fixture
def refused(haqdar: Callable) -> Callable[..., str]:  # type: ignore[type-arg]
    """The sentence with which `haqdar migrate` refuses to start."""

    def run(**environment: str) -> str:
        done = haqdar("migrate", **environment)
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        return str(done.stderr)

    return run


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HAQDAR_ENV", "prod"),
        ("HAQDAR_HTTPS", "yes please"),
        ("HAQDAR_PORT", "99999"),
        ("HAQDAR_PORT", "8000.5"),
        ("HAQDAR_DEMO_RESIDENTS", "-1"),
        ("DATABASE_URL", "sqlite:///x"),
    ],
)
def test_a_value_that_is_not_understood_is_refused(
    refused: Callable[..., str], name: str, value: str
) -> None:
    assert name in refused(**{name: value})


def test_production_refuses_missing_and_default_secrets(refused: Callable[..., str], new_home: Path) -> None:
    production = {"HAQDAR_ENV": "production", "HAQDAR_ALLOWED_HOSTS": "haqdar.example"}
    assert "HAQDAR_SECRET_KEY must be set" in refused(**production)
    for known in ("change-me-change-me-change-me-change-me", "a" * 64, "short", "django-insecure-" + SECRET):
        assert "HAQDAR_SECRET_KEY must be set" in refused(**production, HAQDAR_SECRET_KEY=known)
    assert "HAQDAR_MASTER_KEY must be set" in refused(**production, HAQDAR_SECRET_KEY=SECRET)
    assert "must differ" in refused(**production, HAQDAR_SECRET_KEY=SECRET, HAQDAR_MASTER_KEY=SECRET)
    keyed = production | {"HAQDAR_SECRET_KEY": SECRET, "HAQDAR_MASTER_KEY": MASTER}
    assert "HAQDAR_VAULT_KEY must be set" in refused(**keyed)
    named = keyed | {"HAQDAR_VAULT_KEY": "/etc/haqdar/vault.key"}
    assert "HAQDAR_VAULT_URL must be set" in refused(**named, DATABASE_URL="postgresql://a@b/c")
    assert "one master key" in refused(**named, HAQDAR_VAULT_PKCS11_MODULE="/usr/lib/token.so")
    assert not (new_home / "secret").exists()
    assert not (new_home / "vault.key").exists()


def test_production_refuses_what_belongs_on_a_desk(refused: Callable[..., str]) -> None:
    secrets = {"HAQDAR_ENV": "production", "HAQDAR_SECRET_KEY": SECRET, "HAQDAR_MASTER_KEY": MASTER}
    secrets |= {"HAQDAR_VAULT_KEY": "/etc/haqdar/vault.key"}
    assert "HAQDAR_ALLOWED_HOSTS must be set" in refused(**secrets)
    named = secrets | {"HAQDAR_ALLOWED_HOSTS": "haqdar.example"}
    assert "HAQDAR_DEMO_RESIDENTS" in refused(**named, HAQDAR_DEMO_RESIDENTS="100")
    assert "HAQDAR_DEBUG" in refused(**named, HAQDAR_DEBUG="true")


def test_the_generated_secret_is_private_and_stays(haqdar: Callable, new_home: Path) -> None:  # type: ignore[type-arg]
    assert haqdar("migrate", "--help").returncode == 0
    first = (new_home / "secret").read_bytes()
    assert stat.S_IMODE((new_home / "secret").stat().st_mode) == 0o600
    assert len(first) == 64
    assert haqdar("migrate", "--help").returncode == 0
    assert (new_home / "secret").read_bytes() == first


def test_a_cut_secret_is_refused_not_replaced(refused: Callable[..., str], new_home: Path) -> None:
    new_home.mkdir()
    (new_home / "secret").write_text("abc")
    assert "cut short" in refused()
    assert (new_home / "secret").read_text() == "abc"
