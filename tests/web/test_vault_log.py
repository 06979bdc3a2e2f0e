"""The vault's log as a page: who asked about whom is told, no number is, and looking is written down."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from haqdar.access.actors import platform
from haqdar.registry.models import ResidentBelief
from haqdar.vault import rooms, store

from .conftest import ClientOf

NUMBER = "999912345604"


def asked_about(member_id: int) -> None:
    """Somebody opened this member's number for a payment file."""
    ref = store.refer(platform("test"), NUMBER, "ekyc")
    ResidentBelief.objects.filter(member_id=member_id).update(aadhaar_ref=ref, aadhaar_last4=NUMBER[-4:])
    store.reveal(platform("treasurer"), [ref], "apbs_file")
