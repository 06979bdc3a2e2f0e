"""A decision's reasons at any later date: as decided then, by the law of then, with the records known then."""

from __future__ import annotations

import json
import re
import shutil
import zlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.reasons.village import EARLY, FIRST, HUSBAND, LAME, LATE, MOTHER, OLD, WIFE, decide_october, load

from haqdar.access.actors import SECRETARY, Actor, OutsideYourArea, platform
from haqdar.access.models import AuditEvent
from haqdar.base.month import Month
from haqdar.cases.reasons import NoSuchVersion, NotDecidedYet, Statement, UnknownMember, statement_of
from haqdar.entitlement.decisions import LawNotKept
from haqdar.entitlement.explain import SchemeReasons
from haqdar.registry.models import BplBelief
from haqdar.registry.queries import facts_with_sources
from haqdar.web.documents.reasons import FORMAT, statement_data, statement_pdf, statement_text

OFFICER = platform("officer")
NEW = 100000009
OCTOBER = Month(2016, 10)


def scheme(statement: Statement, code: str) -> SchemeReasons:
    return next(reasons for reasons in statement.schemes if reasons.code == code)


def test_what_was_not_known_then_plays_no_part(village: Path) -> None:
    statement = statement_of(OFFICER, HUSBAND, OCTOBER)
    assert statement.basis == "stored"
    old_age = scheme(statement, "IGNOAPS")
    assert old_age.verdict is True
    assert old_age.paise == 27500
    assert old_age.amount_order is not None and old_age.amount_since == date(2012, 4, 1)
    (alive,) = statement.readings["alive"].sources
    assert (alive.says.en, alive.file) == ("no death is recorded", "")
    assert len(statement.schemes) == 9
    assert [(item["action"], item["to_scheme"], item["to_paise"]) for item in statement.items] == [
        ("continue", "IGNOAPS", 27500)
    ]


def test_a_superseded_run_keeps_its_reasons(village: Path) -> None:
    decide_october(village, LATE)
    then, now = (statement_of(OFFICER, HUSBAND, OCTOBER, version) for version in (1, 2))
    assert (then.run.state, then.basis, scheme(then, "IGNOAPS").verdict) == ("superseded", "stored", True)
    assert (now.run.state, now.basis, scheme(now, "IGNOAPS").verdict) == ("complete", "stored", False)
    assert statement_of(OFFICER, HUSBAND, OCTOBER) == now
    (death,) = now.readings["alive"].sources
    assert (death.says.en, death.file, death.line) == ("death on 12 September 2016", "events.csv", 2)
    assert (death.known_from, death.recorded_on) == (date(2016, 11, 10), date(2016, 11, 10))
    assert [(item["action"], item["reason"]) for item in now.items] == [("stop", "died")]
    widow = statement_of(OFFICER, WIFE, OCTOBER)
    (since,) = widow.readings["marital_status"].sources
    assert (since.whose.en, since.says.en) == ("the husband's record", "death on 12 September 2016")
    assert scheme(widow, "IGNWPS").ends_on == date(2035, 1, 1)


def test_what_comes_by_itself_is_said(village: Path) -> None:
    statement = statement_of(OFFICER, OLD, OCTOBER)
    widow = scheme(statement, "IGNWPS")
    card = next(criterion for criterion in widow.criteria if criterion.code == "bpl")
    # the card ends on 31 March 2017; nobody has to do anything for that
    assert (card.verdict, card.ends_on, widow.ends_on) == (True, date(2017, 4, 1), date(2017, 4, 1))
    lame = scheme(statement_of(OFFICER, LAME, OCTOBER), "IGNOAPS")
    assert [(reason.code, reason.by_itself_on) for reason in lame.failing] == [("age", date(2040, 5, 5))]
    assert lame.becomes_on is None


def test_a_missing_fact_is_shown_with_its_empty_record(village: Path) -> None:
    statement = statement_of(OFFICER, MOTHER, OCTOBER)
    (tax,) = statement.readings["income_tax_payer"].sources
    assert (statement.readings["income_tax_payer"].value.en, tax.says.en) == ("not known", "left empty")
    sons = statement.readings["living_sons"]
    assert (sons.value.en, [source.whose.en for source in sons.sources]) == ("1", ["a son's record"])


def test_who_verified_a_fact_is_said(village: Path) -> None:
    BplBelief.objects.filter(card_no="C1").update(
        verified_by="CEO Janpad", verified_at=datetime(2016, 2, 1, 5, tzinfo=UTC)
    )
    text = statement_text(statement_of(OFFICER, WIFE, OCTOBER), "en")
    assert (
        "card C1, BPL register, valid since 1 January 2010, bpl.csv line 2, delivered 10 January 2016" in text
    )
    assert "verified 1 February 2016 by CEO Janpad" in text


def test_the_law_of_then_speaks_whatever_the_law_is_now(
    village: Path, settings: Any, tmp_path: Path, home: Path
) -> None:
    before = statement_of(OFFICER, OLD, OCTOBER)
    changed = tmp_path / "law"
    shutil.copytree(settings.HAQDAR_LAW, changed)
    file = changed / "schemes" / "ignwps.yaml"
    file.write_text(file.read_text().replace("pay: 300", "pay: 600"))
    settings.HAQDAR_LAW = changed
    assert statement_of(OFFICER, OLD, OCTOBER) == before
    assert scheme(before, "IGNWPS").paise == 30000
    for kept in (home / "laws").iterdir():
        shutil.rmtree(kept)
    with pytest.raises(LawNotKept):
        statement_of(OFFICER, OLD, OCTOBER)


def test_a_pruned_record_is_made_again_and_says_so(village: Path, home: Path) -> None:
    members = (HUSBAND, WIFE, LAME, OLD, MOTHER)
    stored = [statement_of(OFFICER, member, OCTOBER) for member in members]
    for gone, basis in (("runs", "snapshot"), ("snapshots", "registers")):
        shutil.rmtree(home / gone)
        again = [statement_of(OFFICER, member, OCTOBER) for member in members]
        assert [one.basis for one in again] == [basis] * len(members)
        assert [one.schemes for one in again] == [one.schemes for one in stored]
        assert [one.readings for one in again] == [one.readings for one in stored]
        assert "made again" in statement_text(again[0], "en")


def test_every_fact_of_the_law_has_its_sources(village: Path) -> None:
    statement = statement_of(OFFICER, WIFE, OCTOBER)
    assert set(statement.law.vocabulary.facts) <= set(statement.readings)
    assert [code for code, reading in statement.readings.items() if not reading.sources] == []


def test_a_run_says_nothing_about_somebody_delivered_after_it(village: Path) -> None:
    # the department's own date lies before the run, the delivery after it
    row = f"{NEW},10000002,Asha,आशा,F,1960-01-01,,,widowed,2010-01-01,false,false,2016-01-01\n"
    header = FIRST["residents.csv"].splitlines()[0]
    load({"residents.csv": f"{header}\n{row}"}, date(2016, 11, 24), village / "third")
    with pytest.raises(UnknownMember):
        statement_of(OFFICER, NEW, OCTOBER)


def test_only_the_own_area_and_every_look_is_recorded(village: Path) -> None:
    neighbour = Actor(7, "secretary", frozenset({SECRETARY}), ("/S/D/B/H/",))
    with pytest.raises(OutsideYourArea):
        statement_of(neighbour, WIFE, OCTOBER)
    assert not AuditEvent.objects.filter(verb="reasons.view").exists()
    statement_of(neighbour, MOTHER, OCTOBER)
    event = AuditEvent.objects.get(verb="reasons.view")
    assert (event.actor, event.new) == ("secretary", {"month": "2016-10", "run": 1})
    assert str(MOTHER) not in event.object_key


def test_a_month_or_run_that_was_never_made_is_refused(village: Path) -> None:
    with pytest.raises(NotDecidedYet):
        statement_of(OFFICER, WIFE, Month(2016, 11))
    with pytest.raises(NoSuchVersion):
        statement_of(OFFICER, WIFE, OCTOBER, 2)
    assert statement_of(OFFICER, WIFE).month == OCTOBER


def test_json_has_stable_keys_and_both_languages(village: Path) -> None:
    data = json.loads(json.dumps(statement_data(statement_of(OFFICER, OLD, OCTOBER), "IGNWPS")))
    assert data["format"] == FORMAT
    assert (data["member_id"], data["month"], data["basis"]) == (f"{OLD:09d}", "2016-10", "stored")
    assert set(data["run"]) == {
        "version", "state", "known_on", "known_at", "finished_at", "law", "snapshot", "inputs",
    }  # fmt: skip
    assert data["run"]["known_on"] == EARLY.isoformat()
    (one,) = data["schemes"]
    assert set(one) == {
        "scheme", "name_en", "name_hi", "group", "group_name_en", "group_name_hi", "verdict", "best", "paise",
        "possible_paise", "components", "amount_order_en", "amount_order_hi", "amount_since", "becomes_on", "ends_on",
        "summary_en", "summary_hi", "criteria",
    }  # fmt: skip
    age = next(criterion for criterion in one["criteria"] if criterion["code"] == "age")
    assert set(age) == {
        "code", "verdict", "sentence_en", "sentence_hi", "value_en", "value_hi", "limit_en", "limit_hi", "order_en",
        "order_hi", "order_since", "missing", "change_en", "change_hi", "by_itself_on", "ends_on", "facts",
    }  # fmt: skip
    (fact,) = age["facts"]
    assert (fact["fact"], fact["value_hi"]) == ("age", "63 वर्ष")
    (source,) = fact["sources"]
    assert set(source) == {
        "register", "whose_en", "whose_hi", "says_en", "says_hi", "file", "line", "delivery", "delivered_on", "recorded_on",
        "known_from", "verified_by", "verified_at", "valid_from", "valid_to",
    }  # fmt: skip
    assert (source["file"], source["line"], source["known_from"]) == ("residents.csv", 5, "2015-01-01")


def test_the_pdf_is_archivable_searchable_and_always_the_same(village: Path) -> None:
    statement = statement_of(OFFICER, OLD, OCTOBER)
    pdf = statement_pdf(statement, ("hi", "en"))
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf and b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    # PDF/A-2a demands a character for every glyph; a shaped cluster must give back the letters in the order they are written
    assert {"वि", "क्ति", "र्ज", "नि", "र्ण"} <= _clusters(pdf)
    assert pdf == statement_pdf(statement, ("hi", "en"))


def _clusters(pdf: bytes) -> set[str]:
    """What a reader copies for each shaped cluster of the PDF (its ActualText)."""
    found = set()
    for stream in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream[1])
        except zlib.error:
            continue  # the font itself is packed otherwise
        for text in re.finditer(rb"/ActualText\s*<([0-9A-Fa-f]+)>", content):
            found.add(bytes.fromhex(text[1].decode()).decode("utf-16"))
    return found


def test_beliefs_are_the_same_rows_as_ever(village: Path) -> None:
    facts = facts_with_sources(OFFICER, OLD)
    rows = [(fact.known_from, fact.known_until) for fact in facts if fact.register == "resident"]
    assert rows == [(date(2016, 11, 20), None), (date(2015, 1, 1), date(2016, 11, 20))]
