"""What a rejection says: what is wrong with the value, and what to do, in English and Hindi.

Each sentence is an SQL expression over `v`, the text of the cell. Values of personal columns are never repeated.
"""

from datetime import date

from haqdar.sources.layout import Column, Kind

_SHOWN = 40


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def sentence(english: str, hindi: str, column: Column | None = None, **values: str) -> str:
    """SQL of “English / Hindi”; {field} is the column, {v} its value unless personal, other names are SQL expressions."""
    value = "'…'" if column is not None and column.personal else f"left(v, {_SHOWN})"
    parts = {"v": f"'“' || {value} || '”'", **values}
    text = f"{english} / {hindi}".replace("{field}", column.name if column else "")
    expression = quoted(text)
    for name, part in parts.items():
        expression = expression.replace("{" + name + "}", f"' || coalesce({part}, '') || '")
    return f"({expression})"


def missing(column: Column) -> str:
    """An empty required cell."""
    return sentence(
        "{field} is empty but required: fill it in and deliver the row again.",
        "{field} खाली है पर आवश्यक है: इसे भरकर पंक्ति फिर भेजें।",
        column,
    )


def _digits(column: Column, digits: int) -> str:
    return (
        "CASE WHEN regexp_full_match(v, '[0-9]{1," + str(digits - 1) + "}') THEN "
        + sentence(
            f"{{field}} has fewer than {digits} digits; a spreadsheet has probably dropped the zeros in front: "
            "export the column as text.",
            f"{{field}} में {digits} से कम अंक हैं; शायद स्प्रेडशीट ने आगे के शून्य हटा दिए: स्तंभ को टेक्स्ट के रूप में निर्यात करें।",
            column,
        )
        + " WHEN regexp_full_match(v, '[0-9.,]+[eE][+]?[0-9]+') THEN "
        + sentence(
            "{field} was turned into a rounded number by a spreadsheet: export the column as text.",
            "{field} को स्प्रेडशीट ने गोल संख्या में बदल दिया: स्तंभ को टेक्स्ट के रूप में निर्यात करें।",
            column,
        )
        + " ELSE "
        + sentence(
            f"{{field}} is not {digits} digits: correct it.", f"{{field}} {digits} अंकों का नहीं है: इसे सुधारें।", column
        )
        + " END"
    )  # fmt: skip


def _bad_date(column: Column) -> str:
    changed = sentence(
        "{field} {v} is no date of the form YYYY-MM-DD; Excel has probably changed it: format the column as "
        "text, enter it as in 2016-10-01, and deliver the row again.",
        "{field} {v} YYYY-MM-DD रूप की तारीख नहीं है; शायद Excel ने इसे बदल दिया: स्तंभ को टेक्स्ट बनाकर 2016-10-01 की तरह लिखें "
        "और पंक्ति फिर भेजें।",
        column,
    )
    unreal = sentence(
        "{field} {v} is no day of the calendar: correct it.",
        "{field} {v} कैलेंडर का कोई दिन नहीं है: इसे सुधारें।",
        column,
    )
    other = sentence(
        "{field} {v} is no date of the form YYYY-MM-DD: write it as in 2016-10-01.",
        "{field} {v} YYYY-MM-DD रूप की तारीख नहीं है: 2016-10-01 की तरह लिखें।",
        column,
    )
    return (
        f"CASE WHEN regexp_full_match(v, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN {unreal}"
        " WHEN regexp_full_match(v, '[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( .*)?|[0-9]{4,6}([.][0-9]+)?"
        f"|[0-9]{{1,2}}[- ][A-Za-z]{{3,9}}[- ][0-9]{{2,4}}') THEN {changed} ELSE {other} END"
    )


_FORMATS: dict[Kind, tuple[str, str]] = {
    Kind.BOOLEAN: (
        "{field} {v} is neither true nor false: write true, false, or leave it empty if it is not known.",
        "{field} {v} न true है न false: true या false लिखें, ज्ञात न हो तो खाली छोड़ें।",
    ),
    Kind.PERCENT: (
        "{field} {v} is no plain number: write it as in 40 or 40.5.",
        "{field} {v} सादी संख्या नहीं है: 40 या 40.5 की तरह लिखें।",
    ),
    Kind.AMOUNT: (
        "{field} {v} is no plain amount of rupees: write it as in 300 or 300.50, without signs or grouping.",
        "{field} {v} रुपयों की सादी राशि नहीं है: 300 या 300.50 की तरह लिखें, चिह्न या अल्पविराम के बिना।",
    ),
    Kind.MOBILE: (
        "{field} is not 10 digits beginning with 6 to 9: correct it, without +91 or 0 in front.",
        "{field} 6 से 9 से शुरू होने वाले 10 अंक नहीं हैं: सुधारें, आगे +91 या 0 न लिखें।",
    ),
    Kind.IFSC: (
        "{field} is no IFSC of the form AAAA0XXXXXX (four capitals, a zero, six letters or digits): correct it.",
        "{field} AAAA0XXXXXX रूप का IFSC नहीं है (चार बड़े अक्षर, शून्य, छह अक्षर या अंक): सुधारें।",
    ),
    Kind.ACCOUNT: (
        "{field} is not 6 to 18 letters or digits: correct it, and export the column as text.",
        "{field} 6 से 18 अक्षर या अंक नहीं है: सुधारें और स्तंभ को टेक्स्ट के रूप में निर्यात करें।",
    ),
}


def bad_format(column: Column) -> str:
    """A filled cell that cannot be read as what the column holds."""
    if column.kind is Kind.FAMILY_ID:
        return _digits(column, 8)
    if column.kind is Kind.MEMBER_ID:
        return _digits(column, 9)
    if column.kind is Kind.DATE:
        return _bad_date(column)
    return sentence(*_FORMATS[column.kind], column)


def unreadable(column: Column) -> str:
    """Bytes that are no UTF-8."""
    return sentence(
        "{field} holds characters that are no UTF-8: save the file as “CSV UTF-8” and deliver the row again.",
        "{field} में ऐसे अक्षर हैं जो UTF-8 नहीं हैं: फ़ाइल को “CSV UTF-8” में सहेजकर पंक्ति फिर भेजें।",
        column,
    )


def wrong_check_digit(column: Column) -> str:
    """An Aadhaar number that is none."""
    return sentence(
        "{field} is no valid Aadhaar number (12 digits with a check digit): read it again from the card.",
        "{field} मान्य आधार संख्या नहीं है (जाँच अंक सहित 12 अंक): कार्ड से फिर पढ़ें।",
        column,
    )


def not_in_list(column: Column, values: tuple[str, ...]) -> str:
    """A value outside the column's list."""
    listed = ", ".join(values)
    return sentence(
        f"{{field}} {{v}} is not allowed: use one of {listed}.",
        f"{{field}} {{v}} मान्य नहीं है: इनमें से एक लिखें: {listed}।",
        column,
    )


def out_of_range(column: Column) -> str:
    """A number outside its limits."""
    if column.kind is Kind.PERCENT:
        return sentence(
            "{field} {v} is not between 0 and 100: correct it.",
            "{field} {v} 0 से 100 के बीच नहीं है: सुधारें।",
            column,
        )
    return sentence(
        "{field} {v} is negative or too large: correct it.", "{field} {v} ऋणात्मक या बहुत बड़ी है: सुधारें।", column
    )


def in_future(column: Column, delivered_on: date) -> str:
    """A date after the delivery."""
    return sentence(
        f"{{field}} {{v}} is later than the delivery ({delivered_on}): correct the date.",
        f"{{field}} {{v}} प्राप्ति की तारीख ({delivered_on}) के बाद है: तारीख सुधारें।",
        column,
    )


def end_before_start(column: Column, earlier: str) -> str:
    """A later date before the earlier one, which stands in `w`."""
    return sentence(
        f"{{field}} {{v}} lies before {earlier} {{w}}: correct one of the two.",
        f"{{field}} {{v}} {earlier} {{w}} से पहले है: दोनों में से एक सुधारें।",
        column,
        w="w",
    )


def wrong_width(expected: int) -> str:
    """A record of another width than the header's; `width` 0 stands for broken quotation marks."""
    broken = sentence(
        "The row's quotation marks do not close: double every quotation mark inside a field and deliver the row again.",
        "पंक्ति के उद्धरण चिह्न बंद नहीं होते: खाने के भीतर का हर उद्धरण चिह्न दोहरा लिखें और पंक्ति फिर भेजें।",
    )
    other = sentence(
        f"The row has {{width}} cells where the header has {expected}: put a field that contains a comma in "
        "quotation marks and deliver the row again.",
        f"पंक्ति में {{width}} खाने हैं, शीर्ष में {expected}: जिस खाने में अल्पविराम हो उसे उद्धरण चिह्नों में रखें और पंक्ति फिर भेजें।",
        width="width::VARCHAR",
    )
    return f"CASE WHEN width = 0 THEN {broken} ELSE {other} END"
