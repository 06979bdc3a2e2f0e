"""Why two records are not merged, or a merge is not undone."""

from __future__ import annotations

from haqdar.base.refusal import Refusal


class SecondPersonNeeded(Refusal):
    """Money hangs on it, and one person alone judged."""

    code = "second_person_needed"
    en = "Money hangs on this merge. Another officer must judge the two records the same first, then one of you merges them."
    hi = "इस मिलान से पैसे पर असर पड़ता है। पहले कोई दूसरा अधिकारी दोनों रिकॉर्ड को एक ही व्यक्ति माने, फिर मिलाएँ।"


class ChooseAward(Refusal):
    """Both numbers hold a pension of one group; `field` names the question."""

    code = "choose_award"
    en = "Both records have a pension of group {group}, and a person may have one. Choose which one goes on."
    hi = "दोनों रिकॉर्ड पर समूह {group} की पेंशन है, और एक व्यक्ति को एक ही मिल सकती है। चुनें कि कौन सी चलती रहे।"

    def __init__(self, group: int) -> None:
        self.field = f"keep_{group}"
        super().__init__(group=group)


class ChoiceNotShown(Refusal):
    """The answer is not the one whose consequences the page showed."""

    code = "choice_not_shown"
    field = "stay"
    en = "You chose anew. What this choice changes is shown below now; look at it, then merge."
    hi = "आपने नया चुनाव किया है। उससे क्या बदलेगा, यह अब नीचे दिखाया गया है; देख लें, फिर मिलाएँ।"


class ReasonNeeded(Refusal):
    """A merge is not undone without a word."""

    code = "reason_needed"
    field = "reason"
    en = "Say why the two records are not one person. It stays with the record and is told to nobody else."
    hi = "लिखें कि दोनों रिकॉर्ड एक ही व्यक्ति के क्यों नहीं हैं। यह रिकॉर्ड के साथ रहता है।"


class NobodyOfYours(Refusal):
    """One of the two is not in the actor's area, or nobody."""

    code = "outside_your_area"
    en = "One of the two records is outside your area. The district office or the State can merge them."
    hi = "दो में से एक रिकॉर्ड आपके क्षेत्र से बाहर है। ज़िला कार्यालय या राज्य उन्हें मिला सकता है।"


class NotJudgedSame(Refusal):
    """Records are merged after people have judged them."""

    code = "not_judged_same"
    en = "Nobody has judged these two records to be one person yet. Judge the pair first, then merge them."
    hi = "इन दो रिकॉर्ड को अभी किसी ने एक ही व्यक्ति नहीं माना है। पहले जोड़ी परखें, फिर मिलाएँ।"


class TwoVerifiedNumbers(Refusal):
    """Both are verified, and one Aadhaar number is verified for one person only: they have two."""

    code = "two_verified_numbers"
    en = "Both people are verified by eKYC, with two different Aadhaar numbers. That speaks for two people: judge the pair again."
    hi = "दोनों का ई-केवाईसी हो चुका है, दो अलग आधार नंबरों से। यह दो लोग होने का संकेत है: जोड़ी को फिर से परखें।"


class BeginsLater(Refusal):
    """A pension of the number to be given up is in the register, but begins after the next month."""

    code = "begins_later"
    en = (
        "A pension of the record that would be given up begins on {day}, and that month was not run yet."
        " Let that record stay, or merge after that month."
    )
    hi = (
        "जो रिकॉर्ड छोड़ा जाना है उसकी एक पेंशन {day} से शुरू होती है, और वह महीना अभी नहीं चला है।"
        " उसी रिकॉर्ड को बनाए रखें, या उस महीने के बाद मिलाएँ।"
    )
