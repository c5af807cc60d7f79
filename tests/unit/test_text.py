"""Words of both languages as tokens, and the small vocabulary that both share."""

import csv
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.platform import text
from casemgr.platform.text import has_forbidden_characters, kind_of, terms, tokens
from casemgr.platform.text.terms import forms_of

DATA = Path(text.__file__).parents[1] / "data" / "terms.csv"


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("红色外套", {"t:red", "t:jacket"}),
        ("a red jacket", {"t:red", "t:jacket"}),
        ("RED JACKETS", {"t:red", "t:jacket"}),
        ("穿Ｔ恤", {"t:t_shirt"}),
        ("门前有条河和石桥", {"t:river", "t:stone_bridge"}),
        ("a river and a stone bridge", {"t:river", "t:stone_bridge"}),
        ("爷爷是木匠，家里养了一头牛", {"t:grandfather", "t:carpenter", "t:cow"}),
        ("Grandfather was a carpenter and they kept an ox",
         {"t:grandfather", "t:carpenter", "t:cow"}),
        ("穿一件花棉袄，扎着两个小辫子", {"t:padded_jacket", "t:braids"}),
        ("wearing blue jeans and white sneakers",
         {"t:blue", "t:jeans", "t:white", "t:sports_shoes"}),
        ("没有疤，左眉有一颗痣", {"t:left", "t:eyebrow", "t:mole"}),
        ("no scar, a mole in the left eyebrow", {"t:left", "t:eyebrow", "t:mole"}),
        ("他在河南打工", {"t:construction"}),
        ("明白了", set()),
        ("用手机拍的", set()),
        ("马上就来", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_both_languages_meet_in_the_same_terms(phrase: str, found: set[str]) -> None:
    assert terms(phrase) == found


def test_tokens_hold_words_numbers_pairs_and_terms() -> None:
    assert tokens("东莞虎门, two RED jackets １９９８ café") == {
        "东莞", "莞虎", "虎门", "two", "red", "jacket", "1998", "cafe", "t:red", "t:jacket",
    }  # fmt: skip


def test_a_query_finds_the_text_in_whatever_form_it_is_typed() -> None:
    stored = tokens("He had scars on both feet, 穿红色外套")
    for query in ("scar", "SCARS", "foot", "ｒｅｄ", "红色", "jacket", "外套"):
        assert tokens(query) & stored, query


def test_words_that_say_nothing_are_no_tokens() -> None:
    assert tokens("He was seen with the and of") == frozenset()
    assert tokens("的了是") == frozenset()


def test_a_single_character_stands_for_itself() -> None:
    assert tokens("疤") == {"疤", "t:scar"}


def test_every_form_of_every_term_leads_to_that_term() -> None:
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = [
        (row["term"], form)
        for row in rows
        for language in ("english", "chinese")
        for form in row[language].split("|")
        if "t:" + row["term"] not in terms(form)
    ]
    assert missed == []


def test_the_vocabulary_is_clean() -> None:
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 250
    for column in ("english", "chinese"):
        forms = Counter(form for row in rows for form in row[column].split("|"))
        assert [form for form, count in forms.items() if count > 1 or not form.strip()] == []
    assert max(Counter(row["term"] for row in rows).values()) == 1
    assert {row["kind"] for row in rows} == {
        "colour", "pattern", "clothing", "body", "mark", "body_part", "side", "landscape",
        "household", "animal", "trade", "activity", "family", "speech",
    }  # fmt: skip


def test_a_terms_kind_and_forms_can_be_asked() -> None:
    assert kind_of("t:jacket") == "clothing"
    assert kind_of("jacket") == ""
    assert "外套" in forms_of("t:jacket")["zh-hans"]
    assert forms_of("t:no such term") == {}


@pytest.mark.parametrize("bad", ["\x00", "a\x00b", "\ud800", "\x07", "\x1b[0m", "\x7f", "\ufffe"])
def test_forbidden_characters_are_told(bad: str) -> None:
    assert has_forbidden_characters(bad)


@pytest.mark.parametrize(
    "good", ["", "two\nlines\tand a tab\r\n", "红色外套", "😀👨‍👩‍👧", "é", "\u200b", "𠮷"]
)
def test_what_people_type_is_not_forbidden(good: str) -> None:
    assert not has_forbidden_characters(good)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_is_an_error_and_tokens_can_be_stored(content: str) -> None:
    for token in tokens(content):
        token.encode("utf-8")
        assert 0 < len(token) <= 60
        assert not has_forbidden_characters(token)
    assert terms(content) <= tokens(content)


@pytest.mark.parametrize(
    "piece", ["红色外套没有疤", "red jacket ", "a", "山", "é'", "1.", "no scar "]
)
def test_ten_thousand_characters_take_no_time(piece: str) -> None:
    start = time.perf_counter()
    tokens(piece * 10_000)
    assert time.perf_counter() - start < 0.5


def test_the_language_modules_import_no_django() -> None:
    code = (
        "import sys\nfrom casemgr.platform import text, names, dates, places, references\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
