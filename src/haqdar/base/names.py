"""One reading of names for Hindi and Latin letters: राम किशोर, Ram Kishore and SHRI RAMKISHOR are compared as one.

Search, linkage, seeding and the comparison with a bank's names all use what is here and nothing else.

- `clean`: small letters, honorifics and marks gone, single spaces; the script stays.
- `name_key`: the consonants. Phonetic keys find spellings that plain similarity misses; the romaniser hardly matters. Vowels,
  h and y inside a word and doubled letters are dropped, sounds that spellings confuse are made one, a word's first vowel is
  kept as `a`.
- `vowel_key`: the same with the vowels as classes (i e u o; a is dropped inside a word), so that Rima and Rama differ.
- `joined_key`: the consonants of the name written as one word: Ram Chandra = Ramchandra.
- `given_key`, `last_key`: first and last word of the consonant key.
- `relation`: whose name stands beside it and what that person is: W/O, पिता श्री …
- `likeness`: how alike two names are, 0 to 100.

Each step is data, so that a column is keyed in SQL (DuckDB and PostgreSQL understand the same functions) and one name in Python by
the same rules. Key each distinct name or word once, not each row. A name alone never identifies anybody.
"""

import re
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz.distance import JaroWinkler

Dialect = Literal["duckdb", "postgresql"]
Kind = Literal["father", "husband", "mother", "other", ""]


class Step(NamedTuple):
    """One step: `each` maps single characters (longer `old` than `new` drops the rest), `text` and `pattern` replace."""

    how: Literal["each", "text", "pattern"]
    old: str
    new: str


HONORIFICS = [
    "shriman",
    "shrimati",
    "shrimathi",
    "shreemati",
    "srimati",
    "smt",
    "smti",
    "shri",
    "shree",
    "sri",
    "kumari",
    "kum",
    "kmr",
    "sushri",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "late",
    "lt",
    "sw",
    "श्रीमान",
    "श्रीमती",
    "श्रीमति",
    "श्री",
    "कुमारी",
    "कु",
    "सुश्री",
    "डॉ",
    "डा",
    "स्व",
    "स्वर्गीय",
]
"""Words before a name that are no part of it. `ji` and जी are dropped at its end."""
_SHORT = (
    ("mohd md mohmd mohammad mohammed muhammad muhammed mohamed मो मोहम्मद मुहम्मद मोहम्मद", "mohamad"),
    ("kr", "kumar"),
    ("pd prsd", "prasad"),
)
MARKS = ".,-(/)_\t\n;:|"
"""Signs that stand between words."""

_CONSONANTS = (
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
    ("र\u0931", "r"),
    ("लळ\u0934", "l"),
    ("व", "v"),
    ("शषस", "s"),
    ("ह", "h"),
    ("ंँ", "n"),
)
_LATIN_MARKED = (
    ("āáàâäãĀÁÀÂÄÃ", "a"),
    ("īíìîïĪÍÌÎÏ", "i"),
    ("ūúùûüŪÚÙÛÜ", "u"),
    ("ēéèêëĒÉÈÊË", "e"),
    ("ōóòôöõŌÓÒÔÖÕ", "o"),
    ("ṭṬ", "t"),
    ("ḍḌ", "d"),
    ("ṇñṅṃṁṆÑṄṂṀ", "n"),
    ("śṣŚṢ", "s"),
    ("ṛṚ", "r"),
)
_SILENT = "\u093c\u094dःऽ\u200c\u200d"
_MATRAS = "ािीुूेैोौॅॉॆॊ"


def _each(*groups: tuple[str, str], dropped: str = "") -> Step:
    old = "".join(letters for letters, _ in groups)
    return Step("each", old + dropped, "".join(new * len(letters) for letters, new in groups))


def _words(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_CLEAN = (
    _each((MARKS, " "), dropped="'’`\""),
    Step("pattern", rf"^ *(?:(?:{_words(' '.join(HONORIFICS))}) +)+", " "),
    Step("pattern", " +(?:ji|जी) *$", ""),
    *(Step("pattern", f" (?:{_words(short)})( |$)", rf" {whole}\1") for short, whole in _SHORT),
    Step("pattern", " +", " "),
)
# What both keys do first with Devanagari: सिंह is said and written Singh, ज्ञ is gy, a nasal before p and b is m.
_SPOKEN = (
    Step("text", "सिंह", "सिंघ"),
    Step("text", "ज्ञ", "ग"),
    Step("pattern", "[ंँ]([पफबभम])", r"म\1"),
)
_HINDI = (
    *_SPOKEN,
    _each(*_CONSONANTS, ("ऋॠृ", "r"), ("अआइईउऊऍएऐऑओऔॲ", "a"), *_LATIN_MARKED, dropped=_SILENT + _MATRAS),
)
_SOUNDS = (
    Step("pattern", "ow([b-df-hj-np-tv-z])", r"o\1"),
    Step("text", "x", "ks"),
    Step("each", "fwqz", "pvkj"),
)
_ONCE = tuple(Step("text", letter * 2, letter) for letter in "kgncjtdpbmrlvs")
_LATIN = (
    *_SOUNDS,
    Step("pattern", " [aeiou]", " A"),
    Step("text", " h", " H"),
    Step("text", " y", " Y"),
    Step("pattern", "[^A-Zbcdgj-npr-tv ]+", ""),
    *_ONCE,
    Step("text", "  ", " "),
)
_HINDI_VOWELS = (
    *_SPOKEN,
    # बाई is said like bai, and y between vowels is only a way of writing
    Step("pattern", "ा[ईइ]", "ै"),
    Step("pattern", "आ[ईइ]", "ऐ"),
    Step("pattern", "([क-ह])[ईइ]", r"\1ै"),
    Step("pattern", "([^ ])[य\u095f]", r"\1"),
    Step("pattern", "[ृऋॠ]", "ri"),
    _each(
        *_CONSONANTS,
        ("अआ", "a"),
        ("इईिी", "i"),
        ("उऊुू", "u"),
        ("एऐऍॲेैॅॆ", "e"),
        ("ओऔऑोौॉॊ", "o"),
        *_LATIN_MARKED,
        dropped=_SILENT + "ा",
    ),
)
_LATIN_VOWELS = (
    *_SOUNDS,
    Step("pattern", "([^ ])y([aeiou])", r"\1\2"),
    Step("pattern", "a?ee|ea|ie", "i"),
    Step("pattern", "a[iy]|e[iy]|ae", "e"),
    Step("pattern", "er([bcdgj-np-t])", r"r\1"),
    Step("pattern", "([^ aeiou])y( |$)", r"\1i\2"),
    Step("text", "oo", "u"),
    Step("pattern", "[ao]u", "o"),
    Step("text", " a", " A"),
    Step("text", " h", " H"),
    Step("text", " y", " Y"),
    Step("pattern", "[^A-Zb-egi-pr-v ]+", ""),
    *_ONCE,
    Step("pattern", "i+", "i"),
    Step("pattern", "u+", "u"),
    Step("pattern", "e+( |$)", r"\1"),
    Step("text", "  ", " "),
)


def clean(name: str) -> str:
    """The name in small letters without honorifics and marks, its words one space apart.

    >>> clean("Smt. RAM-DULARI  Bai"), clean("श्री राम किशोर जी"), clean("Mohd. Salim")
    ('ram dulari bai', 'राम किशोर', 'mohamad salim')
    """
    return _in_python(" " + name.lower(), *_CLEAN).strip(" ")


def name_key(name: str) -> str:
    """The consonant key of one name; empty for a name without letters.

    >>> name_key("Smt. Ram Dulari Bai"), name_key("राम दुलारी बाई")
    ('rm dlr b', 'rm dlr b')
    >>> name_key("Krishna"), name_key("कृष्णा"), name_key("Anita"), name_key("अनीता")
    ('krsn', 'krsn', 'ant', 'ant')
    """
    return _key(clean(name), _HINDI, _LATIN)


def vowel_key(name: str) -> str:
    """The key of one name with classes of vowels.

    >>> vowel_key("Ram Kishore"), vowel_key("राम किशोर"), vowel_key("Geeta Bai"), vowel_key("गीता बाई")
    ('rm kisor', 'rm kisor', 'git b', 'git b')
    >>> vowel_key("Rama"), vowel_key("Rima"), vowel_key("Chouhan"), vowel_key("चौहान")
    ('rm', 'rim', 'con', 'con')
    """
    return _key(clean(name), _HINDI_VOWELS, _LATIN_VOWELS)


def joined_key(name: str) -> str:
    """The consonant key of the name written as one word.

    >>> joined_key("Ram Avtar"), joined_key("Ramavtar"), joined_key("रामअवतार")
    ('rmvtr', 'rmvtr', 'rmvtr')
    """
    return _key(clean(name).replace(" ", ""), _HINDI, _LATIN)


def given_key(name: str) -> str:
    """The first word of the consonant key."""
    return name_key(name).split(" ")[0]


def last_key(name: str) -> str:
    """The last word of the consonant key; of a name of one word that word."""
    return name_key(name).split(" ")[-1]


def clean_sql(name: str) -> str:
    """SQL (DuckDB and PostgreSQL) of `clean` of the text expression `name`."""
    return f"trim({_in_sql(_lower(name), *_CLEAN)}, ' ')"


def name_key_sql(name: str, dialect: Dialect = "duckdb") -> str:
    """SQL of the consonant key of the text expression `name`."""
    return _key_sql(_in_sql(_lower(name), *_CLEAN), name, dialect, _HINDI, _LATIN)


def vowel_key_sql(name: str, dialect: Dialect = "duckdb") -> str:
    """SQL of the vowel key of the text expression `name`."""
    return _key_sql(_in_sql(_lower(name), *_CLEAN), name, dialect, _HINDI_VOWELS, _LATIN_VOWELS)


def joined_key_sql(name: str, dialect: Dialect = "duckdb") -> str:
    """SQL of the consonant key of the text expression `name` written as one word."""
    whole = f"(' ' || replace({_in_sql(_lower(name), *_CLEAN)}, ' ', ''))"
    return _key_sql(whole, name, dialect, _HINDI, _LATIN)


def given_key_sql(key: str) -> str:
    """SQL of the first word of the expression `key`, a consonant key."""
    return f"split_part({key}, ' ', 1)"


def last_key_sql(key: str) -> str:
    """SQL of the last word of the expression `key`, a consonant key."""
    return f"split_part({key}, ' ', -1)"


class Relation(NamedTuple):
    """Whose name stands beside a person's: `kind` is what that one is to the person, empty where it is not said."""

    kind: Kind
    name: str


_RELATIONS: tuple[tuple[Kind, str], ...] = (
    ("father", r"[sd] ?[/\\.]? ?o|son of|daughter of|father|पिता|पुत्री|पुत्र|सुपुत्री|सुपुत्र|आत्मजा|आत्मज|वल्द|बेटी|बेटा"),
    ("husband", r"w ?[/\\.]? ?o|wife of|widow of|husband|पति|पत्नी|धर्मपत्नी|बेवा|जौजे"),
    ("mother", r"m ?[/\\.]? ?o|mother|माता|मां|माँ"),
    ("other", r"[ch] ?[/\\.]? ?o|care of|guardian|द्वारा|संरक्षक"),
)
_RELATION = [
    (kind, re.compile(rf"^\W*(?:{words})(?:[\s.:,/-]+|$)", re.IGNORECASE)) for kind, words in _RELATIONS
]


def relation(text: str) -> Relation:
    """What stands in a column of relation names, as the kind of relation and the name itself.

    >>> relation("W/O Shri Ram Lal"), relation("पिता श्री मोहन"), relation("Ram Lal")
    (Relation(kind='husband', name='Shri Ram Lal'), Relation(kind='father', name='श्री मोहन'), Relation(kind='', name='Ram Lal'))
    """
    for kind, pattern in _RELATION:
        said = pattern.match(text)
        if said:
            return Relation(kind, text[said.end() :].strip())
    return Relation("", text.strip())


def likeness(one: str, other: str) -> int:
    """How alike two names are, 0 to 100: spelling, script, spacing, the order of words and initials count little.

    A word that only one name has (a surname left out) costs less than a word that differs. 100 for equal keys.

    >>> likeness("Shri Ramchandra Sharma", "राम चन्द्र शर्मा"), likeness("Sunita Bai", "BAI SUNITA")
    (100, 95)
    >>> likeness("Sunita Bai", "Mohan Lal") < 50 < likeness("R. Sharma", "Ramesh Sharma")
    True
    """
    return key_likeness(name_key(one), joined_key(one), name_key(other), joined_key(other))


def key_likeness(key: str, joined: str, other_key: str, other_joined: str) -> int:
    """`likeness` of two names whose consonant and joined keys are known."""
    if not key or not other_key:
        return 0
    if joined == other_joined:
        return 100
    fewer, more = sorted((_whole(key, other_key), _whole(other_key, key)), key=len)
    left, alike, order = list(enumerate(more)), 0.0, []
    for word in fewer:
        likest = max(left, key=lambda placed: _words_alike(word, placed[1]))
        alike += _words_alike(word, likest[1])
        order.append(likest[0])
        left.remove(likest)
    by_words = alike / len(fewer) * (1 - 0.08 * len(left))
    if any(first > second for first, second in pairwise(order)):
        by_words *= 0.95
    return round(100 * max(by_words, 0.9 * JaroWinkler.similarity(joined, other_joined)))


def _whole(key: str, other: str) -> list[str]:
    """The words of a key; two of them that are one word in the other name are joined (ram chandra, ramchandra)."""
    words, there = key.split(" "), set(other.split(" "))
    for place, (one, two) in enumerate(pairwise(words)):
        if one + two in there:
            return [*words[:place], one + two, *words[place + 2 :]]
    return words


def _words_alike(one: str, other: str) -> float:
    if one != other and 1 in (len(one), len(other)):
        return 0.8 if one[0] == other[0] else 0.0
    return JaroWinkler.similarity(one, other)


def _lower(name: str) -> str:
    return f"(' ' || lower({name}))"


def _key(cleaned: str, hindi: tuple[Step, ...], latin: tuple[Step, ...]) -> str:
    text = " " + cleaned
    if not text.isascii():
        text = _in_python(text, *hindi)
    return _in_python(text, *latin).lower().strip(" ")


def _key_sql(
    cleaned: str, name: str, dialect: Dialect, hindi: tuple[Step, ...], latin: tuple[Step, ...]
) -> str:
    # Most names are in Latin letters; the map of Devanagari is costly and runs on the others alone.
    size = "strlen" if dialect == "duckdb" else "octet_length"
    romanised = (
        f"CASE WHEN {size}({name}) = length({name}) THEN {cleaned} ELSE {_in_sql(cleaned, *hindi)} END"
    )
    return f"trim(lower({_in_sql(romanised, *latin)}), ' ')"


def _in_python(text: str, *steps: Step) -> str:
    for step in steps:
        if step.how == "each":
            text = text.translate(_TABLES[step])
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


_TABLES = {
    step: {ord(letter): step.new[place : place + 1] for place, letter in reversed(list(enumerate(step.old)))}
    for step in (*_CLEAN, *_HINDI, *_LATIN, *_HINDI_VOWELS, *_LATIN_VOWELS)
    if step.how == "each"
}
