"""Mobile numbers: what counts as one, and how one is shown."""

from __future__ import annotations

import phonenumbers

from haqdar.base.refusal import Refusal


class NotAMobile(Refusal):
    """The text is no Indian mobile number."""

    code = "not_a_mobile"
    en = "Enter a mobile number of ten digits, for example 98260 12345."
    hi = "दस अंकों का मोबाइल नंबर लिखें, जैसे 98260 12345।"


def mobile_number(text: str) -> str:
    """The ten digits of an Indian mobile number, however it was typed; raises `NotAMobile`.

    >>> mobile_number("+91 98260-12345"), mobile_number("09826012345")
    ('9826012345', '9826012345')
    """
    try:
        parsed = phonenumbers.parse(text[:30], "IN")
    except phonenumbers.NumberParseException as error:
        raise NotAMobile() from error
    digits = str(parsed.national_number)
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if (
        parsed.country_code != 91
        or parsed.extension
        or len(digits) != 10
        or phonenumbers.number_type(parsed) not in mobile
    ):
        raise NotAMobile()
    return digits
