"""One case prepared for columns: everything that can be worked out before a sighting comes.

The bytes hold personal data (names, and what words and marks were written): keep them where the
case is kept, and erase them with it. They are to be packed anew when VERSION changes, which it must
whenever names, words or marks are taken apart in another way.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casemgr.platform.names import forms, name_keys
from casemgr.platform.text import tokens
from searches.matching.batch.name_keys import keys_of
from searches.matching.compare import blood, clothing, ethnicity, height, language, marks, words
from searches.matching.compare.face import QUALITY_RANK
from searches.matching.compare.name import MOST_NAMES, is_bare, may_stand_in_text
from searches.matching.compare.picture import HASH_BITS, is_blank
from searches.matching.spans import elapsed_years
from searches.matching.spots import located
from searches.matching.types import CaseProfile, FacePrint, Interval

VERSION: Final = 1

BETWEEN: Final = b"\xff"
WITHIN: Final = b"\xfe"
DEEPER: Final = b"\xfd"
"""Separators of labels, of their parts and of parts of these: bytes that UTF-8 never uses."""

FULL: Final = b"0"
BARE: Final = b"1"
"""The last byte of a name's label: whether it is known to hold no family name."""

SEX: Final = {"female": 1, "male": 2}

PARTS: Final = ("words", "names", "name_keys", "marks", "mark_words", "pictures", "faces")
"""What follows the head, each part in words of eight bytes; then the labels."""
HEAD: Final = np.dtype(
    [
        ("version", "<u2"), ("sex", "u1"), ("named", "u1"),
        ("accounts", "<u4"), ("terms", "<u4"), ("labels", "<u4"),
        ("birth", "<f8", 2), ("missing", "<f8", 2), ("spot", "<f8", 3), ("score", "<f8"),
        ("counts", "<u4", len(PARTS)), ("padding", "<u4"),
    ]
)  # fmt: skip
"""`named`: any name can be heard; `accounts`: tokens of the account; `terms`: vocabulary terms in
it; `labels`: bytes of labels; dates in seconds since 1970; the spot's latitude, longitude and km it
may be off; the earlier height's standard score; `counts`: eight-byte words of each part. What is
unknown is NaN."""

PICTURE_WORDS: Final = HASH_BITS // 64 + 1
FACE_HEAD: Final = 5
"""Eight-byte words of a picture: its hash, and whether it was public; of a face before its vector:
dimension, quality's rank, from when to when taken, and the child's least age in years by then."""


def pack(case: CaseProfile) -> bytes:
    """The case as bytes for `columns_of`; about a kilobyte, and half a one for each face."""
    names = case.names[:MOST_NAMES]
    filed_marks = marks.filed_marks(case)
    marks_words = [sorted(map(key_of, tokens(mark.text))) for mark in filed_marks]
    keyed = [sorted(map(key_of, keys_of(name))) for name in names]
    account = words.filed_tokens(case)
    elsewhere = words.weighed_elsewhere(case, case.missing_from)
    free = [token for token in account - elsewhere if words.is_free_word(token)]
    pictures = [picture for picture in case.pictures if not is_blank(picture.phash)]
    parts = (
        _long(sorted(map(key_of, free))),
        _long(
            len(keys) | (len(name) << 32 if may_stand_in_text(name) else 0)
            for name, keys in zip(names, keyed, strict=True)
        ),
        _long(key for keys in keyed for key in keys),
        _long(map(len, marks_words)),
        _long(key for keys in marks_words for key in keys),
        _long(word for picture in pictures for word in _picture(picture.phash, picture.was_public)),
        b"".join(_face(case, face) for face in case.faces),
    )
    labels = BETWEEN.join(
        [
            _bytes(ethnicity.group_of(case.ethnicity)),
            _blood(case),
            _speech(case),
            _outfit(case),
            *(
                WITHIN.join(map(_bytes, (mark.kind, mark.body_part, mark.side)))
                for mark in filed_marks
            ),
            *(_name(name, is_bare(name, case.family_name)) for name in names),
            *(_bytes(_family(name)) for name in names),
            *(_bytes(face.engine) for face in case.faces),
        ]
    )
    head = np.zeros((), HEAD)
    head["version"] = VERSION
    head["sex"] = SEX.get(case.sex, 0)
    head["named"] = any(name_keys(name) for name in names)
    head["accounts"], head["terms"] = len(account), words.count_terms(account)
    head["labels"] = len(labels)
    head["birth"], head["missing"] = _span(case.birth), _span(case.missing)
    head["spot"] = (located(case.missing_from) if case.missing_from else None) or (nan,) * 3
    head["score"] = height.score_of(case)
    head["counts"] = [len(part) // 8 for part in parts]
    return b"".join((head.tobytes(), *parts, labels))


@lru_cache(maxsize=200_000)
def key_of(token: str) -> int:
    """64 bits that stand for a token, the same in every process."""
    digest = blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def keys_of_tokens(tokens: Iterable[str]) -> NDArray[np.uint64]:
    """The keys of tokens, in their order."""
    return np.fromiter(map(key_of, tokens), dtype=np.uint64)


def text_of(label: bytes) -> str:
    """A label as text."""
    return label.decode("utf-8", "surrogatepass")


def blood_of(label: bytes) -> tuple[blood.BloodType | None, tuple[str, ...]]:
    """What a label says of the child's own type, or else of the parents'."""
    if label.startswith(WITHIN):
        return None, tuple(text_of(parent) for parent in label.split(WITHIN)[1:])
    written = text_of(label)
    group = written.rstrip("+-")
    return (group, {"": None, "+": True, "-": False}[written[len(group) :]]), ()


def speech_of(label: bytes) -> tuple[tuple[str, ...], str]:
    """What a label says of the speech on file, or else of the province."""
    if label.startswith(WITHIN):
        return (), text_of(label[1:])
    return tuple(map(text_of, label.split(WITHIN))) if label else (), ""


@lru_cache(maxsize=65_536)
def outfit_of(label: bytes) -> clothing.Garments:
    """What a label says of garments and their colours."""
    if not label:
        return {}
    worn = (tuple(map(text_of, piece.split(DEEPER))) for piece in label.split(WITHIN))
    return {garment: frozenset(colours) for garment, *colours in worn}


def _long(values: Iterable[int]) -> bytes:
    return np.fromiter(values, dtype="<u8").tobytes()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _span(span: Interval | None) -> tuple[float, float]:
    return (span.start, span.end) if span else (nan, nan)


def _picture(phash: int, was_public: bool) -> tuple[int, ...]:
    return (*picture_words(phash), int(was_public))


def picture_words(phash: int) -> tuple[int, ...]:
    """A picture's hash in words of 64 bits."""
    return tuple(phash >> shift & 0xFFFF_FFFF_FFFF_FFFF for shift in range(0, HASH_BITS, 64))


def _face(case: CaseProfile, face: FacePrint) -> bytes:
    taken = face.taken or case.missing
    age = elapsed_years(case.birth, taken)[0] if case.birth and taken else nan
    vector = np.asarray(face.vector, dtype="<f4").ravel()
    head = (len(vector), QUALITY_RANK.get(face.quality, 0), *_span(taken), age)
    padding = b"\0" * (-vector.nbytes % 8)
    return np.array(head, dtype="<f8").tobytes() + vector.tobytes() + padding


def _blood(case: CaseProfile) -> bytes:
    filed, parents = blood.on_file(case)
    if filed is None:
        return b"".join(WITHIN + _bytes(parent) for parent in parents)
    return _bytes(filed[0] + {None: "", True: "+", False: "-"}[filed[1]])


def _speech(case: CaseProfile) -> bytes:
    filed = language.spoken(case.languages)
    if filed:
        return WITHIN.join(map(_bytes, sorted(filed)))
    province = language.province_of(case)
    return WITHIN + _bytes(province) if province else b""


def _outfit(case: CaseProfile) -> bytes:
    worn = clothing.garments(case.clothing, case.description)
    return WITHIN.join(
        DEEPER.join(map(_bytes, (garment, *sorted(worn[garment])))) for garment in sorted(worn)
    )


def _name(name: str, bare: bool) -> bytes:
    return _bytes(name) + (BARE if bare else FULL)


def _family(name: str) -> str:
    found = forms(name)
    return found.readings[0].family if found.readings else ""
