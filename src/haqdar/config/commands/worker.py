"""`haqdar worker`: the background worker alone."""

from contextlib import suppress

import click
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haqdar.config.cli_support import needs_database
from haqdar.config.processes import end_with_parent


@click.command()
@click.option(
    "--queue", "queues", multiple=True, help="Take jobs of this queue only; may be given several times."
)
@click.option("--once", is_flag=True, help="End when no job is waiting.")
@needs_database
def command(queues: tuple[str, ...], once: bool) -> None:
    """Do background jobs until it is told to stop (Ctrl-C or SIGTERM); a job in hand is finished first.

    Month runs wait in the queue long-runs, trials of a proposed law in simulations, the decisions that follow a life event in
    reactions. A worker of their own for the latter keeps a second's work from waiting for a month of minutes; without --queue
    one worker does all, two jobs at a time.

    \b
    Examples:
      ./haqdar worker --queue long-runs --queue simulations
      ./haqdar worker --queue reactions
    """
    from haqdar.jobs.tasks import LONG_RUNS, REACTIONS, carry_on_task, give_up_dead_jobs

    end_with_parent()
    if LONG_RUNS in queues or not queues:
        give_up_dead_jobs()
        with suppress(AlreadyEnqueued):
            # figures of months that were posted before there were any, or whose process died
            app.configure_task("figures.publish", queue=LONG_RUNS, queueing_lock="figures.publish").defer(
                timestamp=0
            )
        with suppress(AlreadyEnqueued):
            app.configure_task("quality.look", queue=LONG_RUNS, queueing_lock="quality.look").defer(
                timestamp=0
            )
    if REACTIONS in queues or not queues:
        # whatever a process left undone when it died is done by this
        carry_on_task.defer()
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(
            queues=list(queues) or None,
            wait=not once,
            concurrency=1 if queues else 2,
            # month runs keep their own record (jobs_month_job); thousands of reactions a day need none here
            delete_jobs="successful",
            shutdown_graceful_timeout=25.0,
        )
