"""Names as families file them and as strangers hear them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.platform.names import compare, family_frequency, forms, name_keys
from casemgr.platform.names.sounds import fold, split_syllables


@pytest.mark.parametrize(
    ("one", "other", "level", "sound"),
    [
        ("王小明", "王小明", "exact", "exact"),
        (" 王 小明 ", "王小明", "exact", "exact"),
        ("欧阳春生", "歐陽春生", "exact", "exact"),
        ("Wang Xiaoming", "wang xiaoming", "exact", "exact"),
        ("王小明", "Wang Xiaoming", "same_sound", "same_sound"),
        ("王小明", "wangxiaoming", "same_sound", "same_sound"),
        ("王小明", "Wáng Xiǎomíng", "same_sound", "same_sound"),
        ("王小明", "王晓明", "same_sound", "same_sound"),
        ("欧阳春生", "Ouyang Chunsheng", "same_sound", "same_sound"),
        ("单丽", "Shan Li", "same_sound", "same_sound"),
        ("曾强", "Zeng Qiang", "same_sound", "same_sound"),
        ("吕静", "Lü Jing", "same_sound", "same_sound"),
        ("吕静", "Lv Jing", "same_sound", "same_sound"),
        ("王小明", "Xiaoming Wang", "same_sound", "same_sound"),
        ("小明王", "王小明", "exact", "exact"),
        ("刘兰", "牛兰", "alike_sound", "alike_sound"),
        ("李楠", "Li Lang", "alike_sound", "alike_sound"),
        ("张诗诗", "Zang Sisi", "alike_sound", "alike_sound"),
        ("胡建国", "Fu Jianguo", "alike_sound", "alike_sound"),
        ("林静", "Ling Jing", "alike_sound", "alike_sound"),
        ("王小明", "小明", "given_only", "exact"),
        ("王小明", "李小明", "given_only", "exact"),
        ("欧阳春生", "春生", "given_only", "exact"),
        ("欧阳春生", "Chunsheng", "given_only", "same_sound"),
        ("王小明", "明明", "nickname", "exact"),
        ("欧阳春生", "阿生", "nickname", "exact"),
        ("欧阳春生", "A-Sheng", "nickname", "same_sound"),
        ("小刚", "刚子", "nickname", "exact"),
        ("李建明", "明娃", "nickname", "exact"),
        ("王小明", "王芳", "family_only", "exact"),
        ("王芳", "Wang Lei", "family_only", "same_sound"),
        ("张伟", "李伟", "different", ""),
        ("王小明", "陈静", "different", ""),
        ("John Smith", "王伟", "different", ""),
        ("", "王伟", "unknown", ""),
        ("😀", "王伟", "unknown", ""),
    ],
)
def test_two_names_agree_as_far_as_a_person_would_say(
    one: str, other: str, level: str, sound: str
) -> None:
    assert (compare(one, other).level, compare(one, other).sound) == (level, sound)
    assert (compare(other, one).level, compare(other, one).sound) == (level, sound)


def test_what_is_shared_is_told_with_its_rarity() -> None:
    found = compare("欧阳春生", "Ouyang Chunsheng")
    assert (found.family, found.given, found.full, found.swapped) == ("欧阳", "春生", True, False)
    assert found.family_share == pytest.approx(0.0007)
    assert compare("王小明", "Xiaoming Wang").swapped
    assert compare("王小明", "王晓鸣").same_tones is True
    assert compare("王媛", "王远").same_tones is False
    assert compare("王媛", "Wang Yuan").same_tones is None


def test_common_family_names_weigh_as_the_published_counts_say() -> None:
    assert family_frequency("王") == 0.0725
    assert family_frequency("Zhang") == pytest.approx(0.0683 + 0.0011)  # 张 and 章
    assert family_frequency("欧阳") < family_frequency("赵") / 20
    assert family_frequency("爨") == 0.0001
    assert family_frequency("") == 1.0


def test_a_compound_family_name_is_not_cut_in_two() -> None:
    best = forms("司马相如").readings[0]
    assert (best.family, best.given, best.given_sound) == ("司马", "相如", ("xiang", "ru"))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("xiaoming", ("xiao", "ming")),
        ("ouyangchunsheng", ("ou", "yang", "chun", "sheng")),
        ("xian", ("xian",)),
        ("lvliang", ("lv", "liang")),
        ("john", None),
        ("", None),
        ("a" * 500, None),
    ],
)
def test_pinyin_is_cut_into_syllables(word: str, syllables: tuple[str, ...] | None) -> None:
    assert split_syllables(word) == syllables


@pytest.mark.parametrize(
    ("one", "other"),
    [("nan", "lang"), ("zhi", "zi"), ("shan", "sang"), ("fu", "hu"), ("fei", "hui")],
)
def test_what_dialects_merge_folds_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_keeps_apart_what_nobody_merges() -> None:
    assert len({fold(s) for s in ("ba", "pa", "ma", "da", "ta", "la", "ga", "ka", "ha")}) == 9
    assert fold("hong") != fold("hen")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王小明", "Xiaoming Wang"),
        ("王小明", "小明"),
        ("欧阳春生", "A-Sheng"),
        ("刘兰", "牛兰"),
        ("胡芳", "扶方"),
    ],
)
def test_names_that_agree_share_an_index_key(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other) - {key for key in name_keys(one) if key[:2] == "f:"}


NAMES = st.one_of(
    st.text(alphabet="王李张欧阳小阿明生芳刘牛兰福湖 ", max_size=6),
    st.text(alphabet="wangliouyhsxem' -", max_size=14),
    st.text(max_size=12),
)


@given(NAMES, NAMES)
@settings(max_examples=400, deadline=None)
def test_agreement_does_not_depend_on_who_is_asked_first(one: str, other: str) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.level, there.sound) == (back.level, back.sound)


@given(NAMES)
@settings(max_examples=200, deadline=None)
def test_every_name_agrees_with_itself(name: str) -> None:
    assert compare(name, name).level in ("exact", "unknown")


@given(NAMES, NAMES)
@settings(max_examples=400, deadline=None)
def test_names_without_a_common_key_are_different(one: str, other: str) -> None:
    if not name_keys(one) & name_keys(other):
        assert compare(one, other).level in ("different", "unknown")


def test_a_name_of_ten_thousand_characters_takes_no_time() -> None:
    start = time.perf_counter()
    for name in ("王" * 10_000, "wang" * 10_000, "a " * 10_000):
        compare(name, "王小明")
    assert time.perf_counter() - start < 0.2


@pytest.mark.parametrize("pet", ["Maomao", "Xiaopang", "A-Sheng", "Huazi", "Gouwa"])
def test_a_nickname_in_latin_letters_is_no_family_and_given_name(pet: str) -> None:
    assert compare(pet, pet).full is False


@pytest.mark.parametrize("whole", ["Mao Min", "Wang Xiaoming", "Chen Li", "Ouyang Chunsheng"])
def test_a_whole_name_in_latin_letters_stays_one(whole: str) -> None:
    assert compare(whole, whole).full is True
