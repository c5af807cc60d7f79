"""Places: names in running text, divisions, distances, Chinese map coordinates."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.platform import places
from casemgr.platform.places import Place, distance_km, division, find, find_all, locate, parents
from casemgr.platform.places.names import stem


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("在广东东莞虎门镇附近看到", ["441900"]),
        ("Dongguan, Guangdong", ["441900"]),
        ("near dong guan station", ["441900"]),
        ("北京朝阳", ["110105"]),
        ("辽宁朝阳", ["211300"]),
        ("朝阳", ["211300"]),
        ("江苏徐州鼓楼区", ["320302"]),
        ("南京市鼓楼区", ["320106"]),
        ("鼓楼区", []),
        ("吉林省吉林市", ["220200"]),
        ("吉林", ["220000"]),
        ("河南", ["410000"]),
        ("海南", ["460000"]),
        ("云南昆明官渡区", ["530111"]),
        ("从云南昆明被带到河南", ["530100", "410000"]),
        ("四川省凉山州昭觉县", ["513431"]),
        ("恩施", ["422800"]),
        ("呼和浩特", ["150100"]),
        ("Hohhot, Inner Mongolia", ["150100"]),
        ("Xi'an, Shaanxi", ["610100"]),
        ("Suzhou", ["320500"]),
        ("Suzhou, Anhui", ["341300"]),
        ("Taizhou", []),
        ("Taizhou, Zhejiang", ["331000"]),
        ("Lvliang", ["141100"]),
        ("Shenzhen Nanshan district", ["440305"]),
        ("襄樊", ["420600"]),
        ("南汇县", ["310119"]),
        ("重庆万县", ["500101"]),
        ("台北", ["710100"]),
        ("香港沙田", ["810114"]),
        ("ＤＯＮＧＧＵＡＮ", ["441900"]),
        ("他去公安局报案", []),
        ("荆州公安县", ["421022"]),
        ("南部山区有条河", []),
        ("天上的白云", []),
        ("广州白云", ["440111"]),
        ("He walked along the road", []),
        ("Jingle, Xinzhou, Shanxi", ["140926"]),
        ("", []),
        ("😀\x00\ud800", []),
    ],
)
def test_places_are_found_in_what_people_write(text: str, codes: list[str]) -> None:
    assert [unit.code for unit in find_all(text)] == codes


def test_every_full_chinese_address_finds_its_county() -> None:
    missed = [
        places.division_label(unit, "zh-hans")
        for unit in places.divisions().values()
        if unit.until is None and find(places.division_label(unit, "zh-hans")) != unit
    ]
    assert missed == []


def test_nearly_every_english_address_finds_its_county() -> None:
    present = [unit for unit in places.divisions().values() if unit.until is None]
    missed = [unit for unit in present if find(places.division_label(unit, "en")) != unit]
    assert len(missed) <= len(present) * 0.01


def test_the_file_holds_the_whole_country_and_only_known_levels() -> None:
    units = places.divisions().values()
    assert {unit.level for unit in units} == {"province", "prefecture", "county"}
    assert sum(unit.level == "province" for unit in units) == 34
    assert sum(unit.level == "county" and unit.until is None for unit in units) > 2_840
    for unit in units:
        assert 3 < unit.latitude < 54, unit
        assert 73 < unit.longitude < 136, unit
        assert unit.level == "province" or parents(unit.code)[-1].level == "province", unit


def test_counties_lie_near_their_prefecture() -> None:
    far = [
        (unit.name_zh, unit.code)
        for unit in places.divisions().values()
        if unit.level == "county" and (above := parents(unit.code)[0]).level == "prefecture"
        if distance_km(unit.latitude, unit.longitude, above.latitude, above.longitude) > 900
    ]
    assert far == []


def test_a_code_of_former_years_leads_to_the_unit_of_today() -> None:
    assert division("342400") == division("341500")
    assert division("999999") is None
    assert division(None) is None
    assert division("") is None


def test_parents_and_province_of_a_code() -> None:
    assert [unit.name_zh for unit in parents("440305")] == ["深圳市", "广东省"]
    assert [unit.name_zh for unit in parents("110105")] == ["北京市"]
    assert parents("440000") == ()
    assert places.province_of("440305") == division("440000")
    assert places.province_of("000000") is None
    assert places.province_of(None) is None


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("广东省", "广东"),
        ("内蒙古自治区", "内蒙古"),
        ("新疆维吾尔自治区", "新疆"),
        ("恩施土家族苗族自治州", "恩施"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("香港特别行政区", "香港"),
        ("浦东新区", "浦东"),
        ("单县", "单"),
        ("城关区", "城关区"),
        ("和平区", "和平区"),
    ],
)
def test_names_are_shortened_as_in_speech(name: str, short: str) -> None:
    assert stem(name) == short


def test_the_public_label_is_never_finer_than_county_and_never_the_writers_words() -> None:
    exact = Place("南山区粤海街道12号楼3单元", "440305", latitude=22.53123, longitude=113.93321)
    assert places.public_label(exact, "en") == "Nanshan, Shenzhen, Guangdong"
    assert places.public_label(exact, "zh-hans") == "广东省深圳市南山区"
    assert places.public_label(Place("东莞虎门镇太平广场"), "en") == "Dongguan, Guangdong"
    assert places.public_label(Place("the blue house"), "en") == ""
    pin = Place(latitude=22.53, longitude=113.93)
    assert places.public_label(pin, "en") == "Shenzhen, Guangdong"
    assert places.public_label(Place(country="VN", latitude=21.0, longitude=105.8), "en") == ""


def test_the_best_known_point_comes_first() -> None:
    own = Place("东莞", "441900", latitude=23.0, longitude=113.7, precision_m=30)
    assert locate(own) == (23.0, 113.7, 30)
    by_code = locate(Place("", "441900"))
    assert by_code == locate(Place("在广东东莞虎门镇附近看到"))
    assert by_code is not None
    assert by_code[2] == 100_000
    assert locate(Place("the blue house")) is None
    assert locate(Place("", "440305")) == (22.5333, 113.9304, 25_000)


def test_distances_are_those_of_the_globe() -> None:
    assert distance_km(39.9042, 116.4074, 31.2304, 121.4737) == pytest.approx(1067, abs=2)
    assert distance_km(0, 0, 0, 180) == pytest.approx(20015, abs=1)
    assert distance_km(30, 110, 30, 110) == 0


def test_a_map_apps_coordinates_are_brought_back() -> None:
    # Tian'anmen as the apps print it in GCJ-02 and BD-09, against its WGS 84 position.
    gcj = Place(latitude=39.908692, longitude=116.397477, datum="gcj02")
    bd = Place(latitude=39.915119, longitude=116.403963, datum="bd09")
    for place in (gcj, bd):
        found = place.wgs84()
        assert found is not None
        assert distance_km(*found, 39.907290, 116.391230) < 0.03
    assert Place(latitude=39.9, longitude=116.4).wgs84() == (39.9, 116.4)
    assert Place("Beijing").wgs84() is None
    abroad = Place(latitude=48.85, longitude=2.35, datum="gcj02")
    assert abroad.wgs84() == (48.85, 2.35)


@given(st.floats(18, 53.5), st.floats(74, 135))
@settings(max_examples=300, deadline=None)
def test_conversion_there_and_back_is_good_to_a_metre(latitude: float, longitude: float) -> None:
    there = places.wgs84_to_gcj02(latitude, longitude)
    assert 0.01 < distance_km(latitude, longitude, *there) < 1.5
    assert distance_km(latitude, longitude, *places.gcj02_to_wgs84(*there)) < 0.001
    baidu = places.gcj02_to_bd09(*there)
    assert distance_km(latitude, longitude, *places.bd09_to_wgs84(*baidu)) < 0.001


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_is_an_error(text: str) -> None:
    assert find(text) is None or find(text) in find_all(text)


@pytest.mark.parametrize("text", ["朝阳鼓楼广东", "suzhou ", "东", "a"])
def test_a_long_text_takes_no_time(text: str) -> None:
    find("广东")
    start = time.perf_counter()
    find(text * 10_000)
    assert time.perf_counter() - start < 0.3


def test_the_gazetteer_loads_in_a_tenth_of_a_second_and_not_before_it_is_asked() -> None:
    code = (
        "import sys, time; from casemgr.platform.places import divisions, gazetteer\n"
        "assert 'django' not in sys.modules\n"
        "assert gazetteer.divisions.cache_info().currsize == 0\n"
        "start = time.process_time(); divisions(); print(time.process_time() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.1
