"""A scheme's prose laid out: title, headings, sentences and points, as text, as a page, as JSON."""

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from haqdar.base.money import indian
from haqdar.law.prose import AmountProse, ConditionProse, SchemeProse
from haqdar.law.texts import Text, day_text

Kind = Literal["title", "heading", "sentence", "point", "note"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the layout in both languages; a `note` belongs to the point above it."""

    kind: Kind
    text: Text


def lines_of(prose: SchemeProse) -> Iterator[Line]:
    """The whole scheme as lines in reading order."""
    day = day_text(prose.day)
    yield Line("title", Text(f"{prose.name.en} ({prose.code})", f"{prose.name.hi} ({prose.code})"))
    yield Line(
        "sentence",
        Text(
            f"{prose.state.en}, as the law stands on {day.en}.",
            f"{prose.state.hi}, {day.hi} को लागू कानून के अनुसार।",
        ),
    )
    yield from _what(prose)
    yield Line("heading", Text("Who is entitled", "किसका हक़ है"))
    count = len(prose.conditions)
    yield Line(
        "sentence",
        Text(
            f"Whoever meets all {count} conditions {prose.judged.en}. What is not known is not taken for a no: "
            "the case stays open until the missing fact is found.",
            f"जो {prose.judged.hi} सभी {count} शर्तें पूरी करते हों। जो पता नहीं, वह 'ना' नहीं माना जाता: "
            "जानकारी मिलने तक मामला खुला रहता है।",
        ),
    )
    for number, condition in enumerate(prose.conditions, start=1):
        yield from _condition(number, condition)
    yield Line("heading", Text("How much, and who bears it", "कितना, और कौन देता है"))
    for amount in prose.amounts:
        yield _amount(amount, monthly=prose.occasion is None)
    if prose.occasion is None:
        yield from _end(prose)
    yield from _before_and_after(prose)
    yield from _orders(prose)


def _what(prose: SchemeProse) -> Iterator[Line]:
    yield Line("heading", Text("What it is", "यह क्या है"))
    since, sponsor = day_text(prose.begins_on), prose.sponsor
    if prose.ends_on is None:
        term = Text(f"In force since {since.en}, without an end.", f"{since.hi} से लागू, अंत तय नहीं।")
    else:
        until = day_text(prose.ends_on)
        term = Text(f"In force from {since.en} to {until.en}.", f"{since.hi} से {until.hi} तक लागू।")
    yield Line("sentence", term)
    yield Line("sentence", Text(f"Sponsored by the {sponsor.en}.", f"प्रायोजक: {sponsor.hi}।"))
    for what, words in (
        (Text("Paid", "कब मिलती है:"), prose.occasion),
        (Text("The right belongs to", "किसका अधिकार:"), prose.unit),
        (Text("The money goes to", "पैसा किसे:"), prose.payee),
    ):
        if words is not None:
            yield Line("sentence", Text(f"{what.en} {words.en}.", f"{what.hi} {words.hi}।"))
    rivals = ", ".join(code for code, _ in prose.rivals)
    group = prose.group_name
    if rivals:
        yield Line(
            "sentence",
            Text(
                f"Group {prose.group}, {group.en}: a person holds at most one scheme of it, the one that pays most; of two "
                f"that pay the same, the earlier in order (this one is number {prose.rank}). The others: {rivals}.",
                f"समूह {prose.group}, {group.hi}: व्यक्ति को इसमें से एक ही योजना मिलती है, जिसमें सबसे ज़्यादा मिले; बराबर हों तो "
                f"क्रम में पहले वाली (इसका क्रम {prose.rank} है)। दूसरी योजनाएँ: {rivals}।",
            ),
        )
    else:
        yield Line(
            "sentence",
            Text(
                f"Group {prose.group}, {group.en}: this scheme stands alone in it and is paid beside any other.",
                f"समूह {prose.group}, {group.hi}: इस समूह में यही एक योजना है; यह दूसरी योजनाओं के साथ-साथ मिलती है।",
            ),
        )


def _condition(number: int, condition: ConditionProse) -> Iterator[Line]:
    sentence, computed = condition.sentence, condition.computed
    yield Line("point", Text(f"{number}. {sentence.en}", f"{number}. {sentence.hi}"))
    yield Line("note", Text(f"Computed: {computed.en}.", f"गणना: {computed.hi}।"))
    for name, ask in condition.lacks:
        yield Line(
            "note",
            Text(
                f"If not known ({name.en}): undecided; ask {ask.en}.",
                f"पता न हो ({name.hi}) तो फ़ैसला रुकता है; पूछें: {ask.hi}।",
            ),
        )


def _amount(amount: AmountProse, monthly: bool) -> Line:
    paid = indian(amount.paise)
    parts_en = " + ".join(f"{indian(paise)} {name.en}" for name, paise in amount.shares)
    parts_hi = " + ".join(f"{indian(paise)} {name.hi}" for name, paise in amount.shares)
    if len(amount.shares) == 1:
        parts_en, parts_hi = amount.shares[0][0].en, amount.shares[0][0].hi
    when = amount.when
    who = Text("", "") if when is None else Text(f"{when.en} — ", f"{when.hi} — ")
    each = Text(" a month", " महीना") if monthly else Text("", "")
    return Line(
        "point", Text(f"{who.en}{paid}{each.en} ({parts_en})", f"{who.hi}{paid}{each.hi} ({parts_hi})")
    )


def _orders(prose: SchemeProse) -> Iterator[Line]:
    """Every order once, with what stands on it."""
    numbers: dict[tuple[date, Text], list[int]] = {}
    for number, condition in enumerate(prose.conditions, start=1):
        numbers.setdefault((condition.since, condition.order), []).append(number)
    amounts = {(amount.since, amount.order) for amount in prose.amounts}
    yield Line("heading", Text("By which orders", "किन आदेशों से"))
    for since, order in sorted({*numbers, *amounts}, key=lambda entry: (entry[0], entry[1].en)):
        mine = ", ".join(str(number) for number in numbers.get((since, order), []))
        on_it_en = [f"conditions {mine}"] if mine else []
        on_it_hi = [f"शर्तें {mine}"] if mine else []
        if (since, order) in amounts:
            on_it_en.append("the amount")
            on_it_hi.append("रकम")
        when = day_text(since)
        yield Line(
            "point",
            Text(
                f"Since {when.en}: {order.en} ({', '.join(on_it_en)})",
                f"{when.hi} से: {order.hi} ({', '.join(on_it_hi)})",
            ),
        )
    yield Line(
        "note",
        Text(
            f"Written in {prose.file}, law version {prose.hash[:12]}.",
            f"{prose.file} में लिखी, कानून संस्करण {prose.hash[:12]}।",
        ),
    )


def _end(prose: SchemeProse) -> Iterator[Line]:
    yield Line("heading", Text("What ends it", "कब बंद होती है"))
    at_once = [entry for entry in prose.conditions if entry.at_once]
    later = [entry for entry in prose.conditions if not entry.at_once]
    for entries, how in (
        (at_once, Text("At once, with a notice the same day", "तुरंत, सूचना उसी दिन")),
        (
            later,
            Text(
                f"After {prose.notice_days} days of notice, open to appeal",
                f"{prose.notice_days} दिन की सूचना के बाद, अपील हो सकती है",
            ),
        ),
    ):
        reasons = list(dict.fromkeys(entry.stop for entry in entries))
        if reasons:
            yield Line(
                "point",
                Text(
                    f"{how.en}: {'; '.join(reason.en for reason in reasons)}.",
                    f"{how.hi}: {'; '.join(reason.hi for reason in reasons)}।",
                ),
            )


def _before_and_after(prose: SchemeProse) -> Iterator[Line]:
    if prose.confirmation is not None:
        yield Line(
            "heading", Text("What the officer confirms before a start", "शुरू करने से पहले अधिकारी क्या पुष्टि करें")
        )
        yield Line("sentence", prose.confirmation)
    if prose.changes_on is not None:
        change = day_text(prose.changes_on)
        yield Line(
            "sentence",
            Text(
                f"A change is already set for {change.en}: haqdar law diff --from {prose.day} --to {prose.changes_on}.",
                f"{change.hi} से बदलाव तय है: haqdar law diff --from {prose.day} --to {prose.changes_on}।",
            ),
        )


_MARKS: dict[Kind, str] = {"title": "", "heading": "", "sentence": "", "point": "  ", "note": "       "}


def as_text(prose: SchemeProse, language: str) -> str:
    """The scheme as plain text in one language."""
    found: list[str] = []
    for line in lines_of(prose):
        words = line.text.in_language(language)
        if line.kind == "title":
            found += [words, "=" * len(words)]
        elif line.kind == "heading":
            found += ["", words]
        else:
            found.append(f"{_MARKS[line.kind]}{words}")
    return "\n".join(found)


_TAGS: dict[Kind, tuple[str, str]] = {
    "title": ("<h1>", "</h1>"),
    "heading": ("<h2>", "</h2>"),
    "sentence": ("<p>", "</p>"),
    "point": ('<p class="point">', "</p>"),
    "note": ('<p class="note">', "</p>"),
}
_STYLE = (
    "body{font:1rem/1.6 system-ui,'Noto Sans Devanagari',sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    ".point{margin:.75rem 0 0}.note{margin:0 0 0 1.5rem;color:#555}article+article{margin-top:4rem}"
)


def as_page(proses: Sequence[SchemeProse], languages: tuple[str, ...]) -> str:
    """Schemes as one self-contained HTML page, an article for each in each language."""
    articles = []
    for language in languages:
        for prose in proses:
            inner = "\n".join(
                _TAGS[line.kind][0] + html.escape(line.text.in_language(language)) + _TAGS[line.kind][1]
                for line in lines_of(prose)
            )
            articles.append(f'<article lang="{language}">\n{inner}\n</article>')
    first = proses[0]
    title = html.escape((first.name if len(proses) == 1 else first.state).in_language(languages[0]))
    return (
        f'<!doctype html>\n<html lang="{languages[0]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(articles)
        + "\n</main>\n</body>\n</html>"
    )


def as_json(proses: Sequence[SchemeProse]) -> str:
    """A list with every field of each `SchemeProse`; texts have `en` and `hi`, amounts are paise, dates ISO."""
    return json.dumps(
        [asdict(prose) for prose in proses],
        ensure_ascii=False,
        indent=2,
        default=lambda value: value.isoformat(),
    )
