"""The register compared on a real Spark Connect server gives the pairs, weights and evidence that DuckDB gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from haqdar.access.actors import platform
from haqdar.config import cli
from haqdar.demo.duplicates import plant_duplicates
from haqdar.demo.generate import write_registers
from haqdar.identity.linking import dedupe
from haqdar.identity.models import LinkRun, Pair
from haqdar.registry.actions import load_folder


@pytest.mark.django_db(transaction=True)
def test_spark_finds_the_same_pairs(sail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on = date(2016, 10, 1)
    write_registers(tmp_path, residents=300, seed=21, on=on)
    plant_duplicates(tmp_path, seed=21, on=on, per_thousand=120)
    load_folder(tmp_path, delivered_on=date(2016, 9, 20), out=tmp_path / "out", actor=platform("test"))
    here = dedupe(platform("test"))
    columns = ("first_id", "second_id", "band", "facts", "cluster")
    pairs = list(Pair.objects.order_by("first_id", "second_id").values_list(*columns))
    weights = {pair.pk: (pair.weight, pair.evidence) for pair in Pair.objects.all()}
    assert len(pairs) > 15
    assert cli.run(["dedupe", "--engine", sail, "--lang", "en"]) == 0
    assert "pairs are certain" in capsys.readouterr().out
    run = LinkRun.objects.latest("pk")
    assert (run.engine, run.state, run.candidates) == (sail, "done", here.candidates)
    assert (run.opened, run.withdrawn) == (0, 0)
    assert list(Pair.objects.order_by("first_id", "second_id").values_list(*columns)) == pairs
    for pair in Pair.objects.all():
        weight, evidence = weights[pair.pk]
        assert pair.weight == pytest.approx(weight, abs=0.002)
        assert [one[:2] for one in pair.evidence] == [one[:2] for one in evidence]
