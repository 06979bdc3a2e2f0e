"""Keeps personal numbers out of every log line."""

import logging
import re
from typing import Any

import psycopg

# Member IDs (9), family IDs (8), mobiles (10), Aadhaar (12, also in groups of four), accounts (up to 18 digits).
_NUMBER = re.compile(r"(?<![\w.-])\d{4}[ -]?\d{4}[ -]?\d{1,10}(?![\w.-])|(?<!\d)\d{8,18}(?!\d)")


def masked(text: str) -> str:
    """The text with every number of 8 to 18 digits reduced to its last two.

    >>> masked("member 100000123 not found, aadhaar 9999 1234 5678")
    'member …23 not found, aadhaar …78'
    """
    return _NUMBER.sub(lambda match: "…" + match.group()[-2:], text)


class MaskedFormatter(logging.Formatter):
    """Formats a record and masks it whole: message, arguments and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))

    def formatException(self, ei: Any) -> str:
        """The traceback; of a lost database, which is nobody's mistake in code, only the reason."""
        link: BaseException | None = ei[1]
        while link is not None:
            if isinstance(link, psycopg.OperationalError):
                return f"Database: {str(link).strip().splitlines()[0] if str(link).strip() else type(link).__name__}"
            link = link.__cause__ or link.__context__
        return super().formatException(ei)


LINE = "{asctime} {levelname} {name}: {message}"


def mask_handlers(name: str) -> None:
    """Make the handlers that a library gave its own logger `name` write masked lines."""
    for handler in logging.getLogger(name).handlers:
        handler.setFormatter(MaskedFormatter(LINE, style="{"))
