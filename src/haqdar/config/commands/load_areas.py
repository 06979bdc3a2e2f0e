"""`haqdar load-areas DIR`: the Local Government Directory's extracts into the tree of areas."""

from datetime import datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian
from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of extracts whose file name carries no year, YYYY-MM-DD.",
)
@needs_database
def command(directory: Path, as_of: datetime | None) -> int:
    """Load the Local Government Directory's CSV extracts of the folder DIRECTORY.

    Takes lists of districts, sub-districts, blocks and urban bodies as the directory gives them, recognised by
    their columns; the year stands in the file name (districts_2022.csv). Several years in one folder are loaded
    oldest first; a newer extract records what was opened, closed, moved and renamed, with days of validity.

    Urban bodies are listed there without their district: it is found by name and Census code, or in a file
    urban_districts.csv (lgd_code,district_lgd_code) beside them. Those that remain hang below the State and are
    listed.

    \b
    Example:
      ./haqdar load-areas extracts
    """
    from haqdar.registry.actions import load_areas

    result = load_areas(directory, as_of.date() if as_of else None)
    names = {code: area.name_en for code, area in result.areas.items()}
    for step in result.steps:
        counts = step.counts
        click.echo(
            f"{step.day}: {group_indian(counts.rows)} areas, {group_indian(counts.accepted)} new,"
            f" {group_indian(counts.corrected)} changed, {group_indian(counts.repeated)} as before"
        )
        if step.skipped:
            click.echo(f"  skipped, because newer lists were loaded before: {', '.join(step.skipped)}")
        for area, sources in step.changes.opened:
            origin = f", from {', '.join(sources)}" if sources else ""
            click.echo(f"  opened   {area.area_code:<12} {area.kind} {area.name_en}{origin}")
        for area, targets in step.changes.closed:
            target = f", into {', '.join(targets)}" if targets else ""
            click.echo(f"  closed   {area.area_code:<12} {area.kind} {area.name_en}{target}")
        for area, before in step.changes.moved:
            click.echo(
                f"  moved    {area.area_code:<12} {area.kind} {area.name_en}:"
                f" {before} → {names.get(area.parent_code or '', '')}"
            )
        for area, before in step.changes.renamed:
            click.echo(f"  renamed  {area.area_code:<12} {area.kind} {before} → {area.name_en}")
    unresolved = result.steps[-1].changes.unresolved
    if unresolved:
        click.echo(
            f"{group_indian(len(unresolved))} urban bodies without a district; name it in urban_districts.csv"
            " (lgd_code,district_lgd_code) and load again:"
        )
        for area in unresolved:
            click.echo(f"  {area.lgd_code} {area.name_en} (Census {area.census_code or 'unknown'})")
    return 0
