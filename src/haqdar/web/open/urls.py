"""Addresses of the public figures."""

from django.urls import path

from haqdar.web.desk.converters import MonthConverter  # noqa: F401  # the address of a month
from haqdar.web.open import views

app_name = "open"

urlpatterns = [
    path("", views.figure_home, name="home"),
    path("about", views.figure_about, name="about"),
    path("delays/", views.delay_home, name="delay-home"),
    path("delays/<path:area_code>/", views.delay_detail, name="delay-detail"),
    path("areas/<path:area_code>/", views.area_detail, name="area-detail"),
    path("schemes/<str:scheme>/", views.scheme_detail, name="scheme-detail"),
    path("download/<slug:topic>-<month:month>.csv", views.figure_download, name="figure-download"),
]
