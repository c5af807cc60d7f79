"""`manage.py yearly_report 2025 --output DIR`: the public report and a funder's indicators."""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string
from django.utils import translation

from casemgr.platform.errors import DomainError, as_lines
from cases.statistics.report import content, pdf, sheet

STYLE: Final = Path(content.__file__).parent / "file.css"


class Command(BaseCommand):
    """Writes report-YEAR-LANGUAGE.html and .pdf, and indicators-YEAR-LANGUAGE.xlsx."""

    help = "Write the yearly public report (HTML, PDF) and a funder's indicators (XLSX)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=languages[0])
        parser.add_argument("--output", type=Path, required=True, help="a folder; made if missing")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["output"]
        name = f"{options['year']}-{options['language']}"
        with translation.override(options["language"]):
            try:
                report = content.yearly(options["year"])
                made = {
                    f"report-{name}.html": self._page(report).encode(),
                    f"report-{name}.pdf": pdf.as_pdf(report),
                    f"indicators-{name}.xlsx": sheet.as_xlsx(options["year"]),
                }
            except DomainError as refused:
                raise CommandError(" ".join(str(line) for line in as_lines(refused))) from refused
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in made.items():
            (folder / file).write_bytes(data)
            self.stdout.write(str(folder / file))

    def _page(self, report: content.Report) -> str:
        page = {"report": report, "style": STYLE.read_text(encoding="utf-8")}
        return render_to_string("cases/yearly_report_file.html", page)
