"""The bank accounts of the demonstration: branches that are on every list of branches, account numbers that nobody was given."""

from __future__ import annotations

BRANCHES: tuple[tuple[str, int], ...] = (
    # State Bank of India: Bhopal T. T. Nagar, Chhindwara district, Niwari
    ("SBIN0001308", 11),
    ("SBIN0006256", 11),
    ("SBIN0009275", 11),
    # Bank of India: branches of its Bhopal and Ujjain zones
    ("BKID0009001", 15),
    ("BKID0009003", 15),
    ("BKID0009101", 15),
    ("BKID0009103", 15),
    # Bank of Baroda, whose codes name the town
    ("BARB0SEHORE", 14),
    ("BARB0VIDISH", 14),
    ("BARB0BETULX", 14),
    ("BARB0UJJAIN", 14),
    ("BARB0MANDSA", 14),
    # HDFC Bank and Axis Bank, Bhopal
    ("HDFC0000062", 14),
    ("UTIB0000044", 15),
)
"""Branches in towns of Madhya Pradesh, with the digits of an account number there (`payments/accounts/shapes.yaml`)."""

MERGED: tuple[tuple[str, int], ...] = (
    ("ALLA0210001", 11),
    ("ANDB0000301", 15),
    ("CORP0000301", 15),
    ("BKDN0130001", 12),
    ("ORBC0100301", 14),
    ("SYNB0007701", 14),
)
"""Codes in the form of banks that have become part of others since; no list of branches has them any more."""
