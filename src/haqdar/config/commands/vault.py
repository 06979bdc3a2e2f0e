"""`haqdar vault`: how the vault of Aadhaar numbers stands, and the change of its keys."""

import click

from haqdar.config.cli_support import language, needs_database, start_django


@click.group()
def command() -> None:
    """The vault of Aadhaar numbers: how it stands, and the change of its keys.

    \b
    Examples:
      ./haqdar vault status
      ./haqdar vault rotate                  while everybody works; may be stopped and repeated
      ./haqdar vault make-token-key          the master key inside a PKCS#11 token
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
