"""`haqdar run`: the whole system in one command, for a first look and for small installations."""

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings

from haqdar.access.actions import DEMONSTRATION_PASSWORD
from haqdar.access.queries import demonstration_accounts
from haqdar.base.refusal import Refusal
from haqdar.config.cli_support import database_ready
from haqdar.config.processes import Children, free_port
from haqdar.demo.district import ensure_demo

_LOOK_EVERY = 1.0
#: One worker for all that takes minutes, one for what follows a life event, one for messages, which wait for a gateway: the
#: first must not hold up a second's work, and a code must not wait for either.
_WORKERS = (
    "worker --queue long-runs --queue simulations",
    "worker --queue reactions",
    "worker --queue messages",
    "worker --queue papers",
)
#: Begins where the treasury's address is set.
TREASURY_WORKER = "worker --queue treasury"


class AlreadyRunning(Refusal):
    """Another `haqdar run` uses the same data folder."""

    en = "Haqdar already runs on the data folder {home} ({where}). Stop it first, or choose another HAQDAR_HOME."
    hi = "डेटा फ़ोल्डर {home} पर हक़दार पहले से चल रहा है ({where})। पहले उसे रोकें, या दूसरा HAQDAR_HOME चुनें।"


class PartEnded(Refusal):
    """Web server or worker ended by itself."""

    en = (
        "The part '{name}' ended by itself with status {status}; everything was stopped. The reason is above."
    )
    hi = "'{name}' भाग अपने आप स्थिति {status} के साथ रुक गया; सब कुछ रोक दिया गया। कारण ऊपर है।"


@click.command()
def command() -> None:
    """Start everything and keep it running until Ctrl-C.

    On an empty database the demonstration district is loaded and a month is run first; data that are there
    stay as they are. The page comes up on HAQDAR_BIND:HAQDAR_PORT (127.0.0.1:8000 unless set).

    \b
    Examples:
      ./haqdar run
      HAQDAR_PORT=9000 HAQDAR_DEMO_RESIDENTS=5000 ./haqdar run
    """
    # Asked before the minutes of loading, so that a taken port is known at once.
    port = free_port(settings.HAQDAR_BIND, settings.HAQDAR_PORT, chosen=bool(os.environ.get("HAQDAR_PORT")))
    host = _reachable()
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    settings.HAQDAR_HOME.mkdir(parents=True, exist_ok=True)
    with _alone(settings.HAQDAR_HOME, address):
        assets = _build_assets()
        with database_ready() as revive:
            if settings.HAQDAR_DEMO_RESIDENTS:
                ensure_demo(residents=settings.HAQDAR_DEMO_RESIDENTS, seed=1)
            assets.wait()
            # asked while nothing else runs: a crash of the database from here on is mended below
            accounts = demonstration_accounts()
            children = Children()
            try:
                children.start("serve", HAQDAR_PORT=str(port))
                # a treasury that answers slowly holds up nobody else
                workers = (*_WORKERS, *((TREASURY_WORKER,) if settings.HAQDAR_TREASURY_URL else ()))
                _wait_for(port, children)
                _welcome(address, accounts)
                # the page first: each of them takes seconds of a processor to begin
                for worker in workers:
                    children.start(worker)
                while True:
                    time.sleep(_LOOK_EVERY)
                    if revive():
                        click.echo("The database had crashed; it was recovered and runs again.", err=True)
                        # Web workers connect anew with each request; the job workers wait on their old connections.
                        for worker in workers:
                            children.restart(worker)
                    ended = children.ended()
                    if ended:
                        raise PartEnded(name=ended[0], status=ended[1])
            except KeyboardInterrupt:
                click.echo("\nStopping …", err=True)
            finally:
                # A second Ctrl-C must not leave half of the parts running.
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)
                children.stop()
    click.echo("Stopped. The data stay; the next start continues with them.", err=True)


def _reachable() -> str:
    """The name under which this machine reaches its own web server."""
    bind: str = settings.HAQDAR_BIND
    return "localhost" if bind in ("0.0.0.0", "::") else bind


@contextmanager
def _alone(home: Path, address: str) -> Iterator[None]:
    """One run for one data folder; the lock file says where it answers."""
    with (home / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(home=home, where=file.read().strip()) from None
        file.truncate(0)
        file.write(address)
        file.flush()
        yield


def _build_assets() -> "subprocess.Popen[bytes]":
    """Build style sheet and translations beside the other preparations."""
    return subprocess.Popen([sys.executable, "-m", "haqdar.web.assets"], stdin=subprocess.DEVNULL)


def _wait_for(port: int, children: Children) -> None:
    """Wait until the web server answers anything at all (in production, say, a redirect to https)."""
    while True:
        ended = children.ended()
        if ended:
            raise PartEnded(name=ended[0], status=ended[1])
        asking = http.client.HTTPConnection(_reachable(), port, timeout=5)
        try:
            asking.request("GET", "/health")
            asking.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return
        finally:
            asking.close()


def _welcome(address: str, accounts: Sequence[Mapping[str, str]]) -> None:
    click.echo(f"\nHaqdar answers at {address}   (Ctrl-C stops everything)")
    if accounts:
        click.echo(f"\nDemonstration log-ins, all with the password {DEMONSTRATION_PASSWORD}")
        for account in accounts:
            click.echo(f"  {account['username']:<10} {account['name_en']}, {account['area_en']}")
    sys.stdout.flush()
