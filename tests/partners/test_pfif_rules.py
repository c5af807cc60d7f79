"""The rules that PFIF is held against have teeth: each refuses what it is there to refuse."""

from datetime import UTC, datetime

import pytest

from tests.partners import pfif_rules

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = "2026-11-01T08:00:00Z"
ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:p="http://zesty.ca/pfif/1.4"'

NOTE = f"""<p:note>
<p:note_record_id>other.example.org/n1</p:note_record_id>
<p:person_record_id>other.example.org/17</p:person_record_id>
<p:author_name>Teacher</p:author_name>
<p:source_date>{DAY}</p:source_date>
<p:author_made_contact>false</p:author_made_contact>
<p:status>information_sought</p:status>
<p:last_known_location>25.04 102.71</p:last_known_location>
<p:text>She was in my class.</p:text>
</p:note>"""
PERSON = f"""<p:person>
<p:person_record_id>other.example.org/17</p:person_record_id>
<p:entry_date>{DAY}</p:entry_date>
<p:expiry_date>2090-01-01T00:00:00Z</p:expiry_date>
<p:author_email>aunt@example.org</p:author_email>
<p:author_phone>+86 10 0000 0000</p:author_phone>
<p:source_date>{DAY}</p:source_date>
<p:source_url>https://other.example.org/17</p:source_url>
<p:full_name>林小满
Lin Xiaoman</p:full_name>
<p:sex>female</p:sex>
<p:date_of_birth>2006-05</p:date_of_birth>
<p:age>4-5</p:age>
<p:home_state>CN-53</p:home_state>
<p:home_country>CN</p:home_country>
<p:profile_urls>https://a.example.org/1
https://b.example.org/2</p:profile_urls>
{NOTE}
</p:person>"""
TOMB = f"""<p:person>
<p:person_record_id>other.example.org/17</p:person_record_id>
<p:entry_date>{DAY}</p:entry_date>
<p:expiry_date>{DAY}</p:expiry_date>
<p:source_date>{DAY}</p:source_date>
</p:person>"""


def document(*records: str) -> str:
    """Records as one document."""
    inner = "\n".join(records)
    return f'<p:pfif xmlns:p="http://zesty.ca/pfif/1.4">\n{inner}\n</p:pfif>'


def feed(*records: str, updated: str = DAY) -> str:
    """Records as an Atom feed."""
    named = f"<id>x</id><title>x</title><updated>{updated}</updated>"
    inner = "".join(f"<entry>{named}{record}</entry>" for record in records)
    return f"<feed {ATOM}>{named}{inner}</feed>"


GOOD = [document(PERSON), document(PERSON.replace(NOTE, ""), NOTE), document(TOMB), feed(PERSON)]


@pytest.mark.parametrize("text", GOOD)
def test_good_documents_pass(text: str) -> None:
    assert pfif_rules.problems(text.encode(), now=NOW) == []


def person(old: str, new: str) -> str:
    """The good document with one thing changed."""
    assert old in PERSON
    return document(PERSON.replace(old, new, 1))


LINKED = NOTE.replace(
    "<p:author_name>",
    "<p:linked_person_record_id>a.org/2</p:linked_person_record_id><p:author_name>",
)
BREACHES = {
    "encoding": ['<?xml version="1.0" encoding="GBK"?>' + document(PERSON)],
    "shape": [
        document(PERSON).replace("pfif/1.4", "pfif/1.3"),
        document("<p:place>x</p:place>"),
        "<rss/>",
    ],
    "plain": [
        person("<p:sex>female", "<p:sex><p:b/>female"),
        person("<p:sex>", '<p:sex code="2">'),
    ],
    "known": [person("<p:sex>female</p:sex>", "<p:sex>female</p:sex><p:dna>yes</p:dna>")],
    "once": [person("<p:age>4-5</p:age>", "<p:age>4-5</p:age><p:age>4-5</p:age>")],
    "order": [
        person(
            "<p:sex>female</p:sex>\n<p:date_of_birth>2006-05</p:date_of_birth>",
            "<p:date_of_birth>2006-05</p:date_of_birth>\n<p:sex>female</p:sex>",
        )
    ],
    "left out": [person("<p:sex>female</p:sex>", "<p:sex/>")],
    "mandatory": [
        person("<p:full_name>林小满\nLin Xiaoman</p:full_name>\n", ""),
        person("<p:author_name>Teacher</p:author_name>", ""),
        person("<p:text>She was in my class.</p:text>", ""),
    ],
    "unique": [document(PERSON, PERSON.replace(NOTE, ""))],
    "id": [
        person("other.example.org/17<", "17<"),
        person("other.example.org/17<", "other example/17<"),
    ],
    "moment": [
        person(f"<p:source_date>{DAY}", "<p:source_date>2026-11-01"),
        person(f"<p:entry_date>{DAY}", "<p:entry_date>2026-11-31T08:00:00Z"),
        person("2090-01-01T00:00:00Z", "2090-01-01T00:00:00+08:00"),
    ],
    "email": [person("aunt@example.org", "aunt at example")],
    "phone": [person("+86 10 0000 0000", "ask for Lin")],
    "url": [person("https://other.example.org/17<", "other.example.org/17<")],
    "urls": [person("\nhttps://b.example.org/2", " https://b.example.org/2")],
    "names": [person("林小满\nLin", "林小满\n\nLin")],
    "sex": [person("female", "dragon")],
    "birth": [person("2006-05<", "May 2006<"), person("2006-05<", "2006-13<")],
    "age": [person("4-5", "four"), person("4-5", "5-4")],
    "age when": [person(f"<p:source_date>{DAY}</p:source_date>\n<p:source_url>", "<p:source_url>")],
    "state": [person("CN-53", "Yunnan province")],
    "country": [person("<p:home_country>CN", "<p:home_country>China")],
    "whom": [
        document(NOTE.replace("<p:person_record_id>other.example.org/17</p:person_record_id>", ""))
    ],
    "within": [
        person(
            "<p:person_record_id>other.example.org/17</p:person_record_id>\n<p:author_name>",
            "<p:person_record_id>a.org/2</p:person_record_id>\n<p:author_name>",
        )
    ],
    "links": [document(LINKED)],
    "contact": [person("false", "no")],
    "status": [person("information_sought", "alive")],
    "location": [person("25.04 102.71", "102.71 25.04")],
    "tombstone": [person("2090-01-01T00:00:00Z", "2026-11-02T00:00:00Z")],
    "blanked": [
        document(TOMB.replace(f"<p:source_date>{DAY}", "<p:source_date>2026-10-01T08:00:00Z"))
    ],
    "notes go": [document(TOMB, NOTE), document(TOMB.replace("</p:person>", f"{NOTE}</p:person>"))],
    "feed": [feed(PERSON).replace("<title>x</title>", "", 1)],
    "entry": [feed(PERSON + TOMB), feed(PERSON, updated="2026-11-02T08:00:00Z")],
    "entered": [feed(PERSON.replace(f"<p:entry_date>{DAY}</p:entry_date>\n", ""))],
    "length": [feed(*[TOMB] * 201)],
    "withheld": [document(PERSON)],
}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in BREACHES.items() for text in texts]
)
def test_each_rule_has_teeth(rule: str, text: str) -> None:
    found = pfif_rules.problems(text.encode(), now=NOW, in_full=rule != "withheld")

    assert rule in [line.partition(":")[0] for line in found]


def test_every_rule_has_a_document_that_breaks_it() -> None:
    assert list(BREACHES) == list(pfif_rules.RULES)


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    [line] = pfif_rules.problems(document(PERSON).encode("gb18030"), now=NOW)

    assert line.startswith("encoding")


def test_dates_of_entry_only_grow() -> None:
    before = document(PERSON).encode()
    sooner = person(f"<p:entry_date>{DAY}", "<p:entry_date>2026-10-01T08:00:00Z").encode()

    assert pfif_rules.changes(before, before) == []
    assert len(pfif_rules.changes(before, sooner)) == 1


def test_a_feed_out_of_order_is_seen() -> None:
    later = TOMB.replace(DAY, "2026-11-02T08:00:00Z").replace("/17", "/18")
    text = feed(TOMB, later).encode()

    assert pfif_rules.order_of(text, oldest_first=True) == []
    assert len(pfif_rules.order_of(text, oldest_first=False)) == 1
