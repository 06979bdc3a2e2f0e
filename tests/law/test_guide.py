"""The law-writer's guide is played: every change it shows is made, every command run, every answer compared.

In docs/law-writing.md each section under "Worked examples" starts from the State's own law. A `diff` block changes a file
of the law folder, a `console` block runs commands; `…` in an answer stands for anything.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.law.conftest import FOLDER

from haqdar.base.refusal import Refusal
from haqdar.config.commands import law as law_command

GUIDE = FOLDER.parents[1] / "docs" / "law-writing.md"


@dataclass(frozen=True)
class Block:
    """One fenced block of the guide."""

    line: int
    kind: str
    text: str


def _sections() -> Iterator[tuple[str, list[Block]]]:
    """The sections under "Worked examples" with their diff and console blocks."""
    text = GUIDE.read_text(encoding="utf-8")
    start = text.index("\n## Worked examples\n")
    worked = text[start : text.index("\n## ", start + 1)]
    first = text[:start].count("\n") + 1
    for section in re.split(r"(?m)^(?=### )", worked)[1:]:
        before = first + worked[: worked.index(section)].count("\n")
        blocks = [
            Block(before + section[: match.start()].count("\n"), match[1], match[2])
            for match in re.finditer(r"(?ms)^```(diff|console)\n(.*?)^```$", section)
        ]
        yield section.splitlines()[0].removeprefix("### "), blocks


SECTIONS = dict(_sections())


def apply(diff: str, law: Path) -> None:
    """Makes the changes of one diff block; unchanged and removed lines must stand in the file just so, once."""
    target: Path | None = None
    for hunk in re.split(r"(?m)^@@.*\n", diff):
        named = re.search(r"(?m)^\+\+\+ (\S+)\n", hunk)
        if named is not None:
            target = law / named[1]
            hunk = hunk[named.end() :]
        if not hunk.strip():
            continue
        assert target is not None
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        text = target.read_text(encoding="utf-8") if target.exists() else ""
        if old:
            assert text.count(old) == 1, f"stands {text.count(old)} times in {target.name}:\n{old}"
            text = text.replace(old, new)
        else:
            text = f"{text}\n{new}" if text else new
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def answer(command: str, law: Path) -> str:
    """What a command of the guide prints, its refusal last."""
    words = shlex.split(command)
    assert words[:2] == ["./haqdar", "law"], command
    result = CliRunner().invoke(law_command.command, [words[2], "--law", str(law), *words[3:]])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        if not isinstance(result.exception, Refusal):
            raise result.exception
        return f"{result.output}{result.exception.en}\n".replace(f"{law}", "law/mp")
    return result.output.replace(f"{law}", "law/mp")


def exchanges(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the answer that the guide shows."""
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def _agrees(shown: str, given: str) -> bool:
    pattern = ".*?".join(re.escape(piece) for piece in shown.strip().split("…"))
    return re.fullmatch(pattern, given.strip(), re.DOTALL) is not None


@pytest.mark.parametrize("section", SECTIONS)
def test_the_worked_examples_of_the_guide_do_what_it_says(
    section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")
    law = tmp_path / "mp"
    shutil.copytree(FOLDER, law)
    ran = 0
    for block in SECTIONS[section]:
        if block.kind == "diff":
            apply(block.text, law)
            continue
        for command, shown in exchanges(block):
            given = answer(command, law)
            assert _agrees(shown, given), f"{GUIDE.name}:{block.line}: $ {command}\n{given}"
            ran += 1
    assert ran
