"""What for a number may be looked at: a closed list, because an access without a purpose is not one."""

from __future__ import annotations

from dataclasses import dataclass

from haqdar.access.actors import Actor, NotYourFunction
from haqdar.base.refusal import Refusal, Words


@dataclass(frozen=True)
class Purpose:
    """One lawful reason to ask the vault.

    `verbs` are the acts of which the actor must be allowed one; None where the action that asks has settled that (a citizen about himself, a
    stage above with a verb of its own). Only where `reveals` is true does a number come out in clear.
    """

    code: str
    words: Words
    verbs: frozenset[str] | None
    reveals: bool = False


PURPOSES = {
    purpose.code: purpose
    for purpose in (
        Purpose(
            "register_load",
            Words("Loading the registers of the departments", "विभागों के रजिस्टर लोड करना"),
            frozenset({"delivery.load"}),
        ),
        Purpose(
            "search",
            Words("An officer searched by the number", "अधिकारी ने संख्या से खोजा"),
            frozenset({"person.search"}),
        ),
        Purpose(
            "own_service",
            Words("A person gave the own number", "व्यक्ति ने अपनी संख्या दी"),
            None,
        ),
        Purpose(
            "apbs_file",
            Words("A payment file by Aadhaar number", "आधार संख्या से भुगतान की फ़ाइल"),
            frozenset({"bankfile.make", "bankfile.release"}),
            reveals=True,
        ),
        Purpose(
            "treasury_line",
            Words("A payment by Aadhaar number through the treasury", "कोषालय से आधार संख्या पर भुगतान"),
            frozenset({"treasury.exchange"}),
            reveals=True,
        ),
        Purpose("ekyc", Words("eKYC of a resident", "निवासी का ईकेवाईसी"), None),
        Purpose(
            "seeding", Words("Tying a department's list to the register", "विभाग की सूची रजिस्टर से जोड़ना"), None
        ),
        Purpose("rotation", Words("Change of keys", "कुंजियाँ बदलना"), frozenset({"key.rotate"})),
        Purpose("log", Words("The log itself was read", "यही लॉग पढ़ा गया"), frozenset({"vault.audit"})),
    )
}
"""Code -> purpose. A new one is a decision about people's data: it comes with its line in docs/vault.md."""


class UnknownPurpose(Refusal):
    """The vault was asked for something that is on no list."""

    code = "unknown_purpose"
    en = "The vault opens nothing for '{purpose}'; the purposes are {known}."
    hi = "'{purpose}' के लिए तिजोरी कुछ नहीं खोलती; मान्य उद्देश्य ये हैं: {known}।"


class NotRevealed(Refusal):
    """The purpose needs no number in clear."""

    code = "not_revealed"
    en = "For this purpose ({purpose}) no Aadhaar number is shown in clear; its last four digits have to do."
    hi = "इस उद्देश्य ({purpose}) के लिए आधार संख्या पूरी नहीं दिखाई जाती; आख़िरी चार अंक ही मिलेंगे।"


def purpose_for(actor: Actor, code: str, *, reveal: bool = False) -> Purpose:
    """The purpose, after asking whether this actor may have it; raises `UnknownPurpose`, `NotRevealed`, `NotYourFunction`."""
    purpose = PURPOSES.get(code)
    if purpose is None:
        raise UnknownPurpose(purpose=code, known=", ".join(PURPOSES))
    if reveal and not purpose.reveals:
        raise NotRevealed(purpose=purpose.words)
    if purpose.verbs is not None and not purpose.verbs & actor.verbs:
        raise NotYourFunction()
    return purpose
