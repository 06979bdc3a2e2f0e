"""The consonant key: one for both scripts, the same in SQL and in Python."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haqdar.registry.names import name_key, name_key_sql


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
    ],
)
def test_both_scripts_have_one_key(latin: str, hindi: str) -> None:
    assert name_key(latin) == name_key(hindi) != ""


def test_different_names_differ() -> None:
    assert (
        len({name_key(name) for name in ("Ram", "Sita", "Gita", "Mohan", "Anita", "Kamla", "Hari", "Yadav")})
        == 8
    )


letters = st.sampled_from(
    list("abcdefghijklmnopqrstuvwxyzABXZ .,-()'/\t") + list("कखगघचछजझटठडढतथदधनपफबभमयरलवशषसहअआइईंँ्ािीुूेैोौृज्ञड़")
)


@given(name=st.text(letters, max_size=20) | st.sampled_from(["Shri Ram", "MR. X", "श्री राम", "कु. उमा"]))
def test_sql_and_python_agree(name: str) -> None:
    row = duckdb.execute(f"SELECT {name_key_sql('v')} FROM (SELECT ?::VARCHAR AS v)", [name]).fetchone()
    assert row == (name_key(name),)
