"""Who has approved a proposal: two different persons, neither of them its author, of exactly this content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal
from haqdar.entitlement.models import LawApproval
from haqdar.entitlement.simulate import trial
from haqdar.law import load_lawbook, read_proposal

APPROVALS_NEEDED = 2


class AuthorMayNotApprove(Refusal):
    """Nobody approves what they wrote themselves."""

    code = "author_may_not_approve"
    en = "You wrote this proposal. Two other persons must approve it."
    hi = "यह प्रस्ताव आपने लिखा है। इसे दो दूसरे लोगों की मंज़ूरी चाहिए।"


class ApprovedAlready(Refusal):
    """The same person cannot be both."""

    code = "approved_already"
    en = "You have approved this proposal already. The second approval must come from another person."
    hi = "आप इस प्रस्ताव को पहले ही मंज़ूरी दे चुके हैं। दूसरी मंज़ूरी किसी और की होनी चाहिए।"


class ProposalChanged(Refusal):
    """The page showed other content than what the folder holds now."""

    code = "proposal_changed"
    en = "The proposal or the law was changed since you opened the page. Read it again before you approve."
    hi = "पन्ना खोलने के बाद प्रस्ताव या कानून बदल गया है। मंज़ूरी देने से पहले उसे फिर पढ़ें।"


class OnlyPersonsApprove(Refusal):
    """The command line and jobs have no name of their own."""

    code = "only_persons_approve"
    en = "A proposal is approved by a person who is logged in, on the proposal's page."
    hi = "प्रस्ताव को मंज़ूरी लॉग इन किया हुआ व्यक्ति ही, प्रस्ताव के पन्ने पर, देता है।"


@dataclass(frozen=True)
class Approval:
    """One approval: by whom, when."""

    actor: str
    at: datetime


def content_hash(law: Path | str, name: str) -> str:
    """What is approved: the proposal's files, its day and examples included, laid over exactly this law.

    Any edit of either makes another hash, for which nobody has approved anything yet.
    """
    told = f"{load_lawbook(law).hash}:{name}:{read_proposal(law, name).hash}"
    return hashlib.sha256(told.encode()).hexdigest()


def approvals_of(law: Path | str, name: str) -> list[Approval]:
    """The approvals of the proposal as it stands now, oldest first."""
    found = LawApproval.objects.filter(content_hash=content_hash(law, name)).order_by("at", "id")
    return [Approval(entry.actor, entry.at) for entry in found]


def approve(actor: Actor, law: Path | str, name: str, seen_hash: str) -> None:
    """Approve a proposal; `seen_hash` is the content that the person was shown.

    An account's name is its user name, which the proposal's `author` is compared with. Raises `OnlyPersonsApprove`,
    `AuthorMayNotApprove`, `ApprovedAlready`, `ProposalChanged`, and what makes the proposal
    unfit (``LawRefused``, ``ProposalExamplesDisagree``): nobody can approve a broken one.
    """
    actor = require(actor, "law.approve")
    if actor.user_id is None:
        raise OnlyPersonsApprove()
    proposal = read_proposal(law, name)
    if actor.name == proposal.author:
        raise AuthorMayNotApprove()
    content = content_hash(law, name)
    if seen_hash != content:
        raise ProposalChanged()
    trial(law, name)
    try:
        with transaction.atomic(), acting(actor, "law.approve"):
            LawApproval.objects.create(
                proposal=name, content_hash=content, user_id=actor.user_id, actor=actor.name
            )
            record(actor, "law.approve", "proposal", name, new={"content": content})
    except IntegrityError as error:
        raise ApprovedAlready() from error
