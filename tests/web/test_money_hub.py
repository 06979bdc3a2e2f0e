"""The hub of the money's pages shows each function what is its own."""

from collections.abc import Callable

from django.test import Client


def test_everybody_finds_the_money_that_is_theirs(client_of: Callable[..., Client]) -> None:
    secretary = client_of("gp").get("/desk/money/").content.decode()
    auditor = client_of("auditor").get("/desk/money/").content.decode()
    assert "/desk/bills/" in auditor and "Bill and budget" in auditor
    assert "/desk/bills/" not in secretary.partition("<main")[2]
    assert 'href="/desk/money/" aria-current="true"' in auditor
