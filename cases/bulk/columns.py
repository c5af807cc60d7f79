"""The columns of a sheet of cases: what each is called, which field of the API it is.

docs/partners/imports.md lists them; a test holds the two together.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import DomainError, Words
from casemgr.platform.vocabularies import (
    BodyPart,
    ChildSituation,
    Circumstance,
    MarkKind,
    PlaceType,
    Sex,
    Side,
)

Codes = type[models.TextChoices]
PHOTOS: Final = "photos"
IGNORED: Final = frozenset({"exported", "reference", "status", "id"})
"""Columns of our own exports that an import passes over: they are not for others to write."""
_SEPARATORS: Final = re.compile(r"\s*[;；,，、\n]\s*")
_TRUE: Final = frozenset({"true", "yes", "1", "是", "有", "已采"})
_FALSE: Final = frozenset({"false", "no", "0", "否", "无", "没有", "未采"})


class CellRefused(Exception):
    """One cell can't be read; `code` is stable."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Column:
    """`path` is the field's place in the API. `names` are other headings that are taken for it."""

    path: str
    names: tuple[str, ...]
    read: Callable[[str], Any]
    write: Callable[[Any], str]

    @property
    def pointer(self) -> str:
        """The JSON pointer of the field."""
        return "/" + self.path.replace(".", "/").replace("own_number", "external_ids")


def _list(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _write_list(value: Any) -> str:
    return "; ".join(value or ())


def _truth(text: str) -> bool:
    word = text.casefold()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise CellRefused("invalid", _("Write yes or no."))


def _write_truth(value: Any) -> str:
    return "" if value is None else "yes" if value else "no"


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


@cache
def _spoken(codes: Codes) -> dict[str, str]:
    """The codes by themselves and by their labels in every language."""
    found = {str(code): str(code) for code in codes.values}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found |= {str(label).casefold(): str(code) for code, label in codes.choices}
    return found


# What sheets say besides the vocabularies' own words.
_ALSO: Final[Mapping[Codes, Mapping[str, str]]] = {
    Sex: {"男": "male", "女": "female", "m": "male", "f": "female"}
    | {"男孩": "male", "女孩": "female", "boy": "male", "girl": "female"},
    MarkKind: {"疤痕": "scar", "伤疤": "scar", "黑痣": "mole", "残障": "disability"},
    Side: {"左边": "left", "右边": "right", "左侧": "left", "右侧": "right"},
}


def _code(codes: Codes) -> Callable[[str], str]:
    def read(text: str) -> str:
        """The code; what is none goes on as it is, for the API to refuse with those there are."""
        word = text.casefold()
        return _ALSO.get(codes, {}).get(word) or _spoken(codes).get(word, text)

    return read


def _date(value: Any) -> str:
    """The writer's words where there are any, else the first day: what is read again in kind."""
    if not value:
        return ""
    return str(value["text"] or value["earliest"] or "")


def _marks(text: str) -> list[dict[str, str]]:
    """`kind | part of the body | side | words`, one mark a line or set apart by semicolons."""
    found = []
    for line in re.split(r"[;；\n]", text):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"[|｜]", line)] + [""] * 4
        mark = {"kind": _code(MarkKind)(parts[0])}
        if parts[1]:
            mark["body_part"] = _code(BodyPart)(parts[1])
        if parts[2]:
            mark["side"] = _code(Side)(parts[2])
        if parts[3]:
            mark["text"] = parts[3]
        found.append(mark)
    return found


def _write_marks(value: Any) -> str:
    lines = []
    for mark in value or ():
        words = re.sub(r"[;；|｜\n]", ",", mark["text"])
        lines.append(
            " | ".join([mark["kind"], mark["body_part"], mark["side"], words]).rstrip(" |")
        )
    return "\n".join(lines)


def _ids(text: str) -> list[dict[str, str]]:
    """`system:id`, one a line or set apart by semicolons."""
    found = []
    for part in re.split(r"\s*[;；\n]\s*", text.strip()):
        system, colon, value = part.replace("：", ":", 1).partition(":")
        if not colon or not system.strip() or not value.strip():
            raise CellRefused("invalid", _("Write the system, a colon and the id, as in camp:17."))
        found.append({"system": system.strip(), "id": value.strip()})
    return found


def _write_ids(value: Any) -> str:
    return "; ".join(f"{pair['system']}:{pair['id']}" for pair in value or ())


def _text(path: str, *names: str) -> Column:
    return Column(path, names, str, _plain)


def _of(path: str, codes: Codes, *names: str) -> Column:
    return Column(path, names, _code(codes), _plain)


COLUMNS: Final[Sequence[Column]] = (
    Column("external_ids", ("external id", "编号", "外部编号", "系统编号"), _ids, _write_ids),
    _text("public_name", "public name", "公开称呼", "公开姓名"),
    _text("child.full_name", "full name", "name", "姓名", "孩子姓名", "儿童姓名"),
    _text("child.given_name", "given name", "名"),
    _text("child.family_name", "family name", "姓"),
    Column(
        "child.nicknames",
        ("nickname", "nicknames", "昵称", "小名", "乳名", "别名"),
        _list,
        _write_list,
    ),
    _of("child.sex", Sex, "sex", "性别"),
    Column("child.birth_date", ("birth date", "date of birth", "出生日期", "生日"), str, _date),
    Column(
        "missing_at", ("missing at", "date missing", "失踪时间", "失踪日期", "走失时间"), str, _date
    ),
    _text("missing_from.text", "missing from", "place", "失踪地点", "走失地点"),
    _text("missing_from.division_code", "division code", "行政区划代码", "区划代码"),
    _text("missing_from.country", "country", "国家"),
    _text("missing_from.latitude", "latitude", "纬度"),
    _text("missing_from.longitude", "longitude", "经度"),
    _text("missing_from.datum", "datum", "坐标系"),
    _text("missing_from.precision_m", "precision in metres", "精度米"),
    _of("place_type", PlaceType, "kind of place", "地点类型"),
    _of("circumstance", Circumstance, "circumstance", "失踪方式", "失踪情形"),
    _of("child_situation", ChildSituation, "situation of the child", "孩子情况", "儿童情况"),
    _text("story", "story", "经过", "失踪经过", "事情经过"),
    _text("child.height_cm", "height in cm", "height", "身高", "身高厘米"),
    Column("child.height_as_of", ("height as of", "身高日期"), str, _date),
    _text("child.weight_kg", "weight in kg", "weight", "体重", "体重公斤"),
    _text("child.blood_type", "blood type", "血型"),
    Column(
        "child.parents_blood_types",
        ("blood types of the parents", "父母血型"),
        _list,
        _write_list,
    ),
    _text("child.ethnicity", "ethnicity", "民族"),
    Column("child.languages", ("languages", "语言", "方言", "口音"), _list, _write_list),
    _text("child.clothing", "clothing", "衣着", "穿着"),
    _text("child.description", "description", "体貌特征", "外貌", "描述"),
    Column("child.marks", ("marks", "特征", "身体特征", "胎记疤痕"), _marks, _write_marks),
    _text("child.name_pinyin", "pinyin", "拼音"),
    _text("police_reference", "police reference", "报案编号", "立案编号"),
    Column("dna_on_file", ("dna on file", "dna", "是否采血", "已采血"), _truth, _write_truth),
)
PHOTO_COLUMN: Final = Column(
    PHOTOS, ("photo", "photo files", "照片", "照片文件名"), _list, _write_list
)

OWN_NUMBER: Final = Column("own_number", (), str, _plain)
"""A number of the sender's own list, without a system before it; people choose it for a column."""
OWN_SYSTEM: Final = "list"
_IDS: Final = ("external_ids", OWN_NUMBER.path)
_CHOSEN: Final = {column.path: column for column in (*COLUMNS, PHOTO_COLUMN, OWN_NUMBER)}


class UnknownColumn(DomainError):
    """The sheet has columns that no field is behind; they are named."""

    def __init__(self, names: Sequence[str]) -> None:
        words = _(
            "These columns aren't known: %(names)s. Rename them or take them out, so that nothing "
            "is left behind unseen."
        )
        listed = ", ".join(f"'{name[:60]}'" for name in names[:10])
        super().__init__("unknown_column", words % {"names": listed})


def plain_name(heading: str) -> str:
    """A heading as it is compared: width, case, spaces and brackets make no difference."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_\-/()（）:：*]+", "", text)


@cache
def _by_name() -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in (*COLUMNS, PHOTO_COLUMN):
        for name in (column.path, *column.names):
            taken = found.setdefault(plain_name(name), column)
            assert taken is column, name
    return found


def heading_columns(headings: Sequence[str]) -> list[Column | None]:
    """The column behind each heading, None for one that is passed over.

    Raises UnknownColumn, and DomainError for one column twice.
    """
    found: list[Column | None] = []
    unknown = []
    for heading in headings:
        column = _by_name().get(plain_name(heading))
        if column is None and heading and plain_name(heading) not in IGNORED:
            unknown.append(heading)
        if column is not None and column in found:
            words = _("The column '%(name)s' is there twice.") % {"name": heading[:60]}
            raise DomainError("duplicate_column", words)
        found.append(column)
    if unknown:
        raise UnknownColumn(unknown)
    if not any(found):
        raise DomainError(
            "no_columns",
            _("The first row names no column. Put the names of the columns into it."),
        )
    return found


def chosen_columns(mapping: Sequence[str]) -> list[Column | None]:
    """The columns that a person chose by their paths; '' is left out."""
    return [_CHOSEN[path] if path else None for path in mapping]


def by_heading(heading: str) -> Column | None:
    """The column that a heading names; None for one that is unknown or passed over."""
    return _by_name().get(plain_name(heading))


Errors = list[dict[str, Any]]


def row_content(columns: Sequence[Column | None], cells: Sequence[str]) -> tuple[Any, Errors]:
    """A row as the API would be sent it, and what of it can't be read. Empty cells say nothing."""
    content: dict[str, Any] = {}
    errors: Errors = []
    for column, cell in zip(columns, cells, strict=False):
        if column is None or not cell:
            continue
        try:
            value = column.read(_own_words(cell))
            if column is OWN_NUMBER:
                value = [{"system": OWN_SYSTEM, "id": value}]
            if column.path in _IDS:
                content["external_ids"] = [*content.get("external_ids", []), *value]
            else:
                _put(content, column.path, value)
        except CellRefused as refused:
            errors.append(
                {"pointer": column.pointer, "code": refused.code, "detail": str(refused.words)}
            )
    return content, errors


def _own_words(cell: str) -> str:
    """What somebody typed; the apostrophe that our exports put before it is taken off again."""
    if cell.startswith("="):
        raise CellRefused(
            "formula", _("There is a formula in this cell. Put what it shows in its place.")
        )
    if cell.startswith("'") and cell[1:2] in "=+-@＝＋－＠" and len(cell) > 1:
        return cell[1:]
    return cell


def _put(content: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for step in way:
        content = content.setdefault(step, {})
    content[last] = value


def cells_of(shown: Mapping[str, Any]) -> list[str]:
    """A case as the API shows it, cell by cell in the order of `COLUMNS`."""
    cells = []
    for column in COLUMNS:
        value: Any = shown
        for step in column.path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        cells.append(column.write(value))
    return cells
