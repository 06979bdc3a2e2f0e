"""The counted simulation equals a comparison of every single person by the naive evaluator."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.oracle import month as naive
from tests.oracle.load import Known
from tests.simulation.trials import LAW, law_with, state

from haqdar.entitlement.simulate import (
    BREAKDOWNS,
    ProposalExamplesDisagree,
    simulate,
    trial,
)
from haqdar.entitlement.stored import BeforeTheSnapshot
from haqdar.law import LawRefused, NoSuchProposal

WIDOW = {"schemes/w.yaml": "code: IGNWPS\nparameters: {minimum_age: 35}\namount: [{pay: 500}]\n"}
AMOUNTS = {
    "schemes/a.yaml": "code: MRMD\namount: [{pay: 1500}]\n",
    "schemes/b.yaml": "code: KANYA\namount: [{pay: 1500}]\n",
}
NOTHING = {"schemes/w.yaml": "code: IGNWPS\namount: [{pay: 300}]\n"}


def entitled(known: Known, day: date) -> dict[str, int]:
    """Rupees of every person by the naive evaluator, all groups together."""
    found: Counter[str] = Counter()
    for row in naive.Month(known, day).entitlements():
        found[row["member_id"]] += int(row["amount"])
    return found


@pytest.mark.parametrize("seed", range(2, 10))
def test_counts_equal_a_comparison_person_by_person(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = state(seed, tmp_path)
    found = tried.run(law_with(tmp_path, WIDOW))
    before = entitled(tried.known, tried.day)
    monkeypatch.setitem(naive.AMOUNTS, "IGNWPS", 500)
    monkeypatch.setitem(naive.AGE_LIMITS, "IGNWPS", (35, 79))
    after = entitled(tried.known, tried.day)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tried.known.rows["residents"].values():
        old, new = before.get(row["member_id"], 0), after.get(row["member_id"], 0)
        for key in ("all", row["sex"]):
            told = expected[key]
            told["residents"] += 1
            told["entitled_before"] += old > 0
            told["entitled_after"] += new > 0
            told["gainers"] += new > old
            told["newly_entitled"] += new > 0 == old
            told["losers"] += new < old
            told["unchanged"] += new == old > 0
            told["paise_before"] += 100 * old
            told["paise_after"] += 100 * new
            told["gained_paise"] += 100 * max(new - old, 0)
    assert {key: found.totals[key] for key in expected["all"]} == dict(expected["all"])
    assert found.totals["gainers"], "a State in which nobody gains proves nothing"
    for row in found.by["sex"]:
        assert {key: row[key] for key in expected["all"]} == dict(expected[str(row["sex"])])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_proposal_that_changes_nothing_moves_nobody(seed: int, tmp_path: Path) -> None:
    tried = state(seed, tmp_path)
    totals = tried.run(law_with(tmp_path, NOTHING)).totals
    for key in ("gainers", "losers", "other_scheme", "gained_paise", "lost_paise"):
        assert totals[key] == 0
    assert totals["paise_before"] == totals["paise_after"] > 0  # type: ignore[operator]
    assert totals["undecided_before"] == totals["undecided_after"]


@pytest.mark.parametrize("seed", [4, 5])
def test_every_breakdown_adds_up_to_the_whole(seed: int, tmp_path: Path) -> None:
    tried = state(seed, tmp_path)
    found = tried.run(law_with(tmp_path, WIDOW))
    for rows in (*(found.by[name] for name in BREAKDOWNS), found.cross):
        for key, total in found.totals.items():
            assert sum(row[key] for row in rows) == total, key  # type: ignore[misc]
    assert sum(row["paise_after"] for row in found.schemes) == found.totals["paise_after"]  # type: ignore[misc]
    assert sum(row["paise_before"] for row in found.moves) == found.totals["paise_before"]  # type: ignore[misc]


def test_splitting_a_state_into_districts_changes_no_number(tmp_path: Path) -> None:
    law = law_with(tmp_path, WIDOW)
    whole = state(6, tmp_path / "whole").run(law)
    split = state(6, tmp_path / "split", districts=4).run(law)
    assert [row["district"] for row in split.by["district"]] == ["S0", "S1", "S2", "S3"]
    for key, total in whole.totals.items():
        assert split.totals[key] == total
        assert sum(row[key] for row in split.by["district"]) == total  # type: ignore[misc]
    assert (split.schemes, split.moves, split.paid) == (whole.schemes, whole.moves, whole.paid)


def test_the_list_of_people_names_exactly_those_who_are_touched(tmp_path: Path) -> None:
    tried = state(6, tmp_path)
    totals = tried.run(law_with(tmp_path, WIDOW), people=tmp_path / "people").totals
    found = duckdb.sql(
        f"SELECT outcome, count(*), sum(to_paise - from_paise) FROM '{tmp_path}/people/*/*.parquet' GROUP BY 1"
    ).fetchall()
    by_outcome = {outcome: people for outcome, people, _ in found}
    assert by_outcome.get("newly", 0) + by_outcome.get("more", 0) == totals["gainers"]
    assert by_outcome.get("other_scheme", 0) == totals["other_scheme"]
    assert sum(paise for *_, paise in found) == totals["gained_paise"] - totals["lost_paise"]  # type: ignore[operator]


def test_a_snapshot_that_begins_later_than_the_month_is_refused(tmp_path: Path) -> None:
    tried = state(2, tmp_path)
    attempt = trial(law_with(tmp_path, WIDOW), "trial", date(2014, 5, 1))
    with pytest.raises(BeforeTheSnapshot, match="2014-05-01"):
        simulate(tried.snapshot, attempt, tried.hold)


def test_amounts_alone_scale_the_cost_of_their_schemes(tmp_path: Path) -> None:
    tried = state(7, tmp_path)
    found = tried.run(law_with(tmp_path, AMOUNTS))
    by_code = {row["scheme"]: row for row in found.schemes}
    assert by_code
    for code, row in by_code.items():
        factor = 3 if code in ("MRMD", "KANYA") else 1
        assert row["paise_after"] == factor * row["paise_before"]  # type: ignore[operator]
        assert row["entitled_after"] == row["entitled_before"]


def test_a_proposal_is_tried_before_its_own_day_as_if_it_held(tmp_path: Path) -> None:
    tried = state(1, tmp_path)
    early = tried.run(law_with(tmp_path / "a", WIDOW, "2014-01-01"))
    late = tried.run(law_with(tmp_path / "b", WIDOW, "2031-04-01"))
    assert early.plain() == late.plain()


def test_a_new_scheme_in_a_new_group_is_a_gain_beside_the_old_ones(tmp_path: Path) -> None:
    tried = state(2, tmp_path)
    law = law_with(
        tmp_path,
        {
            "state.yaml": (
                "groups: {4: {en: Winter aid, hi: सर्दी की मदद}}\n"
                "heads: {schemes: {WINTER: {state: {sub_major: '60', minor: '102', sub: '2110'}}}}\n"
            ),
            "schemes/winter.yaml": (
                "code: WINTER\ngroup: 4\nrank: 10\nsponsor: state\nname: {en: Winter aid, hi: सर्दी की मदद}\n"
                "criteria:\n  old:\n    test: age >= 70\n    stop_reason: age\n    en: Is 70 or older.\n"
                "    hi: 70 वर्ष या ज़्यादा के हैं।\n    change: {en: The age would have to be 70., hi: उम्र 70 होनी चाहिए।}\n"
                "amount: [{pay: 50}]\n"
            ),
        },
    )
    found = tried.run(law)
    (winter,) = [row for row in found.schemes if row["scheme"] == "WINTER"]
    assert winter["entitled_before"] == 0 < winter["entitled_after"]  # type: ignore[operator]
    assert found.totals["gainers"] == winter["entitled_after"]
    assert found.totals["gained_paise"] == winter["paise_after"]
    assert found.totals["losers"] == 0


def test_ending_a_scheme_moves_its_people_to_the_next_best_or_to_nothing(tmp_path: Path) -> None:
    tried = state(3, tmp_path)
    found = tried.run(law_with(tmp_path, {"schemes/w.yaml": "code: IGNOAPS\nends: true\n"}))
    assert "IGNOAPS" not in {row["to_scheme"] for row in found.moves}
    gone = [row for row in found.moves if row["from_scheme"] == "IGNOAPS"]
    assert gone and found.totals["losers"]
    assert found.totals["gainers"] == 0


BROKEN = {
    "a broken rule": ("code: IGNWPS\ncriteria: {age: {test: age >= :nothing}}\n", "nothing"),
    "a gap in the amounts": ("code: IGNWPS\namount: [{when: age >= 50, pay: 500}]\n", "gap"),
    "no criterion left": ("code: MRMD\ncriteria: {disability: null}\n", "pay everybody"),
    "dates in a proposal": ("code: IGNWPS\nparameters: {minimum_age: {2017-04-01: 35}}\n", "no dates"),
    "an unknown key": ("code: IGNWPS\nsponsor: state\n", "cannot change 'sponsor'"),
    "an unknown criterion": ("code: IGNWPS\ncriteria: {rich: null}\n", "no criterion 'rich'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_proposal_stops_the_simulation(what: str, tmp_path: Path) -> None:
    text, said = BROKEN[what]
    with pytest.raises(LawRefused, match=said):
        trial(law_with(tmp_path, {"schemes/w.yaml": text}), "trial")


def test_a_proposal_that_contradicts_its_own_example_is_not_simulated(tmp_path: Path) -> None:
    example = (
        "examples:\n- name: A widow gets 700\n  hi: विधवा को 700 मिलते हैं\n  on: 2016-10-01\n"
        "  person: {sex: F, born_on: 1970-01-01, marital_status: widowed, bpl: true}\n  gets: {IGNWPS: 700}\n"
    )
    with pytest.raises(ProposalExamplesDisagree, match="₹700"):
        trial(law_with(tmp_path, {**WIDOW, "examples/w.yaml": example}), "trial")


def test_an_unknown_proposal_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NoSuchProposal, match="widow-500"):
        trial(LAW, "../examples")
