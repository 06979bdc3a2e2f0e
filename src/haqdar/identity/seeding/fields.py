"""What a column of a department's list can be, and a first guess from what it is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Field(NamedTuple):
    """A thing that a list can say of a beneficiary. `typed` fields have a form that a wrong column does not have."""

    name: str
    required: bool = False
    typed: bool = False
    called: tuple[str, ...] = ()


FIELDS = (
    Field(
        "domain_id",
        required=True,
        called=(
            "beneficiary id", "beneficiary no", "ration card no", "ration card number", "rc no", "card no", "registration no",
            "registration number", "scheme id", "domain id", "id", "application no", "job card no", "pension no", "ppo no",
            "हितग्राही क्रमांक", "राशन कार्ड क्रमांक", "पंजीयन क्रमांक", "कार्ड क्रमांक",
        ),
    ),
    Field(
        "name",
        required=True,
        called=(
            "name", "beneficiary name", "name en", "name of beneficiary", "applicant name", "full name", "member name",
            "holder name", "नाम", "हितग्राही का नाम", "सदस्य का नाम", "आवेदक का नाम",
        ),
    ),
    Field("name_hi", called=("name hi", "name hindi", "name in hindi", "hindi name", "नाम हिंदी", "हिंदी नाम")),
    Field(
        "relation_name",
        called=(
            "father husband name", "father or husband name", "relation name", "guardian name", "f h name", "care of", "c o",
            "father husband", "पिता पति का नाम", "पिता या पति का नाम",
        ),
    ),
    Field("father_name", called=("father name", "fathers name", "father", "father s name", "पिता का नाम", "पिता")),
    Field(
        "husband_name",
        called=("husband name", "husbands name", "spouse name", "husband", "husband s name", "पति का नाम", "पति"),
    ),
    Field("sex", typed=True, called=("sex", "gender", "लिंग")),
    Field(
        "born_on",
        typed=True,
        called=("dob", "date of birth", "birth date", "born on", "birthdate", "d o b", "जन्म तिथि", "जन्मतिथि", "जन्म दिनांक"),
    ),
    Field("age", typed=True, called=("age", "age years", "आयु", "उम्र")),
    Field(
        "mobile",
        typed=True,
        called=("mobile", "mobile no", "mobile number", "phone", "contact no", "phone no", "मोबाइल", "मोबाइल नंबर", "फोन"),
    ),
    Field(
        "aadhaar",
        typed=True,
        called=("aadhaar", "aadhar", "aadhaar no", "aadhar no", "aadhaar number", "aadhar number", "uid", "आधार", "आधार संख्या", "आधार नंबर"),
    ),
    Field(
        "member_id",
        typed=True,
        called=("member id", "samagra id", "samagra member id", "sssm id", "samagra member", "सदस्य आईडी", "समग्र आईडी", "समग्र सदस्य आईडी"),
    ),
    Field(
        "family_id",
        typed=True,
        called=("family id", "samagra family id", "sssm family id", "परिवार आईडी", "समग्र परिवार आईडी"),
    ),
    Field(
        "village",
        called=("village", "village name", "gram", "gram panchayat", "panchayat", "gp name", "ward", "ward name", "locality", "गाँव", "गांव", "ग्राम", "ग्राम पंचायत", "वार्ड"),
    ),
    Field("area_code", called=("area code", "lgd code", "village code", "gp code", "panchayat code", "ward code", "क्षेत्र कोड")),
    Field("district", called=("district", "district name", "district code", "zila", "jila", "ज़िला", "जिला", "ज़िला कोड", "जिला कोड")),
    Field("pin", called=("pin", "pincode", "pin code", "postal code", "पिन", "पिन कोड")),
    Field("amount", typed=True, called=("amount", "benefit amount", "monthly amount", "rate", "amount paid", "राशि", "लाभ राशि")),
)  # fmt: skip
"""In the order in which the mapping page asks."""
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
DAY_ORDERS = ("dmy", "mdy", "ymd")


def plain(column: str) -> str:
    """A column's title as it is compared: lower case, words by one space.

    >>> plain("  Ration_Card-No. "), plain("F/H Name")
    ('ration card no', 'f h name')
    """
    return " ".join(re.sub(r"[\s_\-./,:()*#'\"]+", " ", column.casefold()).split())


def guess(header: Sequence[str]) -> dict[str, str]:
    """Which column probably is which field: {field: column}; a column is used once, an unknown one not at all."""
    titles = {plain(column): column for column in reversed(header) if column}
    found: dict[str, str] = {}
    for field in FIELDS:
        for title in field.called:
            column = titles.get(title)
            if column is not None and column not in found.values():
                found[field.name] = column
                break
    return found


def header_hash(header: Sequence[str]) -> str:
    """The same for files with the same columns in the same order."""
    return hashlib.sha256("\x1f".join(plain(column) for column in header).encode()).hexdigest()
