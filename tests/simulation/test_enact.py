"""Enacting: the text that is written says what was simulated, and only what two persons approved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.simulation.test_simulate import AMOUNTS, WIDOW
from tests.simulation.trials import LAW, law_with, state

from haqdar.access.actors import Actor, NotYourFunction, platform
from haqdar.access.models import AuditEvent
from haqdar.cases.models import MonthRun
from haqdar.entitlement import approvals, enact
from haqdar.entitlement.approvals import (
    ApprovedAlready,
    AuthorMayNotApprove,
    OnlyPersonsApprove,
    ProposalChanged,
    approve,
    content_hash,
)
from haqdar.entitlement.law_checks import check_law
from haqdar.entitlement.law_examples import run_examples
from haqdar.entitlement.models import LawApproval
from haqdar.entitlement.simulate import trial
from haqdar.jobs.enactment import MonthsAlreadyPaid, OrderMissing, enact_proposal
from haqdar.law import LawInForce, LawRefused, Text, load_lawbook
from haqdar.law.enacting import enacted

DAY = date(2017, 4, 1)
ORDER = Text("F.3-11/2017: social justice, 1 March", "एफ.3-11/2017: सामाजिक न्याय, 1 मार्च")
OPERATOR = platform("command line")

EVERYTHING = {
    **AMOUNTS,
    "state.yaml": (
        "groups: {4: {en: Winter aid, hi: सर्दी की मदद}}\nnotice_days: 45\nrecovery_share: 0.25\n"
        "heads: {schemes: {WINTER: {state: {sub_major: '60', minor: '102', sub: '2110'}}}}\n"
    ),
    "schemes/winter.yaml": (
        "# A comment that stays.\ncode: WINTER\ngroup: 4\nrank: 10\nsponsor: state\n"
        "name: {en: Winter aid, hi: सर्दी की मदद}\n"
        "criteria:\n  old:\n    test: age >= 70\n    stop_reason: age\n    en: Is 70 or older.\n"
        "    hi: 70 वर्ष या ज़्यादा के हैं।\n    change: {en: The age would have to be 70., hi: उम्र 70 होनी चाहिए।}\n"
        "amount: [{pay: 50}]\n"
    ),
    "schemes/ignoaps.yaml": (
        "code: IGNOAPS\ngroup: 1\nrank: 11\nparameters: {minimum_age: 58}\n"
        "amount:\n  - {when: age between 58 and 79, pay: 600, of_which: {union: 200, state: 400}}\n"
        "  - {when: age >= 80, pay: 800}\n"
    ),
    "schemes/ignwps.yaml": (
        "code: IGNWPS\nparameters: {minimum_age: 35, poorest: true}\n"
        "criteria:\n  bpl: {test: 'bpl or destitute', en: 'Must be poor (now: {value}).', hi: 'ग़रीब हों (अभी: {value})।'}\n"
        "  tax: {test: not income_tax_payer, stop_reason: income_tax, en: Pays no income tax., hi: आयकर नहीं देतीं।,"
        " change: {en: No income tax., hi: आयकर नहीं।}}\n"
        "  woman:\n    change: {en: Ask the local body., hi: निकाय से पूछें।}\n"
    ),
    "schemes/ssp-deserted.yaml": "code: SSP-DESERTED\nends: true\n",
    "schemes/ssp-pwd.yaml": "code: SSP-PWD\nname: {en: Aid for the disabled, hi: दिव्यांग सहायता}\ncriteria: {bpl: null}\n",
}
PROPOSALS = {"widow": WIDOW, "amounts": AMOUNTS, "everything": EVERYTHING}


def person(name: str, number: int) -> Actor:
    return Actor(user_id=number, name=name, roles=frozenset({"state"}), area_paths=None)


def approved(law: Path, *names: str) -> None:
    for number, name in enumerate(names, 1):
        approve(person(name, number), law, "trial", content_hash(law, "trial"))


def deciding(law: LawInForce) -> object:
    """What of a law decides: words are not dated, so a new name or sentence shows on all days."""
    schemes = [
        (
            s.code,
            s.group,
            s.rank,
            [c.sql for c in s.criteria],
            [(b.sql, b.paise, b.components) for b in s.bands],
        )
        for s in law.schemes
    ]
    return schemes, law.notice_days, law.recovery_share


@pytest.mark.parametrize("which", PROPOSALS)
def test_the_law_as_written_is_the_law_as_tried(which: str, tmp_path: Path) -> None:
    law = law_with(tmp_path, PROPOSALS[which], str(DAY))
    tried = trial(law, "trial")
    content = enacted(law, "trial", DAY, ORDER)
    enact._write(law, content)
    book = load_lawbook(law)
    enact._same_law(tried.proposed, book, DAY, ORDER)
    eve = date(2017, 3, 31)
    assert deciding(book.on(eve)) == deciding(load_lawbook(LAW).on(eve))
    assert deciding(book.on(DAY)) != deciding(load_lawbook(LAW).on(DAY))
    if which == "widow":
        assert not check_law(law)
        assert all(result.agrees for result in run_examples(law))


def test_comments_and_everything_that_does_not_change_stay_as_they_were(tmp_path: Path) -> None:
    law = law_with(tmp_path, {**WIDOW, "schemes/o.yaml": EVERYTHING["schemes/ignoaps.yaml"]}, str(DAY))
    before = (law / "schemes" / "ignoaps.yaml").read_text()
    after = enacted(law, "trial", DAY, ORDER).files["schemes/ignoaps.yaml"]
    kept = [line for line in before.splitlines() if line not in after.splitlines()]
    # only the lines with undated or one-line dated values were touched
    assert kept == ["group: 1", "rank: 1", "  minimum_age: {2012-04-01: 60}"]
    assert "# 275 is made of 200 from the Union and 75 from the State." in after
    assert "  minimum_age: {2012-04-01: 60, 2017-04-01: 58}" in after.splitlines()
    assert "F.3-11/2017" in after


@pytest.mark.parametrize("seed", [3, 8])
def test_enacted_law_gives_the_numbers_that_the_simulation_gave(seed: int, tmp_path: Path) -> None:
    tried = state(seed, tmp_path)
    law = law_with(tmp_path, WIDOW, str(tried.day))
    simulated = tried.run(law)
    enact._write(law, enacted(law, "trial", tried.day, ORDER))
    nothing = law_with(
        tmp_path, {"schemes/w.yaml": "code: MRMD\namount: [{pay: 500}]\n"}, "2014-01-01", "nothing"
    )
    now = tried.run(nothing, "nothing")
    assert simulated.totals["gainers"]
    assert now.totals["entitled_before"] == simulated.totals["entitled_after"]
    assert now.totals["paise_before"] == simulated.totals["paise_after"]
    was = {
        row["scheme"]: (row["entitled_after"], row["paise_after"])
        for row in simulated.schemes
        if row["entitled_after"]
    }
    assert was == {row["scheme"]: (row["entitled_before"], row["paise_before"]) for row in now.schemes}


@pytest.mark.django_db
def test_two_different_persons_who_did_not_write_it_are_needed(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW, str(DAY))
    content = content_hash(law, "trial")
    with pytest.raises(enact.NotApproved, match="0 of 2"):
        enact_proposal(OPERATOR, law, "trial", DAY, ORDER)
    with pytest.raises(AuthorMayNotApprove):
        approve(person("writer", 9), law, "trial", content)
    approve(person("asha", 1), law, "trial", content)
    with pytest.raises(ApprovedAlready):
        approve(person("asha", 1), law, "trial", content)
    with pytest.raises(enact.NotApproved, match="1 of 2"):
        enact_proposal(OPERATOR, law, "trial", DAY, ORDER)
    approve(person("bilal", 2), law, "trial", content)
    written = enact_proposal(OPERATOR, law, "trial", DAY, ORDER)
    assert "schemes/ignwps.yaml" in written
    assert not (law / "proposals" / "trial").exists()
    assert (law / "enacted" / f"{DAY}-trial" / "enacted.yaml").is_file()
    widow = load_lawbook(law).on(DAY).scheme("IGNWPS")
    assert [band.paise for band in widow.bands] == [50000]
    assert widow.bands[0].order == ORDER
    assert {event.verb for event in AuditEvent.objects.all()} == {"law.approve", "law.enact"}


@pytest.mark.django_db
def test_nobody_approves_without_the_function_nor_as_a_machine_nor_unseen(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW, str(DAY))
    district = Actor(user_id=4, name="district", roles=frozenset({"district"}), area_paths=("/23/",))
    with pytest.raises(NotYourFunction):
        approve(district, law, "trial", content_hash(law, "trial"))
    with pytest.raises(OnlyPersonsApprove):
        approve(OPERATOR, law, "trial", content_hash(law, "trial"))
    with pytest.raises(ProposalChanged):
        approve(person("asha", 1), law, "trial", "what an older page showed")
    with pytest.raises(NotYourFunction):
        enact_proposal(person("asha", 1), law, "trial", DAY, ORDER)
    assert not LawApproval.objects.exists()


@pytest.mark.django_db
def test_any_change_after_approval_voids_it(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW, str(DAY))
    approved(law, "asha", "bilal")
    assert len(approvals.approvals_of(law, "trial")) == 2
    file = law / "proposals" / "trial" / "schemes" / "w.yaml"
    file.write_text(file.read_text().replace("500", "5000"))
    with pytest.raises(enact.NotApproved):
        enact_proposal(OPERATOR, law, "trial", DAY, ORDER)
    file.write_text(file.read_text().replace("5000", "500"))
    (law / "schemes" / "mrmd.yaml").write_text((law / "schemes" / "mrmd.yaml").read_text() + "# edited\n")
    with pytest.raises(enact.NotApproved):
        enact_proposal(OPERATOR, law, "trial", DAY, ORDER)


@pytest.mark.django_db
def test_a_broken_proposal_is_neither_approved_nor_enacted(tmp_path: Path) -> None:
    law = law_with(
        tmp_path, {"schemes/w.yaml": "code: IGNWPS\namount: [{when: age >= 50, pay: 5}]\n"}, str(DAY)
    )
    with pytest.raises(LawRefused):
        approve(person("asha", 1), law, "trial", content_hash(law, "trial"))


@pytest.mark.django_db
def test_the_day_and_the_order_must_be_those_that_were_approved(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW, str(DAY))
    approved(law, "asha", "bilal")
    with pytest.raises(enact.NotTheApprovedDay):
        enact_proposal(OPERATOR, law, "trial", date(2017, 5, 1), ORDER)
    with pytest.raises(OrderMissing):
        enact_proposal(OPERATOR, law, "trial", DAY, Text("An order", " "))


@pytest.mark.django_db
def test_an_example_that_would_become_untrue_stops_it_and_nothing_is_written(tmp_path: Path) -> None:
    law = law_with(tmp_path, {"schemes/w.yaml": "code: MRMD\namount: [{pay: 700}]\n"}, "2016-01-01")
    approved(law, "asha", "bilal")
    before = {path: path.read_bytes() for path in law.rglob("*.yaml")}
    with pytest.raises(enact.ExamplesWouldDisagree):
        enact_proposal(OPERATOR, law, "trial", date(2016, 1, 1), ORDER)
    assert {path: path.read_bytes() for path in law.rglob("*.yaml")} == before


@pytest.mark.django_db
def test_paid_months_are_changed_only_when_that_is_said(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW, str(DAY))
    approved(law, "asha", "bilal")
    MonthRun.objects.create(
        month=date(2017, 4, 1), version=1, known_on=DAY, law_hash="", snapshot_hash="", inputs_hash="",
        state="complete", posted=True, manifest={}, started_at="2017-04-01T00:00Z", finished_at="2017-04-01T00:00Z",
        actor="x",
    )  # fmt: skip
    with pytest.raises(MonthsAlreadyPaid, match="2017-04"):
        enact_proposal(OPERATOR, law, "trial", DAY, ORDER)
    assert enact_proposal(OPERATOR, law, "trial", DAY, ORDER, retroactive=True)


@pytest.mark.django_db
def test_a_write_that_fails_half_way_leaves_the_law_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = law_with(tmp_path, EVERYTHING | {"examples/w.yaml": "examples: []\n"}, str(DAY))
    content = enacted(law, "trial", DAY, ORDER)
    prepared = enact.Enactment("trial", law, load_lawbook(law).hash, content, "")
    before = {path: path.read_bytes() for path in law.rglob("*.yaml")}
    real = Path.rename
    moved: list[Path] = []

    def fails_the_second_time(path: Path, target: Path) -> Path:
        moved.append(path)
        if len(moved) > 1:
            raise OSError("the disk has gone")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", fails_the_second_time)
    with pytest.raises(OSError, match="gone"):
        enact.write(prepared)
    assert {path: path.read_bytes() for path in law.rglob("*.yaml")} == before
