"""The consonant key of a name, common to Hindi and Latin letters: राम किशोर and Ram Kishore have one key.

Phonetic keys find spellings that plain similarity misses; the romaniser hardly matters. Vowels, h and y inside a word,
doubled letters and honorifics are dropped, sounds that spellings confuse are made one, a word's first vowel is kept as
`a`. The steps are data, so that a column is keyed in SQL and a search term in Python by the same rules. A name alone
never identifies anybody.
"""

import re
from typing import Literal, NamedTuple


class Step(NamedTuple):
    """One step: `each` maps single characters (longer `old` than `new` drops the rest), `text` and `pattern` replace."""

    how: Literal["each", "text", "pattern"]
    old: str
    new: str


_HONORIFICS = "shri|shree|sri|smt|shrimati|kumari|kum|mr|mrs|ms|late|sw|श्री|श्रीमती|कुमारी|कु|सुश्री|स्व"
_DEVANAGARI = (
    ("कख\u0958\u0959", "k"),
    ("गघ\u095a", "g"),
    ("ङञणन\u0929", "n"),
    ("चछ", "c"),
    ("जझ\u095b", "j"),
    ("टठतथ", "t"),
    ("डढदध\u095c\u095d", "d"),
    ("पफ\u095e", "p"),
    ("बभ", "b"),
    ("म", "m"),
    ("य\u095f", "y"),
    ("र\u0931ऋॠृ", "r"),
    ("लळ\u0934", "l"),
    ("व", "v"),
    ("शषस", "s"),
    ("ह", "h"),
    ("अआइईउऊऍएऐऑओऔॲ", "a"),
    ("ंँ", "n"),
)
_OLD = "".join(letters for letters, _ in _DEVANAGARI)
_NEW = "".join(new * len(letters) for letters, new in _DEVANAGARI)
_DROPPED = "\u093c\u094dािीुूेैोौॅॉॆॊःऽ\u200c\u200d"

_HINDI = (
    Step("text", "सिंह", "सिंघ"),
    Step("text", "ज्ञ", "ग"),
    Step("pattern", "[ंँ]([पफबभम])", r"म\1"),
    Step("each", _OLD + _DROPPED, _NEW),
)
_BOTH = (
    *(Step("text", mark, " ") for mark in (".", ",", "-", "(", "/", "\t")),
    Step("text", "x", "ks"),
    Step("text", "f", "p"),
    Step("text", "w", "v"),
    Step("text", "q", "k"),
    Step("text", "z", "j"),
    Step("pattern", " [aeiou]", " A"),
    Step("text", " h", " H"),
    Step("text", " y", " Y"),
    Step("pattern", "[^A-Zbcdgj-npr-tv ]+", ""),
    *(Step("text", letter * 2, letter) for letter in "kgncjtdpbmrlvs"),
    Step("text", "  ", " "),
)
_HONORIFIC = Step("pattern", rf"^ *((?:{_HONORIFICS})[. ]+)+", " ")


def name_key(name: str) -> str:
    """The key of one name.

    >>> name_key("Smt. Ram Dulari Bai"), name_key("राम दुलारी बाई")
    ('rm dlr b', 'rm dlr b')
    >>> name_key("Krishna"), name_key("कृष्णा"), name_key("Anita"), name_key("अनीता")
    ('krsn', 'krsn', 'ant', 'ant')
    """
    text = _in_python(" " + name.lower(), _HONORIFIC)
    if not text.isascii():
        text = _in_python(text, *_HINDI)
    return _in_python(text, *_BOTH).lower().strip(" ")


def name_key_sql(name: str) -> str:
    """SQL (DuckDB) of the key of the text expression `name`."""
    plain = _in_sql(f"(' ' || lower({name}))", _HONORIFIC)
    # Most names are in Latin letters; the map of Devanagari is costly and runs on the others alone.
    romanised = f"CASE WHEN strlen({name}) = length({name}) THEN {plain} ELSE {_in_sql(plain, *_HINDI)} END"
    return f"trim(lower({_in_sql(romanised, *_BOTH)}), ' ')"


def _in_python(text: str, *steps: Step) -> str:
    for step in steps:
        if step.how == "each":
            kept = dict(zip(step.old, step.new, strict=False))
            text = "".join(kept.get(letter, "" if letter in step.old else letter) for letter in text)
        elif step.how == "text":
            text = text.replace(step.old, step.new)
        else:
            text = re.sub(step.old, step.new, text, flags=re.ASCII)
    return text


def _in_sql(expression: str, *steps: Step) -> str:
    for step in steps:
        old, new = (part.replace("'", "''") for part in (step.old, step.new))
        if step.how == "each":
            expression = f"translate({expression}, '{old}', '{new}')"
        elif step.how == "text":
            expression = f"replace({expression}, '{old}', '{new}')"
        else:
            expression = f"regexp_replace({expression}, '{old}', '{new}', 'g')"
    return expression
