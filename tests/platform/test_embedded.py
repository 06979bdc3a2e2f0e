"""The embedded server: where it listens, as whom it runs, what it survives, who stops it."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from haqdar.config import database, embedded, places
from haqdar.config.database import Cluster, ServerUnsuited, conninfo, prepare

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become another user")


@contextmanager
def running(home: Path) -> Iterator[Cluster]:
    cluster = Cluster(home)
    cluster.join()
    try:
        yield cluster
    finally:
        cluster.leave()


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_the_server_is_closed_to_everybody_else(new_home: Path) -> None:
    with running(new_home) as cluster:
        dsn, admin = conninfo(new_home), cluster.administrator("haqdar")
        process = Path(f"/proc/{postmaster(new_home)}")
        assert process.stat().st_uid != 0
        assert value(admin, "SHOW listen_addresses") == ""
        folder = new_home / "postgres" / "socket"
        assert value(admin, "SHOW unix_socket_directories") == str(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
        rules = value(admin, "SELECT string_agg(type || ' ' || auth_method, ',') FROM pg_hba_file_rules")
        assert rules == "local peer"
        assert value(dsn, "SELECT current_setting('is_superuser')") == "off"
        assert (
            value(dsn, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'haqdar'") == "haqdar"
        )
        assert (value(admin, "SHOW fsync"), value(admin, "SHOW synchronous_commit")) == ("on", "on")
        assert value(admin, "SHOW data_checksums") == "on"


@needs_root
def test_another_system_user_is_refused_even_at_an_open_socket(new_home: Path) -> None:
    with running(new_home):
        folder = new_home / "postgres"
        for path in (new_home, folder, folder / "socket"):
            path.chmod(0o755)
        (folder / "socket" / ".s.PGSQL.5432").chmod(0o777)
        # Connecting as somebody else: fork, become them, try.
        child = os.fork()
        if child == 0:
            os.setgid(pwd.getpwnam("daemon").pw_gid)
            os.setuid(pwd.getpwnam("daemon").pw_uid)
            try:
                psycopg.connect(conninfo(new_home)).close()
            except psycopg.OperationalError as error:
                os._exit(3 if "eer authentication failed" in str(error) else 4)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_it_is_prepared_for_hindi_names(new_home: Path) -> None:
    with running(new_home):
        prepare(conninfo(new_home))
        similar = value(conninfo(new_home), "SELECT similarity('सावित्री', 'सावित्रि')")
        assert isinstance(similar, float)
        assert similar > 0.4


def test_a_killed_server_recovers_what_was_confirmed(new_home: Path) -> None:
    with running(new_home) as cluster:
        dsn = conninfo(new_home)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        os.kill(postmaster(new_home), signal.SIGKILL)
        end = time.monotonic() + 10
        while not (revived := cluster.revive()) and time.monotonic() < end:
            time.sleep(0.05)
        assert revived
        assert not cluster.revive()
        assert value(dsn, "SELECT number FROM kept") == 1
    assert not (new_home / "postgres" / "data" / "postmaster.pid").exists()


def test_it_starts_over_a_process_number_that_now_is_somebody_elses(new_home: Path) -> None:
    with running(new_home):
        pass
    data = new_home / "postgres" / "data"
    (data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data}\n1700000000\n5432\n\n\n  5432001   0\nready\n"
    )
    (new_home / "postgres" / "socket" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with running(new_home):
        assert value(conninfo(new_home), "SELECT 1") == 1


def test_an_interrupted_creation_is_begun_anew(new_home: Path) -> None:
    with running(new_home) as cluster:
        pass
    cluster.data.rename(cluster.folder / "data.draft")
    with running(new_home):
        assert value(conninfo(new_home), "SELECT 1") == 1


def test_who_leaves_last_stops_the_server(new_home: Path) -> None:
    with running(new_home):
        first = postmaster(new_home)
        with running(new_home):
            assert postmaster(new_home) == first
        assert value(conninfo(new_home), "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo(new_home))


def test_a_killed_user_does_not_keep_the_server_running(new_home: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from haqdar.config.database import Cluster;"
        "Cluster(Path(sys.argv[1])).join(); print('joined', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(new_home)], stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"joined\n"
        user.kill()
    with running(new_home):
        pass
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo(new_home))


def test_a_path_too_long_for_a_socket_is_reached_through_a_link(new_home: Path) -> None:
    home = new_home / ("very-long-folder-name-" * 4) / "home"
    with running(home):
        assert value(conninfo(home), "SELECT 1") == 1
        assert (home / "postgres" / "socket" / ".s.PGSQL.5432").exists()
        link = places.socket_folder(home)
        assert len(str(link)) < 90
        assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700
    link.unlink()
    link.parent.rmdir()


@needs_root
def test_a_home_below_a_private_folder_works_and_stays_private(new_home: Path) -> None:
    new_home.mkdir()
    closed = new_home / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    with running(home):
        assert value(conninfo(home), "SELECT 1") == 1
        assert Path(f"/proc/{postmaster(home)}").stat().st_uid != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    with running(home):
        assert value(conninfo(home), "SELECT 1") == 1


@needs_root
def test_programs_out_of_the_servers_users_reach_are_copied(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable = Cluster._closed_folder

    def closed(self: Cluster, target: Path) -> Path | None:
        if target.name == "postgres" and target.parent.name == "bin" and "haqdar-programs" not in str(target):
            return Path("/root")
        return reachable(self, target)

    monkeypatch.setattr(Cluster, "_closed_folder", closed)
    with running(new_home):
        assert value(conninfo(new_home), "SELECT 1") == 1
        assert os.readlink(f"/proc/{postmaster(new_home)}/exe").startswith(str(new_home))


def test_a_home_that_cannot_be_created_is_refused(new_home: Path) -> None:
    new_home.parent.joinpath("file").write_text("")
    with pytest.raises(places.HomeNotWritable, match="cannot be written"):
        Cluster(new_home.parent / "file" / "home").join()


def test_missing_programs_are_refused(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAQDAR_POSTGRES_BIN", "/nowhere")
    with pytest.raises(places.ServerProgramsMissing, match="HAQDAR_POSTGRES_BIN"):
        Cluster(new_home).join()


def test_a_server_that_dies_at_the_start_tells_why(new_home: Path) -> None:
    with running(new_home) as cluster:
        pass
    (cluster.data / "postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(embedded.ServerDidNotStart, match=r"shared_buffers|configuration file"):
        Cluster(new_home).join()


# ---------------------------------------------------------------- a server of somebody else


@pytest.mark.parametrize(
    "url",
    ["mysql://host/name", "postgresql://host:port/name", "postgresql://host", "postgresql://h/n?colour=red"],
)
def test_a_malformed_address_is_refused(url: str) -> None:
    with pytest.raises(database.BadDatabaseUrl, match="postgresql://user:password@host"):
        conninfo(Path("/nowhere"), url)


def test_a_server_that_does_not_answer_is_refused_without_its_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://haqdar:geheim@127.0.0.1:{taken.getsockname()[1]}/haqdar"
        with pytest.raises(database.ServerNotReached) as refusal, database.server(Path("/nowhere"), url):
            pytest.fail("it was said to answer")
    assert "geheim" not in refusal.value.en + refusal.value.hi


def test_old_versions_and_unsuited_databases_are_refused(
    database_server: None, monkeypatch: pytest.MonkeyPatch, admin: Callable[[str], str]
) -> None:
    with psycopg.connect(admin("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS letterless")
        connection.execute("CREATE DATABASE letterless LOCALE 'C' TEMPLATE template0")
    with pytest.raises(ServerUnsuited, match="no Hindi name would be found"):
        prepare(admin("letterless"))
    with psycopg.connect(admin("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE letterless")
    monkeypatch.setattr(database, "OLDEST_VERSION", 99)
    with pytest.raises(database.ServerTooOld, match="99 or newer is needed"):
        prepare(admin("postgres"))


@pytest.fixture
def admin() -> Callable[[str], str]:
    from django.conf import settings

    return Cluster(settings.HAQDAR_HOME).administrator
