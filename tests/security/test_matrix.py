"""The matrix is written down three times; the three say the same."""

import csv
from pathlib import Path

from casemgr.platform.access import TABLE, Group, Role
from tests.security.grid import matrix

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
# Added to the document since the matrix was drawn up.
LATER_COLUMNS, LATER_ROWS = ["PA"], ["f21"]


def document() -> list[list[str]]:
    """The document's table, without what was added since."""
    text = DOCUMENT.read_text("utf-8")
    table = text[text.index("## 3. The matrix") : text.index("## 4.")]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    kept = [place for place, name in enumerate(cells[0]) if name not in LATER_COLUMNS]
    return [[row[place] for place in kept] for row in cells if row[0].split()[0] not in LATER_ROWS]


def program() -> dict[tuple[str, str], matrix.Grants]:
    """The product's own table, in the words of the matrix."""
    found: dict[tuple[str, str], matrix.Grants] = {}
    for group, cells in TABLE.items():
        for column, cell in cells.items():
            grants = found.setdefault((group.value, column), {})
            for part in cell.split():
                actions, _, scopes = part.partition(":")
                for action in actions:
                    grants.setdefault(action, set()).add(frozenset(scopes) - set("mt2"))
    return found


def differences() -> list[tuple[str, str]]:
    """Cells in which the program's table is not the matrix."""
    wanted, here = matrix.TABLE, program()
    return sorted(at for at in {*wanted, *here} if wanted.get(at, {}) != here.get(at, {}))


def test_the_document_has_the_matrix_letter_for_letter() -> None:
    with matrix.FILE.open(encoding="utf-8", newline="") as file:
        assert document() == list(csv.reader(file))


def test_the_program_goes_by_the_matrix_and_by_what_the_document_adds() -> None:
    assert {column for _group, column in matrix.TABLE} == {role.value for role in Role}
    assert {group for group, _column in matrix.TABLE} == {group.value for group in Group}
    assert differences() == []


def test_whatever_goes_beyond_the_letters_stands_in_the_document() -> None:
    text = DOCUMENT.read_text("utf-8")
    beside = text[text.index("## 4.") : text.index("## 5.")]
    for (group, column), cell in {**matrix.ADDED, **matrix.STRICTER}.items():
        assert f"| {group} | {column} | {cell} |" in beside, (group, column)
