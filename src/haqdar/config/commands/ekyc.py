"""`haqdar ekyc`: sample documents of invented people, and counting the living for the dashboard."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.config.cli_support import needs_database


class BadMemberId(WrongUsage):
    """The argument is no member ID."""

    code = "bad_member_id"
    en = "'{text}' is no member ID of the register; it has nine digits, for example 000012345."
    hi = "'{text}' रजिस्टर की सदस्य आईडी नहीं है; इसमें नौ अंक होते हैं, जैसे 000012345।"


class SamplesOfInventedPeople(Refusal):
    """Samples are for demonstration data only."""

    code = "samples_of_invented_people"
    en = "Sample documents are made for the invented people of a demonstration only; this database holds real ones."
    hi = "नमूना दस्तावेज़ केवल प्रदर्शन के काल्पनिक लोगों के बनते हैं; इस डेटाबेस में असली लोग हैं।"


@click.group()
def command() -> None:
    """eKYC: make sample documents to try it with, count the living for the dashboard."""


@command.command()
@click.argument("member_id", metavar="MEMBER_ID")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder; default: here."
)
@click.option("--share-code", default="demo1234", show_default=True, help="Locks the ZIP.")
@click.option("--days-old", type=click.IntRange(0, 36500), default=0, help="Dated back by so many days.")
@click.option("--name", default="", help="Another spelling of the name.")
@click.option("--born", default="", help="Another birth date, like 31-12-1950.")
@needs_database
def sample(member_id: str, out: Path, share_code: str, days_old: int, name: str, born: str) -> None:
    """Write an offline file (ZIP) and a secure QR code (PNG, and its digits) of MEMBER_ID, signed by the demonstration authority.

    \b
    To be given on the person's page under eKYC, or under "Verify my identity" as that person:
      ./haqdar ekyc sample 000012345 --out /tmp
    """
    from django.conf import settings
    from django.utils import timezone

    from haqdar.access.actors import platform
    from haqdar.access.queries import demonstration_accounts
    from haqdar.identity.ekyc import samples
    from haqdar.registry.queries import person_by_member

    if settings.PRODUCTION or not demonstration_accounts():
        raise SamplesOfInventedPeople()
    digits = member_id.replace(" ", "")
    person = person_by_member(platform("command line"), int(digits)) if digits.isdecimal() else None
    if person is None:
        raise BadMemberId(text=member_id)
    at: datetime = timezone.now() - timedelta(days=days_old)
    subject = samples.Subject(
        # only the last digits stand in a document
        number="00000000" + (person.aadhaar[-4:] or "2346"),
        name=name or person.name_en,
        dob=born or (person.born_on.strftime("%d-%m-%Y") if person.born_on else ""),
        gender=person.sex,
        mobile=person.mobile or "",
        # a QR code knows Latin letters only
        address={
            part: text
            for part, text in (("loc", person.address or ""), ("vtc", person.area_en))
            if text and text.isascii()
        },
    )
    authority = samples.demonstration(Path(settings.HAQDAR_HOME) / "ekyc")
    out.mkdir(parents=True, exist_ok=True)
    stem = out / f"ekyc-{samples.reference_of(subject.number, at)}"
    code = samples.secure_qr(authority, subject, at)
    for suffix, content in (
        (".zip", samples.zipped(samples.offline_xml(authority, subject, share_code, at), share_code)),
        (".png", samples.qr_picture(code)),
        (".txt", code.encode()),
    ):
        stem.with_suffix(suffix).write_bytes(content)
        click.echo(stem.with_suffix(suffix))
    click.echo(f"share code of the ZIP: {share_code}")


@command.command()
@needs_database
def count() -> None:
    """End the verifications of the dead and count the living of every area, as the worker does every night."""
    from haqdar.jobs.ekyc import nightly

    ended, living = nightly()
    click.echo(f"{living:,} living residents counted; {ended:,} verifications ended by death.")
