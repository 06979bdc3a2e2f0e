"""Money is whole paise in code; rupees exist only in texts and files."""

from typing import NewType

Paise = NewType("Paise", int)
"""An amount in paise (1/100 rupee)."""


def rupees(paise: int) -> str:
    """The amount in rupees with two decimals and no grouping, for files.

    >>> rupees(30000), rupees(-5)
    ('300.00', '-0.05')
    """
    whole, part = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{whole}.{part:02d}"


def group_indian(n: int) -> str:
    """A whole number with Indian grouping (thousand, lakh, crore).

    >>> group_indian(12345678)
    '1,23,45,678'
    """
    digits = str(abs(n))
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ("-" if n < 0 else "") + ",".join([*groups, tail])


def indian(paise: int) -> str:
    """The amount as people read it: rupee sign, Indian grouping, paise only where there are any.

    >>> indian(10030000), indian(30050), indian(-100)
    ('₹1,00,300', '₹300.50', '-₹1')
    """
    whole, part = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}₹{group_indian(whole)}{f'.{part:02d}' if part else ''}"
