"""`haqdar treasury`: the line to the treasury by hand."""

from __future__ import annotations

import click

from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.config.cli_support import language, needs_database

_SAID = {
    "fine": ("The treasury at {url} let us in.", "{url} पर कोषालय ने हमें अंदर आने दिया।"),
    "ran": (
        "{bills} bills and {corrections} corrections taken up, {held_back} held back; {answered} questions answered,"
        " {unanswered} not.",
        "{bills} बिल और {corrections} सुधार लिए गए, {held_back} रोके गए; {answered} प्रश्नों के उत्तर मिले, {unanswered} के नहीं।",
    ),
    "problem": ("The treasury did not answer: {problem}.", "कोषालय ने उत्तर नहीं दिया: {problem}।"),
    "off": (
        "The line to the treasury is off: HAQDAR_TREASURY_URL is not set.",
        "कोषालय से संपर्क बंद है: HAQDAR_TREASURY_URL नहीं दिया है।",
    ),
    "waits": ("{waiting} questions wait, {unanswered} of them without any answer so far.", "{waiting} प्रश्न बाकी हैं, उनमें {unanswered} का अब तक कोई उत्तर नहीं।"),
}  # fmt: skip


class NoTreasury(Refusal):
    """The treasury did not let us in."""

    code = "no_treasury"
    en = "The treasury did not let us in: {why}. Check address, name, secret, key and certificate (docs/treasury-integrator.md)."
    hi = "कोषालय ने हमें अंदर नहीं आने दिया: {why}। पता, नाम, गुप्त शब्द, कुंजी और प्रमाणपत्र जाँचें (docs/treasury-integrator.md)।"


@click.group()
def command() -> None:
    """The line to the treasury."""


@command.command()
def check() -> None:
    """Log in with the treasury, and nothing else."""
    from haqdar.payments.treasury.client import NoAnswer
    from haqdar.payments.treasury.exchanging import check as log_in
    from haqdar.payments.treasury.line import line

    found = line()
    try:
        log_in(found)
    except NoAnswer as why:
        raise NoTreasury(why=why.kind) from why
    _say("fine", url=found.access.url)


@command.command()
@needs_database
def exchange() -> None:
    """Take up what was submitted, ask what is due, take the answers in; the worker does it every ten minutes."""
    from haqdar.access.actors import platform
    from haqdar.payments.treasury.exchanging import run
    from haqdar.payments.treasury.line import line

    ran = run(platform("treasury"), line())
    _say(
        "ran",
        bills=ran.queued.bills,
        corrections=ran.queued.corrections,
        held_back=ran.queued.held_back,
        answered=ran.answered,
        unanswered=ran.unanswered,
    )
    if ran.problem:
        _say("problem", problem=ran.problem)


@command.command()
@needs_database
def status() -> None:
    """Where the bills stand, and what is stuck and why."""
    from haqdar.access.actors import platform
    from haqdar.payments.treasury import reads

    actor = platform("treasury")
    health = reads.health(actor)
    if not health.on:
        _say("off")
    elif health.refusal:
        click.echo(health.refusal.sentence(language()))
    for one in reads.standings(actor):
        click.echo(f"{one.state:<12}{one.bills:>8}{one.persons:>10}{rupees(one.paise):>18}{one.stuck:>8}")
    _say("waits", waiting=health.waiting, unanswered=health.unanswered)
    for bill in reads.every_bill(actor, reads.STUCK):
        click.echo(f"{bill.number:<24}{bill.state:<12}{bill.why:<18}{bill.days:>4} d  {bill.said}")


def _say(what: str, **values: object) -> None:
    click.echo(_SAID[what][language() == "hi"].format(**values))
