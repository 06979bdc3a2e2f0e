"""Household cards: a code that only the issuer can make, one card in force a family, prints that lose nothing."""

import base64
import io
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cwt
import pypdfium2 as pdfium
import pytest
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.test_signing import squeezed, text_of
from tests.cases.village import officer

from haqdar.access.actors import Actor, NotYourFunction, OutsideYourArea
from haqdar.access.models import AuditEvent, User
from haqdar.access.queries import actor_of, place
from haqdar.cases import merging
from haqdar.cases.cards import claim, issuing, keys, printing, withdrawals
from haqdar.cases.cards.checking import check
from haqdar.cases.cards.claim import CardCode, CodeMember, ForgedCard, NotACard, UnknownCardKey
from haqdar.cases.cards.words import SEX_WORDS
from haqdar.cases.models import AwardChange, CardPrint, CardSheet, HouseholdCard
from haqdar.cases.papers.checking import signature_of
from haqdar.registry.lookup import Wanted, find
from haqdar.registry.models import FamilyBelief, ResidentBelief
from haqdar.sources.layout import SEXES
from haqdar.web import assets

KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
KID = b"8 bytes."
TRUSTED = {KID: KEY.public_key()}
CARD = CardCode(
    issuer="https://haqdar.example",
    number="H26-48219035-50",
    serial=bytes(range(8)),
    name_hi="सीता बाई मालवीय",
    name_en="Sita Bai Malviya",
    sex="F",
    place="ग्राम पंचायत आमला खेड़ा\nजनपद आष्टा\nज़िला सीहोर",
    area_code="401/40111",
    issued_on=date(2026, 11, 22),
    expires_on=date(2029, 11, 21),
    members=(
        CodeMember("सीता बाई मालवीय", "head", "F", 1970, "000"),
        CodeMember("गोपाल मालवीय", "grandson", "M", 0, "003"),
    ),
    held=((0, "IGNWPS"),),
)
TOKEN = claim.token_of(CARD, KEY, KID)


def test_a_code_says_what_was_signed() -> None:
    found, kid = claim.read(claim.written(TOKEN), TRUSTED)
    assert (found, kid) == (CARD, KID)


def test_another_implementation_reads_the_token() -> None:
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = cwt.decode(TOKEN, cwt.COSEKey.from_pem(pem, kid=KID))
    assert isinstance(claims, dict)
    identity = claims[169]
    assert (claims[1], identity[1], identity[4], identity[19], identity[9]) == (
        CARD.issuer,
        CARD.number,
        CARD.name_hi,
        CARD.name_en,
        2,
    )
    assert 8 not in identity, "a year is enough; the whole date of birth is nobody's at a counter"


@given(st.integers(0, 8 * len(TOKEN) - 1))
def test_no_changed_bit_goes_unseen(bit: int) -> None:
    forged = bytearray(TOKEN)
    forged[bit // 8] ^= 1 << bit % 8
    with pytest.raises((NotACard, ForgedCard, UnknownCardKey)):
        claim.read(claim.written(bytes(forged)), TRUSTED)


@given(st.binary(max_size=60))
def test_base45_is_its_own_inverse(content: bytes) -> None:
    assert claim.from_base45(claim.base45(content)) == content


@pytest.mark.parametrize(
    "text",
    ["", "hello", "A", "ZZZ", claim.base45(b"no zlib"), claim.base45(zlib.compress(bytes(5_000_000)))],
    ids=["nothing", "small letters", "one sign", "too big a group", "not packed", "a bomb"],
)
def test_what_is_no_card(text: str) -> None:
    with pytest.raises(NotACard):
        claim.read(text, TRUSTED)


@pytest.mark.parametrize(
    "value",
    ["c48217", "c5821b7fffffffffffffff02", "c482f97c0003", "d8641b7fffffffffffffff", "c11b7fffffffffffffff"],
)
def test_numbers_too_big_for_a_number_are_no_card(value: str) -> None:
    """CBOR knows decimals, big floats and days that Python does not."""
    with pytest.raises(NotACard):
        claim.read(claim.written(bytes.fromhex(value)), TRUSTED)


def test_the_third_gender_has_its_word() -> None:
    card = replace(CARD, sex="T", members=(replace(CARD.members[0], sex="T"),))
    found, _ = claim.read(claim.written(claim.token_of(card, KEY, KID)), TRUSTED)
    assert (found.sex, found.members[0].sex) == ("T", "T")
    assert set(SEX_WORDS) == set(SEXES)


def test_a_key_that_is_not_trusted() -> None:
    with pytest.raises(UnknownCardKey):
        claim.read(claim.written(TOKEN), {})
    with pytest.raises(ForgedCard):
        claim.read(claim.written(TOKEN), {KID: ec.generate_private_key(ec.SECP256R1()).public_key()})


# ——— with a register


@pytest.fixture
def state(
    db: None, small_state: Callable[[], dict[str, Any]], tmp_path: Path, settings: Any
) -> dict[str, Any]:
    assets.main()
    settings.HAQDAR_HOME = tmp_path
    return small_state()


@pytest.fixture
def secretary(state: dict[str, Any]) -> Actor:
    return actor_of(User.objects.get(username="gp"), None)


@pytest.fixture
def family(state: dict[str, Any]) -> UUID:
    found: UUID = state["families"]["40111"]
    return found


def correct(family: UUID, name: str) -> None:
    """Somebody of the family gets another name in the register."""
    belief = ResidentBelief.objects.filter(family_id__in=_number(family)).order_by("member_id", "-belief_no")[
        0
    ]
    belief.belief_no += 1
    belief.name_hi = name
    ResidentBelief.objects.bulk_create([belief])


def _number(family: UUID) -> list[int]:
    from haqdar.registry.models import Family

    return list(Family.objects.filter(key=family).values_list("family_id", flat=True))


def code_on(document: bytes, page: int = 0) -> str:
    """The text of the QR code as a camera sees the printed page."""
    with pdfium.PdfDocument(document) as file:
        picture = file[page].render(scale=2.5).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def test_a_card_from_the_register_to_the_camera(
    state: dict[str, Any], secretary: Actor, family: UUID
) -> None:
    sita = state["members"]["40111"][0]
    AwardChange.objects.create(
        run_id=state["run"], member_id=sita, pension_group=1, kind="start", scheme="IGNWPS", paise=30000,
        decided_month=date(2016, 10, 1), reason="husband_died", actor="block",
    )  # fmt: skip
    card = issuing.issue(secretary, family)
    by_card = find(secretary, Wanted.typed(str(card.number).lower()))
    assert (
        sita in {one.person.member_id for one in by_card} and by_card[0].reasons[0].field == "household_card"
    )
    document = issuing.document(card)
    signature = signature_of(document)
    assert signature is not None
    assert signature.whole
    text = text_of(document)
    for said in (
        "परिवार कार्ड",
        str(card.number),
        "सीता बाई मालवीय",
        "आमला खेड़ा",
        "गोपाल अहिरवार",
        "विधवा पेंशन, ₹300",
        "पात्र हैं",
        "₹500",
    ):
        assert squeezed(said) in text
    assert f"{sita}" not in text, "a member ID in clear"
    assert "रमेश" not in text, "who moved away is not on the card"
    seen = check(code_on(document), timezone.localdate())
    assert (seen.state, seen.card.number, len(seen.card.members)) == ("right", card.number, 5)
    held = {(seen.card.members[place].ending, scheme) for place, scheme in seen.card.held}
    assert held == {(f"{sita % 1000:03d}", "IGNWPS")}, "the code names what is held, not what may come"
    event = AuditEvent.objects.get(verb="card.issue")
    assert (event.actor, event.object_key) == ("gp", str(card.key))
    after = card.expires_on + timedelta(days=1)
    assert check(code_on(document), after).state == "expired"


def test_one_card_in_force(secretary: Actor, family: UUID, monkeypatch: Any) -> None:
    first = issuing.issue(secretary, family)
    assert issuing.issue(secretary, family).pk == first.pk, "an unchanged card is not issued anew"
    old = code_on(issuing.document(first))
    correct(family, "सीताबाई मालवीय")
    second = issuing.issue(secretary, family)
    first.refresh_from_db()
    assert (second.pk != first.pk, first.end_reason, first.sha256) == (True, "replaced", "")
    assert check(old, timezone.localdate()).state == "withdrawn"
    third = issuing.withdraw(secretary, family, "lost")
    assert (third.pk, third.end_reason, third.ended_by) == (second.pk, "lost", "gp")
    with pytest.raises(issuing.NoSuchCard):
        issuing.withdraw(secretary, family, "lost")
    assert (
        withdrawals.withdrawn("401").cards
        == base64.b64encode(b"".join(sorted(one.key.bytes[:5] for one in (first, second)))).decode()
    )
    # a full list names the lost before the replaced, and says that it is not whole
    monkeypatch.setattr(withdrawals, "MOST", 0)
    full = withdrawals.withdrawn("401")
    assert (base64.b64decode(full.cards), full.whole) == (second.key.bytes[:5], False)
    with pytest.raises(DatabaseError), transaction.atomic():
        HouseholdCard.objects.filter(pk=second.pk).update(expires_on=date(2099, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        HouseholdCard.objects.all().delete()


def test_cards_stay_in_their_area(state: dict[str, Any], secretary: Actor, family: UUID) -> None:
    foreign: UUID = state["families"]["40211"]
    for act in (issuing.issue, issuing.standing_of):
        with pytest.raises(OutsideYourArea):
            act(secretary, foreign)
        with pytest.raises(OutsideYourArea):
            act(secretary, UUID(int=7))
    auditor = actor_of(User.objects.get(username="auditor"), None)
    with pytest.raises(NotYourFunction):
        issuing.issue(auditor, family)
    assert issuing.standing_of(auditor, family).card is None


def test_the_dead_and_those_who_left_are_not_on_it(
    state: dict[str, Any], secretary: Actor, family: UUID
) -> None:
    from haqdar.access.actors import platform
    from haqdar.jobs.reactions import record_event
    from haqdar.registry.events import checked

    member = state["members"]["40111"][3]
    before = {one.member_id for one in issuing.standing_of(secretary, family).household.residents}
    record_event(platform("gp"), checked(platform("gp"), member, "death", date(2016, 10, 7)))
    now = {one.member_id for one in issuing.standing_of(secretary, family).household.residents}
    assert before - now == {member}


def test_a_key_of_before_its_time_or_after_it(secretary: Actor, family: UUID, monkeypatch: Any) -> None:
    code = code_on(issuing.document(issuing.issue(secretary, family)))
    own = keys.card_key().trusted
    later = replace(own, from_on=own.from_on + timedelta(days=30))
    monkeypatch.setattr("haqdar.cases.cards.checking.trusted_keys", lambda: [later])
    with pytest.raises(NotACard):
        check(code, timezone.localdate())


def test_a_certificate_that_has_ended_ends_no_card(
    state: dict[str, Any], secretary: Actor, family: UUID, monkeypatch: Any
) -> None:
    card = issuing.issue(secretary, family)
    code = code_on(issuing.document(card))
    correct(family, "सीताबाई मालवीय")
    own = keys.card_key()
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = replace(own, trusted=replace(own.trusted, to_on=yesterday))
    here = place(secretary, "40111")
    assert here is not None
    with monkeypatch.context() as patch:
        patch.setattr(keys, "card_key", lambda: ended)
        with pytest.raises(keys.CardKeyEnded, match=str(yesterday.year)):
            issuing.issue(secretary, family)
        with pytest.raises(keys.CardKeyEnded):
            printing.ask(secretary, here, False)
        with pytest.raises(keys.CardKeyEnded):
            issuing.foreseen()
    assert not issuing.foreseen().shortened
    soon = replace(own, trusted=replace(own.trusted, to_on=yesterday + timedelta(days=90)))
    with monkeypatch.context() as patch:
        patch.setattr(keys, "card_key", lambda: soon)
        assert issuing.foreseen() == issuing.Foreseen(soon.trusted.to_on, shortened=True)
    card.refresh_from_db()
    assert card.ended_at is None
    assert check(code, timezone.localdate()).state == "right"


def test_a_merged_person_holds_what_came_from_the_other_number(
    state: dict[str, Any], secretary: Actor, family: UUID
) -> None:
    sita, other = state["members"]["40111"][0], state["members"]["40112"][0]
    AwardChange.objects.create(
        run_id=state["run"], member_id=other, pension_group=1, kind="start", scheme="IGNWPS", paise=30000,
        decided_month=date(2016, 10, 1), reason="husband_died", actor="block",
    )  # fmt: skip

    def held() -> set[tuple[int, str]]:
        found = issuing.standing_of(secretary, family).household.benefits
        return {(one.member_id, one.scheme) for one in found if one.held}

    assert held() == set()
    key, _ = merging.merge(officer("merger", "district", "/"), sita, other, {}, first_opinion="somebody else")
    assert held() == {(sita, "IGNWPS")}
    merging.undo(officer("merger", "district", "/"), key, "Two women.")
    assert held() == set()


def test_production_issues_nothing_without_a_key(secretary: Actor, family: UUID, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(keys.NoCardKey):
        issuing.issue(secretary, family)
    assert not HouseholdCard.objects.exists()


def test_a_new_key_and_the_cards_of_the_old_one(
    secretary: Actor, family: UUID, settings: Any, tmp_path: Path
) -> None:
    old = code_on(issuing.document(issuing.issue(secretary, family)))
    former = keys._demonstration(tmp_path / "cards").read_bytes()
    (tmp_path / "former.pem").write_bytes(former[former.index(b"-----BEGIN CERT") :])
    (tmp_path / "new.pem").write_bytes(keys.new_key("Household cards 2"))
    settings.HAQDAR_CARD_KEY = str(tmp_path / "new.pem")
    with pytest.raises(UnknownCardKey):
        check(old, timezone.localdate())
    settings.HAQDAR_CARD_FORMER = str(tmp_path / "former.pem")
    assert check(old, timezone.localdate()).signed_by == keys.DEMONSTRATION
    assert [one.name for one in keys.trusted_keys()] == ["Household cards 2", keys.DEMONSTRATION]


def test_a_panchayat_is_printed_and_taken_up_again(
    state: dict[str, Any], secretary: Actor, monkeypatch: Any
) -> None:
    monkeypatch.setattr(printing, "SHEET", 1)
    here = place(secretary, "40111")
    assert here is not None
    _move_here(state)
    job = printing.ask(secretary, here, True)
    with pytest.raises(printing.AlreadyPrinting), transaction.atomic():
        printing.ask(secretary, here, True)
    real, calls = printing.set_cards, []

    def dies(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(printing, "set_cards", dies)
    with pytest.raises(KeyboardInterrupt):
        printing.carry_out(secretary, job)
    assert (HouseholdCard.objects.count(), CardSheet.objects.count()) == (1, 1)
    printing.carry_out(secretary, CardPrint.objects.get(pk=job.pk))
    job.refresh_from_db()
    assert (job.state, job.seen, job.made, HouseholdCard.objects.count()) == ("done", 2, 2, 2)
    first = printing.sheet(secretary, job, 1)
    signature = signature_of(first)
    assert signature is not None
    assert signature.whole
    again = printing.ask(secretary, here, True)
    printing.carry_out(secretary, again)
    again.refresh_from_db()
    assert (again.seen, again.made) == (2, 0), "families whose card is right are left alone"
    CardPrint.objects.update(asked_at=timezone.now() - timedelta(days=31))
    assert printing.remove_old() == 2
    with pytest.raises(issuing.CardFileGone):
        printing.sheet(secretary, job, 1)
    # what a killed print wrote before its transaction ended has no entry anywhere
    name = f"{job.key}.99"
    digest, _, _ = issuing.sealed_away(name, b"nobody's")
    path = issuing._path(name, digest)
    assert printing.remove_old() == 0 and path.exists()
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(path, (long_ago, long_ago))
    assert printing.remove_old() == 1 and not path.exists()


def _move_here(state: dict[str, Any]) -> None:
    """The family of Bhaukhedi moves to Amla Kheda."""
    belief = FamilyBelief.objects.get(family_id__in=_number(state["families"]["40112"]))
    belief.belief_no = 2
    belief.area_code = "40111"
    FamilyBelief.objects.bulk_create([belief])


def test_printing_says_what_it_cannot(secretary: Actor) -> None:
    district = actor_of(User.objects.get(username="district"), None)
    whole = place(district, "401")
    assert whole is not None
    with pytest.raises(printing.NotAPanchayat):
        printing.ask(district, whole, True)
    assert printing.preview(district, whole) == printing.Preview(0, 0)


def test_a_picture_is_read_like_a_phone_does(secretary: Actor, family: UUID) -> None:
    from haqdar.cases.cards.checking import NoCodeInPicture, code_in

    with pdfium.PdfDocument(issuing.document(issuing.issue(secretary, family))) as file:
        picture = file[0].render(scale=3).to_pil().rotate(4, fillcolor="white", expand=True)
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=60)
    assert check(code_in(out.getvalue()), timezone.localdate()).state == "right"
    blank = io.BytesIO()
    picture.convert("RGB").crop((0, 0, 200, 60)).save(blank, "JPEG")
    with pytest.raises(NoCodeInPicture):
        code_in(blank.getvalue())
