"""`haqdar serve`: the web server alone."""

import os
from typing import Any

import click
from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication

from haqdar.access.queries import demonstration_accounts
from haqdar.base.refusal import Refusal
from haqdar.config.cli_support import needs_database
from haqdar.config.logs import mask_handlers
from haqdar.config.processes import end_with_parent, free_port


class DemonstrationInProduction(Refusal):
    """Log-ins whose password everybody knows must not guard real people's data."""

    en = (
        "The database holds demonstration log-ins, so it is not served in production; start with an empty "
        "database, or set HAQDAR_ENV=development to look at the demonstration."
    )
    hi = (
        "डेटाबेस में नमूना लॉग-इन हैं, इसलिए उत्पादन में सेवा नहीं दी जाती; खाली डेटाबेस से शुरू करें, या नमूना देखने के लिए "
        "HAQDAR_ENV=development रखें।"
    )


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our options and nothing read from files or the environment."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # In each worker, never before the fork: the engine's threads would not live on in the child.
        from haqdar.config.wsgi import application

        mask_handlers("gunicorn.error")
        # A page that cannot be imported must stop the start, not the first visitor.
        assert get_resolver().url_patterns
        return application


@click.command()
@needs_database
def command() -> None:
    """Start the web server and keep it running until it is told to stop (Ctrl-C or SIGTERM).

    Address and number of worker processes come from HAQDAR_BIND, HAQDAR_PORT and HAQDAR_WEB_WORKERS.
    """
    end_with_parent()
    if settings.PRODUCTION and demonstration_accounts():
        raise DemonstrationInProduction()
    free_port(settings.HAQDAR_BIND, settings.HAQDAR_PORT, chosen=True)
    # What the preparations opened must not be shared by the workers.
    connections.close_all()
    host = f"[{settings.HAQDAR_BIND}]" if ":" in settings.HAQDAR_BIND else settings.HAQDAR_BIND
    _Server(
        {
            "bind": f"{host}:{settings.HAQDAR_PORT}",
            "workers": settings.HAQDAR_WEB_WORKERS,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            # Heartbeat files belong in memory, not on a slow disk.
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
            "loglevel": "warning",
            "accesslog": None,
            "errorlog": "-",
            "proc_name": "haqdar-web",
        }
    ).run()
