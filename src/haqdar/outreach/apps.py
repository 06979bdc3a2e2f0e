"""Django app of the stage `outreach`."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """Messages to people: the outbox, its senders and one-time codes."""

    name = "haqdar.outreach"
    label = "outreach"
    verbose_name = "Messages"
