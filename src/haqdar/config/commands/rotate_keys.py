"""`haqdar rotate-keys`: lock the data keys with the present master key."""

import click

from haqdar.config.cli_support import needs_database


@click.command()
@needs_database
def command() -> None:
    """Lock the data keys of account numbers and sealed texts anew, with the present HAQDAR_MASTER_KEY.

    Set HAQDAR_MASTER_KEY to the new key and HAQDAR_MASTER_KEY_PREVIOUS to the one before, run this once, then remove
    the previous one. Sealed numbers are not rewritten; numbers sealed from now on use a new data key. The secrets of
    second factors are sealed anew.
    """
    from haqdar.access.actors import platform
    from haqdar.access.second_factors import reseal_secrets
    from haqdar.registry.sealing import rotate

    count = rotate(platform("command line"))
    reseal_secrets()
    click.echo(f"{count} data keys are locked with the present master key.")
