"""Two versions of the law compared as an officer would read them: what is new, what is gone, what becomes what.

The words of conditions are made from the computed tests (`prose`), so a change of words is a change of the law, and a
test that was only written differently shows as such. Nothing equal is mentioned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from haqdar.base.money import indian
from haqdar.law.benefit_words import occasion_words, payee_words, unit_words
from haqdar.law.benefits import Benefit
from haqdar.law.book import LawBook, LawInForce
from haqdar.law.prose import (
    STOP_WORDS,
    band_words,
    criterion_words,
    sentence_for_anybody,
    shown_number,
    shown_parameter,
    vocabulary_for,
)
from haqdar.law.schemes import Band, Criterion, Scheme
from haqdar.law.state import Calendar, Heads
from haqdar.law.texts import Text, day_text
from haqdar.law.vocabulary import Fact, Vocabulary


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: the scheme (None: the State's own rules), what kind, the sentence, the new order.

    `kind` is one of scheme_added, scheme_ended, condition_added, condition_ended, condition_changed, wording,
    parameter, terms, amount, name, sponsor, group, rank, confirmation, calendar, notice, recovery, redetermination, heads,
    group_name, component, fact.
    """

    kind: str
    scheme: str | None
    sentence: Text
    order: Text | None
    since: date | None


def differences(old: LawBook, new: LawBook, old_day: date, new_day: date) -> list[Difference]:
    """What the law of `new` on `new_day` says otherwise than the law of `old` on `old_day`.

    First the State's own rules, then scheme by scheme in the new order. Raises `NoLawInForce`.
    """
    before, after = old.on(old_day), new.on(new_day)
    found = [*_of_the_state(old, new, old_day, new_day), *_common_criteria(old, new, before, after)]
    found += _facts(old.benefit_vocabulary, new.benefit_vocabulary)
    schemes = {scheme.code: scheme for scheme in before.all_schemes}
    for scheme in after.all_schemes:
        earlier = schemes.pop(scheme.code, None)
        if earlier is None:
            found += _added(new, scheme, after)
        else:
            found += _changed(old, new, earlier, scheme, before, after)
    for scheme in schemes.values():
        found.append(
            Difference(
                "scheme_ended",
                scheme.code,
                Text(
                    f"The scheme {scheme.code}, {scheme.name.en}, is no longer there.",
                    f"योजना {scheme.code}, {scheme.name.hi}, अब नहीं रहेगी।",
                ),
                None,
                None,
            )
        )
    return found


def stretches_that_differ(old: LawBook, new: LawBook) -> list[tuple[date, list[Difference]]]:
    """The differences by the first day from which each set of them holds; days on which nothing new differs are left out."""
    found: list[tuple[date, list[Difference]]] = []
    last: list[Difference] = []
    begins = max(old.change_days[0], new.change_days[0])
    for day in sorted({begins, *(entry for entry in (*old.change_days, *new.change_days) if entry > begins)}):
        now = differences(old, new, day, day)
        if now != last:
            found.append((day, now))
        last = now
    return found


def _becomes(what: Text, old: Text, new: Text) -> Text:
    return Text(f"{what.en}: {old.en} → {new.en}.", f"{what.hi}: {old.hi} → {new.hi}।")


def _quoted(text: Text) -> Text:
    return Text(f"“{text.en}”", f"“{text.hi}”")


# The State's own rules


def _of_the_state(old: LawBook, new: LawBook, old_day: date, new_day: date) -> Iterator[Difference]:
    state, source = new.state, new.state.source

    def noted(kind: str, since: date | None, sentence: Text) -> Difference:
        return Difference(kind, None, sentence, source.get(since) if since is not None else None, since)

    days = state.notice_days
    was, now = old.state.notice_days.at(old_day), days.at(new_day)
    if was != now:
        what = Text("Days of notice before an adverse change", "प्रतिकूल बदलाव से पहले सूचना के दिन")
        yield noted("notice", days.since(new_day), _becomes(what, _same_in_both(was), _same_in_both(now)))
    share_was, share = old.state.recovery_share.at(old_day), state.recovery_share.at(new_day)
    if share_was != share:
        what = Text(
            "Largest part of a month's dues withheld for recovery",
            "वसूली में महीने की रकम का ज़्यादा से ज़्यादा हिस्सा",
        )
        yield noted(
            "recovery",
            state.recovery_share.since(new_day),
            _becomes(what, _same_in_both(share_was), _same_in_both(share)),
        )
    from_was, from_now = old.state.redetermine_from.at(old_day), state.redetermine_from.at(new_day)
    if from_was != from_now:
        what = Text(
            "Earliest day determined again on late knowledge",
            "देर से मिली जानकारी पर दोबारा निर्धारण का पहला दिन",
        )
        yield noted(
            "redetermination",
            state.redetermine_from.since(new_day),
            _becomes(what, _a_day(from_was), _a_day(from_now)),
        )
    for sentence in _calendar(old.state.calendar.at(old_day), state.calendar.at(new_day)):
        yield noted("calendar", state.calendar.since(new_day), sentence)
    for sentence in _heads(old.state.heads.at(old_day), state.heads.at(new_day)):
        yield noted("heads", state.heads.since(new_day), sentence)
    for kind, what, texts_was, texts in (
        ("group_name", Text("Group", "समूह"), _by_text(old.state.groups), _by_text(state.groups)),
        ("component", Text("Who bears a part,", "हिस्सा देने वाला,"), old.state.components, state.components),
    ):
        for key in dict.fromkeys([*texts_was, *texts]):
            if texts_was.get(key) != texts.get(key):
                named = Text(f"{what.en} {key}", f"{what.hi} {key}")
                yield noted(
                    kind, None, _becomes(named, _or_nothing(texts_was.get(key)), _or_nothing(texts.get(key)))
                )


def _same_in_both(value: object) -> Text:
    return Text(str(value), str(value))


def _by_text(groups: Mapping[int, Text]) -> dict[str, Text]:
    return {str(number): name for number, name in groups.items()}


def _or_nothing(text: Text | None) -> Text:
    return text if text is not None else Text("nothing", "कुछ नहीं")


def _a_day(day: date | None) -> Text:
    return day_text(day) if day is not None else Text("the first month run here", "यहाँ चला पहला महीना")


_STEPS = {
    "cut_off": Text("cut-off", "जानकारी की आख़िरी तारीख"),
    "proposal": Text("proposal", "प्रस्ताव"),
    "verification": Text("verification", "सत्यापन"),
    "bill": Text("bill", "बिल"),
    "file": Text("bank file", "बैंक फ़ाइल"),
    "credit": Text("credit", "खाते में जमा"),
}


def _calendar(old: Calendar | None, new: Calendar | None) -> Iterator[Text]:
    was = {name: (months, day) for name, months, day in old.steps} if old is not None else {}
    for name, months, day in new.steps if new is not None else ():
        if was.get(name) != (months, day):
            step = _STEPS.get(name, Text(name, name))
            what = Text(f"Calendar, {step.en}", f"कैलेंडर, {step.hi}")
            yield _becomes(what, _step(was.get(name)), _step((months, day)))


def _step(place: tuple[int, int] | None) -> Text:
    if place is None:
        return Text("nothing", "कुछ नहीं")
    months, day = place
    return Text(
        f"day {day} of the month{' before' if months else ''}",
        f"{'पिछले' if months else 'उसी'} महीने की {day} तारीख",
    )


def _heads(old: Heads | None, new: Heads | None) -> Iterator[Text]:
    """Heads of account compared segment by segment, as the budget writes them."""
    was, now = _head_parts(old), _head_parts(new)
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            what = Text(f"Head of account, {key}", f"लेखा-शीर्ष, {key}")
            yield _becomes(what, _or_nothing(_plain(was.get(key))), _or_nothing(_plain(now.get(key))))


def _plain(text: str | None) -> Text | None:
    return Text(text, text) if text is not None else None


def _head_parts(heads: Heads | None) -> dict[str, str]:
    if heads is None:
        return {}
    found = {"separator": heads.separator, "segments": ", ".join(f"{n} {w}" for n, w in heads.segments)}
    found.update(heads.common)
    for table in (heads.categories, heads.areas):
        for name, parts in table.items():
            found.update({f"{name} {segment}": value for segment, value in parts.items()})
    found.update({f"{name} booked as": value for name, value in heads.category_of.items()})
    for scheme, components in heads.schemes.items():
        for component, parts in components.items():
            found[f"{scheme} {component}"] = " ".join(
                f"{segment} {value}" for segment, value in parts.items()
            )
    return found


def _common_criteria(
    old: LawBook, new: LawBook, before: LawInForce, after: LawInForce
) -> Iterator[Difference]:
    """What every scheme asks first, said once."""
    if not before.schemes or not after.schemes:
        return
    codes_was, codes = ({entry.code for entry in book.state.criteria} for book in (old, new))
    was = [entry for entry in before.schemes[0].criteria if entry.code in codes_was]
    now = [entry for entry in after.schemes[0].criteria if entry.code in codes]
    yield from _criteria(None, was, now, before.vocabulary, after.vocabulary)


# A scheme


def _added(book: LawBook, scheme: Scheme, law: LawInForce) -> Iterator[Difference]:
    draft = next(entry for entry in book.drafts if entry.code == scheme.code)
    order = draft.source.get(draft.start)

    def noted(kind: str, sentence: Text) -> Difference:
        return Difference(kind, scheme.code, sentence, order, draft.start)

    group, sponsor = law.groups[scheme.group], law.components[scheme.sponsor]
    yield noted(
        "scheme_added",
        Text(
            f"New scheme {scheme.code}, {scheme.name.en}: group {scheme.group} ({group.en}), order {scheme.rank}, "
            f"sponsored by the {sponsor.en}.",
            f"नई योजना {scheme.code}, {scheme.name.hi}: समूह {scheme.group} ({group.hi}), क्रम {scheme.rank}, "
            f"प्रायोजक {sponsor.hi}।",
        ),
    )
    for what, words in _terms(scheme.benefit):
        yield noted("terms", Text(f"{what.en}: {words.en}.", f"{what.hi}: {words.hi}।"))
    common = {entry.code for entry in book.state.criteria}
    for criterion in scheme.criteria:
        if criterion.code not in common:
            yield _criterion_added(scheme.code, criterion, vocabulary_for(law, scheme))
    for place in range(len(scheme.bands)):
        paid = _paid(scheme, place, law)
        yield noted("amount", Text(f"It pays {paid.en}.", f"इसमें मिलते हैं: {paid.hi}।"))


def _changed(
    old: LawBook, new: LawBook, earlier: Scheme, scheme: Scheme, before: LawInForce, after: LawInForce
) -> Iterator[Difference]:
    draft = next(entry for entry in new.drafts if entry.code == scheme.code)
    draft_was = next(entry for entry in old.drafts if entry.code == scheme.code)

    def noted(kind: str, what: Text, was: Text, now: Text, since: date | None = None) -> Difference:
        order = draft.source.get(since) if since is not None else None
        return Difference(kind, scheme.code, _becomes(what, was, now), order, since)

    if earlier.name != scheme.name:
        yield noted("name", Text("Name", "नाम"), earlier.name, scheme.name)
    if earlier.sponsor != scheme.sponsor:
        yield noted(
            "sponsor",
            Text("Sponsor", "प्रायोजक"),
            before.components[earlier.sponsor],
            after.components[scheme.sponsor],
        )
    if earlier.group != scheme.group:
        was, now = before.groups[earlier.group], after.groups[scheme.group]
        yield noted(
            "group",
            Text("Group", "समूह"),
            Text(f"{earlier.group} ({was.en})", f"{earlier.group} ({was.hi})"),
            Text(f"{scheme.group} ({now.en})", f"{scheme.group} ({now.hi})"),
            draft.group.since(after.day_from),
        )
    if earlier.rank != scheme.rank:
        yield noted(
            "rank",
            Text("Order among schemes that pay the same", "बराबर रकम वाली योजनाओं में क्रम"),
            _same_in_both(earlier.rank),
            _same_in_both(scheme.rank),
            draft.rank.since(after.day_from),
        )
    terms_was, terms = dict(_terms(earlier.benefit)), dict(_terms(scheme.benefit))
    for what in dict.fromkeys([*terms_was, *terms]):
        if terms_was.get(what) != terms.get(what):
            yield noted("terms", what, _or_nothing(terms_was.get(what)), _or_nothing(terms.get(what)))
    common = {entry.code for book in (old, new) for entry in book.state.criteria}
    found = list(
        _criteria(
            scheme.code,
            [entry for entry in earlier.criteria if entry.code not in common],
            [entry for entry in scheme.criteria if entry.code not in common],
            vocabulary_for(before, earlier),
            vocabulary_for(after, scheme),
        )
    )
    amounts = list(_bands(earlier, scheme, before, after))
    yield from found
    shown = _parameters_shown(earlier, scheme)
    values_was, values = draft_was.values(before.day_from), draft.values(after.day_from)
    for name in dict.fromkeys([*values_was, *values]):
        dated = draft.parameters.get(name)
        if values_was.get(name) != values.get(name) and name not in shown:
            yield noted(
                "parameter",
                Text(f"Parameter '{name}'", f"पैरामीटर '{name}'"),
                shown_parameter(values_was.get(name)),
                shown_parameter(values.get(name)),
                dated.since(after.day_from) if dated is not None else None,
            )
    yield from amounts
    if earlier.confirmation != scheme.confirmation:
        yield noted(
            "confirmation",
            Text("What the officer confirms before a start", "शुरू करने से पहले अधिकारी क्या पुष्टि करें"),
            _or_nothing(earlier.confirmation),
            _or_nothing(scheme.confirmation),
        )


def _terms(benefit: Benefit | None) -> Iterator[tuple[Text, Text]]:
    """When, for whom and to whom a benefit beside the pensions pays."""
    if benefit is not None:
        yield Text("Paid", "कब मिलती है"), occasion_words(benefit)
        yield Text("The right belongs to", "किसका अधिकार"), unit_words(benefit)
        yield Text("The money goes to", "पैसा किसे"), payee_words(benefit)


def _parameters_shown(earlier: Scheme, scheme: Scheme) -> set[str]:
    """The parameters whose change already shows in a condition or an amount."""
    tests = [entry.test for one in (earlier, scheme) for entry in one.criteria]
    tests += [band.test for one in (earlier, scheme) for band in one.bands if band.test is not None]
    return {name for test in tests for name in test.parameters}


def _criteria(
    scheme: str | None,
    old: Iterable[Criterion],
    new: Iterable[Criterion],
    vocabulary_was: Vocabulary,
    vocabulary: Vocabulary,
) -> Iterator[Difference]:
    was = {entry.code: entry for entry in old}
    for criterion in new:
        earlier = was.pop(criterion.code, None)
        if earlier is None:
            yield _criterion_added(scheme, criterion, vocabulary)
            continue
        what = Text(f"Condition '{criterion.code}'", f"शर्त '{criterion.code}'")
        if earlier.sql != criterion.sql:
            pair = (
                _quoted(criterion_words(earlier, vocabulary_was)),
                _quoted(criterion_words(criterion, vocabulary)),
            )
            if pair[0] == pair[1]:
                pair = _quoted(Text(earlier.sql, earlier.sql)), _quoted(Text(criterion.sql, criterion.sql))
            yield Difference(
                "condition_changed", scheme, _becomes(what, *pair), criterion.order, criterion.since
            )
        if earlier.stop_reason != criterion.stop_reason:
            codes = (earlier.stop_reason, criterion.stop_reason)
            reasons = (STOP_WORDS.get(code, Text(code, code)) for code in codes)
            stop = Text(f"{what.en}, reason of a stop", f"{what.hi}, बंद होने का कारण")
            yield Difference("wording", scheme, _becomes(stop, *reasons), None, None)
        if _written(earlier) != _written(criterion):
            pair = _quoted(sentence_for_anybody(earlier)), _quoted(sentence_for_anybody(criterion))
            if pair[0] == pair[1]:
                pair = _quoted(earlier.change), _quoted(criterion.change)
            wording = Text(f"{what.en}, wording", f"{what.hi}, शब्द")
            yield Difference("wording", scheme, _becomes(wording, *pair), None, None)
    for earlier in was.values():
        words = criterion_words(earlier, vocabulary_was)
        yield Difference(
            "condition_ended",
            scheme,
            Text(
                f"Condition '{earlier.code}' is no longer asked: “{words.en}”.",
                f"शर्त '{earlier.code}' अब नहीं पूछी जाएगी: “{words.hi}”।",
            ),
            None,
            None,
        )


def _written(criterion: Criterion) -> tuple[object, ...]:
    """The words of a criterion as written, before any value is filled in."""
    return criterion.sentence, criterion.limit, criterion.change


def _criterion_added(scheme: str | None, criterion: Criterion, vocabulary: Vocabulary) -> Difference:
    words = criterion_words(criterion, vocabulary)
    return Difference(
        "condition_added",
        scheme,
        Text(f"New condition '{criterion.code}': “{words.en}”.", f"नई शर्त '{criterion.code}': “{words.hi}”।"),
        criterion.order,
        criterion.since,
    )


def _bands(earlier: Scheme, scheme: Scheme, before: LawInForce, after: LawInForce) -> Iterator[Difference]:
    """Amounts matched by the people they are for; where all those changed too, old and new are both listed."""

    def key(band: Band) -> str | None:
        return band.sql

    was = {key(band): place for place, band in enumerate(earlier.bands)}
    for place, band in enumerate(scheme.bands):
        place_was = was.pop(key(band), None)
        now = _paid(scheme, place, after)
        if place_was is None:
            sentence = Text(f"New amount: {now.en}.", f"नई रकम: {now.hi}।")
        else:
            old_band = earlier.bands[place_was]
            if (old_band.paise, old_band.components) == (band.paise, band.components):
                continue
            sentence = _becomes(Text("Amount", "रकम"), _paid(earlier, place_was, before), now)
        yield Difference("amount", scheme.code, sentence, band.order, band.since)
    for place_was in was.values():
        gone = _paid(earlier, place_was, before)
        yield Difference(
            "amount",
            scheme.code,
            Text(f"No longer paid: {gone.en}.", f"अब नहीं मिलेगी: {gone.hi}।"),
            None,
            None,
        )


def _paid(scheme: Scheme, place: int, law: LawInForce) -> Text:
    """An amount in words: for whom, how much, who bears it."""
    band, words = scheme.bands[place], band_words(scheme, place, vocabulary_for(law, scheme))
    shares = [(law.components[name], indian(paise)) for name, paise in band.components]
    if len(shares) == 1:
        parts = shares[0][0]
    else:
        parts = Text(
            " + ".join(f"{paise} {name.en}" for name, paise in shares),
            " + ".join(f"{paise} {name.hi}" for name, paise in shares),
        )
    paid = Text(f"{indian(band.paise)} ({parts.en})", f"{indian(band.paise)} ({parts.hi})")
    return paid if words is None else Text(f"{words.en} — {paid.en}", f"{words.hi} — {paid.hi}")


# The vocabulary


def _facts(old: Vocabulary, new: Vocabulary) -> Iterator[Difference]:
    for code in dict.fromkeys([*old.facts, *new.facts]):
        was, now = old.facts.get(code), new.facts.get(code)
        if was != now:
            what = Text(f"Fact '{code}' of the vocabulary", f"शब्दावली का तथ्य '{code}'")
            yield Difference("fact", None, _becomes(what, _fact(was), _fact(now)), None, None)


def _fact(fact: Fact | None) -> Text:
    if fact is None:
        return Text("nothing", "कुछ नहीं")
    said = []
    for language in ("en", "hi"):
        words = [fact.name.in_language(language), fact.type]
        if fact.values:
            words.append("/".join(text.in_language(language) for _, text in fact.values))
        if fact.type in ("integer", "number"):
            words.append(f"{shown_number(fact.least)}–{shown_number(fact.most)}")
        words += [
            fact.register.in_language(language),
            *(word for word in (fact.missing, fact.partner) if word),
        ]
        said.append(", ".join(words))
    return Text(*said)
