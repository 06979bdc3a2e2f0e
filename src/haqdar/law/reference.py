"""The vocabulary as a reference in both languages, made from vocabulary.yaml and from the schemes that use it."""

from collections.abc import Iterator

from haqdar.law.book import LawBook
from haqdar.law.prose import shown_number
from haqdar.law.reading import Node, Problems, read
from haqdar.law.vocabulary import Fact, Vocabulary

_TYPES = {
    "boolean": ("yes or no", "हाँ या नहीं"),
    "integer": ("whole number", "पूर्ण संख्या"),
    "number": ("number", "संख्या"),
    "one_of": ("one of these words", "इनमें से एक शब्द"),
}
_SAID = {"type", "register", "en", "hi", "unit", "missing", "partner", "least", "most", "values"}
"""The keys of a fact that have their own line below; any other key is shown as it is written."""


def vocabulary_markdown(book: LawBook) -> str:
    """docs/vocabulary.md: every fact with its words, values, register, what happens when it is not known, and its users."""
    return "\n".join(_lines(book)) + "\n"


def _lines(book: LawBook) -> Iterator[str]:
    vocabulary = book.benefit_vocabulary
    yield f"# Vocabulary of the law: {book.name.en} · कानून की शब्दावली: {book.name.hi}"
    yield ""
    yield "<!-- Written by `./haqdar law vocabulary`; do not edit. -->"
    yield ""
    yield "The facts that a test may speak of, from `vocabulary.yaml`. How tests are written: [law-writing.md](law-writing.md)."
    yield "A fact that is not known makes a test unknown, never false."
    yield ""
    yield "जिन तथ्यों पर कोई जाँच लिखी जा सकती है। जो तथ्य पता नहीं, उससे जाँच का जवाब 'पता नहीं' होता है, 'नहीं' कभी नहीं।"
    yield ""
    yield "| fact | English | हिंदी | may be unknown · पता न हो सकता है | husband too · पति का भी |"
    yield "|---|---|---|---|---|"
    for fact in vocabulary.facts.values():
        unknown, partner = ("yes · हाँ" if given else "no · नहीं" for given in (fact.missing, fact.partner))
        yield f"| [`{fact.code}`](#{fact.code}) | {fact.name.en} | {fact.name.hi} | {unknown} | {partner} |"
    users = _users(book)
    written = _written(book)
    for fact in vocabulary.facts.values():
        yield ""
        yield f"## {fact.code}"
        yield ""
        yield f"**{fact.name.en}** · **{fact.name.hi}**"
        yield ""
        yield from _fact(fact, vocabulary, written.get(fact.code))
        used = users.get(fact.code, [])
        yield f"- used by · इस्तेमाल: {', '.join(used) if used else 'no scheme · किसी योजना में नहीं'}"
    yield ""
    yield "## What may be missing · क्या छूटा हो सकता है"
    yield ""
    yield "In the order in which it is asked for. · जिस क्रम में पूछा जाता है।"
    yield ""
    yield "| field | English | हिंदी | ask | किससे पूछें |"
    yield "|---|---|---|---|---|"
    for lack in vocabulary.missing:
        yield f"| `{lack.code}` | {lack.name.en} | {lack.name.hi} | {lack.ask.en} | {lack.ask.hi} |"


def _fact(fact: Fact, vocabulary: Vocabulary, node: Node | None) -> Iterator[str]:
    kind_en, kind_hi = _TYPES.get(fact.type, (fact.type, fact.type))
    unit_en, unit_hi = (f", {fact.unit.en}", f", {fact.unit.hi}") if fact.unit is not None else ("", "")
    yield f"- type · प्रकार: {kind_en}{unit_en} · {kind_hi}{unit_hi}"
    if fact.type in ("integer", "number"):
        yield f"- tried by `law check` from {shown_number(fact.least)} to {shown_number(fact.most)} · `law check` में {shown_number(fact.least)} से {shown_number(fact.most)} तक"
    for value, words in fact.values:
        yield f"  - `'{value}'` {words.en} · {words.hi}"
    yield f"- register · रजिस्टर: {fact.register.en} · {fact.register.hi}"
    lack = next((entry for entry in vocabulary.missing if entry.code == fact.missing), None)
    if lack is not None:
        yield (
            f"- not known when the field `{lack.code}` ({lack.name.en}) is empty; ask {lack.ask.en} · "
            f"{lack.name.hi} न हो तो पता नहीं; पूछें: {lack.ask.hi}"
        )
    else:
        yield "- always known · हमेशा पता"
    if fact.partner is not None:
        yield (
            "- may stand in `couple_any` and `couple_none` (the husband's too) · "
            "`couple_any` और `couple_none` में चल सकता है (पति का भी)"
        )
    for key, further in node.pairs() if node is not None else ():
        if key not in _SAID:
            yield f"- {key}: `{_shown(further)}`"


def _shown(node: Node) -> str:
    if node.values is not None:
        return "; ".join(f"{key}: {_shown(value)}" for key, value in node.pairs())
    if node.items is not None:
        return ", ".join(_shown(item) for item in node.items)
    return node.text or ""


def _written(book: LawBook) -> dict[str, Node]:
    """The facts as vocabulary.yaml writes them, for keys that only some vocabularies have."""
    found: dict[str, Node] = {}
    for folder in (book.base, book.folder):
        if folder is not None:
            facts = read(folder / "vocabulary.yaml", "vocabulary.yaml", Problems()).get("facts")
            found.update(facts.pairs() if facts is not None else ())
    return found


def _users(book: LawBook) -> dict[str, list[str]]:
    """Which schemes speak of a fact, on any day of the law."""
    users: dict[str, list[str]] = {}
    for criterion in book.state.criteria:
        for _, test, _ in criterion.test.values:
            for fact in test.facts if test is not None else ():
                users.setdefault(fact, ["every scheme · हर योजना"])
    rank = {
        draft.code: min((value for _, value, _ in draft.rank.values if value is not None), default=0)
        for draft in book.drafts
    }
    for draft in sorted(book.drafts, key=lambda entry: (rank[entry.code], entry.code)):
        facts: set[str] = set()
        for criterion in draft.criteria:
            facts.update(*(test.facts for _, test, _ in criterion.test.values if test is not None))
        for _, bands, _ in draft.amount.values:
            facts.update(*(band.test.facts for band in bands or () if band.test is not None))
        for fact in facts:
            mine = users.setdefault(fact, [])
            if draft.code not in mine:
                mine.append(draft.code)
    return users
