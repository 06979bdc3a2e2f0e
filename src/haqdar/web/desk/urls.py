"""Addresses of the officers' pages."""

from django.urls import path

import haqdar.web.desk.converters  # noqa: F401  # months in the addresses below
from haqdar.web.desk.converters import MonthConverter  # noqa: F401  # the address of a month
from haqdar.web.desk.urls_accounts import ACCOUNTS_URLS
from haqdar.web.desk.urls_apply import APPLY_URLS
from haqdar.web.desk.urls_bills import BILLS_URLS
from haqdar.web.desk.urls_cards import CARDS_URLS
from haqdar.web.desk.urls_clock import CLOCK_URLS
from haqdar.web.desk.urls_decide import DECIDE_URLS
from haqdar.web.desk.urls_desk import DESK_URLS
from haqdar.web.desk.urls_ekyc import EKYC_URLS
from haqdar.web.desk.urls_examine import EXAMINE_URLS
from haqdar.web.desk.urls_merging import MERGING_URLS
from haqdar.web.desk.urls_oversight import OVERSIGHT_URLS
from haqdar.web.desk.urls_pairs import PAIRS_URLS
from haqdar.web.desk.urls_papers import PAPERS_URLS
from haqdar.web.desk.urls_proposals import PROPOSALS_URLS
from haqdar.web.desk.urls_quality import QUALITY_URLS
from haqdar.web.desk.urls_rails import RAILS_URLS
from haqdar.web.desk.urls_recoveries import RECOVERIES_URLS
from haqdar.web.desk.urls_registers import REGISTERS_URLS
from haqdar.web.desk.urls_responses import RESPONSES_URLS
from haqdar.web.desk.urls_seeding import SEEDING_URLS
from haqdar.web.desk.urls_trail import TRAIL_URLS
from haqdar.web.desk.urls_treasury import TREASURY_URLS
from haqdar.web.desk.views import (
    changes,
    deliveries,
    finding,
    months,
    people,
    proposals,
    reasons,
    runs,
    session,
    work,
)

app_name = "desk"

urlpatterns = [
    *DESK_URLS,
    *EXAMINE_URLS,
    *MERGING_URLS,
    *CLOCK_URLS,
    *OVERSIGHT_URLS,
    *DECIDE_URLS,
    *PAPERS_URLS,
    *CARDS_URLS,
    *PAIRS_URLS,
    path("log-in", session.log_in, name="log-in"),
    path("log-out", session.log_out, name="log-out"),
    *ACCOUNTS_URLS,
    path("months/", months.month_latest, name="month-latest"),
    path("months/<month:month>/", months.month_detail, name="month-detail"),
    path("months/<month:month>/work/<slug:action>/", work.work_list, name="work-list"),
    path("months/<month:month>/work/<slug:action>/download", work.work_download, name="work-download"),
    path("months/<month:month>/forecast/", work.forecast_list, name="forecast-list"),
    path("months/<month:month>/forecast/download", work.forecast_download, name="forecast-download"),
    path("find", finding.find, name="find"),
    path("people/", people.person_search, name="person-search"),
    path("people/<uuid:key>/", people.person_detail, name="person-detail"),
    path("people/<uuid:key>/reasons/", reasons.reasons_latest, name="reasons-latest"),
    path("people/<uuid:key>/reasons/<month:month>/", reasons.reasons_detail, name="reasons-detail"),
    path("people/<uuid:key>/event", changes.event_new, name="event-new"),
    path(
        "people/<uuid:key>/events/<uuid:fingerprint>/withdraw", changes.event_withdraw, name="event-withdraw"
    ),
    path("changes/", changes.change_list, name="change-list"),
    path("changes/download", changes.change_download, name="change-download"),
    path("changes/<int:number>/", changes.change_detail, name="change-detail"),
    path("families/<uuid:key>/", people.family_detail, name="family-detail"),
    *BILLS_URLS,
    path("deliveries/", deliveries.delivery_list, name="delivery-list"),
    path("deliveries/<int:number>/", deliveries.delivery_detail, name="delivery-detail"),
    path("deliveries/<int:number>/rejections", deliveries.rejection_download, name="rejection-download"),
    path("runs/", runs.run_list, name="run-list"),
    path("runs/new", runs.run_month, name="run-month"),
    path("proposals/", proposals.proposal_list, name="proposal-list"),
    path("proposals/<slug:name>/", proposals.proposal_detail, name="proposal-detail"),
    path("simulations/<int:number>/", proposals.simulation_detail, name="simulation-detail"),
    path("simulations/<int:number>/people/", proposals.simulation_people, name="simulation-people"),
    path("simulations/<int:number>/download", proposals.simulation_download, name="simulation-download"),
    *RESPONSES_URLS,
    *PROPOSALS_URLS,
    *QUALITY_URLS,
    *RAILS_URLS,
    *RECOVERIES_URLS,
    *REGISTERS_URLS,
    *APPLY_URLS,
    *SEEDING_URLS,
    *TRAIL_URLS,
    *TREASURY_URLS,
    *EKYC_URLS,
]
