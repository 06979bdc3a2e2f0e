"""`haqdar worker`: the background worker alone."""

import click
from procrastinate.contrib.django import app

from haqdar.config.cli_support import needs_database
from haqdar.config.processes import end_with_parent


@click.command()
@click.option(
    "--queue", "queues", multiple=True, help="Take jobs of this queue only; may be given several times."
)
@click.option("--once", is_flag=True, help="End when no job is waiting.")
@needs_database
def command(queues: tuple[str, ...], once: bool) -> None:
    """Do background jobs until it is told to stop (Ctrl-C or SIGTERM); a job in hand is finished first."""
    from haqdar.jobs.tasks import give_up_dead_jobs

    end_with_parent()
    give_up_dead_jobs()
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(queues=list(queues) or None, wait=not once, shutdown_graceful_timeout=25.0)
