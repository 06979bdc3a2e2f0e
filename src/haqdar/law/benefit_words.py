"""When and to whom a benefit beside the pensions pays, in words."""

from haqdar.law.benefits import Benefit
from haqdar.law.texts import Text, month_name

_UNITS = {
    "person": Text("each person", "हर व्यक्ति"),
    "couple": Text("each couple, once for both", "हर दंपती, दोनों के लिए एक बार"),
    "family": Text("each family, once for all its members", "हर परिवार, सब सदस्यों के लिए एक बार"),
}
_EVENTS = {
    "death": Text("a death", "मृत्यु"),
    "birth": Text("a birth", "जन्म"),
    "marriage": Text("a first marriage", "पहले विवाह"),
}
_PAYEES = {
    "self": Text("the person", "ख़ुद व्यक्ति"),
    "spouse": Text("the husband or wife", "पति या पत्नी"),
    "child": Text("a grown-up child", "वयस्क संतान"),
    "mother": Text("the mother", "माँ"),
    "father": Text("the father", "पिता"),
    "sibling": Text("a grown-up brother or sister", "वयस्क भाई या बहन"),
    "family": Text("another grown-up member of the family", "परिवार का कोई और वयस्क सदस्य"),
}


def occasion_words(benefit: Benefit) -> Text:
    """When it is paid: "once, after a death that is reported within 365 days"."""
    if benefit.event is not None:
        event = _word(_EVENTS, benefit.event)
        return Text(
            f"once, after {event.en} that is reported within {benefit.within_days} days",
            f"एक बार, {event.hi} के बाद, {benefit.within_days} दिन के भीतर सूचना मिलने पर",
        )
    months = [month_name(number) for number in benefit.months]
    named = Text(", ".join(month.en for month in months), ", ".join(month.hi for month in months))
    if benefit.pays == "yearly":
        return Text(f"once a year, in {named.en}", f"साल में एक बार, {named.hi} में")
    return Text(f"every month in {named.en}", f"{named.hi} में हर महीने")


def judged_words(benefit: Benefit | None) -> Text:
    """On which day the conditions are looked at; None stands for a pension."""
    if benefit is None:
        return Text("on the day of determination", "निर्धारण के दिन")
    if benefit.event is not None:
        return Text("on the day of the event", "घटना के दिन")
    return Text("on the first of the month for which it is paid", "जिस महीने के लिए मिलनी है उसकी पहली तारीख को")


def unit_words(benefit: Benefit) -> Text:
    """Who has the right: each person, couple or family."""
    return _word(_UNITS, benefit.unit)


def payee_words(benefit: Benefit) -> Text:
    """To whom the money goes, in the order of the law."""
    words = [_word(_PAYEES, payee) for payee in benefit.payees]
    if len(words) == 1:
        return words[0]
    return Text(
        "the first of these who lives: " + ", ".join(word.en for word in words),
        "इनमें से पहले जीवित को: " + ", ".join(word.hi for word in words),
    )


def _word(words: dict[str, Text], code: str) -> Text:
    return words.get(code, Text(code, code))
