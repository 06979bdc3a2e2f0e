"""`haqdar law enact`: turn an approved proposal into dated law."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from haqdar.config import cli_support
from haqdar.config.cli_support import needs_database

_WORDS = {
    "en": {
        "again": "This changes months that were paid already: the next run pays arrears and recovers over-payments.",
        "dry": "Nothing was written (--dry-run).",
        "written": "Written into {folder}:",
        "commit": "Keep it: put the law folder under version control and commit it with the order's number; on other machines bring in the same commit before the next month is run.",
    },
    "hi": {
        "again": "इससे वे महीने भी बदलते हैं जिनका भुगतान हो चुका है: अगली गणना बकाया देगी और ज़्यादा दी गई रकम वसूल करेगी।",
        "dry": "कुछ नहीं लिखा गया (--dry-run)।",
        "written": "{folder} में लिखा गया:",
        "commit": "इसे सहेजें: कानून का फ़ोल्डर संस्करण-नियंत्रण में रखें और आदेश क्रमांक के साथ commit करें; अगला महीना चलाने से पहले दूसरी मशीनों पर वही commit लाएँ।",
    },
}


@click.command("enact")
@click.argument("name")
@click.option(
    "--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The approved first day."
)
@click.option("--order", default="", help="The order it comes from, in English: number, date, department.")
@click.option("--order-hi", default="", help="The same in Hindi.")
@click.option(
    "--retroactive", is_flag=True, help="Even if months already paid change: arrears and recoveries follow."
)
@click.option("--dry-run", is_flag=True, help="Check everything and show the changes, but write nothing.")
@needs_database
def command(
    name: str, from_on: datetime, order: str, order_hi: str, retroactive: bool, dry_run: bool
) -> None:
    """Write the proposal NAME into the law, with its date and its order.

    Only after two different persons, neither of them its author, have approved exactly this content on the proposal's
    page; and only if the law then passes `law check` and `law test` and reads back as the law that was simulated.
    The changes are shown; the proposal's folder moves to enacted/.

    \b
    Example:
      ./haqdar law enact widow-500 --from 2017-04-01 --order "F.3-11/2017, 1 March 2017" \\
          --order-hi "एफ.3-11/2017, 1 मार्च 2017"
    """
    from django.conf import settings

    from haqdar.entitlement.enact import Enactment
    from haqdar.jobs.enactment import enact_proposal
    from haqdar.jobs.simulations import COMMAND_LINE
    from haqdar.law import Text

    words = _WORDS[cli_support.language()]
    folder = Path(settings.HAQDAR_LAW)
    if retroactive:
        click.echo(words["again"], err=True)

    def shown(enactment: Enactment) -> bool:
        click.echo(enactment.diff, nl=False)
        return not dry_run

    written = enact_proposal(
        COMMAND_LINE,
        folder,
        name,
        from_on.date(),
        Text(order.strip(), order_hi.strip()),
        retroactive=retroactive,
        confirmed=shown,
    )
    if dry_run:
        click.echo(words["dry"])
        return
    click.echo(words["written"].format(folder=folder))
    for path in written:
        click.echo(f"  {path}")
    click.echo(words["commit"])
