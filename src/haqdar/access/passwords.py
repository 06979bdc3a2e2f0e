"""What a password must be: long, and none that everybody tries (NIST SP 800-63B, sections 3.1.1 and 3.2.2)."""

import secrets
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WITH_SECOND_FACTOR = 12
ALONE = 15
MOST = 200
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def normal(password: str) -> str:
    """The password as it is hashed and compared: one Unicode form, whatever the keyboard makes (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def one_time_password() -> str:
    """A random password of 79 bits to be read out or written down: four groups of four letters and digits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def least_length(user: Any) -> int:
    """Fewest characters: 12 for an account that has, or must have, a second factor; 15 where the password stands alone."""
    from haqdar.access.queries import has_second_factor, needs_second_factor

    if user is None or user.pk is None:
        return ALONE
    return WITH_SECOND_FACTOR if needs_second_factor(user) or has_second_factor(user) else ALONE


class LongEnough:
    """Refuses a password shorter than the account's second factor allows, or absurdly long."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError (`password_too_short`, `password_too_long`)."""
        least = least_length(user)
        if len(password) < least:
            raise ValidationError(
                _("The password is too short. Use at least %(least)s characters; a sentence is fine."),
                code="password_too_short",
                params={"least": least},
            )
        if len(password) > MOST:
            raise ValidationError(
                _("The password is too long. Use at most %(most)s characters."),
                code="password_too_long",
                params={"most": MOST},
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return str(
            _("At least %(alone)s characters, or %(second)s with a second factor.")
            % {"alone": ALONE, "second": WITH_SECOND_FACTOR}
        )
