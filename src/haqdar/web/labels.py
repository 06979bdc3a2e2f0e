"""The words people read for the codes of the data, in both languages; names of schemes come from the law."""

from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from haqdar.base.refusal import Refusal
from haqdar.cases.caselists import QUEUES
from haqdar.law import load_lawbook
from haqdar.payments.entries import COMPENSATION
from haqdar.payments.words import kind_word
from haqdar.web.account_labels import ACCOUNT_LABELS
from haqdar.web.bill_labels import BILL_LABELS
from haqdar.web.decide_labels import DECIDE_LABELS, STEP_REASONS
from haqdar.web.desk_labels import DESK_LABELS
from haqdar.web.ekyc_labels import EKYC_LABELS
from haqdar.web.identity_labels import IDENTITY_LABELS
from haqdar.web.merging_labels import MERGING_LABELS
from haqdar.web.oversight_labels import OVERSIGHT_LABELS
from haqdar.web.pair_labels import PAIR_LABELS
from haqdar.web.paper_labels import PAPER_LABELS
from haqdar.web.proposal_labels import PROPOSAL_LABELS
from haqdar.web.register_labels import WORDS as REGISTER_WORDS
from haqdar.web.response_labels import RESPONSE_LABELS
from haqdar.web.seeding_labels import SEEDING_LABELS
from haqdar.web.service_words import service_word
from haqdar.web.treasury_labels import TREASURY_LABELS

Word = str | Promise

LABELS: dict[str, dict[str, Word]] = {
    "bankfile_state": {
        "made": _("waits for its release"),
        "released": _("released"),
        "sent": _("handed over"),
        "withdrawn": _("withdrawn"),
    },
    "message": {
        "code": _("One-time code"),
        "payment_returned_bank": _("Payment came back: something to settle at the bank"),
        "payment_returned_retry": _("Payment came back and is sent again"),
        "draft_kept": _("Unfinished application is kept"),
        "application_received": _("Application received"),
        "application_joined": _("Application joined to an open case"),
        "start_opened": _("Entitled: an officer will come"),
        "verified": _("Verified"),
        "returned": _("Returned to be checked again"),
        "sanctioned": _("Sanctioned"),
        "rejected": _("Rejected"),
        "fact_needed": _("A fact is missing"),
        "moved": _("Moved to another pension"),
        "revised": _("Amount changed"),
        "stop_notice": _("Notice of a stop"),
        "stopped": _("Stopped"),
        "stop_withdrawn": _("Notice of a stop withdrawn"),
        "change_notice": _("Notice of a lower amount"),
        "change_withdrawn": _("Notice of a lower amount withdrawn"),
        "restored": _("Restored with arrears"),
        "merged": _("Two records made one"),
        "unmerged": _("Merge of two records undone"),
        "payment_returned": _("Payment returned by the bank"),
        "payment_held": _("Payment held"),
        "payment_released": _("Payment no longer held"),
        "objection_received": _("Objection received"),
        "objection_accepted": _("Objection accepted"),
        "objection_refused": _("Objection refused"),
        "appeal_received": _("Appeal received"),
        "appeal_upheld": _("Appeal: the decision stands"),
        "appeal_reversed": _("Appeal: decided in favour"),
        "appeal_remanded": _("Appeal: to be examined again"),
        "second_appeal_final": _("Second appeal decided"),
        "compensation": _("Paid for a delay"),
        "deadline_passed": _("The limit has passed"),
        "grievance_received": _("Grievance received"),
        "grievance_answered": _("Grievance answered"),
        "grievance_reopened": _("Grievance reopened"),
        "feedback_received": _("Feedback received"),
        "report_received": _("Report received"),
        "report_examined": _("Report examined"),
        "register_received": _("Change of the register entered"),
        "register_approved": _("Change of the register holds"),
        "register_refused": _("Change of the register refused"),
        "transfer_done": _("Pension transferred"),
        "account_changed": _("Account changed"),
        "mobile_changed_old": _("Mobile changed, to the old one"),
        "mobile_changed_new": _("Mobile changed, to the new one"),
        "guardian_named": _("Guardian named"),
        "heir_named": _("Heir named"),
    },
    "action": {
        "start": _("Start a pension"),
        "continue": _("Continue"),
        "goes_on": _("Goes on while a fact is missing"),
        "nothing": _("Nothing any more"),
        "move": _("Move to another pension"),
        "revise": _("Change the amount"),
        "stop": _("Stop a pension"),
        "undecided": _("Cannot be decided yet"),
        "ghost": _("Payee not in the register"),
        "duplicate": _("Paid twice"),
    },
    "action_short": {
        "start": _("Start"),
        "move": _("Move"),
        "revise": _("Amount"),
        "stop": _("Stop"),
        "undecided": _("Undecided"),
        "ghost": _("Not in register"),
        "duplicate": _("Twice"),
    },
    "sort": {
        "area": _("by area"),
        "member": _("by number"),
        "scheme": _("by pension"),
        "amount": _("by amount"),
    },
    "job_state": {
        "queued": _("waiting"),
        "running": _("running"),
        "done": _("done"),
        "failed": _("failed"),
    },
    "step": {
        "snapshot": _("reading the registers"),
        "holdings": _("reading who holds what"),
        "determination": _("reading the law against every person"),
        "awards": _("carrying out moves and stops"),
        "ledger": _("working out dues, arrears and recoveries"),
        "bills": _("drawing up bills"),
        "posting": _("posting"),
        "files": _("writing the files"),
    },
    "action_hint": {
        "start": _("Entitled, but receive nothing yet. An officer visits, verifies and sanctions."),
        "move": _("Will be moved to the pension the law gives them. No application is needed."),
        "revise": _("Stay on their pension with another amount. No application is needed."),
        "stop": _(
            "No longer meet the conditions. Each gets the reason and, except after death or moving away, notice."
        ),
        "undecided": _("A fact is missing from the register. Ask for it, so that nobody waits."),
        "ghost": _("Someone is paid whom the register does not know. Visit before anything else is done."),
        "duplicate": _(
            "Several payees share one Aadhaar or bank account. Look at both before anything is done."
        ),
    },
    "reason": {
        "entitled": _("meets all conditions"),
        "husband_died": _("husband's death was reported"),
        "age_band": _("reached another age"),
        "rate_change": _("the amount in the law is different"),
        "better_scheme": _("a better pension is open to the person"),
        "status_lost": _("no longer meets the conditions of the old pension"),
        "died": _("died"),
        "migrated": _("moved out of the State"),
        "sex": _("the pension is for women"),
        "age": _("outside the age of the pension"),
        "marital_status": _("marital status changed"),
        "bpl_lost": _("the family is no longer on the BPL list"),
        "disability": _("disability certificate missing, expired or too low"),
        "destitute": _("not recorded as without support"),
        "family": _("the family no longer meets the conditions"),
        "income_tax": _("pays income tax"),
        "scheme_ended": _("the scheme has ended"),
        "same_person": _("a second pension of one person under another number"),
        "born_on": _("date of birth is missing"),
        "income_tax_payer": _("not recorded whether the person pays income tax"),
        "unknown_member": _("not in the population register"),
        "same_aadhaar": _("same Aadhaar number as another payee"),
        "same_account": _("same bank account as another payee"),
        "match": _("judged to be the same person as another payee"),
        "death": _("a death was reported"),
        "birth": _("a birth was reported"),
        "marriage": _("a marriage was reported"),
        "income": _("the income is above the limit"),
        "education": _("class or marks do not meet the conditions"),
        "withdrawn": _("what it was paid for is no longer in the registers"),
        "relation_to_head": _("relation to the head of the family is missing"),
        "annual_income": _("yearly income is missing"),
        "marks_percent": _("marks of the last examination are missing"),
        "payee": _("nobody is known who could be paid"),
    },
    "reason_undecided": {
        "marital_status": _("marital status is missing"),
        "destitute": _("not recorded whether the person has support"),
    },
    "role": {
        "secretary": _("Secretary, panchayat or ward"),
        "verifier": _("Pension section"),
        "sanctioning_officer": _("Sanctioning officer"),
        "ddo": _("Drawing and disbursing officer"),
        "district": _("District office"),
        "first_appellate": _("First appellate officer"),
        "second_appellate": _("Second appellate authority"),
        "state": _("State department"),
        "auditor": _("Auditor"),
        "administrator": _("Office administrator"),
        "public": _("Citizen"),
        "platform": _("Haqdar, by itself"),
    },
    "kind": {
        "state": _("State"),
        "district": _("District"),
        "subdistrict": _("Tehsil"),
        "block": _("Block"),
        "ulb": _("Town"),
        "gp": _("Gram panchayat"),
        "ward": _("Ward"),
        "village": _("Village"),
    },
    "sex": {"F": _("Woman"), "M": _("Man"), "T": _("Transgender")},
    "marital": {
        "never_married": _("Never married"),
        "married": _("Married"),
        "widowed": _("Widowed"),
        "deserted": _("Left by her husband"),
        "divorced": _("Divorced"),
    },
    "category": {
        "GEN": _("General"),
        "OBC": _("OBC"),
        "SC": _("Scheduled Caste"),
        "ST": _("Scheduled Tribe"),
        "unknown": _("Not known"),
    },
    "age_band": {
        "under_18": _("Under 18"),
        "18_39": _("18 to 39"),
        "40_59": _("40 to 59"),
        "60_64": _("60 to 64"),
        "65_79": _("65 to 79"),
        "80_over": _("80 or older"),
        "unknown": _("Not known"),
    },
    "outcome": {
        "newly": _("newly entitled"),
        "more": _("gets more"),
        "less": _("gets less"),
        "lose_all": _("loses everything"),
    },
    "place": {"rural": _("Villages"), "urban": _("Towns")},
    "trial_step": {
        "snapshot": _("reading the registers"),
        "laws": _("deciding under both laws"),
        "years": _("looking years ahead"),
    },
    "row_head": {
        "district": _("District"),
        "sex": _("Sex"),
        "age_band": _("Age"),
        "category": _("Social category"),
        "place": _("Place"),
    },
    "table": {
        "district": _("Districts"),
        "sex": _("By sex"),
        "age_band": _("By age"),
        "category": _("By social category"),
        "place": _("By place"),
        "schemes": _("Schemes"),
        "moves": _("From scheme to scheme"),
        "cross": _("Sex, age and social category together"),
        "paid": _("What is paid now"),
    },
    "disability": {
        "locomotor": _("Movement"),
        "visual": _("Sight"),
        "hearing": _("Hearing"),
        "speech": _("Speech"),
        "intellectual": _("Intellectual disability"),
        "mental_illness": _("Mental illness"),
        "multiple": _("Multiple disabilities"),
        "other": _("Other"),
    },
    "event": {
        "death": _("Death"),
        "marriage": _("Marriage"),
        "remarriage": _("Remarriage"),
        "desertion": _("Left by the husband"),
        "divorce": _("Divorce"),
        "migration_out": _("Moved out of the State"),
        "migration_in": _("Moved into the State"),
    },
    "register": {
        "family": _("population register, family"),
        "resident": _("population register"),
        "bpl": _("BPL register"),
        "disability": _("disability register"),
        "pension": _("pension register"),
    },
    "effect": {
        "at_once": _("at once"),
        "sanction": _("when an officer has sanctioned it"),
        "notice": _("after the notice has run out"),
    },
    "due": {"regular": _("Pension"), "arrears": _("Arrears"), "recovery": _("Recovery")},
    "payment": {
        "due": _("owed"),
        "billed": _("in the bill"),
        "instructed": _("in the bank file"),
        "listed": _("owed, no paying office"),
        "held": _("held"),
        "paid": _("credited"),
        "returned": _("returned by the bank"),
        "withheld": _("kept back against an over-payment"),
    },
    "delay": {
        "in_time": _("decided in time"),
        "late": _("decided late"),
        "open": _("open, within the limit"),
        "over": _("open, over the limit"),
    },
    "yes_no": {
        "yes": _("Yes"),
        "no": _("No"),
        "true": _("Yes"),
        "false": _("No"),
        "True": _("Yes"),
        "False": _("No"),
    },
    "relation": {
        "head": _("Head of the family"),
        "self": _("Head of the family"),
        "spouse": _("Husband or wife"),
        "wife": _("Wife"),
        "husband": _("Husband"),
        "son": _("Son"),
        "daughter": _("Daughter"),
        "mother": _("Mother"),
        "father": _("Father"),
        "son_in_law": _("Son-in-law"),
        "daughter_in_law": _("Daughter-in-law"),
        "grandson": _("Grandson"),
        "granddaughter": _("Granddaughter"),
        "grandchild": _("Grandchild"),
        "brother": _("Brother"),
        "sister": _("Sister"),
        "other": _("Other relative"),
    },
    "rejection": {
        "missing_value": _("a required value is missing"),
        "bad_format": _("written in a wrong form"),
        "bad_check_digit": _("the Aadhaar number has a mistake"),
        "unknown_area": _("the area is not in the list of areas"),
        "unknown_family": _("the family is not in the register"),
        "unknown_member": _("the person is not in the register"),
        "duplicate_id": _("the same number twice with different values"),
        "date_in_future": _("a date that lies in the future"),
        "end_before_start": _("ends before it begins"),
        "out_of_range": _("a number outside what is possible"),
        "not_in_list": _("a word that is not in the list of allowed words"),
        "conflict": _("a second pension of the same group"),
    },
    "fact": {
        "born_on": _("Date of birth"),
        "sex": _("Sex"),
        "marital_status": _("Marital status"),
        "destitute": _("Without support"),
        "income_tax_payer": _("Pays income tax"),
        "bpl": _("BPL card"),
        "mobile": _("Mobile"),
        "aadhaar": _("Aadhaar"),
        "account": _("Bank account"),
    },
    "run_state": {"complete": _("in force"), "superseded": _("replaced by a later run")},
    "change": {
        "start": _("Start"),
        "move": _("Move to another pension"),
        "revise": _("Change the amount"),
        "stop": _("Stop"),
    },
}

for _words in (
    ACCOUNT_LABELS,
    BILL_LABELS,
    DECIDE_LABELS,
    DESK_LABELS,
    IDENTITY_LABELS,
    MERGING_LABELS,
    OVERSIGHT_LABELS,
    PAPER_LABELS,
    PROPOSAL_LABELS,
    REGISTER_WORDS,
    RESPONSE_LABELS,
    SEEDING_LABELS,
    TREASURY_LABELS,
    EKYC_LABELS,
    PAIR_LABELS,
):
    if both := LABELS.keys() & _words.keys():
        # the later would take the words of the earlier away
        raise ValueError(f"labels of {', '.join(sorted(both))} stand in two modules")
    LABELS |= _words
LABELS["step_reason"] |= STEP_REASONS


def label(kind: str, code: object) -> str:
    """The word for `code` among the labels of `kind`; the code itself where there is none, a dash for nothing."""
    if code is None or code == "":
        return "–"
    return str(LABELS.get(kind, {}).get(str(code), code))


def reason(action: str, code: str | None) -> str:
    """Why a work item is there; what is missing for an undecided one."""
    if action == "undecided" and code in LABELS["reason_undecided"]:
        return label("reason_undecided", code)
    if said := service_word(action, code, translation.get_language() or "hi"):
        return said
    return label(
        next((kind for kind in ("reason", "not_payable", "entry") if code in LABELS[kind]), "reason"), code
    )


def scheme_name(code: str | None, language: str, on: date | None = None) -> str:
    """The name of a scheme in `language`; its code where no law is in force or the law does not know it."""
    if not code:
        return "–"
    if code == COMPENSATION:
        return kind_word("compensation", language)
    return scheme_names(language, on).get(code, code)


def scheme_names(language: str, on: date | None = None) -> dict[str, str]:
    """Scheme code -> name in `language`, in the order of the law on a day (default today); empty without a law."""
    try:
        law = load_lawbook(settings.HAQDAR_LAW).on(on or date.today())
    except (Refusal, OSError):
        return {}
    return {scheme.code: scheme.name.in_language(language) for scheme in law.all_schemes}


def pension_names(language: str) -> dict[str, str]:
    """Code -> name of the pensions that hold today, in the order of the law; empty without a law."""
    try:
        law = load_lawbook(settings.HAQDAR_LAW).on(date.today())
    except (Refusal, OSError):
        return {}
    return {scheme.code: scheme.name.in_language(language) for scheme in law.schemes}


def scheme_periods(on: date | None = None) -> dict[str, str]:
    """Scheme code -> how often its amount is paid, for those that do not pay every month; empty without a law."""
    try:
        law = load_lawbook(settings.HAQDAR_LAW).on(on or date.today())
    except (Refusal, OSError):
        return {}
    words = {"once": _("once"), "yearly": _("a year")}
    return {
        scheme.code: str(words[scheme.benefit.pays])
        for scheme in law.benefits
        if scheme.benefit is not None and scheme.benefit.pays in words
    }


def group_names(language: str, on: date | None = None) -> dict[int, str]:
    """Pension group -> name in `language`; empty without a law."""
    try:
        law = load_lawbook(settings.HAQDAR_LAW).on(on or date.today())
    except (Refusal, OSError):
        return {}
    return {number: name.in_language(language) for number, name in law.groups.items()}


def change_kind(kind: str) -> str:
    """What an officer recorded: an event, that one was taken back, or a corrected fact."""
    if kind == "withdrawn":
        return str(_("Event taken back"))
    return label("event" if kind in LABELS["event"] else "correctable", kind)


def queue_hint(verb: str, kind: str = "") -> str:
    """What the queue of `verb` is there for, in one or two sentences."""
    lines = [queue for queue in QUEUES if queue.verb == verb]
    chosen = next((queue for queue in lines if kind in queue.kinds), lines[0] if len(lines) == 1 else None)
    return label("queue_hint", chosen.name) if chosen else ""


def queue_name(verb: str, kind: str = "") -> str:
    """What the queue of `verb` is called, by `kind` where the verb has several lines on the desk."""
    lines = [queue for queue in QUEUES if queue.verb == verb]
    chosen = next((queue for queue in lines if kind in queue.kinds), None)
    if chosen is None:
        return label("queue", lines[0].name) if len(lines) == 1 else str(_("Everything to verify"))
    return label("queue", chosen.name)
