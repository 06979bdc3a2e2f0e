"""Addresses of the pages for everybody."""

from django.urls import path

from haqdar.web.citizen import views
from haqdar.web.citizen.urls_apply import APPLY_URLS
from haqdar.web.citizen.urls_cards import CARDS_URLS
from haqdar.web.citizen.urls_clock import CLOCK_URLS
from haqdar.web.citizen.urls_decide import DECIDE_URLS
from haqdar.web.citizen.urls_ekyc import EKYC_URLS
from haqdar.web.citizen.urls_papers import PAPERS_URLS
from haqdar.web.citizen.urls_trail import TRAIL_URLS

app_name = "citizen"

urlpatterns = [
    path("", views.home, name="home"),
    path("check", views.check, name="check"),
    *APPLY_URLS,
    *PAPERS_URLS,
    *CARDS_URLS,
    *CLOCK_URLS,
    *DECIDE_URLS,
    *TRAIL_URLS,
    *EKYC_URLS,
]
