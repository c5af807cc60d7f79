"""The report as PDF: accessible (PDF/UA-1), its font embedded, its charts drawn as vectors.

Typst refuses to make a PDF/UA file in which a character has no glyph, so none can be missing.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import typst
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casemgr.platform.errors import Conflict
from cases.statistics.report.content import Report

LAYOUT: Final = Path(__file__).parent / "report.typ"
FONTS: Final = settings.BASE_DIR / "casemgr" / "platform" / "fonts"


def as_pdf(report: Report) -> bytes:
    """The report's bytes. Raises Conflict where its font lacks a character of the site's name."""
    content = asdict(report) | {
        "day": [report.made_at.year, report.made_at.month, report.made_at.day],
        "made_at": "",
    }
    try:
        made = typst.compile(
            str(LAYOUT),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"report": json.dumps(content)},
            pdf_standards="ua-1",
            timestamp=int(report.made_at.timestamp()),
        )
    except typst.TypstError as error:
        if "could not be displayed" in error.message:
            words = _("The PDF's font lacks a character of this site's name. Read it as a page.")
            raise Conflict("missing_glyph", words) from error
        raise
    assert isinstance(made, bytes)
    return made
