"""An auditor's lot: the same seed draws the same credits, and each has its whole trail."""

from dataclasses import replace

import pytest
from tests.payments.on_the_way import MONTH, answered, passed, sent, state_of_nine

from haqdar.access.actors import OutsideYourArea, platform
from haqdar.access.queries import place
from haqdar.payments import sampling
from haqdar.payments.sampling import BadSample, NothingCredited

pytestmark = pytest.mark.django_db


def test_the_same_seed_draws_the_same_credits_and_each_has_its_trail() -> None:
    run, actor = state_of_nine(), platform()
    state = place(actor, "S")
    assert state is not None
    passed(run)
    sent(run, [1, 2, 3, 4, 5])
    with pytest.raises(NothingCredited):
        sampling.draw(actor, MONTH, state, 2, "credits")
    answered(run, [1, 2, 3, 4], {5: "01"})
    first, again = (sampling.draw(actor, MONTH, state, 3, "credits", "lot1") for _ in range(2))
    references = [one.reference for one in sampling.trails(actor, first)]
    assert references == [one.reference for one in sampling.trails(actor, again)]
    assert len(set(references)) == 3 and (first.frame_credits, first.frame_paise) == (4, 120000)
    one = sampling.trails(actor, first)[0]
    assert one.agrees and one.utr.startswith("U") and one.file_name == "F1" and one.answer_file == "A1"
    assert [(bill.paise, bill.voucher_no[0]) for bill in one.bills] == [(30000, "V")]
    assert [(due.kind, due.paise) for due in one.dues] == [("regular", 30000)]
    by_money = sampling.draw(actor, MONTH, state, 4, "money", "lot1")
    assert len({one.reference for one in sampling.trails(actor, by_money)}) == 4, (
        "every interval of equal credits holds one"
    )
    foreign = replace(actor, area_paths=("/X/",))
    with pytest.raises(OutsideYourArea):
        sampling.sample_of_key(foreign, first.key)
    for size, seed in ((0, ""), (501, ""), (5, "no blanks")):
        with pytest.raises(BadSample):
            sampling.draw(actor, MONTH, state, size, "credits", seed)
