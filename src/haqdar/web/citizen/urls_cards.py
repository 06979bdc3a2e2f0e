"""Addresses of the household card: one's own, and checking anybody's without network."""

from django.urls import path

from haqdar.web.citizen import card_checks, cards

CARDS_URLS = [
    path("card", cards.card, name="card"),
    path("card/make", cards.card_make, name="card-make"),
    path("card/document", cards.card_document, name="card-document"),
    path("card/verify/", card_checks.verify, name="card-verify"),
    path("card/verify/<slug:language>/", card_checks.verify_in, name="card-verify-in"),
    path("card/verify-worker.js", card_checks.worker, name="card-worker"),
    path("card/withdrawn/<str:district>", card_checks.withdrawn, name="card-withdrawn"),
]
