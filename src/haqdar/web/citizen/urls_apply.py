"""Addresses of the citizen's counter: proving who one is, checking, applying."""

from django.urls import path

from haqdar.web.citizen import apply, member, proven, receipts

APPLY_URLS = [
    path("prove", proven.prove, name="prove"),
    path("prove/code", proven.prove_code, name="prove-code"),
    path("prove/end", proven.prove_end, name="prove-end"),
    path("check/member", member.check_member, name="check-member"),
    path("apply", apply.apply, name="apply"),
    path("apply/who", apply.apply_who, name="apply-who"),
    path("apply/mobile", apply.apply_mobile, name="apply-mobile"),
    path("apply/code", apply.apply_code, name="apply-code"),
    path("apply/pension", apply.apply_pension, name="apply-pension"),
    path("apply/facts", apply.apply_facts, name="apply-facts"),
    path("apply/papers/<slug:kind>", apply.apply_paper, name="apply-paper"),
    path("apply/papers/<slug:kind>/file", apply.apply_picture, name="apply-picture"),
    path("apply/check", apply.apply_check, name="apply-check"),
    path("apply/done", receipts.apply_done, name="apply-done"),
    path("apply/receipt/<uuid:key>", receipts.apply_receipt, name="apply-receipt"),
    path("apply/resume", apply.apply_resume, name="apply-resume"),
    path("apply/resume/code", apply.apply_resume_code, name="apply-resume-code"),
]
