"""Contender: Polars by hand, its streaming engine on all cores, Parquet to Parquet.

The nine pensions as expressions written out; Polars has Kleene's logic for nulls by itself. As with NumPy, the law is in the
code, dates of birth are compared with limits computed once, and there are no reasons.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from tests.scale.peers.job import COMPRESSION, GROUPS, RANK, SCHEMES, Watch, contend, years_before


def decide(people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """The result's columns for every person."""

    def completed(years: int, born: str = "born_on") -> pl.Expr:
        return pl.col(born) <= years_before(day, years)

    def aged(least: int, most: int) -> pl.Expr:
        return completed(least) & ~completed(most + 1)

    present = pl.col("alive") & ~pl.col("migrated_out")
    poor = present & pl.col("bpl")
    sex, status = pl.col("sex"), pl.col("marital_status")
    widow = (sex == "F") & (status == "widowed")
    partner = pl.col("partner_present")
    payee = ((sex == "F") & status.is_in(["married", "widowed", "deserted"])) | (
        (sex != "F") & (status == "widowed")
    )
    taxed = pl.col("income_tax_payer") | (partner & pl.col("partner_income_tax_payer"))
    entitled = {
        "ignoaps": poor & completed(60),
        "ignwps": poor & widow & aged(40, 79),
        "igndps": poor & (pl.col("disability_percent") >= 80) & aged(18, 79),
        "ssp_old": present & pl.col("destitute") & completed(60),
        "ssp_widow": poor & widow & aged(18, 39),
        "ssp_deserted": poor & (sex == "F") & (status == "deserted") & aged(18, 59),
        "ssp_pwd": poor & (pl.col("disability_percent") >= 40) & aged(6, 18),
        "kanya": present
        & sex.is_in(["F", "M"])
        & payee
        & ((sex != "M") | pl.col("wife_died"))
        & (completed(60) | (partner & completed(60, "partner_born_on")))
        & (pl.col("living_daughters") >= 1)
        & (pl.col("living_sons") == 0)
        & ~taxed,
        "mrmd": present & (pl.col("intellectual_disability") | pl.col("multiple_disability")),
    }
    old_age = pl.when(completed(80)).then(50000).when(completed(65)).then(27500).otherwise(20000)
    amount = {
        **dict.fromkeys(("ignwps", "igndps"), pl.lit(30000)),
        **dict.fromkeys(("ssp_old", "ssp_widow", "ssp_deserted", "ssp_pwd"), pl.lit(15000)),
        **dict.fromkeys(("kanya", "mrmd"), pl.lit(50000)),
        "ignoaps": old_age,
    }
    verdicts = people.select(
        "member_id", old_age.alias("old_age"), *(e.alias(f"{s}_verdict") for s, e in entitled.items())
    )
    amount["ignoaps"] = pl.col("old_age")
    paid = verdicts.with_columns(
        pl.when(pl.col(f"{stem}_verdict")).then(amount[stem]).cast(pl.Int32).alias(f"{stem}_paise")
        for stem, _ in SCHEMES
    )
    of_group = {group: [stem for stem, its_group in SCHEMES if its_group == group] for group in GROUPS}
    most = paid.with_columns(
        pl.max_horizontal([f"{stem}_paise" for stem in stems]).alias(f"best_{group}_paise")
        for group, stems in of_group.items()
    )
    return most.with_columns(
        pl.coalesce(
            pl.when(pl.col(f"{stem}_paise") == pl.col(f"best_{group}_paise")).then(
                pl.lit(RANK[stem], pl.UInt8)
            )
            for stem in stems
        ).alias(f"best_{group}")
        for group, stems in of_group.items()
    ).drop("old_age")


def run(people: Path, result: Path, day: date, watch: Watch) -> None:
    with watch.phase("read, decide, write"):
        decide(pl.scan_parquet(people), day).sink_parquet(result, compression=COMPRESSION, engine="streaming")


if __name__ == "__main__":
    contend(run)
