"""Message catalogues without system packages: gather, merge, compile and check with Babel.

A catalogue is `locale/<locale>/LC_MESSAGES/django.po`. It carries no dates and no line numbers,
so that it changes only when a visible string does.
"""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

Key: TypeAlias = tuple[str, str, str]
"""Context ('' for none), singular, plural ('' for none)."""

Shape: TypeAlias = tuple[int | tuple[int, int] | tuple[int, str], ...] | None

# What each function's arguments are: None for one message, (1, 2) for singular and plural,
# (1, "c") marks a context.
KEYWORDS: Final[dict[str, Shape]] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PACKAGES: Final = ("casemgr", "families", "cases", "searches")
TEMPLATE_SUFFIXES: Final = {".html", ".txt", ".svg"}
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
HEADER: Final = """\
# Homeward in another language: visible strings, in the order of the alphabet.
# Gathered by `manage.py catalogues extract`; only the msgstr lines are written by hand.
"""
# Babel writes when and by which release a catalogue was made; neither says anything to a reader.
UNSTABLE_HEADERS: Final = (
    '"Project-Id-Version:',
    '"Report-Msgid-Bugs-To:',
    '"POT-Creation-Date:',
    '"PO-Revision-Date:',
    '"Last-Translator:',
    '"Language-Team:',
    '"Generated-By:',
)


def extract(root: Path, packages: Sequence[str] = PACKAGES) -> set[Key]:
    """Every marked string in the Python files of `packages` and the templates under `root`.

    Raises ValueError, naming the file, where a template or a call can't be read.
    """
    found: set[Key] = set()
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            found.update(_messages(path, path.read_text(encoding="utf-8")))
    for folder in (root / "templates", *(root / name / "templates" for name in packages)):
        for path in sorted(folder.rglob("*")):
            if path.suffix in TEMPLATE_SUFFIXES:
                found.update(_messages(path, _as_python(path)))
    return found


def _as_python(path: Path) -> str:
    """A template's tags as calls, flush left: to Python, indentation would mean something."""
    try:
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    except SyntaxError as error:
        raise ValueError(f"{path}: {error}") from error
    return "\n".join(line.strip() for line in code.splitlines())


def _messages(path: Path, code: str) -> Iterator[Key]:
    source = io.BytesIO(code.encode())
    try:
        calls = list(extract_python(source, KEYWORDS, (), {"encoding": "utf-8"}))
    except (SyntaxError, UnicodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    for line, function, arguments, _comments in calls:
        texts = [arguments] if isinstance(arguments, str) else list(arguments or ())
        shape = KEYWORDS[str(function)] or (1,)
        if len(texts) < len(shape) or not all(texts[: len(shape)]):
            continue  # a name or an expression instead of a literal: nothing to gather
        values = [str(text) for text in texts[: len(shape)]]
        context = values.pop(0) if isinstance(shape[0], tuple) else ""
        if any(value != value.strip("\n") for value in values):
            raise ValueError(f"{path}:{line}: a message starts or ends with a line break; trim it")
        yield context, values[0], values[1] if len(values) > 1 else ""


def read(path: Path, locale: str) -> Catalog:
    """The catalogue in `path`, or an empty one where there is no such file."""
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True)


def update(path: Path, locale: str, keys: set[Key]) -> None:
    """Bring the catalogue in `path` in line with `keys`: translations stay, the obsolete go."""
    old = {_key(message): message for message in read(path, locale) if message.id}
    new = Catalog(locale=locale, header_comment=HEADER.rstrip("\n"), fuzzy=False)
    for context, singular, plural in keys:
        kept = old.get((context, singular, plural))
        new.add(
            (singular, plural) if plural else singular,
            kept.string if kept else None,
            flags=kept.flags & {"fuzzy"} if kept else (),
            context=context or None,
        )
    out = io.BytesIO()
    write_po(out, new, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(line for line in lines if not line.startswith(UNSTABLE_HEADERS)), encoding="utf-8"
    )


def compile_catalogue(path: Path, locale: str) -> Path:
    """Write the binary catalogue that Django reads beside `path`, without the untranslated."""
    target = path.with_suffix(".mo")
    with target.open("wb") as out:
        write_mo(out, read(path, locale))
    return target


def problems(path: Path, locale: str, keys: set[Key]) -> list[str]:
    """What keeps the catalogue from being complete and true to the code, one line each."""
    entries = {_key(message): message for message in read(path, locale) if message.id}
    found = [f"not in the catalogue: {_show(key)}" for key in sorted(keys - entries.keys())]
    found += [f"no longer in the code: {_show(key)}" for key in sorted(entries.keys() - keys)]
    for key in sorted(entries.keys() & keys):
        found += [f"{flaw}: {_show(key)}" for flaw in _flaws(key, entries[key])]
    return found


def _flaws(key: Key, message: Message) -> Iterator[str]:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not strings or not all(strings):
        yield "not translated"
        return
    if message.fuzzy:
        yield "marked fuzzy"
    wanted = set(PLACEHOLDER.findall(key[2] or key[1]))
    for string in strings:
        if set(PLACEHOLDER.findall(string)) != wanted:
            yield f"placeholders differ ({', '.join(sorted(wanted)) or 'none'} wanted)"


def _key(message: Message) -> Key:
    ids = message.id if isinstance(message.id, tuple | list) else (message.id, "")
    return message.context or "", ids[0], ids[1]


def _show(key: Key) -> str:
    context, singular, _plural = key
    return f"{context} | {singular!r}" if context else repr(singular)
