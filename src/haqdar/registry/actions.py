"""Writes of the register: loading a delivery, verifying a fact."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, platform, require
from haqdar.base.refusal import Refusal
from haqdar.law import scheme_groups
from haqdar.registry.area_loading import AreaResult, load_extracts
from haqdar.registry.loading import LoadResult, delivery_code, found_in, load_found, only_load
from haqdar.registry.sealing import sealer


class NoSuchFact(Refusal):
    """There is no such belief, or it was verified before."""

    code = "no_such_fact"
    en = "This fact is not there any more or was verified before; open the page again."
    hi = "यह तथ्य अब नहीं है या पहले ही सत्यापित हो चुका है; पन्ना फिर से खोलें।"


def load_folder(
    folder: Path, delivered_on: date | None = None, out: Path | None = None, actor: Actor | None = None
) -> LoadResult:
    """Load the register files of a folder as docs/load.md says; bad rows go to rejections.csv.

    `delivered_on` is the day of the delivery (default: today), `out` the folder of rejections.csv (default:
    HAQDAR_HOME/deliveries/<delivery>). Loading the same folder again changes nothing. Raises a refusal when there is
    nothing to load or another load runs; a refused file is in the result.
    """
    acting_person = actor or platform("load")
    require(acting_person, "delivery.load")
    day = delivered_on or timezone.localdate()
    schemes = scheme_groups(settings.HAQDAR_LAW)
    with only_load():
        found = found_in(folder)
        place = out or settings.HAQDAR_HOME / "deliveries" / delivery_code(found)
        return load_found(acting_person, folder, found, day, place, schemes, sealer())


def load_areas(folder: Path, as_of: date | None = None, actor: Actor | None = None) -> AreaResult:
    """Load the Local Government Directory's extracts of a folder into the tree of areas.

    `as_of` is the day of extracts whose file name carries none. Loading the same folder again changes nothing.
    """
    acting_person = actor or platform("load")
    require(acting_person, "delivery.load")
    with only_load():
        return load_extracts(acting_person, folder, as_of)


_VERIFIABLE = {
    "family": ("registry_family_belief", "family_id"),
    "resident": ("registry_resident_belief", "member_id"),
    "bpl": ("registry_bpl_belief", "family_id"),
    "disability": ("registry_disability_belief", "member_id"),
    "event": ("registry_event_belief", "member_id"),
    "labour": ("registry_labour_belief", "member_id"),
}


def verify_fact(actor: Actor, register: str, key: str, fingerprint: str) -> None:
    """Note that `actor` has verified a fact, once and for every later office.

    `register` is one of family, resident, bpl, disability, event, labour; `key` the opaque key of the resident (of the
    family for family and bpl), `fingerprint` that of the fact as `queries.facts_with_sources` gives it. Raises
    `NoSuchFact` if there is no such unverified fact in the actor's area.
    """
    actor = require(actor, "fact.verify")
    table, identity = _VERIFIABLE[register]
    owner = "registry_family" if identity == "family_id" else "registry_resident"
    with acting(actor, "fact.verify"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} b SET verified_by = %s, verified_at = %s FROM {owner} o"
            f" WHERE o.key = %s AND b.{identity} = o.{identity} AND b.fingerprint = %s AND b.verified_at IS NULL"
            " AND EXISTS (SELECT 1 FROM registry_family_belief f JOIN access_area a USING (area_code)"
            f"   WHERE f.family_id = {_FAMILY_OF[identity]} AND a.path LIKE ANY(%s)"
            "   AND NOT EXISTS (SELECT 1 FROM registry_family_belief n"
            "     WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no))",
            [actor.name, timezone.now(), key, fingerprint, actor.path_patterns()],
        )
        if cursor.rowcount == 0:
            raise NoSuchFact()
        record(actor, "fact.verify", register, key, new={"fingerprint": fingerprint})


_FAMILY_OF = {
    "family_id": "o.family_id",
    "member_id": (
        "(SELECT r.family_id FROM registry_resident_belief r WHERE r.member_id = o.member_id"
        " ORDER BY r.belief_no DESC LIMIT 1)"
    ),
}
