"""Objections to a stop or a lower amount: while one is undecided, the effect of the notice waits.

An objection stands as a case of its own about the case it is against. The month's run reads those that stood on its day of
knowledge (`awards.read_objections`). One that was accepted while the facts still say otherwise goes on standing until they are
corrected: a task to correct them is opened with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from haqdar.access.actors import Actor, NotLoggedIn, acting, require
from haqdar.base.refusal import Refusal
from haqdar.cases import afterwards
from haqdar.cases.casework import NoSuchCase, Opened, add_step, advance, case_by_key, open_case
from haqdar.cases.models import Case
from haqdar.cases.stopping import AT_ONCE, decision_now, standing_of

LEAST_GROUNDS = 10
LEAST_ANSWER = 20
GROUNDS = ("alive", "still_here", "fact_wrong", "card_valid", "not_remarried", "other")
"""Why somebody objects, by a word with a sentence in both languages."""
REFUSED_FOR = ("fact_confirmed", "no_proof", "law_says_so", "other")
"""Why an objection is refused."""
AGAINST = ("stop", "move", "revise")


class NothingToObjectTo(Refusal):
    """No stop or lower amount is ahead or done."""

    code = "nothing_to_object_to"
    en = "There is no stop and no lower amount here that an objection could hold up. Check the number on the notice."
    hi = "यहाँ न पेंशन बंद हो रही है न राशि घट रही है, जिस पर आपत्ति हो सके। सूचना पत्र का नंबर जाँचें।"


class NoticeRunOut(Refusal):
    """The notice has run out; the way is an appeal."""

    code = "notice_run_out"
    en = "The notice has run out and the change was made. You can appeal against it; the notice says to whom."
    hi = (
        "सूचना की अवधि पूरी हो चुकी है और बदलाव हो गया है। आप इसके ख़िलाफ़ अपील कर सकते हैं; सूचना पत्र में लिखा है किसके पास।"
    )


class AlreadyObjected(Refusal):
    """An objection stands already."""

    code = "already_objected"
    en = "An objection stands already, with the number {number}. Nothing changes until it is decided."
    hi = "आपत्ति पहले से दर्ज है, नंबर {number}। निर्णय होने तक कुछ नहीं बदलेगा।"


class ObjectionRefused(Refusal):
    """The same notice was objected to and the objection refused: the way is an appeal, or no notice would ever run out."""

    code = "objection_refused"
    en = "The objection {number} against this was decided already. You can appeal against that decision; the order says to whom."
    hi = "इस पर आपत्ति {number} का निर्णय हो चुका है। आप उस निर्णय के ख़िलाफ़ अपील कर सकते हैं; आदेश में लिखा है किसके पास।"


class SayWhy(Refusal):
    """An objection or its answer without words."""

    code = "say_why"
    en = "Choose a reason and say in at least {least} characters what is wrong."
    hi = "कारण चुनें और कम से कम {least} अक्षरों में बताएँ कि क्या ग़लत है।"


def object_to(
    actor: Actor,
    key: UUID | str,
    grounds: str,
    note: str,
    *,
    source: str = "office",
    mobile: str = "",
    language: str = "hi",
    proven: UUID | None = None,
) -> Case:
    """Enter an objection against the stop, move or revision of the case `key`; returns the objection's case.

    An office enters it for somebody (`objection.enter` in the area; `source` office, or gram_sabha for a list read out there);
    the public for itself, when `proven`, the resident who has given the one-time code, is the person concerned. Until it is
    decided the notice has no effect. Raises `NothingToObjectTo`, `NoticeRunOut`, `AlreadyObjected`, `ObjectionRefused`, `SayWhy`.
    """
    if grounds not in GROUNDS or len(note.strip()) < LEAST_GROUNDS:
        raise SayWhy(least=LEAST_GROUNDS)
    if actor.is_anonymous:
        against = Case.objects.filter(key=key).first()
        if against is None:
            raise NoSuchCase()
        if proven is None or against.resident_key != proven:
            raise NotLoggedIn()
        source = "person"
    else:
        actor = require(actor, "objection.enter")
        against = case_by_key(actor, key, "objection.enter")
    with acting(actor, "objection.enter"):
        against = Case.objects.select_for_update().get(pk=against.pk)
        _open_to_objection(against)
        objection = open_case(
            actor,
            "objection.enter",
            Opened.against(
                against,
                "objection",
                reason=grounds,
                mobile=mobile,
                language=language,
                details={"source": source, "against": against.kind, "why": against.reason},
            ),
        )
        add_step(actor, objection, "objection.enter", grounds, note.strip(), {"source": source})
        afterwards.after_objecting(objection)
    return objection


def _open_to_objection(against: Case) -> None:
    if against.kind not in AGAINST or against.member_id is None or against.occasion:
        raise NothingToObjectTo()
    standing = standing_of(against)
    if standing.objection is not None:
        raise AlreadyObjected(number=standing.objection.number)
    refused = Case.objects.filter(about=against, kind="objection", outcome="refused").first()
    if refused is not None:
        raise ObjectionRefused(number=refused.number)
    if standing.stopped is not None:
        if standing.stopped.reason not in AT_ONCE:
            raise NoticeRunOut()
        return
    if standing.effective_month is None:
        raise NothingToObjectTo()


def decide_objection(
    actor: Actor, key: UUID | str, accepted: bool, reasons: Sequence[str], note: str
) -> Case:
    """Accept or refuse an objection, in words the person understands.

    Accepted: where the corrected facts end the stop, the next run withdraws the notice by itself; where they still say
    otherwise, the award goes on and a task to correct them is opened. A pension that has ended already is restored by its own
    step. Refused: the notice goes on and takes effect with the next run. Raises `SayWhy` and what `advance` raises.
    """
    actor = require(actor, "objection.decide")
    if len(note.strip()) < LEAST_ANSWER or not (accepted or reasons):
        raise SayWhy(least=LEAST_ANSWER)
    if any(reason not in REFUSED_FOR for reason in reasons):
        raise SayWhy(least=LEAST_ANSWER)
    with transaction.atomic():
        objection = case_by_key(actor, key, "objection.decide")
        case = advance(
            actor,
            key,
            "objection.decide",
            outcome="accepted" if accepted else "refused",
            reason=",".join(reasons),
            note=note.strip(),
        )
        if accepted and objection.about is not None and _still_adverse(objection):
            _to_correct(actor, objection)
        effective = standing_of(objection.about).effective_month if objection.about is not None else None
        words = afterwards.REASON_WORDS
        why = [words.get(reason, words["other"]) for reason in reasons]
        afterwards.after_objection(actor, case, accepted, why, note.strip(), effective)
    return case


def _still_adverse(objection: Case) -> bool:
    against = objection.about
    assert against is not None
    if standing_of(against).stopped is not None:
        return False
    decision = decision_now(against)
    return decision is not None and decision.action == against.kind


def _to_correct(actor: Actor, objection: Case) -> None:
    """The task to correct the facts that an accepted objection says are wrong; the award goes on while it is open."""
    against = objection.about
    assert against is not None
    open_case(
        actor,
        "objection.decide",
        # not as held: a task of the month's own about the same award may be open beside it
        Opened.against(
            objection,
            "undecided",
            scheme=objection.from_scheme,
            paise=objection.from_paise,
            from_scheme=None,
            from_paise=None,
            reason=against.reason,
            details={"hold": True},
        ),
    )
