"""The catalogue tools, on a small house of their own."""

import gettext
from pathlib import Path

import pytest

from casemgr.platform import catalogues

CODE = """
from casemgr.platform.i18n import N_
from django.utils.translation import gettext as _, gettext_lazy, ngettext, npgettext, pgettext_lazy

LABEL = N_("Sighting")
WHERE = gettext_lazy("Where was the child?")
OPEN = pgettext_lazy("case status", "Open")

def describe(count, name):
    computed = _(name)
    return (
        _("Seen by %(name)s, "
          "not long ago") % {"name": name},
        ngettext("%(count)s photo", "%(count)s photos", count),
        npgettext("on a poster", "%(count)s child", "%(count)s children", count),
    )
"""

TEMPLATE = """{% load i18n %}
  <main>
      <h1>{% translate "I have seen a child" %}</h1>
   <p title="{% translate 'Open' context "verb" %}">{{ _("Place") }}</p>
  it's {{ x|default:_("unknown") }}
 {% blocktranslate trimmed count n=photos|length %}
    One photo of {{ name }}
 {% plural %}
    {{ n }} photos of {{ name }}
 {% endblocktranslate %}
    {% comment %} {% translate "never shown" %} {% endcomment %}
  </main>
"""

EXPECTED = {
    ("", "Sighting", ""),
    ("", "Where was the child?", ""),
    ("case status", "Open", ""),
    ("", "Seen by %(name)s, not long ago", ""),
    ("", "%(count)s photo", "%(count)s photos"),
    ("on a poster", "%(count)s child", "%(count)s children"),
    ("", "I have seen a child", ""),
    ("verb", "Open", ""),
    ("", "Place", ""),
    ("", "unknown", ""),
    ("", "One photo of %(name)s", "%(n)s photos of %(name)s"),
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "models.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "templates" / "cases").mkdir(parents=True)
    (tmp_path / "templates" / "cases" / "card.html").write_text(TEMPLATE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def catalogue(house: Path) -> Path:
    path = house / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    catalogues.update(path, "zh_Hans", catalogues.extract(house, ["cases"]))
    return path


def translate(catalogue: Path, msgid: str, msgstr: str) -> None:
    text = catalogue.read_text(encoding="utf-8")
    assert text.count(f'msgid "{msgid}"\nmsgstr ""') == 1
    catalogue.write_text(
        text.replace(f'msgid "{msgid}"\nmsgstr ""', f'msgid "{msgid}"\nmsgstr "{msgstr}"'),
        encoding="utf-8",
    )


def test_it_gathers_every_kind_of_marked_string_from_code_and_templates(house: Path) -> None:
    assert catalogues.extract(house, ["cases"]) == EXPECTED


def test_gathering_again_changes_nothing_and_keeps_translations(
    house: Path, catalogue: Path
) -> None:
    translate(catalogue, "Sighting", "线索")
    before = catalogue.read_bytes()

    catalogues.update(catalogue, "zh_Hans", catalogues.extract(house, ["cases"]))

    assert catalogue.read_bytes() == before
    assert b"POT-Creation-Date" not in before
    assert b"#:" not in before


def test_a_string_that_left_the_code_leaves_the_catalogue(house: Path, catalogue: Path) -> None:
    (house / "templates" / "cases" / "card.html").unlink()

    catalogues.update(catalogue, "zh_Hans", catalogues.extract(house, ["cases"]))

    assert "I have seen a child" not in catalogue.read_text(encoding="utf-8")


def test_a_compiled_catalogue_speaks_through_the_standard_library(catalogue: Path) -> None:
    translate(catalogue, "Sighting", "线索")

    compiled = catalogues.compile_catalogue(catalogue, "zh_Hans")

    with compiled.open("rb") as source:
        spoken = gettext.GNUTranslations(source)
    assert spoken.gettext("Sighting") == "线索"
    assert spoken.gettext("Place") == "Place"


def test_the_check_names_drift_in_both_directions(catalogue: Path) -> None:
    keys = (EXPECTED - {("", "Place", "")}) | {("", "Brand new", "")}

    found = catalogues.problems(catalogue, "zh_Hans", keys)

    assert "not in the catalogue: 'Brand new'" in found
    assert "no longer in the code: 'Place'" in found


def test_the_check_names_what_is_untranslated_fuzzy_or_has_other_placeholders(
    catalogue: Path,
) -> None:
    translate(catalogue, "Sighting", "线索")
    translate(catalogue, "Seen by %(name)s, not long ago", "不久前由%(nam)s看到")
    text = catalogue.read_text(encoding="utf-8")
    text = text.replace('msgid "Place"\nmsgstr ""', '#, fuzzy\nmsgid "Place"\nmsgstr "地点"')
    text = text.replace(
        'msgid_plural "%(count)s photos"\nmsgstr[0] ""',
        'msgid_plural "%(count)s photos"\nmsgstr[0] "照片"',
    )
    catalogue.write_text(text, encoding="utf-8")

    found = catalogues.problems(catalogue, "zh_Hans", EXPECTED)

    assert "not translated: verb | 'Open'" in found
    assert "marked fuzzy: 'Place'" in found
    assert "placeholders differ (%(name)s wanted): 'Seen by %(name)s, not long ago'" in found
    assert "placeholders differ (%(count)s wanted): '%(count)s photo'" in found
    assert not [line for line in found if "Sighting" in line]


def test_a_message_with_a_line_break_at_its_end_is_refused_by_name(house: Path) -> None:
    (house / "templates" / "cases" / "card.html").write_text(
        "{% load i18n %}{% blocktranslate %}\nUntrimmed\n{% endblocktranslate %}", encoding="utf-8"
    )

    with pytest.raises(ValueError, match=r"card\.html:1: .*trim it"):
        catalogues.extract(house, ["cases"])
