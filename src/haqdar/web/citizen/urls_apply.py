"""Addresses of the citizen's counter: proving who one is, checking, applying."""

from django.urls import path

from haqdar.web.citizen import proven

APPLY_URLS = [
    path("prove", proven.prove, name="prove"),
    path("prove/code", proven.prove_code, name="prove-code"),
    path("prove/end", proven.prove_end, name="prove-end"),
]
