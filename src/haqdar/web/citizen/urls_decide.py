"""Addresses of objecting to a notice."""

from django.urls import path

from haqdar.web.citizen import objection

DECIDE_URLS = [
    path("object", objection.object_start, name="object"),
    path("object/<str:number>", objection.object_new, name="object-new"),
    path("object/<str:number>/done", objection.object_done, name="object-done"),
]
