"""Orders: written with the decision and never changed, made once, public with the person masked, whole for their own people."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from tests.web.open_cases import more

from haqdar.access.actors import Actor, OutsideYourArea, acting
from haqdar.access.models import AuditEvent, User
from haqdar.access.queries import actor_of
from haqdar.base.refusal import Words
from haqdar.cases.models import Case, Order, OrderPaper
from haqdar.cases.orders import OrderCancelled, Wanted, cancel_order, issue_order, issue_orders
from haqdar.cases.papers import making, signing
from haqdar.web import assets


@pytest.fixture(scope="module", autouse=True)
def fonts() -> None:
    assets.main()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


@pytest.fixture
def officer(state: dict[str, Any]) -> Actor:
    return actor_of(User.objects.get(username="block"), None).doing("case.sanction")


@pytest.fixture
def case(state: dict[str, Any]) -> Case:
    """Sita Bai's widow pension."""
    return more("start", 1, state, scheme="IGNWPS", paise=30000)[0]


@pytest.fixture
def order(officer: Actor, case: Case) -> Order:
    with acting(officer, "case.sanction"):
        return issue_order(officer, case, "sanction", from_on=date(2016, 10, 1))


def proven(resident: object) -> Client:
    client = Client()
    client.cookies["haqdar_language"] = "en"
    session = client.session
    session["citizen"] = {
        "resident": str(resident),
        "until": (timezone.now() + timedelta(minutes=5)).isoformat(),
    }
    session.save()
    return client


def test_order_holds_what_was_decided_and_by_which_office(order: Order, case: Case) -> None:
    assert order.number.startswith("D")
    assert (order.scheme, order.paise, order.office_code) == ("IGNWPS", 30000, "O4011")
    assert order.data["person"]["name"]["hi"] == "सीता बाई मालवीय"
    assert order.data["case"]["number"] == case.number
    sentences = [row["sentence"]["en"] for row in order.data["criteria"]]
    assert any("widow" in sentence for sentence in sentences)
    event = AuditEvent.objects.get(verb="order.issue", object_key=str(order.key))
    assert event.actor == "block"
    assert str(case.member_id) not in str(event.new)


def test_order_goes_with_the_transaction_it_was_written_in(officer: Actor, case: Case) -> None:
    def decide() -> None:
        with acting(officer, "case.sanction"):
            issue_order(officer, case, "sanction", from_on=date(2016, 10, 1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        decide()
    assert not Order.objects.exists()


def test_case_of_another_area_is_refused(officer: Actor, state: dict[str, Any]) -> None:
    foreign = more("start", 1, state, area="40211", scheme="IGNWPS")[0]
    with pytest.raises(OutsideYourArea), acting(officer, "case.sanction"):
        issue_order(officer, foreign, "sanction")
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "change", [{"paise": 1}, {"data": {}}, {"issued_by": "somebody"}, {"kind": "stop"}, {"supersedes": None}]
)
def test_order_is_never_changed(order: Order, officer: Actor, change: dict[str, Any]) -> None:
    if "supersedes" in change:
        with acting(officer, "case.sanction"):
            assert order.case is not None
            order = issue_order(officer, order.case, "sanction", supersedes=order)
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


def test_order_and_its_document_are_never_deleted(order: Order) -> None:
    making.paper_of(order)
    for rows in (OrderPaper.objects.filter(order=order), Order.objects.filter(pk=order.pk)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_order_is_cancelled_once(order: Order, officer: Actor, client: Client) -> None:
    cancel_order(officer, order, "issued for the wrong person")
    with pytest.raises(OrderCancelled):
        cancel_order(officer, order, "again")
    client.cookies["haqdar_language"] = "en"
    page = client.get(f"/o/{order.key}").content.decode()
    assert "This order was cancelled" in page
    assert "genuine and valid" not in page
    assert AuditEvent.objects.filter(verb="order.cancel", object_key=str(order.key)).count() == 1


def test_later_order_takes_its_place(order: Order, officer: Actor, client: Client) -> None:
    assert order.case is not None
    with acting(officer, "case.sanction"):
        later = issue_order(officer, order.case, "sanction", paise=50000, supersedes=order)
    client.cookies["haqdar_language"] = "en"
    page = client.get(f"/o/{order.key}").content.decode()
    assert "A later order has taken its place" in page
    assert later.number in page


def test_documents_are_made_once_and_read_back(order: Order, home: Path) -> None:
    assert making.make_missing() == 1
    assert making.make_missing() == 0
    paper = OrderPaper.objects.get(order=order)
    document = making.content(order)
    assert hashlib.sha256(document).hexdigest() == paper.sha256
    files = list((home / "orders").rglob("*.sealed"))
    assert len(files) == 1
    # sealed on the disk: neither a PDF nor a name can be read there
    assert b"%PDF" not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o077 == 0


def test_two_who_make_the_same_document_keep_one(order: Order, home: Path) -> None:
    from haqdar.registry.sealing import sealer

    first = making._make(order, sealer())
    second = making._make(order, sealer())
    assert first.sha256 == second.sha256
    assert len(list((home / "orders").rglob("*.sealed"))) == 1


def test_kill_in_the_middle_of_many_loses_none_and_makes_none_twice(
    officer: Actor, state: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = more("start", 5, state, scheme="IGNWPS")
    with acting(officer, "case.sanction"):
        issue_orders(officer, [Wanted(one, "sanction", from_on=date(2016, 10, 1)) for one in cases])
    sign, calls = signing.sign, []

    def killed(*values: Any, **named: Any) -> bytes:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return sign(*values, **named)

    monkeypatch.setattr(signing, "sign", killed)
    with pytest.raises(KeyboardInterrupt):
        making.make_missing()
    assert OrderPaper.objects.count() == 2
    assert making.make_missing() == 3
    assert len(list((home / "orders").rglob("*.sealed"))) == OrderPaper.objects.count() == 5


def test_many_orders_take_a_handful_of_queries(
    officer: Actor, state: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    cases = more("start", 40, state, scheme="IGNWPS")
    with django_assert_max_num_queries(35), acting(officer, "case.sanction"):
        orders = issue_orders(officer, [Wanted(one, "sanction", from_on=date(2016, 10, 1)) for one in cases])
    assert len({order.number for order in orders}) == 40
    assert AuditEvent.objects.filter(verb="order.issue").count() == 40


def test_everybody_sees_an_order_masked(order: Order, case: Case, client: Client) -> None:
    client.cookies["haqdar_language"] = "hi"
    page = client.get(f"/o/{order.key}").content.decode()
    assert "यह आदेश असली है और मान्य है" in page
    assert "स… ब… मालवीय" in page
    assert "सीता" not in page
    assert f"{case.member_id:09d}" not in page.replace(" ", "")
    assert "₹300" in page


@pytest.mark.parametrize("typed", ["{n}", " {n} ", "{low}", "{bare}"])
def test_order_is_found_by_its_number_however_typed(order: Order, client: Client, typed: str) -> None:
    number = order.number
    text = typed.format(n=number, low=number.lower(), bare=number.replace("-", ""))
    assert client.get("/orders", {"number": text})["Location"] == f"/o/{order.key}"
    assert client.get("/follow", {"number": text})["Location"] == f"/o/{order.key}"


def test_mistyped_number_is_said_to_be_mistyped(order: Order, client: Client) -> None:
    client.cookies["haqdar_language"] = "en"
    wrong = order.number[:-1] + str((int(order.number[-1]) + 1) % 10)
    assert "mistyped" in client.get("/orders", {"number": wrong}).content.decode()
    assert "one letter and twelve digits" in client.get("/orders", {"number": "12"}).content.decode()


def test_guessing_numbers_is_stopped(client: Client, db: None) -> None:
    from haqdar.web.citizen.orders import MOST_MISSES

    answers = [
        client.get("/follow", {"number": "A16-00000000-00"}).status_code for _ in range(MOST_MISSES + 1)
    ]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {200}


def test_file_is_compared_with_the_one_that_was_issued(order: Order, client: Client) -> None:
    client.cookies["haqdar_language"] = "en"
    document = making.content(order)

    def hand_in(content: bytes) -> Any:
        return client.post("/orders", {"file": SimpleUploadedFile("order.pdf", content)})

    assert hand_in(document)["Location"] == f"/o/{order.key}?file=same"
    assert "exactly the one that was issued" in client.get(f"/o/{order.key}?file=same").content.decode()
    assert "not an order as it was issued" in hand_in(document + b" ").content.decode()
    assert "Choose the PDF file" in client.post("/orders", {}).content.decode()


def test_whole_order_is_for_the_person_it_was_written_to(
    order: Order, state: dict[str, Any], client: Client
) -> None:
    asked = client.get(f"/o/{order.key}/document")
    assert asked["Location"].startswith("/prove?")
    assert proven(state["people"]["40111"][1]).get(f"/o/{order.key}/document").status_code == 404
    own = proven(order.resident_key)
    answer = own.get(f"/o/{order.key}/document")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert order.number in answer["Content-Disposition"]
    assert "Sita Bai Malviya" in own.get(f"/o/{order.key}").content.decode()


def test_whole_order_is_for_officers_of_the_area(
    order: Order, client: Client, client_of: Callable[..., Client]
) -> None:
    path = f"/desk/orders/{order.key}/"
    assert client.get(path)["Location"].startswith("/desk/log-in")
    assert client_of("ddo").get(path).status_code == 403
    assert client_of("gp").get(path).content.startswith(b"%PDF")
    assert AuditEvent.objects.get(verb="order.view", object_key=str(order.key)).actor == "gp"
    assert client_of("gp").get("/desk/orders/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_whole_order_is_not_for_officers_of_another_area(
    officer: Actor, state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    foreign = more("start", 1, state, area="40121", scheme="IGNWPS")[0]
    actor = actor_of(User.objects.get(username="state"), None)
    with acting(actor, "case.sanction"):
        order = issue_order(actor, foreign, "sanction")
    assert client_of("gp").get(f"/desk/orders/{order.key}/").status_code == 403


def test_reasons_and_remark_stand_in_the_letter(officer: Actor, case: Case) -> None:
    from tests.cases.test_signing import squeezed, text_of

    why = Words("The age proof shows 38 years.", "उम्र के प्रमाण में 38 वर्ष लिखा है।")
    with acting(officer, "case.reject"):
        order = issue_order(officer, case, "rejection", reason_words=[why], note="मतदाता कार्ड देखा")
    text = text_of(making.content(order))
    for said in (why.en, why.hi, "मतदाता कार्ड देखा", "आवेदन अस्वीकृति आदेश", "The officer’s remark", order.number):
        assert squeezed(said) in text.replace("'", "’")
    assert "₹" not in text
