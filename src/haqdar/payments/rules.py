"""Pure rules of money: how an amount splits into components, and how a name is spelled for a bank."""

import unicodedata
from collections.abc import Mapping, Sequence

Split = Mapping[str, int]
"""Paise by component, in the law's order of components."""


def proportional(paise: int, weights: Split) -> dict[str, int]:
    """Split `paise` (not negative) in proportion to `weights`, exactly; odd paise go to the largest remainders, then in order.

    >>> proportional(1001, {"union": 200, "state": 75})
    {'union': 728, 'state': 273}
    """
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("an amount cannot be split over components that pay nothing")
    parts = {name: paise * weight // total for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: -(paise * weights[name] % total))
    for name in by_remainder[: paise - sum(parts.values())]:
        parts[name] += 1
    return parts


def components(paise: int, bands: Sequence[Split]) -> dict[str, int]:
    """The components of an amount of a scheme, given the components of each band in force.

    A band's own amount has the band's components. Any other amount (brought in with the registers, or of an earlier
    order) splits like the highest band below it, or the lowest band if there is none below.
    """
    names = list(dict.fromkeys(name for band in bands for name in band))
    if not names:
        raise ValueError("a scheme without bands has no components")
    by_amount: dict[int, Split] = {}
    for band in bands:
        by_amount.setdefault(sum(band.values()), band)
    below = [amount for amount in by_amount if amount <= paise]
    band = by_amount[max(below)] if below else by_amount[min(by_amount)]
    parts = proportional(paise, band)
    return {name: parts.get(name, 0) for name in names}


def difference(target: Split, before: Split) -> dict[str, int]:
    """The components of `target` minus `before`, none of them negative, for a target that pays more in all.

    Where a component became smaller, the others carry the fall, the largest first.

    >>> difference({"union": 50000, "state": 0}, {"union": 20000, "state": 7500})
    {'union': 22500, 'state': 0}
    """
    names = list(dict.fromkeys([*target, *before]))
    parts = {name: target.get(name, 0) - before.get(name, 0) for name in names}
    if sum(parts.values()) < 0:
        raise ValueError("only a rise in what is owed is split into components")
    fall = -sum(part for part in parts.values() if part < 0)
    parts = {name: max(part, 0) for name, part in parts.items()}
    for name in sorted(names, key=lambda name: -parts[name]):
        taken = min(parts[name], fall)
        parts[name] -= taken
        fall -= taken
    return parts


def _letters(devanagari: str, latin: str) -> dict[str, str]:
    return dict(zip(devanagari, latin.split(" "), strict=True))


_CONSONANTS = _letters(
    "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
    "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l",
)
_VOWELS = _letters("अआइईउऊऋएऐओऔऑऍ", "a a i i u u ri e ai o au o e")
_SIGNS = _letters("ािीुूृेैोौॉॅ", "a i i u u ri e ai o au o e")
_VIRAMA, _NUKTA = "\u094d", "\u093c"
_NASALS = "\u0901\u0902"


def latin_name(name: str) -> str:
    """A name in capital A-Z and single blanks, as bank files want it; Devanagari is spelled out in Latin letters.

    >>> latin_name("Smt. Sunita  Bai"), latin_name("सुनीता देवी"), latin_name("रमेश")
    ('SMT SUNITA BAI', 'SUNITA DEVI', 'RAMESH')
    """
    spelled = " ".join(_spelled(word) for word in name.split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c)).upper()
    return " ".join("".join(c if "A" <= c <= "Z" else " " for c in plain).split())


def _spelled(word: str) -> str:
    word = unicodedata.normalize("NFD", word).replace(_NUKTA, "")
    letters: list[str] = []
    inherent = False  # whether the consonant just written still carries its unwritten a
    for c in word:
        if c in _CONSONANTS or c in _VOWELS:
            letters.append("a" if inherent else "")
            letters.append(_CONSONANTS.get(c) or _VOWELS[c])
            inherent = c in _CONSONANTS
        elif c in _SIGNS or c == _VIRAMA:
            letters.append(_SIGNS.get(c, ""))
            inherent = False
        elif c in _NASALS:
            letters.append("an" if inherent else "n")
            inherent = False
        else:
            letters.append(("a" if inherent else "") + c)
            inherent = False
    # The unwritten a at the end of a word is not spoken.
    return "".join(letters)
