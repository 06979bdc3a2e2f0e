"""Every changed row leaves a trace: a table is only added to and names who added, or its changes are kept, or it says why not."""

from django.apps import apps
from django.db import models
from pghistory.models import Event as AnyEvent

from haqdar.access.models.history import Event

#: Columns that say who added a row: a person, the delivery of a file, the run of a month.
NAMING = {
    "actor", "delivery_id", "run_id", "recorded_by", "kept_by", "drawn_by", "issued_by", "signed_by", "decided_by",
    "entered_by", "started_by", "said_by", "opened_by", "asked_by", "answered_by",
}  # fmt: skip
ONLY_ADDED = {"append_only", "only_superseded", "only_cancelled", "kept_for_ever", "stop_has_its_notice"}

WRITTEN_BY_A_RUN = (
    "written whole by a month's run, which names who ran it and is in the audit trail (month.run)"
)
MADE_ANEW = "made anew from tables that keep their changes"
OF_A_ROW = "a part of a row that names who added it, and only added with it"
ITS_PROGRESS = (
    "keeps what it says (a trigger); each step of its progress names who and when, with an audit event"
)
BY_ITS_FILE = "a line of a file that names who made or read it"
NO_DATA = "says nothing about a person or a decision; it only serves log-ins, limits or queues"

REASONS: dict[str, str] = {
    "access.Area": MADE_ANEW + " (AreaBelief)",
    "access.Office": MADE_ANEW + " (OfficeBelief)",
    "access.AuditRange": "the chain over the trail itself: append-only, sealed by the platform",
    "access.AuditKey": "changed by key.rotate alone, which is in the audit trail",
    "access.LoginAttempt": "only added; names account and address",
    "access.Session": NO_DATA,
    "sources.Rejection": OF_A_ROW + " (DeliveredFile)",
    "registry.Family": "a number and a key, append-only; what is believed of it is in FamilyBelief",
    "registry.Resident": "a number and a key, append-only; what is believed of it is in ResidentBelief",
    "registry.DataKey": "changed by key.rotate alone, which is in the audit trail",
    "registry.Document": "names who kept it; it is handed to a case in the transaction of that case's first step",
    "identity.EkycCheck": "waits for minutes and holds nothing of the document; reading and its end have audit events",
    "identity.LivingCount": MADE_ANEW + " (registry)",
    "registry.Lookup": MADE_ANEW + " (ResidentBelief)",
    "registry.LookupTerm": MADE_ANEW + " (ResidentBelief, Area)",
    "identity.QualityFinding": "opened and closed by a look, which names who asked for it; accepted once, by accepted_by, with an audit event",
    "identity.QualityLook": "names who asked for it; its counts are written in the same transaction",
    "identity.QualityScore": OF_A_ROW + " (QualityLook)",
    "entitlement.SimulationRun": "progress of a trial that changes nothing; names who asked for it",
    "outreach.Message": "an outbox: sealed, its states are the sender's",
    "outreach.OneTimeCode": NO_DATA,
    "outreach.Attempt": NO_DATA,
    "outreach.SpentChallenge": NO_DATA,
    "identity.LinkRun": "progress of a run that names who started it, with its audit event (pair.find)",
    "cases.Merging": "append-only; names who merged",
    "cases.MergingUndone": "append-only; names who undid it",
    "cases.MergedAward": OF_A_ROW + " (Merging); append-only",
    "cases.SavedView": NO_DATA,
    "cases.BulkJob": "progress of acts each of which has its own step and audit event",
    "cases.BulkRow": "progress of acts each of which has its own step and audit event",
    "cases.CardPrint": "progress of a print; each card names who issued it, asking and finishing are in the audit trail",
    "cases.CardSheet": OF_A_ROW + " (CardPrint); only added",
    "cases.ApplicationDraft": "a citizen's own unsent form, erased by itself",
    "cases.Escalation": "added by the clock alone (platform); append-only",
    "cases.MonthRun": WRITTEN_BY_A_RUN,
    "cases.WorkItem": WRITTEN_BY_A_RUN,
    "cases.ForecastItem": WRITTEN_BY_A_RUN,
    "cases.Entitlement": WRITTEN_BY_A_RUN,
    "cases.Notice": WRITTEN_BY_A_RUN,
    "cases.Reaction": "written by the platform for a change that names who recorded it (registry.Change)",
    "cases.StandingDecision": "written by the platform for a change that names who recorded it (registry.Change)",
    "payments.SocialAuditEntry": "a line of a sample that names who drew it; answered once, by answered_by, with an audit event",
    "payments.BillLine": OF_A_ROW + " (Bill); taken out of it by a version that names who sanctioned it",
    "payments.Proposal": ITS_PROGRESS,
    "payments.ProposalPayees": OF_A_ROW + " (Proposal)",
    "payments.ProposalException": "append-only; names who made it",
    "payments.Hold": ITS_PROGRESS,
    "payments.BillVersion": ITS_PROGRESS,
    "payments.BudgetHead": "a sum of its entries, kept by the database",
    "payments.BudgetEntry": "append-only; names who made it",
    "payments.BudgetYearEnd": "append-only; names who made it",
    "payments.PaymentFile": ITS_PROGRESS,
    "payments.FileItem": BY_ITS_FILE,
    "payments.AccountDrop": BY_ITS_FILE
    + "; the file of answers that says what became of it names who read it",
    "payments.ResponseFile": "append-only; names who read it",
    "payments.ResponseLine": BY_ITS_FILE,
    "payments.TreasuryBill": ITS_PROGRESS,
    "payments.TreasuryCredit": OF_A_ROW
    + " (TreasuryBill); what the treasury answered is in a ResponseFile too",
    "payments.TreasuryMessage": "an outbox: its states are the line's; what an answer changes has an audit event",
    "payments.TreasuryAllotment": "read from the treasury's book, which keeps it",
    "payments.Entry": "append-only; its source names who caused it",
    "payments.AccountCheck": "what the look at the accounts found, with its audit event (branch.load); a second payee of one adds a word",
    "payments.Branch": "a public list taken over whole; the audit trail names who (branch.load)",
    "payments.NameDifference": ITS_PROGRESS,
    "payments.Recall": ITS_PROGRESS,
    "payments.Return": ITS_PROGRESS,
    "payments.SetAsideNote": "append-only; names who made it",
    "payments.WriteOff": ITS_PROGRESS,
    "payments.Settlement": "append-only; names who made it",
    "payments.StandingOf": MADE_ANEW + " (payments)",
    "payments.Standing": MADE_ANEW + " (payments)",
    "payments.BillStanding": MADE_ANEW + " (payments)",
    "payments.PayeeCount": MADE_ANEW + " (payments)",
    "payments.BudgetEstimate": MADE_ANEW + " (payments, entitlement)",
    "payments.SampleItem": OF_A_ROW + " (Sample)",
    "identity.SeedList": ITS_PROGRESS,
    "identity.SeedRow": "judged once by judged_by, with an audit event; found anew by a run that names who asked for it",
    "identity.SeedLink": "names who tied and who ended it, each with an audit event; the newest list that names it is marked by tying",
    "identity.SeedFinding": ITS_PROGRESS,
    "outcomes.Figure": MADE_ANEW + " (payments, cases)",
    "jobs.MonthJob": "progress of a run that names who asked for it",
}


def ours() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if apps.get_app_config(model._meta.app_label).name.startswith("haqdar.")
        and not issubclass(model, AnyEvent)
    ]


def tracked() -> set[type[models.Model]]:
    return {model.pgh_tracked_model for model in apps.get_models() if issubclass(model, AnyEvent)}


def keeps_itself(model: type[models.Model]) -> bool:
    """Whether rows are only added and name who added them."""
    triggers = {trigger.name for trigger in getattr(model._meta, "triggers", [])}
    columns = {field.column for field in model._meta.concrete_fields}
    return bool(triggers & ONLY_ADDED) and bool(columns & NAMING)


def test_every_table_keeps_its_changes_or_says_why_not() -> None:
    kept = tracked()
    silent = [model._meta.label for model in ours() if model not in kept and not keeps_itself(model)]
    assert sorted(set(silent) - set(REASONS)) == [], (
        "track it, make it append-only with an actor, or give the reason"
    )


def test_no_reason_is_left_over() -> None:
    kept = tracked()
    needed = {model._meta.label for model in ours() if model not in kept and not keeps_itself(model)}
    assert sorted(set(REASONS) - needed) == []


def test_people_posts_and_cases_have_a_sealed_history() -> None:
    sealed = {model.pgh_tracked_model._meta.label for model in apps.get_models() if issubclass(model, Event)}
    assert {"access.User", "access.Posting", "cases.Case"} <= sealed
