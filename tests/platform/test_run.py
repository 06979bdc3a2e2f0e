"""`haqdar run`: everything up with one command, everything down with one key, whatever dies in between."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests import installations

from haqdar.config.database import Cluster
from haqdar.config.processes import Children, PortTaken, free_port

from .conftest import plain_environment

pytestmark = pytest.mark.slow


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A `haqdar run` in the background; `log` is everything it printed."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self._output = (home.parent / "run.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "haqdar.config.cli", "run"],
            env=plain_environment(home) | {"HAQDAR_PORT": str(port), "HAQDAR_DEMO_RESIDENTS": "0"},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def log(self) -> str:
        return (self.home.parent / "run.log").read_text()

    def answers(self, within: float = 240) -> bool:
        end = time.monotonic() + within
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).close()
            except OSError:
                time.sleep(0.2)
            else:
                return True
        return False

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def start(new_home: Path) -> Iterator[Callable[[], Running]]:
    begun: list[Running] = []

    def run() -> Running:
        begun.append(Running(new_home, unused_port()))
        return begun[-1]

    yield run
    for each in begun:
        if each.process.poll() is None:
            each.stop(signal.SIGTERM)


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def all_gone(home: Path, within: float = 30) -> bool:
    """Whether no process knows the data folder any more."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if (
                        str(home).encode()
                        in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                    ):
                        found.append(entry)
                except OSError:
                    continue
        if not found:
            return True
        time.sleep(0.2)
    return False


def test_the_data_stay_and_nothing_else_does(start: Callable[[], Running], new_home: Path) -> None:
    first = start()
    assert first.answers(), first.log
    with psycopg.connect(Cluster(new_home).administrator("haqdar"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    # A crash of the server is noticed and mended while everything else goes on.
    os.kill(postmaster(new_home), signal.SIGKILL)
    time.sleep(0.5)
    end = time.monotonic() + 120
    while "it was recovered" not in first.log and time.monotonic() < end:
        time.sleep(0.2)
    assert first.answers(), first.log
    assert first.stop(signal.SIGINT) == 0, first.log
    assert all_gone(new_home)
    second = start()
    assert second.answers(), second.log
    with psycopg.connect(Cluster(new_home).administrator("haqdar")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
    assert second.stop(signal.SIGTERM) == 0, second.log
    assert all_gone(new_home)
    assert "Traceback" not in second.log


def test_after_kill_9_nothing_is_left_running_but_the_data(
    start: Callable[[], Running], new_home: Path
) -> None:
    installations.copied_to(new_home)
    run = start()
    assert run.answers(), run.log
    run.stop(signal.SIGKILL)
    assert all_gone(new_home)


def test_only_one_run_for_a_data_folder(start: Callable[[], Running], new_home: Path) -> None:
    installations.copied_to(new_home)
    first = start()
    assert first.answers(), first.log
    second = start()
    assert second.process.wait(30) == 1
    assert f"already runs on the data folder {new_home} (http://127.0.0.1:{first.port}/)" in second.log


class Asked(subprocess.Popen[bytes]):
    """A process that counts how often it was asked to end."""

    asked = 0

    def terminate(self) -> None:
        self.asked += 1
        super().terminate()


@pytest.mark.parametrize("stop", [Children.stop, lambda children: children.restart("--version")])
def test_a_part_is_asked_to_end_once(stop: Callable[[Children], None]) -> None:
    """A second signal breaks into the orderly end of a part: the worker's event loop was torn down half way."""
    children = Children()
    part = Asked([sys.executable, "-c", "import time; time.sleep(60)"])
    children._running["--version"] = part
    children._environments["--version"] = {}
    stop(children)
    assert part.returncode == -signal.SIGTERM
    assert part.asked == 1
    children.stop()


def test_a_taken_port_is_refused_or_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match="HAQDAR_PORT"):
            free_port("127.0.0.1", port, chosen=True)
        assert free_port("127.0.0.1", port, chosen=False) != port
