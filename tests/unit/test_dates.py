"""Vague dates: what each phrase leaves open, and that no text whatever breaks the reader."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.platform.dates import PartialDate, parse

TODAY = date(2026, 11, 24)
TABLE = Path(__file__).with_name("date_phrases.txt")


def table() -> list[tuple[str, str, str]]:
    rows = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            phrase, earliest, latest = line.split(" | ")
            rows.append((phrase, earliest, latest))
    return rows


def shown(moment: date | datetime | None) -> str:
    if moment is None:
        return "-"
    return (
        moment.replace(microsecond=0).isoformat() if isinstance(moment, datetime) else str(moment)
    )


@pytest.mark.parametrize(("phrase", "earliest", "latest"), table())
def test_a_phrase_leaves_open_just_the_days_that_people_mean(
    phrase: str, earliest: str, latest: str
) -> None:
    found = parse(phrase, today=TODAY)
    assert (shown(found.earliest), shown(found.latest)) == (earliest, latest)
    assert found.text == phrase


def test_the_table_holds_two_hundred_phrases() -> None:
    assert len(table()) >= 200


@pytest.mark.parametrize(
    ("phrase", "earliest", "latest"),
    [
        ("5岁左右", date(2005, 3, 1), date(2007, 5, 28)),
        ("三四岁的时候", date(2003, 3, 1), date(2006, 5, 28)),
        ("when I was 4 or 5", date(2004, 3, 1), date(2007, 5, 28)),
        ("大概五岁那年夏天", date(2005, 3, 1), date(2007, 5, 28)),
        ("100岁", None, None),
        ("2006年，5岁", date(2006, 1, 1), date(2006, 12, 31)),
    ],
)
def test_an_age_is_a_date_once_the_birth_is_known(
    phrase: str, earliest: date | None, latest: date | None
) -> None:
    birth = PartialDate("spring 2001", date(2001, 3, 1), date(2001, 5, 31))
    assert parse(phrase, today=TODAY, birth=birth) == PartialDate(phrase, earliest, latest)


@given(st.text(max_size=60), st.dates(date(1950, 1, 1), date(2099, 12, 31)))
@settings(max_examples=300, deadline=None)
def test_no_text_is_an_error_and_its_words_are_kept(text: str, today: date) -> None:
    found = parse(text, today=today)
    assert found.text == text
    bounds = found.bounds()
    assert bounds is None or bounds[0] <= bounds[1]


DATE_WORDS = """
0 1 2 5 9 12 13 15 31 98 1998 2003 3000 99999 年 月 日 号 岁 个 天 周 前 后 闰 初 十 三
二十 两 几 半 多 农历 腊月 正月 春节 中秋 夏天 冬 去年 前年 上 下午 点 到 或 左右 大概
年代 以前 世纪 星期 : - / . ~ june may 3rd ago weeks last year about before lunar month the of 's pm
"""
HEAPS = st.lists(st.sampled_from([*DATE_WORDS.split(), " ", "\x00", "\ud800", "😀"]), max_size=9)


@given(HEAPS.map("".join), st.booleans())
@settings(max_examples=1500, deadline=None)
def test_no_heap_of_date_words_is_an_error(text: str, known: bool) -> None:
    birth = PartialDate("", date(2001, 3, 1), date(2001, 5, 31)) if known else None
    found = parse(text, today=date(2024, 2, 29), birth=birth)
    bounds = found.bounds()
    assert bounds is None or bounds[0] <= bounds[1]


@pytest.mark.parametrize("text", ["一", "1-", "年", "a few ", "二月", "2003年", "到", "1:", "两三"])
def test_ten_thousand_characters_take_no_time(text: str) -> None:
    start = time.perf_counter()
    parse(text * 10_000, today=TODAY)
    assert time.perf_counter() - start < 0.1


def test_another_zone_moves_the_hour_but_not_the_civil_day() -> None:
    assert parse("2005年6月3日", today=TODAY, zone="America/New_York").earliest == date(2005, 6, 3)
    found = parse("2005-06-03 15:30", today=TODAY, zone=timezone(timedelta(hours=-4)))
    bounds = found.bounds("Asia/Shanghai")
    assert bounds is not None
    assert bounds[0] == datetime(2005, 6, 3, 19, 30, tzinfo=UTC)


def test_civil_days_are_whole_days_at_the_place() -> None:
    day = PartialDate("", date(2012, 6, 3), date(2012, 6, 3))
    assert day.bounds("Asia/Shanghai") == (
        datetime(2012, 6, 2, 16, tzinfo=UTC),
        datetime(2012, 6, 3, 15, 59, 59, 999999, tzinfo=UTC),
    )
    middle = day.midpoint("Asia/Shanghai")
    assert middle is not None
    assert abs(middle - datetime(2012, 6, 3, 4, tzinfo=UTC)) < timedelta(seconds=1)


def test_an_open_end_has_bounds_but_no_middle() -> None:
    before = parse("2005年以前", today=TODAY)
    assert (before.earliest, before.latest) == (None, date(2004, 12, 31))
    bounds = before.bounds("UTC")
    assert bounds is not None
    assert bounds[0] == datetime(1900, 1, 1, tzinfo=UTC)
    assert before.midpoint() is None


def test_years_between_two_vague_dates_are_a_range() -> None:
    born, seen = PartialDate("", date(2001, 3, 1), date(2001, 5, 31)), parse("2014", today=TODAY)
    there, back = born.years_between(seen), seen.years_between(born)
    assert there is not None
    assert back is not None
    assert (round(there[0], 2), round(there[1], 2)) == (12.59, 13.84)
    assert list(back) == pytest.approx([-there[1], -there[0]])
    assert born.years_between(PartialDate("?")) is None


def test_a_date_without_offset_or_in_the_wrong_order_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        PartialDate("", datetime(2012, 6, 3, 15), None)
    with pytest.raises(ValueError, match="after"):
        PartialDate("", date(2012, 6, 3), date(2012, 6, 2))


def test_unknown_is_false_and_anything_known_is_true() -> None:
    assert not PartialDate("赶集那天")
    assert PartialDate("", date(2012, 6, 3), None)
    assert PartialDate("赶集那天").bounds() is None
