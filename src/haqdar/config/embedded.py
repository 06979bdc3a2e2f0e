"""The embedded PostgreSQL server: its programs, its folder, its start and its end.

Another wheel or a system PostgreSQL (HAQDAR_POSTGRES_BIN) can take the place of the wheel's programs
without anything else changing. Nothing here needs Django.

The server runs as an unprivileged user and listens on a socket in the data folder only; who is at the
other end of that socket is known from the operating system (peer authentication).
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from haqdar.base.refusal import Refusal
from haqdar.config.places import HERE, Places, not_writable, socket_folder

APPLICATION_ROLE = "haqdar"
DATABASE = "haqdar"
VAULT_ROLE = "haqdar_vault"
VAULT_DATABASE = "haqdar_vault"
ADMINISTRATOR = "postgres"


class ServerDidNotStart(Refusal):
    """The embedded server ended before it accepted connections."""

    en = "The database did not start: {why} (log: {log})"
    hi = "डेटाबेस शुरू नहीं हुआ: {why} (लॉग: {log})"


class Cluster(Places):
    """The embedded server of one data folder, shared by all processes that use it.

    Two locks keep order: `start.lock` is held for a moment by whoever starts or stops the server,
    `users.lock` is held shared by everyone who uses it. Who leaves last stops the server.
    """

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._users: IO[bytes] | None = None
        self._joined_by = 0
        self._process: subprocess.Popen[bytes] | None = None

    # -- joining and leaving

    def join(self) -> None:
        """Count as a user of the server, starting it when it does not run; raises a refusal."""
        self._make_folders()
        with self._start_lock():
            self._users = self._lock_file("users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._joined_by = os.getpid()
            try:
                if not (self.data / "PG_VERSION").exists():
                    self._create()
                self._link_socket()
                if not self._answers():
                    self._start()
            except BaseException:
                self._end_use()
                raise

    def revive(self) -> bool:
        """Start the server again if it has crashed; whether that was necessary."""
        if self._process is not None:
            # A dead child keeps its process number until it has been asked for.
            self._process.poll()
        pid = self._postmaster()
        if pid is not None and _lives(pid):
            return False
        with self._start_lock():
            if self._answers():
                return False
            self._start()
            return True

    def leave(self) -> None:
        """Stop using the server; the last user stops it."""
        if self._users is None or os.getpid() != self._joined_by:
            # A forked child (a web worker) ends: the server belongs to its parent.
            return
        with self._start_lock():
            self._end_use()

    def _end_use(self) -> None:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Somebody else still holds the lock shared.
            pass
        else:
            self._stop()
        self._users.close()
        self._users = None

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        with self._lock_file("start.lock") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _lock_file(self, name: str) -> IO[bytes]:
        try:
            file = (self.folder / name).open("ab")
            if os.geteuid() == 0:
                os.fchown(file.fileno(), self._owner().pw_uid, self._owner().pw_gid)
        except OSError as error:
            raise not_writable(self.home, error) from error
        return file

    # -- creating

    def _create(self) -> None:
        """Make an empty cluster; an interrupted attempt is begun anew."""
        print("Creating the database …", file=sys.stderr, flush=True)
        draft = self.folder / "data.draft"
        if draft.exists():
            shutil.rmtree(draft)
        command = [
            str(self._programs() / "initdb"),
            f"--pgdata={self._named_for_server(draft, str(HERE))}",
            f"--username={ADMINISTRATOR}",
            "--encoding=UTF8",
            "--locale-provider=libc",
            "--locale=C.UTF-8",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
        ]
        try:
            draft.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(draft, self._owner().pw_uid, self._owner().pw_gid)
        except OSError as error:
            raise not_writable(self.folder, error) from error
        done = subprocess.run(command, **self._as_owner(draft), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerDidNotStart(
                why=_last_complaint(done.stderr) or f"initdb: {done.returncode}", log=self.log
            )
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\n# Rewritten at every start by Haqdar; use ALTER SYSTEM for changes of your own.\n")
            file.write("include_if_exists 'haqdar.conf'\n")
        draft.rename(self.data)

    def _configure(self) -> None:
        """Write the files that say who may log in and how the server is tuned."""
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        settings = {
            "shared_buffers": f"{min(max(memory // 8, 128), 2048)}MB",
            "effective_cache_size": f"{max(memory // 2, 256)}MB",
            "work_mem": "32MB",
            "maintenance_work_mem": f"{min(max(memory // 32, 64), 512)}MB",
            "max_connections": "60",
            "random_page_cost": "1.1",
            "jit": "off",
            # Bulk loads: few checkpoints, compressed page images; no standby reads this server's log.
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "wal_compression": "on",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            # A confirmed payment must survive a power cut.
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "timezone": "Asia/Kolkata",
            "lc_messages": "C",
            # Seven days of log; no statement, no value of a row.
            "logging_collector": "on",
            "log_directory": self._named_for_server(self.log, "../log"),
            "log_filename": "postgres-%a.log",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
        }
        lines = ["# Written by Haqdar at every start."]
        lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
        self._write("haqdar.conf", lines)
        self._write("pg_hba.conf", ["# Written by Haqdar at every start.", "local all all peer map=haqdar"])
        names = {self._owner().pw_name, pwd.getpwuid(os.geteuid()).pw_name}
        self._write(
            "pg_ident.conf",
            ["# Written by Haqdar at every start."]
            + [
                f'haqdar "{name}" {role}'
                for name in sorted(names)
                for role in (APPLICATION_ROLE, VAULT_ROLE, ADMINISTRATOR)
            ],
        )

    def _write(self, name: str, lines: list[str]) -> None:
        path = self.data / name
        draft = path.with_name(f".{name}.draft")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(draft, self._owner().pw_uid, self._owner().pw_gid)
        draft.replace(path)

    # -- starting and stopping

    def _start(self) -> None:
        """Start the server and wait for as long as it lives and recovers."""
        if self._settled_after_crash():
            return
        try:
            self._configure()
            output = (self.log / "start.log").open("wb")
        except OSError as error:
            raise not_writable(self.folder, error) from error
        command = [
            str(self._programs() / "postgres"),
            "-D",
            self._named_for_server(self.data, str(HERE)),
            # On the command line, so that no setting in the cluster can open the server to others.
            "-c",
            "listen_addresses=",
            "-c",
            f"unix_socket_directories={self._named_for_server(socket_folder(self.home), '../socket')}",
            "-c",
            "unix_socket_permissions=0700",
            "-c",
            "port=5432",
        ]
        with output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for us; the server is told when everything else has ended.
                start_new_session=True,
                **self._as_owner(self.data),
            )
        waiting = _Patience("The database is starting; after a crash it recovers first")
        while not self._answers():
            if self._process.poll() is not None:
                raise ServerDidNotStart(why=self._complaint(), log=self.log)
            waiting.pause()
        self._create_database()

    def _stop(self) -> None:
        """Stop the server in order and wait for its last checkpoint."""
        pid = self._postmaster()
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if self._process is not None and self._process.pid == pid:
            _wait_undisturbed(self._process)
            return
        while self._postmaster() == pid and _lives(pid):
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.administrator("postgres"), connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def administrator(self, database: str) -> str:
        """Connection string of the server's administrator, for upkeep only."""
        return make_conninfo(host=str(socket_folder(self.home)), dbname=database, user=ADMINISTRATOR)

    def _create_database(self) -> None:
        """Create the application's role and the vault's (no superusers), each with its database, unless they exist.

        Neither role may enter the other's database.
        """
        with psycopg.connect(self.administrator("postgres"), autocommit=True) as connection:
            for role_name, name, rights in (
                (APPLICATION_ROLE, DATABASE, "LOGIN CREATEDB"),
                (VAULT_ROLE, VAULT_DATABASE, "LOGIN"),
            ):
                role, database = sql.Identifier(role_name), sql.Identifier(name)
                if not connection.execute(
                    "SELECT 1 FROM pg_roles WHERE rolname = %s", [role_name]
                ).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} " + rights).format(role))
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
                    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))

    def _postmaster(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _settled_after_crash(self) -> bool:
        """Deal with what a killed server, or a killed starter, left; True when the server answers after all.

        PostgreSQL clears up by itself unless the old process number now belongs to another process of the
        same user. The children of a killed server need a moment to notice, and a server whose starter was
        killed may still be recovering.
        """
        if self._postmaster() is None or not Path("/proc/self/cwd").exists():
            return False
        waiting = _Patience("The database is settling after a crash")
        while _processes_in(self.data):
            if self._answers():
                return True
            waiting.pause()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.folder / "socket" / name).unlink(missing_ok=True)
        return False

    def _complaint(self) -> str:
        texts = []
        for path in sorted(self.log.glob("*.log"), key=lambda path: path.stat().st_mtime):
            with suppress(OSError):
                texts.append(path.read_text(encoding="utf-8", errors="replace")[-4000:])
        return _last_complaint("\n".join(texts)) or "?"


class _Patience:
    """Waits in small steps without a limit, and says every five seconds what for."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = self._said = time.monotonic()

    def pause(self) -> None:
        time.sleep(0.05)
        now = time.monotonic()
        if now - self._said > 5:
            self._said = now
            print(f"{self._what} … {now - self._began:.0f} s", file=sys.stderr, flush=True)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _last_complaint(text: str) -> str:
    """The last FATAL, PANIC or error line of a server's log, without its time stamp."""
    for line in reversed(text.splitlines()):
        for word in ("FATAL:", "PANIC:", "error:", "fatal:"):
            if word in line:
                return line.split(word, 1)[1].strip()
    return ""


def _processes_in(folder: Path) -> list[int]:
    """Processes that work in `folder`, as every process of a PostgreSQL server does in its data folder."""
    wanted = folder.resolve()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if Path(os.readlink(entry / "cwd")) == wanted:
                    found.append(int(entry.name))
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait_undisturbed(process: "subprocess.Popen[bytes]") -> None:
    """Wait for the end of the process even when Ctrl-C is pressed again."""
    while True:
        try:
            process.wait()
        except KeyboardInterrupt:
            print("The database is being stopped in order; a moment …", file=sys.stderr, flush=True)
        else:
            return
