"""Bodies read strictly and within limits: JSON, and multipart with photos kept in memory.

Nothing here is ever read past its limit, and nothing is written to a disk.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, NoReturn, cast

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from casemgr.platform import images
from casemgr.platform.errors import Words
from casemgr.platform.rest.problems import Refused, below
from casemgr.platform.text import has_forbidden_characters

MAX_JSON_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 20
DRAINED_AT_ONCE: Final = 64 * 1024
MAX_NUMBER_CHARACTERS: Final = 40
# Three photos, the JSON beside them, and the parts' own lines.
MAX_MULTIPART_BYTES: Final = 3 * images.MAX_BYTES + MAX_JSON_BYTES + 64 * 1024


def bad(code: str, words: Words, *, where: str | None = None) -> Refused:
    """A 400 that says where in the body it went wrong."""
    return Refused(400, code, words, where=where)


def too_large(where: str | None = None) -> Refused:
    """The 413 of any body or part past its limit."""
    if where is None:
        words: Words = _("This is more than we read at once: 1 MiB of JSON, photos of 15 MB each.")
    else:
        words = images.ImageRefused("too_large").message
    return Refused(413, "too_large", words, where=where)


def strict_json(raw: bytes, *, at: str = "") -> Any:
    """One JSON value in UTF-8; raises Refused for all that would be read differently elsewhere."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_int,
        )
    except (RecursionError, MemoryError):
        raise _too_deep(at) from None
    except ValueError:  # also broken UTF-8
        raise bad("malformed_json", _("This is not well-formed JSON."), where=at) from None
    _check(value, at, 0)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise bad("duplicate_key", _("A JSON object names one of its fields twice."), where="")
    return found


def _no_number(_constant: str) -> NoReturn:
    raise bad("number_out_of_range", _("NaN and Infinity are no JSON numbers."), where="")


def _float(text: str) -> float:
    number = float(text)
    if len(text) > MAX_NUMBER_CHARACTERS or number in (float("inf"), float("-inf")):
        raise bad("number_out_of_range", _("A number is out of all range."), where="")
    return number


def _int(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise bad("number_out_of_range", _("A number is out of all range."), where="")
    return int(text)


def _too_deep(at: str) -> Refused:
    return bad("too_deep", _("The JSON is nested too deeply."), where=at)


def _check(value: Any, pointer: str, depth: int) -> None:
    """Refuse strings that can't be stored, and nesting past MAX_DEPTH."""
    if isinstance(value, str):
        refuse_forbidden(value, pointer)
        return
    inner: Iterator[tuple[Any, Any]]
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    else:
        return
    if depth >= MAX_DEPTH:
        raise _too_deep(pointer)
    for name, item in inner:
        if isinstance(name, str):
            refuse_forbidden(name, pointer)
        _check(item, below(pointer, name), depth + 1)


def refuse_forbidden(text: str, pointer: str) -> None:
    """Raise for NUL, other control characters and lone surrogates."""
    if has_forbidden_characters(text):
        raise bad(
            "forbidden_characters",
            _("This text holds characters that can't be stored. Please remove them."),
            where=pointer,
        )


class StrictJSONParser(BaseParser):
    """JSON up to 1 MiB and 20 levels; no NaN, no key twice, no characters that can't be kept."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {}).get("request")
        declared = _content_length(request)
        if declared > MAX_JSON_BYTES:
            raise too_large()
        raw = stream.read(MAX_JSON_BYTES + 1)
        if len(raw) > MAX_JSON_BYTES:
            raise too_large()
        return strict_json(raw)


def _content_length(request: Request | HttpRequest | None) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
    except ValueError:
        return 0


class CappedMemoryHandler(FileUploadHandler):
    """Keeps each file in memory and gives up one byte past its limit: a photo's, unless told."""

    def __init__(self, most: int = images.MAX_BYTES) -> None:
        super().__init__()
        self.most = most
        self.kept = io.BytesIO()
        self.counts: dict[str, int] = {}

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        """Start over for the next part."""
        super().new_file(field_name, *args, **kwargs)
        self.counts[field_name] = self.counts.get(field_name, -1) + 1
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk; returning None ends the way of the chunk here."""
        if self.kept.tell() + len(raw_data) > self.most:
            name = str(self.field_name)
            several = name == "photos"
            if self.most != images.MAX_BYTES:
                words = _("Send a file of at most %(size)s MiB, or several of them.")
                size = {"size": self.most // (1024 * 1024)}
                raise Refused(413, "too_large", words % size, where=f"/{name}")
            raise too_large(f"/{name}/{self.counts[name]}" if several else f"/{name}")
        self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """The whole part, rewound; its name is not kept."""
        self.kept.seek(0)
        return UploadedFile(
            file=self.kept,
            name="part",
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
        )


class StrictMultiPartParser(BaseParser):
    """multipart/form-data with photos: limits hold while reading, and files never touch a disk."""

    media_type = "multipart/form-data"
    most_file = images.MAX_BYTES
    most_body = MAX_MULTIPART_BYTES

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        if _content_length(request) > self.most_body:
            raise too_large()
        try:
            data, files = DjangoMultiPartParser(
                meta, cast(Any, stream), [CappedMemoryHandler(self.most_file)], "utf-8"
            ).parse()
        except RequestDataTooBig:
            raise too_large() from None
        except Refused:
            _drain(stream)
            raise
        except (TooManyFilesSent, TooManyFieldsSent):
            raise bad("too_many_parts", _("There are more parts than we read at once.")) from None
        except (MultiPartParserError, ValueError):
            raise bad("malformed_multipart", _("The parts of this body can't be read.")) from None
        return DataAndFiles(data, files)


def _drain(stream: IO[Any]) -> None:
    """Read what is still coming, to no end: a client that is sending does not hear an answer."""
    while stream.read(DRAINED_AT_ONCE):
        pass


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent: JSON content, and the bytes of each file by the part's name."""

    content: Any
    files: dict[str, list[bytes]] = field(default_factory=dict)


def body_of(request: Request, *, files: Mapping[str, int], json_part: str | None = None) -> Body:
    """The request's content in one form, however it was sent.

    `files` names the file parts that may come and how many of each; with `json_part`, all the
    content of a multipart body is in that one part, else each form field is one field of it.
    """
    data = request.data
    if not isinstance(data, QueryDict):
        return Body(data)
    parts = request.FILES
    fields = {name: data.getlist(name) for name in data if name not in parts}
    for name, values in fields.items():
        refuse_forbidden(name, "")
        if len(values) != 1:
            raise bad("duplicate_key", _("A part of this name came twice."), where=below("", name))
        refuse_forbidden(values[0], below("", name))
    content: Any = {name: values[0] for name, values in fields.items()}
    if json_part is not None:
        content = _json_part(content, parts, json_part)
    return Body(content, _photos(parts, files, besides=json_part))


def _json_part(fields: dict[str, str], parts: "MultiValueDict[str, Any]", name: str) -> Any:
    for other in fields:
        if other != name:
            raise unknown_field(below("", other))
    if name in fields:
        return strict_json(fields[name].encode())
    if name in parts:
        part: Any = parts[name]
        if part.size > MAX_JSON_BYTES:
            raise too_large()
        return strict_json(part.read())
    return {}


def _photos(
    parts: "MultiValueDict[str, Any]", allowed: Mapping[str, int], *, besides: str | None
) -> dict[str, list[bytes]]:
    found = {}
    for name in parts:
        if name == besides:
            continue
        if name not in allowed:
            raise unknown_field(below("", name))
        sent = parts.getlist(name)
        if len(sent) > allowed[name]:
            words = _("Send at most %(most)s photos at once.") % {"most": allowed[name]}
            raise bad("too_many_photos", words, where=f"/{name}")
        found[name] = [part.read() for part in sent]
    return found


def unknown_field(pointer: str) -> Refused:
    """The 400 for a field that this address does not know."""
    return bad("unknown_field", _("There is no field of this name here."), where=pointer)
