"""The delivered files as one declarative table: columns, kinds, lists, keys, rules between two fields.

Everything that the contract (docs/load.md) says about a single file stands here once; checks, database constraints and
the operator's guide follow it.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from haqdar.access.kinds import AREA_KINDS, OFFICE_KINDS

CODES = (
    "missing_value",
    "bad_format",
    "bad_check_digit",
    "unknown_area",
    "unknown_family",
    "unknown_member",
    "duplicate_id",
    "date_in_future",
    "end_before_start",
    "out_of_range",
    "not_in_list",
    "conflict",
)
"""The stable words of rejections.csv."""

SOCIAL_CATEGORIES = ("GEN", "OBC", "SC", "ST")
SEXES = ("F", "M", "T")
MARITAL_STATUSES = ("never_married", "married", "widowed", "deserted", "divorced")
DISABILITY_KINDS = (
    "locomotor",
    "visual",
    "hearing",
    "speech",
    "intellectual",
    "mental_illness",
    "multiple",
    "other",
)
EVENT_KINDS = (
    "death",
    "marriage",
    "remarriage",
    "desertion",
    "divorce",
    "migration_out",
    "migration_in",
)
CLASSES = tuple(str(number) for number in range(1, 18))
"""School classes 1 to 12; 13 to 17 are the years of a college."""


class Kind(Enum):
    """How a cell is read."""

    TEXT = "text"
    FAMILY_ID = "family_id"
    MEMBER_ID = "member_id"
    LIST = "list"
    SCHEME = "scheme"
    DATE = "date"
    BOOLEAN = "boolean"
    PERCENT = "percent"
    AMOUNT = "amount"
    MOBILE = "mobile"
    IFSC = "ifsc"
    ACCOUNT = "account"
    AADHAAR = "aadhaar"


@dataclass(frozen=True)
class Column:
    """One column: `personal` values are never repeated in a message; `past` dates may not lie after the delivery."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    values: tuple[str, ...] = ()
    past: bool = False
    personal: bool = False


@dataclass(frozen=True)
class FileLayout:
    """One delivered file.

    `key` names the columns that identify a row, `ordered` pairs (earlier, later) of date columns, `own_date` the
    column from which a first belief is known, `needs` the files whose refusal makes this one wait.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ordered: tuple[tuple[str, str], ...] = ()
    own_date: str | None = None
    needs: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns a file must have."""
        return tuple(column.name for column in self.columns if column.required)


def _required(name: str, kind: Kind = Kind.TEXT, **more: object) -> Column:
    return Column(name, kind, required=True, **more)  # type: ignore[arg-type]


def _past(name: str, required: bool = False) -> Column:
    return Column(name, Kind.DATE, required=required, past=True)


FILES: tuple[FileLayout, ...] = (
    FileLayout(
        "areas",
        (
            _required("area_code"),
            _required("kind", Kind.LIST, values=AREA_KINDS),
            _required("parent_code"),
            _required("name_en"),
            Column("name_hi"),
            Column("lgd_code"),
            Column("census_code"),
        ),
        key=("area_code",),
    ),
    FileLayout(
        "offices",
        (
            _required("office_code"),
            _required("kind", Kind.LIST, values=OFFICE_KINDS),
            _required("area_code"),
            Column("ddo_code"),
            Column("name_en"),
            Column("name_hi"),
        ),
        key=("office_code",),
        needs=("areas",),
    ),
    FileLayout(
        "families",
        (
            _required("family_id", Kind.FAMILY_ID, personal=True),
            _required("area_code"),
            Column("address", personal=True),
            Column("social_category", Kind.LIST, values=SOCIAL_CATEGORIES),
            _past("recorded_on"),
        ),
        key=("family_id",),
        own_date="recorded_on",
        needs=("areas",),
    ),
    FileLayout(
        "residents",
        (
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("family_id", Kind.FAMILY_ID, personal=True),
            _required("name_en", personal=True),
            Column("name_hi", personal=True),
            _required("sex", Kind.LIST, values=SEXES),
            _past("born_on"),
            Column("relation_to_head"),
            Column("mother_id", Kind.MEMBER_ID, personal=True),
            Column("father_id", Kind.MEMBER_ID, personal=True),
            Column("spouse_id", Kind.MEMBER_ID, personal=True),
            Column("marital_status", Kind.LIST, values=MARITAL_STATUSES),
            _past("marital_since"),
            Column("destitute", Kind.BOOLEAN),
            Column("income_tax_payer", Kind.BOOLEAN),
            Column("mobile", Kind.MOBILE, personal=True),
            Column("aadhaar", Kind.AADHAAR, personal=True),
            Column("ifsc", Kind.IFSC, personal=True),
            Column("account_no", Kind.ACCOUNT, personal=True),
            _past("recorded_on"),
        ),
        key=("member_id",),
        ordered=(("born_on", "marital_since"),),
        own_date="recorded_on",
        needs=("areas", "families"),
    ),
    FileLayout(
        "bpl",
        (
            _required("family_id", Kind.FAMILY_ID, personal=True),
            _required("card_no", personal=True),
            _required("valid_from", Kind.DATE),
            Column("valid_to", Kind.DATE),
        ),
        key=("family_id", "card_no", "valid_from"),
        ordered=(("valid_from", "valid_to"),),
        needs=("areas", "families"),
    ),
    FileLayout(
        "pwd",
        (
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("certificate_no", personal=True),
            _required("kind", Kind.LIST, values=DISABILITY_KINDS),
            _required("percent", Kind.PERCENT),
            _past("issued_on", required=True),
            Column("valid_to", Kind.DATE),
        ),
        key=("member_id", "certificate_no"),
        ordered=(("issued_on", "valid_to"),),
        needs=("areas", "families", "residents"),
    ),
    FileLayout(
        "events",
        (
            _required("event_id", personal=True),
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("kind", Kind.LIST, values=EVENT_KINDS),
            _past("happened_on", required=True),
            _past("reported_on", required=True),
            Column("spouse_id", Kind.MEMBER_ID, personal=True),
        ),
        key=("event_id",),
        ordered=(("happened_on", "reported_on"),),
        own_date="reported_on",
        needs=("areas", "families", "residents"),
    ),
    FileLayout(
        "pensioners",
        (
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("scheme", Kind.SCHEME),
            _past("since", required=True),
            Column("amount", Kind.AMOUNT),
        ),
        key=("member_id", "scheme", "since"),
        needs=("areas", "families", "residents"),
    ),
    FileLayout(
        "students",
        (
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("school_code"),
            _required("class", Kind.LIST, values=CLASSES),
            Column("marks_percent", Kind.PERCENT),
            _past("enrolled_on", required=True),
            Column("left_on", Kind.DATE),
        ),
        key=("member_id", "school_code", "class", "enrolled_on"),
        ordered=(("enrolled_on", "left_on"),),
        needs=("areas", "families", "residents"),
    ),
    FileLayout(
        "incomes",
        (
            _required("member_id", Kind.MEMBER_ID, personal=True),
            _required("annual_income", Kind.AMOUNT),
            _required("valid_from", Kind.DATE),
            Column("valid_to", Kind.DATE),
        ),
        key=("member_id", "valid_from"),
        ordered=(("valid_from", "valid_to"),),
        needs=("areas", "families", "residents"),
    ),
)
"""The files of a delivery in the order in which they are loaded."""

LAYOUTS = {layout.name: layout for layout in FILES}
