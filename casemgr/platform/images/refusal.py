"""Why a file is refused as a photo, in words that say what to do next."""

from typing import Final, Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
# Pillow reads a WebP as an animation, with several whole canvases at once: 17 bytes a pixel.
MAX_WEBP_PIXELS: Final = 24_000_000

Code = Literal[
    "empty",
    "too_large",
    "not_a_photo",
    "too_many_pixels",
    "animated",
    "truncated",
    "unreadable",
    "too_costly",
]
CODES: Final[tuple[Code, ...]] = get_args(Code)

_MESSAGES: Final[dict[Code, Promise]] = {
    "empty": _("This file is empty. Please choose the photo again."),
    "too_large": _(
        "This photo is larger than %(megabytes)s MB. Please send a smaller copy, "
        "for example a screenshot of it."
    ),
    "not_a_photo": _(
        "We cannot read this kind of file as a photo. Please send a JPEG, PNG, WebP or HEIC "
        "picture, as phones make them."
    ),
    "too_many_pixels": _(
        "This picture has more than %(megapixels)s million pixels. Please send a smaller copy, "
        "for example a screenshot of it."
    ),
    "animated": _(
        "This file holds several pictures or a moving one. Please send one still picture, "
        "for example a screenshot of the moment that matters."
    ),
    "truncated": _("This photo did not arrive whole. Please send it once more."),
    "unreadable": _(
        "We could not open this photo. Please send another copy of it, "
        "for example a screenshot of it."
    ),
    "too_costly": _(
        "This photo takes more time or memory to open than we can give it. Please send a smaller "
        "copy, for example a screenshot of it."
    ),
}


class ImageRefused(Exception):
    """The file cannot be taken as a photo.

    `code` is stable and meant for programs; `message` is in the language active when it is read,
    and names `pixels` as the limit where there were too many;
    `detail` is for logs only and may be empty.
    """

    def __init__(self, code: Code, detail: str = "", *, pixels: int = MAX_PIXELS) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: Code = code
        self.detail = detail
        self.limits = {"megabytes": MAX_BYTES // 1024**2, "megapixels": pixels // 1_000_000}

    @property
    def message(self) -> str:
        return str(_MESSAGES[self.code]) % self.limits
