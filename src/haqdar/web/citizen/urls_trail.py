"""Address of the list of who looked."""

from django.urls import path

from haqdar.web.citizen import looks

TRAIL_URLS = [path("who-looked", looks.who_looked, name="who-looked")]
