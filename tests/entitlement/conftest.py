"""A real Spark Connect server (Sail) in a process of its own, for the tests of the second engine."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from haqdar.entitlement.engines import SparkEngine

_SERVER = """
import sys
from pysail.spark import SparkConnectServer

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a Sail server on a free port of the loopback, as `--engine` takes it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"spark://127.0.0.1:{port}"
    finally:
        # it reads its standard input to the end and stops
        process.communicate(timeout=30)


@pytest.fixture(scope="session")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """A client of the Sail server."""
    scratch: Path = tmp_path_factory.mktemp("spark")
    engine = SparkEngine(sail, scratch)
    yield engine
    engine.close()
