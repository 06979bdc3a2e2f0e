"""`haqdar vault`: how the vault of Aadhaar numbers stands, the change of its keys, and whether its log is as it was written."""

import sys

import click

from haqdar.config.cli_support import language, needs_database, start_django


@click.group()
def command() -> None:
    """The vault of Aadhaar numbers: how it stands, the change of its keys, whether its log is whole.

    \b
    Examples:
      ./haqdar vault status
      ./haqdar vault rotate                  while everybody works; may be stopped and repeated
      ./haqdar vault make-token-key          the master key inside a PKCS#11 token
      ./haqdar vault verify-log              whether anybody changed the log of who asked
    """


@command.command("status")
@needs_database
def status_command() -> None:
    """Say how many numbers the vault holds, and under which keys."""
    from haqdar.access.actors import platform
    from haqdar.vault.rotation import standing

    now = standing(platform("command line"))
    click.echo(
        f"{now.numbers} संख्याएँ, {now.drawers} ईकेवाईसी दराज़; सील कुंजी {now.version} (पुरानी कुंजियों में {now.older}); मास्टर कुंजी"
        f" {now.master}; {now.accesses} बार देखा गया।"
        if language() == "hi"
        else f"{now.numbers} numbers and {now.drawers} drawers of eKYC data; sealed under key {now.version} ({now.older} still under"
        f" older ones); master key {now.master}; {now.accesses} accesses logged."
    )


@command.command("rotate")
@needs_database
def rotate_command() -> None:
    """Seal everything in the vault anew under a new data key, and lock the data keys by the present master key.

    To change the master key, set HAQDAR_VAULT_KEY (or the token) to the new one and HAQDAR_VAULT_KEY_PREVIOUS to the former
    file while this runs. Readers and writers go on; a stopped rotation goes on where it was.
    """
    from haqdar.access.actors import platform
    from haqdar.base.progress import progress
    from haqdar.vault.rotation import rotate, standing

    actor = platform("command line")
    now = standing(actor)
    with progress(now.numbers + now.drawers, "vault") as bar:
        done = rotate(actor, bar.advance)
    click.echo(
        f"{done.resealed} प्रविष्टियाँ कुंजी {done.version} से फिर सील हुईं; {done.rewrapped} कुंजियाँ फिर बंद की गईं, {done.removed} हटाई गईं।"
        if language() == "hi"
        else f"{done.resealed} entries are sealed anew under key {done.version}; {done.rewrapped} keys were locked anew,"
        f" {done.removed} removed."
    )


@command.command("make-token-key")
def make_token_key_command() -> None:
    """Make the vault's master key inside the token that HAQDAR_VAULT_PKCS11_MODULE, _TOKEN and _LABEL name.

    The key cannot leave the token. Then run rotate with HAQDAR_VAULT_KEY_PREVIOUS set to the former key's file.
    """
    start_django()
    from django.conf import settings

    from haqdar.vault.masters import make_token_key

    make_token_key(
        settings.HAQDAR_VAULT_PKCS11_MODULE,
        settings.HAQDAR_VAULT_PKCS11_TOKEN,
        settings.HAQDAR_VAULT_PKCS11_LABEL,
        settings.HAQDAR_VAULT_PKCS11_PIN,
    )
    name = f"{settings.HAQDAR_VAULT_PKCS11_TOKEN}/{settings.HAQDAR_VAULT_PKCS11_LABEL}"
    click.echo(
        f"टोकन में कुंजी {name} बन गई।" if language() == "hi" else f"The key {name} was made in the token."
    )


@command.command("seal-log")
@needs_database
def seal_log_command() -> None:
    """Seal what was logged since the last time now; the worker does it every night."""
    from haqdar.access.actors import platform
    from haqdar.vault.log_chain import seal_log

    lines = seal_log(platform("command line"))
    click.echo(
        f"{lines} पंक्तियों पर मुहर लगी।" if language() == "hi" else f"{lines} lines of the log are sealed."
    )


@command.command("verify-log")
@needs_database
def verify_log_command() -> None:
    """Check that nobody changed the log of who asked the vault; each finding is one line, and the status is 1 if there is any."""
    from haqdar.access.actors import platform
    from haqdar.vault.log_chain import Checked, verify_log

    checked, spoken = Checked(), language()
    for finding in verify_log(platform("command line"), checked):
        click.echo(finding.hi if spoken == "hi" else finding.en)
    click.echo(
        f"{checked.links} कड़ियों में {checked.lines} पंक्तियाँ जाँची गईं ({checked.open_lines} पर मुहर अभी नहीं); गड़बड़ियाँ: {checked.findings}।"
        f" अंत: {checked.end or '–'}"
        if spoken == "hi"
        else f"{checked.lines} lines in {checked.links} links checked ({checked.open_lines} not sealed yet); findings: {checked.findings}."
        f" The log ends with {checked.end or '–'}"
    )
    if checked.findings:
        sys.exit(1)
