"""The command line `haqdar`: commands are found by name and imported only when they are used."""

import errno
import os
import signal
import sys
import traceback
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from haqdar.base.refusal import Refusal
from haqdar.config import cli_support
from haqdar.config.processes import PARENT_PIPE

COMMANDS = {
    "run": "Start everything: database, demonstration district, month, web and worker.",
    "load": "Load the departments' register files of a folder.",
    "load-areas": "Load the Local Government Directory's extracts of a folder.",
    "load-branches": "Take over the list of bank branches.",
    "check-accounts": "Look at the accounts of a closed month's payees before their first payment.",
    "try-accounts": "Try new accounts with one rupee each before their first payment.",
    "seed": "Compare a department's list with the register and tie it to the residents.",
    "month": "Work out a month: entitlements, work lists, dues and bills.",
    "propose": "Close a month and give the local bodies their proposals.",
    "snapshot": "Take the registers as columns, for deciding a whole State.",
    "decide": "Decide everybody in a snapshot, without the database.",
    "replay": "Decide a past month once more with other knowledge and list the differences in rupees.",
    "dedupe": "Search the register for people who stand in it twice.",
    "quality": "Look for what cannot be right in the register.",
    "ekyc": "Make sample eKYC documents; count the living for the share of verified residents.",
    "check": "Explain what one resident is entitled to, criterion by criterion.",
    "reasons": "Give the reasons of a month's decision about one resident, with every source.",
    "bankfile": "Make, release and hand over the files that tell the bank whom to pay.",
    "passbook": "Show what one person was owed and paid.",
    "responses": "Read files of answers from banks.",
    "returns": "Present returned credits again.",
    "order": "Verify a signed order, make the documents that are still to be made.",
    "treasury": "Exchange messages with the treasury; say what is stuck on the line.",
    "clock": "Bring cases over their time limit before the office above.",
    "law": "Check the law files, run their examples.",
    "simulate": "Try a proposal of changed law: who gains, who loses, what it costs.",
    "forecast": "Look years ahead: pensioners and cost as people grow older.",
    "demo": "Write register files of a believable district or State.",
    "serve": "Start the web server alone.",
    "worker": "Start the background worker alone.",
    "account": "Create an employee's account and post it to a function and an area.",
    "permissions": "Print the table of who may do what, for docs/permissions.md.",
    "audit": "Seal the audit trail, and check that nobody changed it.",
    "rotate-keys": "Lock the keys of account numbers with a new master key.",
    "vault": "Say how the vault of Aadhaar numbers stands; change its keys.",
    "migrate": "Bring the database's tables to the newest state.",
}
"""Every command with the line that `--help` shows; those without a module are not listed."""

HELP = """Haqdar finds every person entitled to a benefit, pays it every month and explains every rupee.

\b
First steps:
  make run                                 the whole system with a demonstration district
  ./haqdar demo --residents 20000 --seed 1 --out registers
  ./haqdar load registers                  validate and load; bad rows go to rejections.csv
  ./haqdar month 2016-10 --out results     who starts, moves, stops, and what is paid
  ./haqdar check MEMBER --on 2016-10-01    why, for one resident
\b
Everything is kept in the data folder HAQDAR_HOME (./var unless set). Each command starts the
database when it needs it and stops it when nobody else uses it. Every command explains itself:
  ./haqdar month --help
"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if find_spec(_module(name))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS or not find_spec(_module(name)):
            return None
        # Commands use the tables of their stages at import, so the apps come first.
        cli_support.start_django()
        command = import_module(_module(name)).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            ctx.fail(
                f"There is no command '{args[0]}'; the commands are {', '.join(self.list_commands(ctx))}."
            )
        return super().resolve_command(ctx, args)


def _module(name: str) -> str:
    return "haqdar.config.commands." + name.replace("-", "_")


@click.group(cls=_Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=import_module("haqdar").__version__, prog_name="haqdar")
def main() -> None:
    """The root of all commands."""


def run(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 refused, 2 wrong usage, 130 interrupted.

    Whatever goes wrong ends as one sentence on standard error, never as a traceback.
    """
    # A stop by the system ends a command like Ctrl-C does: in order, with the database stopped. Shells start
    # background commands with Ctrl-C switched off; they too must end in order when they are asked to.
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.SIG_IGN):
            signal.signal(number, _interrupt)
    part = PARENT_PIPE in os.environ
    try:
        result = main.main(args=arguments, prog_name="haqdar", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        # A part that `haqdar run` stops has nothing to add.
        return 130 if part else _say("Interrupted.", "रोका गया।", 130)
    except Refusal as refusal:
        return _say(refusal.en, refusal.hi, refusal.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _failed(error)
    return result if isinstance(result, int) else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(english: str, hindi: str, status: int) -> int:
    click.echo(hindi if cli_support.language() == "hi" else english, err=True)
    return status


def _failed(error: Exception) -> int:
    """Say what the outside world did to us; keep the details of anything unforeseen in a file."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    texts = " ".join(str(link) for link in chain)
    if any(isinstance(link, OSError) and link.errno in (errno.ENOSPC, errno.EDQUOT) for link in chain) or (
        "No space left on device" in texts or "DiskFull" in {type(link).__name__ for link in chain}
    ):
        return _say(
            "The disk is full; nothing was half done. Free some space and run the same command again.",
            "डिस्क भर गई है; कोई काम आधा नहीं रहा। कुछ जगह खाली करें और वही आदेश फिर चलाएँ।",
            1,
        )
    for link in chain:
        if isinstance(link, MemoryError):
            return _say(
                "The memory of this machine did not suffice; nothing was half done.",
                "इस मशीन की मेमोरी कम पड़ गई; कोई काम आधा नहीं रहा।",
                1,
            )
        if isinstance(link, PermissionError | IsADirectoryError | NotADirectoryError | FileNotFoundError) or (
            isinstance(link, OSError) and link.errno == errno.EROFS
        ):
            return _say(
                f"{link.filename or 'A file'}: {link.strerror or link}. Check the path and its permissions.",
                f"{link.filename or 'फ़ाइल'}: {link.strerror or link}। पथ और उसकी अनुमतियाँ जाँचें।",
                1,
            )
        if _lost_database(link):
            return _say(
                "The connection to the database was lost; what was not finished was undone. Run the same command again.",
                "डेटाबेस से संपर्क टूट गया; जो पूरा नहीं हुआ वह वापस हो गया। वही आदेश फिर चलाएँ।",
                1,
            )
    return _unforeseen(error)


def _lost_database(error: BaseException) -> bool:
    import psycopg

    # Class 08 and 57P are the server's own words for a lost or closed connection; without a state the
    # connection itself failed.
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
    )


def _unforeseen(error: Exception) -> int:
    from haqdar.config.logs import masked

    if os.environ.get("HAQDAR_DEBUG", "").strip() in ("1", "true"):
        traceback.print_exception(error)
        return 1
    details = ""
    try:
        from django.conf import settings

        path = Path(settings.HAQDAR_HOME) / "errors.log"
        with path.open("a", encoding="utf-8") as file:
            file.write(masked("".join(traceback.format_exception(error))) + "\n")
        details = str(path)
    except Exception:
        details = "-"
    what = masked(f"{type(error).__name__}: {error}").splitlines()[0]
    return _say(
        f"An unforeseen error stopped the command ({what}). Details: {details}",
        f"एक अनपेक्षित त्रुटि ने आदेश रोक दिया ({what})। विवरण: {details}",
        1,
    )


if __name__ == "__main__":
    sys.exit(run())
