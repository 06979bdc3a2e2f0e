"""The keys of names: one for both scripts, the same in Python and in SQL of both engines."""

import duckdb
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from haqdar.base.names import (
    HONORIFICS,
    Relation,
    clean,
    clean_sql,
    given_key_sql,
    joined_key,
    joined_key_sql,
    last_key_sql,
    likeness,
    name_key,
    name_key_sql,
    relation,
    vowel_key,
    vowel_key_sql,
)


@pytest.mark.parametrize(
    ("latin", "hindi"),
    [
        ("Ram Kishore", "राम किशोर"),
        ("Santosh", "संतोष"),
        ("Champa Bai", "चंपा बाई"),
        ("Gyan Singh", "ज्ञान सिंह"),
        ("Lakshmi", "लक्ष्मी"),
        ("Laxmi", "लक्ष्मी"),
        ("Vishwakarma", "विश्वकर्मा"),
        ("Phoolwati", "फूलवती"),
        ("Fatima", "फ़ातिमा"),
        ("Smt. Uma Devi", "श्रीमती उमा देवी"),
        ("Krishna", "कृष्ण"),
        ("Munni", "मुन्नी"),
        ("Yashoda", "यशोदा"),
        ("Chowdhary", "चौधरी"),
        ("Mohd. Salim", "मोहम्मद सलीम"),
        ("Kanhaiya Lal", "कन्हैया लाल"),
    ],
)
def test_both_scripts_have_one_key(latin: str, hindi: str) -> None:
    assert name_key(latin) == name_key(hindi) != ""
    assert vowel_key(latin) == vowel_key(hindi) != ""


def test_different_names_differ() -> None:
    names = ("Ram", "Sita", "Gita", "Mohan", "Anita", "Kamla", "Hari", "Yadav")
    assert len({name_key(name) for name in names}) == len(names)
    # alike by their consonants alone
    assert name_key("Rama") == name_key("Rima") and vowel_key("Rama") != vowel_key("Rima")


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("S/O Ram Lal", "father", "Ram Lal"),
        ("D/o. श्री मोहन", "father", "श्री मोहन"),
        ("पति श्री मोहन", "husband", "श्री मोहन"),
        ("wife of Mohan", "husband", "Mohan"),
        ("बेवा: मोहन", "husband", "मोहन"),
        ("C/O Kamla", "other", "Kamla"),
        ("Somnath", "", "Somnath"),
        ("Woman", "", "Woman"),
        ("पतिराम", "", "पतिराम"),
        ("", "", ""),
    ],
)
def test_relation(written: str, kind: str, name: str) -> None:
    assert relation(written) == Relation(kind, name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("SHRI RAMCHANDRA SHARMA", "राम चन्द्र शर्मा", 100, 100),
        ("Sunita Bai", "Bai Sunita", 90, 99),
        ("Sunita", "Sunita Bai Ahirwar", 80, 95),
        ("R. Sharma", "Ramesh Sharma", 80, 95),
        ("Sunita Bai", "Sunita Devi", 60, 85),
        ("Ramesh Yadav", "Suresh Yadav", 0, 85),
        ("Sunita Bai", "Mohan Lal", 0, 50),
        ("", "Mohan", 0, 0),
        ("123", "123", 0, 0),
    ],
)
def test_likeness(one: str, other: str, least: int, most: int) -> None:
    assert least <= likeness(one, other) <= most
    assert likeness(one, other) == likeness(other, one)


letters = st.sampled_from(
    list("abcdefghijklmnopqrstuvwxyzABXZ .,-()'/\t") + list("कखगघचछजझटठडढतथदधनपफबभमयरलवशषसहअआइईंँ्ािीुूेैोौृज्ञड़")
)
names = st.text(letters, max_size=20) | st.sampled_from(
    ["Shri Ram", "MR. X", "श्री राम", "कु. उमा", "Mohd Kr Pd Ram ji", "राम जी", *HONORIFICS]
)


@given(name=names)
def test_duckdb_and_python_agree(name: str) -> None:
    key = name_key(name)
    row = duckdb.execute(
        f"SELECT {clean_sql('v')}, {name_key_sql('v')}, {vowel_key_sql('v')}, {joined_key_sql('v')},"
        f" {given_key_sql('k')}, {last_key_sql('k')} FROM (SELECT ?::VARCHAR AS v, ?::VARCHAR AS k)",
        [name, key],
    ).fetchone()
    words = key.split(" ")
    assert row == (clean(name), key, vowel_key(name), joined_key(name), words[0], words[-1])


@pytest.mark.django_db
def test_postgresql_and_python_agree() -> None:
    many = [
        "Smt. RAM-DULARI  Bai", "श्रीमती उमा देवी", "MR. X", "कु. उमा", "Mohd Kr Pd Ram ji", "राम जी", "Śrī Kṛṣṇa", "D'Souza",
        "Chowdhary", "ज्ञान सिंह", "चंपा", "123", "", "  ", "नई बाई", "Kanhaiyalal", "फ़ातिमा", "xavier/fatima_z", "Ram Avtar",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v, {clean_sql('v')}, {name_key_sql('v', 'postgresql')}, {vowel_key_sql('v', 'postgresql')},"
            f" {joined_key_sql('v', 'postgresql')} FROM unnest(%s::text[]) v",
            [many],
        )
        rows = cursor.fetchall()
    assert rows == [(v, clean(v), name_key(v), vowel_key(v), joined_key(v)) for v in many]
