"""Reasons and replay through the command line: what an officer or an auditor types, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import installations
from tests.acceptance.test_bad_days import haqdar
from tests.reasons.village import FIRST, HUSBAND, LATER, WIFE


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """October decided in September; in November a death, a certificate and a correction arrive."""
    with installations.running(tmp_path_factory.mktemp("replay") / "home") as home:
        for name, files, delivered_on in (("first", FIRST, "2016-01-10"), ("later", LATER, "2016-11-20")):
            (home / name).mkdir()
            for file, text in files.items():
                (home / name / file).write_text(text)
            _done(home, "load", str(home / name), "--delivered-on", delivered_on, "--out", str(home / name))
            if name == "first":
                _done(home, "month", "2016-10", "--known-on", "2016-09-25", "--out", str(home / "month"))
        yield home


def _done(home: Path, *arguments: str) -> str:
    answer = haqdar(home, *arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_reasons_as_text_in_both_languages(home: Path) -> None:
    text = _done(home, "reasons", str(HUSBAND), "--month", "2016-10", "--scheme", "IGNOAPS", "--lang", "both")
    for words in (
        "The verdicts are those that the run stored.",
        "✔ Indira Gandhi National Old Age Pension (IGNOAPS) – best of its group",
        "Source: born on 1 January 1950, population register, residents.csv line 2, delivered 10 January 2016",
        "कारणों का विवरण · राम लाल",
        "उम्र 60 वर्ष या ज़्यादा होनी चाहिए (अभी: 66 वर्ष)।",
    ):
        assert words in text, words
    assert "IGNWPS" not in text


def test_reasons_as_json_and_pdf(home: Path) -> None:
    data = json.loads(_done(home, "reasons", f"{WIFE}", "--format", "json"))
    assert (data["basis"], len(data["schemes"])) == ("stored", 9)
    out = home / "reasons.pdf"
    _done(home, "reasons", str(WIFE), "--format", "pdf", "--lang", "both", "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("reasons", "12"), 2, "is no member ID"),
        (("reasons", "999999999"), 1, "No resident with this member ID"),
        (("reasons", str(WIFE), "--month", "2016-11"), 1, "No run of 2016-11 was posted"),
        (("reasons", str(WIFE), "--run", "7"), 1, "has no run 7; it has 1"),
        (("reasons", str(WIFE), "--scheme", "NONE"), 1, "There is no scheme NONE"),
        (("reasons", str(WIFE), "--format", "pdf"), 2, "--out reasons.pdf"),
        (("replay", "2016-11"), 1, "No run of 2016-11 was posted"),
        (("replay", "soon"), 2, "is no month"),
        (("replay", "2016-10", "--law", "/nowhere"), 1, "/nowhere"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    home: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    answer = haqdar(home, *arguments)
    assert (answer.returncode, words in answer.stderr) == (status, True), answer.stderr


def test_a_replay_in_rupees(home: Path) -> None:
    same = _done(home, "replay", "2016-10", "--known-on", "2016-09-25", "--out", str(home / "same"))
    assert "No difference: all 3 decisions are the same." in same
    text = _done(home, "replay", "2016-10", "--known-on", "2016-11-25", "--out", str(home / "replayed"))
    assert "4 of 4 decisions differ: +₹325 a month." in text
    assert "Nothing was posted" in text
    assert {path.name for path in (home / "replayed").iterdir()} == {
        "differences.csv",
        "totals.csv",
        "summary.json",
    }
    hindi = _done(
        home, "replay", "2016-10", "--known-on", "2016-11-25", "--lang", "hi", "--out", str(home / "r2")
    )
    assert "4 में से 4 निर्णय अलग हैं: +₹325 महीना।" in hindi
    # the same knowledge gives the same bytes
    assert (home / "r2" / "differences.csv").read_bytes() == (
        home / "replayed" / "differences.csv"
    ).read_bytes()
