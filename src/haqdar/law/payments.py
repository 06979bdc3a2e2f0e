"""How a State's money goes out, read from law/<state>/payments.yaml. It changes no entitlement and is not part of the law's hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from haqdar.law.problems import LawRefused, Problem
from haqdar.law.reading import Node, Problems, read

FILE = "payments.yaml"
RAILS = ("account", "aadhaar")
SILENT = ("goes_on", "waits")
FAILED_DROP = ("holds", "listed")
_ORIGINATOR = (
    "user_name",
    "user_number",
    "bank_code",
    "sponsor_ifsc",
    "debit_account",
    "narration",
    "product",
    "government_code",
)


@dataclass(frozen=True)
class Originator:
    """Who pays: the user registered with the payments corporation, its sponsor bank and the account to debit; plain ASCII."""

    user_name: str
    user_number: str
    bank_code: str
    sponsor_ifsc: str
    debit_account: str
    narration: str
    product: str
    government_code: str


@dataclass(frozen=True)
class AccountDropRules:
    """One rupee to an account before its first payment: by which profile of files, how many paise, and whether one that the bank
    gave back holds the payment (`holds`) or is only listed (`listed`).
    """

    profile: str = "nach-validation"
    paise: int = 100
    failed: str = "listed"


@dataclass(frozen=True)
class PaymentRules:
    """The State's arrangement for its money; see law/mp/payments.yaml for what each value means."""

    year_begins: int
    silent_body: str
    hold_review_days: int
    rails: tuple[str, ...]
    profiles: Mapping[str, str]
    items_per_file: int
    most_retries: int
    name_likeness: int
    originator: Originator
    account_drop: AccountDropRules = AccountDropRules()


def payment_rules(folder: Path) -> PaymentRules:
    """The payment rules of the law in `folder`, or of the law that it extends. Raises `LawRefused` with every problem found."""
    path = _file(folder)
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    if (path, stamp) not in _READ:
        problems = Problems()
        root = read(path, FILE, problems)
        rules = None if problems.found else _rules(root, problems)
        if rules is None or problems.found:
            raise LawRefused(problems.found)
        _READ.clear()
        _READ[path, stamp] = rules
    return _READ[path, stamp]


def payment_problems(folder: Path) -> list[Problem]:
    """Everything wrong with the payment rules of a law folder; a law that pays nobody needs none."""
    if not _file(folder).is_file():
        return []
    try:
        payment_rules(folder)
    except LawRefused as refused:
        return list(refused.problems)
    return []


def _file(folder: Path) -> Path:
    extends = read(folder / "state.yaml", "state.yaml", Problems()).get("extends")
    if (folder / FILE).is_file() or extends is None or not extends.text:
        return folder / FILE
    kept = folder / "base"
    return (kept if (kept / "state.yaml").is_file() else folder / extends.text) / FILE


_READ: dict[tuple[Path, int], PaymentRules] = {}


def _rules(root: Node, problems: Problems) -> PaymentRules | None:
    reader = _Reader(root, problems)
    rules = PaymentRules(
        year_begins=reader.number("year_begins", 1, 12),
        silent_body=reader.word("silent_body", SILENT),
        hold_review_days=reader.number("hold_review_days", 1, 365),
        rails=reader.rails(),
        profiles={
            rail: reader.text(node, f"profiles: {rail}") for rail, node in reader.node("profiles").pairs()
        },
        items_per_file=reader.number("items_per_file", 1, 1_000_000),
        most_retries=reader.number("most_retries", 0, 24),
        name_likeness=reader.number("name_likeness", 0, 100),
        originator=Originator(
            **{
                name: reader.text(reader.node("originator").get(name), f"originator: {name}")
                for name in _ORIGINATOR
            }
        ),
        account_drop=reader.account_drop(),
    )
    for rail in rules.rails:
        if rail not in rules.profiles:
            problems.add(
                reader.node("profiles"),
                f"'profiles' names no profile for the rail {rail}",
                f"'profiles' में {rail} के लिए कोई प्रोफ़ाइल नहीं है",
            )
    return rules


class _Reader:
    """Reads the keys of one file, adding a problem for each that is missing or wrong."""

    def __init__(self, root: Node, problems: Problems) -> None:
        self._root = root
        self._problems = problems

    def node(self, key: str) -> Node:
        """The value of `key`; an empty node and a problem where it is missing."""
        found = self._root.get(key)
        if found is None:
            self._problems.add(self._root, f"the key '{key}' is missing", f"कुंजी '{key}' नहीं है")
        return found if found is not None else Node(self._root.file, self._root.line)

    def text(self, node: Node | None, what: str) -> str:
        """The text of a value that must be printable ASCII."""
        said = (node.text or "") if node is not None else ""
        if not said or not said.isascii() or not said.isprintable():
            self._problems.add(
                node or self._root,
                f"'{what}' must be a text of plain Latin letters and digits",
                f"'{what}' में सादे लैटिन अक्षर और अंक लिखें",
            )
        return said

    def account_drop(self) -> AccountDropRules:
        """What the law says of one rupee before the first payment; a law that says nothing only lists what comes back."""
        node = self._root.get("account_drop")
        if node is None:
            return AccountDropRules()
        inner = _Reader(node, self._problems)
        return AccountDropRules(
            profile=inner.text(inner.node("profile"), "account_drop: profile"),
            paise=inner.number("paise", 1, 10_000),
            failed=inner.word("failed", FAILED_DROP),
        )

    def number(self, key: str, least: int, most: int) -> int:
        """The whole number of `key` within its bounds."""
        node = self.node(key)
        said = node.text or ""
        if said.isascii() and said.isdigit() and least <= int(said) <= most:
            return int(said)
        self._problems.add(
            node,
            f"'{key}' must be a whole number from {least} to {most}",
            f"'{key}' में {least} से {most} तक पूरी संख्या लिखें",
        )
        return least

    def word(self, key: str, allowed: tuple[str, ...]) -> str:
        """The word of `key`, one of `allowed`."""
        node = self.node(key)
        if node.text in allowed:
            return str(node.text)
        self._problems.add(
            node,
            f"'{key}' must be one of {', '.join(allowed)}",
            f"'{key}' में इनमें से एक लिखें: {', '.join(allowed)}",
        )
        return allowed[0]

    def rails(self) -> tuple[str, ...]:
        """The rails in order of preference."""
        node = self.node("rails")
        found = tuple(item.text or "" for item in node.items or [])
        if not found or len(set(found)) != len(found) or any(rail not in RAILS for rail in found):
            self._problems.add(
                node,
                f"'rails' must list some of {', '.join(RAILS)}, each once",
                f"'rails' में {', '.join(RAILS)} में से लिखें, हर एक एक बार",
            )
        return found
