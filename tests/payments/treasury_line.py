"""A line to the treasury of `treasury_peer`, and a month of bills that can go over it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection
from tests.payments import treasury_peer
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_billing import CELL, CEO, PURSE, places, pool
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.payments import billing, closing
from haqdar.payments.treasury import envelope
from haqdar.payments.treasury.client import Access
from haqdar.payments.treasury.exchanging import Ran, run
from haqdar.payments.treasury.line import Codes, Line, Unit
from haqdar.payments.treasury.profile import profile_named
from haqdar.registry.sealing import ACCOUNT, sealer

TREASURY = platform("treasury")


@dataclass(frozen=True)
class Peer:
    """The treasury's process, seen from a test."""

    url: str
    key_file: Path

    def drive(self, do: str, **more: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/drive", json.dumps({"do": do} | more).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    @property
    def bills(self) -> dict[str, Any]:
        return dict(self.drive("")["bills"])

    @property
    def corrections(self) -> dict[str, Any]:
        return dict(self.drive("")["corrections"])

    @property
    def asked(self) -> list[str]:
        return list(self.drive("")["asked"])

    def step(self, number: int) -> None:
        """Every bill has come so far: 1 approved, 2 token, 3 voucher."""
        self.drive("every_bill", values={"step": number})

    def access(self, **other: Any) -> Access:
        given = {
            "profile": replace(profile_named("jit-fs"), connect_seconds=2.0, read_seconds=0.7),
            "url": self.url,
            "client_id": treasury_peer.CLIENT,
            "client_secret": treasury_peer.SECRET,
            "key": envelope.public_key(self.key_file.read_bytes()),
        }
        return Access(**(given | other))

    def line(self) -> Line:
        return Line(
            self.access(),
            Codes("HAQDAR", {"DDO1": Unit("OLSHUD001", "1621", "GOHUD36")}, {"IGNOAPS": "13145"}),
        )


@contextmanager
def peer_process(folder: Path) -> Iterator[Peer]:
    """A treasury of its own, ended with the test."""
    key_file = folder / "treasury.pem"
    with subprocess.Popen(
        [sys.executable, treasury_peer.__file__, str(key_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield Peer(f"http://127.0.0.1:{process.stdout.readline().strip()}", key_file)
        finally:
            process.kill()


def sealed(account: str) -> bytes:
    """An account number as the month's run keeps it."""
    value, version = sealer().seal_one(ACCOUNT, account)
    return version.to_bytes(2, "big") + value


def a_month_submitted(month: Month = OCTOBER) -> None:
    """Three pensioners of DDO1: two on 275 (two heads), a widow on 300; three bills, sanctioned and submitted."""
    places()
    posted(
        relations(
            settled=[(1, 1, "IGNOAPS", 27500), (2, 1, "IGNOAPS", 27500), (3, 1, "IGNWPS", 30000)],
            payee=[
                payee(one, account_sealed=sealed(f"30{one:09d}"), ifsc=f"SBIN000123{one}")
                for one in (1, 2, 3)
            ],
        ),
        month,
    )
    closing.close_month(CELL, month)
    pool(month=month)
    billing.sanction(CEO, "DDO1", month)
    billing.submit(PURSE, "DDO1", month)


def exchange(peer: Peer) -> Ran:
    """Run the line once, with everything that waits due now."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_treasury_message SET next_at = '2016-01-01' WHERE state = 'waiting'")
    return run(TREASURY, peer.line())


def bills() -> list[tuple[Any, ...]]:
    return fetched("SELECT number, state, problem FROM payments_treasury_bill ORDER BY id")


def states() -> set[str]:
    return {state for _, state, _ in bills()}


def messages() -> dict[str, int]:
    return dict(
        fetched(
            "SELECT service, count(*) FROM payments_treasury_message WHERE state = 'waiting' GROUP BY 1 ORDER BY 1"
        )
    )


def entries() -> dict[str, tuple[int, int]]:
    """What the ledger holds beside dues: kind -> how many and paise."""
    return {
        kind: (count, paise)
        for kind, count, paise in fetched(
            "SELECT kind, count(*), sum(paise)::bigint FROM payments_entry WHERE kind <> 'due' GROUP BY 1 ORDER BY 1"
        )
    }


def all_paid(peer: Peer) -> None:
    """Bring every bill to its voucher with everybody paid."""
    exchange(peer)
    peer.step(3)
    exchange(peer)
