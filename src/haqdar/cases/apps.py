"""Django app of the stage `cases`."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Monthly runs, work lists, forecasts and awards."""

    name = "haqdar.cases"
    label = "cases"
    verbose_name = "Cases"
