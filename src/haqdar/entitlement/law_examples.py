"""The law's golden examples: people in register words and what the law gives them, run by the month's own statement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from sqlglot import exp

from haqdar.base.duck import connect_duck
from haqdar.base.money import indian
from haqdar.base.month import completed_years
from haqdar.entitlement.compile import (
    determination_sql,
    failing_reason_sql,
    missing_fact_sql,
    scheme_columns,
)
from haqdar.law import PARTNER_PRESENT, LawBook, LawInForce, LawRefused, Text, Vocabulary, load_lawbook
from haqdar.law.reading import Node, Problems, as_date, read


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One golden example: its sentence, where it stands, and how the law differs from it (nothing: it agrees)."""

    name: Text
    file: str
    line: int
    differences: tuple[Text, ...]

    @property
    def agrees(self) -> bool:
        """The law gives what the example says."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Example:
    """One example as it is written."""

    node: Node
    name: Text
    day: date
    book: LawBook
    person: Node
    gets: dict[str, int]
    refused: dict[str, str]
    undecided: dict[str, str]
    entitled: dict[str, int]
    event: str
    borne: dict[str, dict[str, int]]

    @property
    def law(self) -> LawInForce:
        """The schemes that the example is about.

        In a law that extends another they are its benefits: those of the example's `event`, or, where none is named, those
        that pay in its month.
        """
        law = self.book.on(self.day)
        return law if self.book.base is None else _benefits_of(law, self.day, self.event)


def _benefits_of(law: LawInForce, day: date, event: str) -> LawInForce:
    benefits = law.of_benefits()
    chosen = [
        scheme
        for scheme in benefits.schemes
        if scheme.benefit is not None
        and (scheme.benefit.event == event if event else day.month in scheme.benefit.months)
    ]
    return replace(benefits, schemes=tuple(chosen))


def run_examples(folder: Path | str, proposal: str | None = None) -> list[ExampleResult]:
    """Runs every example in examples/*.yaml and those of the proposals (with `proposal` only its own).

    Raises `LawRefused` for an example that cannot be read.
    """
    results: dict[tuple[str, int], ExampleResult] = {}
    with connect_duck(threads=1) as duck:
        for people in examples_by_law(folder, proposal):
            lay_out(duck, people)
            for example, row in zip(people.examples, decided(duck, people.law), strict=True):
                results[example.node.file, example.node.line] = ExampleResult(
                    example.name,
                    example.node.file,
                    example.node.line,
                    tuple(differences(people.law, example, row)),
                )
    return [results[place] for place in sorted(results)]


@dataclass(frozen=True, slots=True)
class ExamplesOfLaw:
    """The examples that one law in force decides, each with its person as a facts row."""

    law: LawInForce
    book: LawBook
    examples: list[Example]
    rows: list[dict[str, object]]


def examples_by_law(folder: Path | str, proposal: str | None = None) -> list[ExamplesOfLaw]:
    """Every example, grouped by the law of its day and the schemes it is about; raises `LawRefused`.

    A proposal is another law. With `proposal` only the examples of that proposal.
    """
    problems = Problems()
    book = load_lawbook(folder)
    found: dict[tuple[str, date, tuple[str, ...]], ExamplesOfLaw] = {}
    for example in examples_of(Path(folder), book, problems, proposal):
        law = example.law
        codes = tuple(scheme.code for scheme in law.schemes)
        group = found.setdefault((law.hash, law.day_from, codes), ExamplesOfLaw(law, example.book, [], []))
        group.examples.append(example)
        group.rows.append(facts_of(example, law.vocabulary, problems))
    if problems.found:
        raise LawRefused(problems.found)
    return list(found.values())


def schemes_under_test(book: LawBook, day: date) -> LawInForce:
    """The law of a day with the schemes that its folder's examples are about: of a law that extends another, the benefits."""
    law = book.on(day)
    return law if book.base is None else law.of_benefits()


def lay_out(duck: duckdb.DuckDBPyConnection, people: ExamplesOfLaw, relation: str = "example") -> None:
    """Puts the people of the examples into the facts relation `relation`, member_id counting from 0."""
    columns = people.law.vocabulary.columns
    names = ["member_id", "day", *(name for name, _ in columns)]
    kinds = ["INTEGER", "DATE", *(kind for _, kind in columns)]
    tuples = ", ".join(
        "("
        + ", ".join(
            exp.convert(value).sql("duckdb")
            for value in [number, row["day"], *(row[name] for name, _ in columns)]
        )
        + ")"
        for number, row in enumerate(people.rows)
    )
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in zip(names, kinds, strict=True))
    duck.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT {casts} FROM (VALUES {tuples}) given({', '.join(names)})"
    )


def decided(
    duck: duckdb.DuckDBPyConnection, law: LawInForce, relation: str = "example"
) -> list[dict[str, object]]:
    """The determination of the people laid out, in order, with `<s>_verdict_reason` and `<s>_verdict_missing`."""
    extra = ", ".join(
        f"{failing_reason_sql(law, repr(code), column.true, column.unknown)} AS {column.verdict}_reason, "
        f"{missing_fact_sql(law, repr(code), column.unknown)} AS {column.verdict}_missing"
        for code, column in scheme_columns(law).items()
    )
    answer = duck.execute(
        f"SELECT d.*, {extra} FROM ({determination_sql(law, relation)}) d JOIN {relation} USING (member_id, day)"
        " ORDER BY member_id"
    )
    found = [description[0] for description in answer.description]
    return [dict(zip(found, row, strict=True)) for row in answer.fetchall()]


def differences(law: LawInForce, example: Example, row: Mapping[str, object]) -> Iterator[Text]:
    """What the example says otherwise than the law, for the example's row of `decided`."""
    columns = scheme_columns(law)
    best: dict[int, tuple[int, str]] = {}
    for scheme in law.schemes:
        paise = row[columns[scheme.code].paise]
        if isinstance(paise, int) and (scheme.group not in best or paise > best[scheme.group][0]):
            best[scheme.group] = (paise, scheme.code)
    got = {code: paise for paise, code in best.values()}
    for code in sorted({*example.gets, *got}):
        wanted, given = _money(example.gets.get(code)), _money(got.get(code))
        if wanted != given:
            yield Text(
                f"{code}: the example says {wanted.en}, the law {given.en}",
                f"{code}: उदाहरण में {wanted.hi}, कानून से {given.hi}",
            )
    undecided = {
        scheme.code: str(row[f"{columns[scheme.code].verdict}_missing"])
        for scheme in law.schemes
        if row[columns[scheme.code].verdict] is None
        and _int(row[columns[scheme.code].possible_paise]) > best.get(scheme.group, (0, ""))[0]
    }
    for code in sorted({*example.undecided, *undecided}):
        wished, said = example.undecided.get(code), undecided.get(code)
        if wished != said:
            yield Text(
                f"{code}: the example says undecided for lack of {wished or 'nothing'}, the law {said or 'nothing'}",
                f"{code}: उदाहरण में अनिश्चित, कमी {wished or 'कोई नहीं'}; कानून से {said or 'कोई नहीं'}",
            )
    for code, wished in example.refused.items():
        column = columns[code]
        said = str(row[f"{column.verdict}_reason"]) if row[column.verdict] is False else "not refused"
        if wished != said:
            yield Text(
                f"{code}: the example says refused for {wished}, the law {said}",
                f"{code}: उदाहरण में मना, कारण {wished}; कानून से {said}",
            )
    for code, amount in example.entitled.items():
        paise = row[columns[code].paise]
        if paise != amount:
            wanted, given = _money(amount), _money(paise)
            yield Text(
                f"{code}: the example says entitled to {wanted.en}, the law {given.en}",
                f"{code}: उदाहरण में {wanted.hi} का हक़, कानून से {given.hi}",
            )

    for code, parts in example.borne.items():
        paise = row[columns[code].paise]
        borne = dict(law.scheme(code).split(paise)) if isinstance(paise, int) else {}
        if parts != borne:
            wanted, given = _shares(law, parts), _shares(law, borne)
            yield Text(
                f"{code}: the example says borne by {wanted.en}, the law {given.en}",
                f"{code}: उदाहरण में हिस्से {wanted.hi}, कानून से {given.hi}",
            )


def _shares(law: LawInForce, parts: Mapping[str, int]) -> Text:
    if not parts:
        return Text("nobody", "किसी के नहीं")
    return Text(
        ", ".join(f"{law.components[name].en} {indian(paise)}" for name, paise in parts.items()),
        ", ".join(f"{law.components[name].hi} {indian(paise)}" for name, paise in parts.items()),
    )


def _money(paise: object) -> Text:
    if not isinstance(paise, int):
        return Text("nothing", "कुछ नहीं")
    return Text(indian(paise), indian(paise))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


_KEYS = {"name", "hi", "on", "event", "person", "gets", "refused", "undecided", "entitled", "borne"}


def examples_of(
    folder: Path, book: LawBook, problems: Problems, proposal: str | None = None
) -> Iterator[Example]:
    """The examples of a law folder and of its proposals; one that is broken is noted and left out.

    The examples of a proposal run under it. With `proposal` only that proposal's are given.
    """
    if proposal is None:
        yield from _examples_in(folder, "examples", book, problems)
    for place in sorted((folder / "proposals").glob(f"{proposal or '*'}/examples")):
        try:
            proposed = load_lawbook(folder, place.parent)
        except LawRefused as refused:
            problems.found.extend(refused.problems)
            continue
        yield from _examples_in(folder, str(place.relative_to(folder)), proposed, problems)


def _examples_in(folder: Path, place: str, book: LawBook, problems: Problems) -> Iterator[Example]:
    for file in sorted((folder / place).glob("*.yaml")):
        root = read(file, f"{place}/{file.name}", problems)
        items = root.get("examples")
        if items is None or items.items is None:
            problems.add(root, "the file must hold a list 'examples:'", "फ़ाइल में सूची 'examples:' होनी चाहिए")
            continue
        for node in items.items:
            example = _example(node, book, problems)
            if example is not None:
                yield example


def _example(node: Node, book: LawBook, problems: Problems) -> Example | None:
    before = len(problems.found)
    for key, _ in node.pairs():
        if key not in _KEYS:
            problems.add(
                node.keys[key],
                f"an example has no key '{key}'; its keys are {', '.join(sorted(_KEYS))}",
                f"उदाहरण में '{key}' कुंजी नहीं होती; कुंजियाँ ये हैं: {', '.join(sorted(_KEYS))}",
            )
    words = {key: (value.text or "") for key, value in node.pairs() if value.text is not None}
    if not words.get("name") or not words.get("hi"):
        problems.add(
            node,
            "an example needs a sentence in English (name) and Hindi (hi)",
            "उदाहरण का वाक्य अंग्रेज़ी (name) और हिंदी (hi) में लिखें",
        )
    on = node.get("on")
    day = as_date(on) if on is not None else None
    person = node.get("person")
    if day is None or person is None:
        problems.add(
            node,
            "an example needs 'on: YYYY-MM-DD' and 'person:'",
            "उदाहरण में 'on: YYYY-MM-DD' और 'person:' चाहिए",
        )
        return None
    law = book.on(day)
    if book.base is not None:
        law = _benefits_of(law, day, words.get("event", ""))
    codes = {scheme.code for scheme in law.schemes}
    if not codes:
        problems.add(
            node,
            "no benefit follows this 'event', or none pays in this month",
            "इस 'event' पर कोई सहायता नहीं है, या इस महीने कोई नहीं मिलती",
        )
        return None
    tables: dict[str, dict[str, str]] = {}
    for key in ("gets", "refused", "undecided", "entitled"):
        table = node.get(key)
        tables[key] = {}
        for code, value in table.pairs() if table is not None else ():
            if code not in codes:
                problems.add(value, f"there is no scheme {code}", f"{code} नाम की योजना नहीं है")
            elif key in ("gets", "entitled") and not (value.text or "").isdigit():
                problems.add(
                    value, f"'{value.text}' is no amount in rupees", f"'{value.text}' रुपये की रकम नहीं है"
                )
            else:
                tables[key][code] = value.text or ""
    borne_node = node.get("borne")
    borne: dict[str, dict[str, int]] = {}
    for code, parts in borne_node.pairs() if borne_node is not None else ():
        borne[code] = {}
        for name, value in parts.pairs():
            if code not in codes or name not in book.state.components or not (value.text or "").isdigit():
                problems.add(
                    value,
                    f"'{code}: {{{name}: {value.text}}}' is no part of an amount in rupees",
                    f"'{code}: {{{name}: {value.text}}}' किसी रकम का रुपये में हिस्सा नहीं है",
                )
            else:
                borne[code][name] = int(value.text or "") * 100
    if node.get("gets") is None and not any(tables.values()):
        problems.add(
            node,
            "an example must say what the person gets ('gets: {}' for nothing)",
            "उदाहरण में लिखें कि व्यक्ति को क्या मिलता है (कुछ नहीं तो 'gets: {}')",
        )
    if len(problems.found) > before:
        return None
    return Example(
        node=node,
        name=Text(words["name"], words["hi"]),
        day=day,
        book=book,
        person=person,
        gets={code: int(value) * 100 for code, value in tables["gets"].items()},
        refused=tables["refused"],
        undecided=tables["undecided"],
        entitled={code: int(value) * 100 for code, value in tables["entitled"].items()},
        event=words.get("event", ""),
        borne=borne,
    )


def facts_of(example: Example, vocabulary: Vocabulary, problems: Problems) -> dict[str, object]:
    """The example's person as a facts row. What is not said is known and ordinary; `null` is not known."""
    row: dict[str, object] = {name: None for name, _ in vocabulary.columns}
    for fact in vocabulary.facts.values():
        row[fact.code] = False if fact.type == "boolean" else 0
    row.update({"day": example.day, "alive": True, "marital_status": "never_married", PARTNER_PRESENT: False})
    person = example.person
    if person.get("sex") is None or (person.get("born_on") is None and person.get("age") is None):
        problems.add(
            person,
            "a person needs 'sex' and 'born_on' (or 'age'); 'null' for not known",
            "व्यक्ति का 'sex' और 'born_on' (या 'age') लिखें; पता न हो तो 'null'",
        )
    for key, node in person.pairs():
        if key == "born_on":
            row["age"] = _age(node, example.day, problems)
            if isinstance(row["age"], int) and row["age"] < 0:
                row["alive"] = False
        elif key == "died_on":
            died_on = as_date(node)
            if died_on is None:
                problems.add(node, f"'{node.text}' is no date", f"'{node.text}' तारीख नहीं है")
            else:
                row["alive"] = died_on >= example.day
        elif key == "husband":
            row[PARTNER_PRESENT] = True
            row["partner_income_tax_payer"] = False
            for inner, value in node.pairs():
                if inner == "born_on":
                    row["partner_age"] = _age(value, example.day, problems)
                elif inner == "income_tax_payer":
                    row["partner_income_tax_payer"] = _fact(inner, value, vocabulary, problems)
                else:
                    problems.add(
                        value,
                        f"of a husband one says born_on and income_tax_payer, not '{inner}'",
                        f"पति के बारे में born_on और income_tax_payer लिखते हैं, '{inner}' नहीं",
                    )
        elif key in ("daughters", "sons"):
            row[f"living_{key}"] = _fact(f"living_{key}", node, vocabulary, problems)
        elif key in vocabulary.facts:
            row[key] = _fact(key, node, vocabulary, problems)
        else:
            known = sorted({*vocabulary.facts, "born_on", "died_on", "husband", "daughters", "sons"})
            problems.add(
                node,
                f"unknown fact '{key}'; one may say {', '.join(known)}",
                f"अनजान तथ्य '{key}'; ये लिखे जा सकते हैं: {', '.join(known)}",
            )
    return row


def _age(node: Node, day: date, problems: Problems) -> int | None:
    if node.is_null:
        return None
    born_on = as_date(node)
    if born_on is None:
        problems.add(node, f"'{node.text}' is no date", f"'{node.text}' तारीख नहीं है")
        return None
    return completed_years(born_on, day)


def _fact(code: str, node: Node, vocabulary: Vocabulary, problems: Problems) -> object:
    fact = vocabulary.facts[code]
    text = node.text or ""
    if node.is_null:
        if fact.missing is None:
            problems.add(node, f"'{code}' is always known", f"'{code}' हमेशा पता होता है")
        return None
    if fact.type == "boolean" and text in ("true", "false"):
        return text == "true"
    if fact.type == "one_of" and text in {value for value, _ in fact.values}:
        return text
    if fact.type == "integer" and text.isdigit():
        return int(text)
    if fact.type == "number" and text.replace(".", "", 1).isdigit():
        return float(text)
    problems.add(
        node,
        f"'{text}' is no value of '{code}' ({fact.type})",
        f"'{text}' '{code}' ({fact.type}) का मान नहीं है",
    )
    return None
