"""Ways to lose power: a process killed before any of its statements or inside a file, a connection dropped at a commit.

A step of the money's way runs in a forked child; the parent looks at what the child left behind. Only small months are used, so a
child lives for some hundredths of a second.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Step = Callable[[], object]
DONE, FAILED, KILLED = "done", "failed", "killed"
UNHURT = 10**9


def forked(step: Step, *, statement: int = UNHURT, file_bytes: int | None = None, host: str = "") -> str:
    """Run `step` in a child and say how it ended: done, failed (an exception) or killed.

    The child is killed before its `statement`-th statement (counted from 0, commits too), or while it writes byte `file_bytes` of
    any file. With `host` it talks to the database through that folder's socket.
    """
    connections.close_all()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _own_connections()
            if host:
                _through(host)
            if file_bytes is not None:
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            _counting(statement)
            step()
            connections.close_all()
            code = 0
        except BaseException:
            if not host:
                traceback.print_exc()
        finally:
            # nothing of the parent's is tidied away by its copy
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return KILLED
    return DONE if os.WEXITSTATUS(status) == 0 else FAILED


def _own_connections() -> None:
    """Let a forked child forget the connections it inherited: their sockets are its parent's as well and outlive its death.

    Closing them in the parent is not enough. A browser test before this one leaves its event loop running in the thread; the
    parent's connections are then those of the loop, while the child, which has no loop, finds the thread's.
    """
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None


def statements(step: Step) -> int:
    """How many points of `_counting` lie before the first commit of `step`, found by a child that dies there."""
    read, write = os.pipe()

    def counted() -> None:
        at = _counting(UNHURT)

        def die(_: Any) -> None:
            os.write(write, str(next(at)).encode())
            os.kill(os.getpid(), signal.SIGKILL)

        psycopg.Connection.commit = die  # type: ignore[method-assign, assignment]
        step()

    try:
        assert forked(counted) == KILLED
        return int(os.read(read, 20))
    finally:
        os.close(read)
        os.close(write)


def _counting(fatal: int) -> Iterator[int]:
    """Count every statement, COPY and commit, fsync and rename of this process from now on; it dies before number `fatal`.

    The count goes on by whole steps whichever thread takes one, so that no number is passed over.
    """
    at = count()

    def lived_through(real: Any) -> Any:
        def watched(*arguments: Any, **named: Any) -> Any:
            if next(at) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return watched

    for owner, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Cursor, "executemany"),
        (psycopg.Cursor, "copy"),
        (psycopg.Connection, "commit"),
        (os, "fsync"),
        (os, "replace"),
        (os, "rename"),
        (os, "link"),
    ):
        setattr(owner, name, lived_through(getattr(owner, name)))
    return at


def _through(host: str) -> None:
    settings.DATABASES["default"]["HOST"] = host
    connections["default"].settings_dict["HOST"] = host
    settings.HAQDAR_DSN = make_conninfo(settings.HAQDAR_DSN, host=host)


@contextmanager
def dropping(commit: int, *, answered: bool) -> Iterator[str]:
    """A way to the database that is cut at its `commit`-th COMMIT (from 0); gives the folder of its socket.

    Cut before the server hears of it, or (`answered`) after the server has committed and before anybody is told.
    """
    with tempfile.TemporaryDirectory() as folder:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{folder}/.s.PGSQL.5432")
        listener.listen()
        left = [commit]
        over = threading.Event()
        server = str(Path(str(conninfo_to_dict(settings.HAQDAR_DSN)["host"]), ".s.PGSQL.5432"))

        def accept() -> None:
            while not over.is_set():
                ready, _, _ = select.select([listener], [], [], 0.05)
                if ready:
                    client, _ = listener.accept()
                    threading.Thread(
                        target=_carry, args=(client, server, left, answered), daemon=True
                    ).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield folder
        finally:
            over.set()
            thread.join()
            listener.close()


def _carry(client: socket.socket, path: str, left: list[int], answered: bool) -> None:
    """Carry one connection's messages both ways until either side ends, or the chosen commit comes."""
    with client, socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        waiting = b""
        began = False
        while True:
            ready, _, _ = select.select([client, server], [], [])
            if server in ready:
                answer = server.recv(65536)
                if not answer:
                    return
                client.sendall(answer)
                continue
            asked = client.recv(65536)
            if not asked:
                return
            waiting += asked
            # whole messages only: a type of one byte (none in the first message), a length that counts itself
            while len(waiting) >= 5:
                head = 1 if began else 0
                length = head + int.from_bytes(waiting[head : head + 4], "big")
                if len(waiting) < length:
                    break
                message, waiting = waiting[:length], waiting[length:]
                began = True
                if head and message[:1] == b"Q" and message[5:].rstrip(b"\0").upper() == b"COMMIT":
                    left[0] -= 1
                    if left[0] == -1:
                        if answered:
                            server.sendall(message)
                            server.recv(65536)
                        return
                server.sendall(message)
