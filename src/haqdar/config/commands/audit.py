"""`haqdar audit`: seal what was recorded, and check that nobody changed it."""

import sys
import time

import click

from haqdar.config.cli_support import language, needs_database


@click.group()
def command() -> None:
    """The audit trail: seal closed ranges of it into a chain, and check that nobody changed it.

    \b
    Examples:
      ./haqdar audit seal
      ./haqdar audit verify
      ./haqdar audit verify --hash 0f3c…   a hash that was written down elsewhere
    """


@command.command("seal")
@click.option(
    "--restored",
    is_flag=True,
    help="The database was restored from a dump into another server; nobody works in it yet.",
)
@needs_database
def seal_command(restored: bool) -> None:
    """Seal everything recorded so far. The worker does it by itself every five minutes."""
    from haqdar.access.actors import platform
    from haqdar.access.chain import seal

    done = seal(platform("command line"), restored)
    click.echo(
        f"{done.rows} पंक्तियों पर {done.ranges} श्रेणियों में मुहर लगी। {done.chain}"
        if language() == "hi"
        else f"{done.rows} rows sealed in {done.ranges} ranges. {done.chain}"
    )


@command.command("verify")
@click.option("--hash", "hash_elsewhere", default="", help="Hash of a range that was written down elsewhere.")
@needs_database
def verify_command(hash_elsewhere: str) -> None:
    """Check every seal, every range and the chain; each finding is one line, and the status is 1 if there is any."""
    from haqdar.access.actors import platform
    from haqdar.access.chain_check import Checked, verify

    checked, began, spoken = Checked(), time.monotonic(), language()
    for finding in verify(platform("command line"), checked, hash_elsewhere.strip()):
        click.echo(finding.sentence(spoken))
    seconds = max(time.monotonic() - began, 0.001)
    rate = round(checked.rows / seconds)
    click.echo(
        f"{checked.rows} पंक्तियाँ ({checked.open_rows} अभी खुली), {checked.ranges} श्रेणियाँ जाँची गईं, {rate} प्रति सेकंड; "
        f"गड़बड़ियाँ: {checked.findings}। शृंखला का अंत: {checked.chain or '–'}"
        if spoken == "hi"
        else f"{checked.rows} rows ({checked.open_rows} still open) and {checked.ranges} ranges checked, {rate} rows a second; "
        f"findings: {checked.findings}. The chain ends with {checked.chain or '–'}"
    )
    if checked.findings:
        sys.exit(1)
