"""A boosted text query in the manner of Primero's matching, on tantivy (Lucene's scoring).

One OR over all fields, ranked by BM25, with Primero's boosts: names 15, sex 10, age 10, birth date
5, language 3, other fields unboosted. Han text is cut into single characters and the rest into
lower-case words, as Solr's standard tokenizer does; `with_our_tokens` lets the fields of words and
names use our bilingual tokens and pinyin instead, which Primero does not have.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import tantivy
from numpy.typing import NDArray

from bench.population import TODAY
from bench.rivals.records import Record

BOOSTS: Final = {
    "name": 15.0, "sex": 10.0, "age": 10.0, "birth": 5.0, "language": 3.0, "ethnicity": 1.0,
    "place": 1.0, "marks": 1.0, "blood": 1.0, "text": 1.0,
}  # fmt: skip
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")

Fields = dict[str, set[str]]


class TextSearch:
    """An index of cases, to be searched with sightings."""

    def __init__(self, cases: Sequence[Record], *, with_our_tokens: bool = False) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True, fast=True)
        for field in BOOSTS:
            builder.add_text_field(field, tokenizer_name="whitespace")
        self._schema = builder.build()
        self._with_our_tokens = with_our_tokens
        self._size = len(cases)
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=50_000_000, num_threads=1)
        for number, case in enumerate(cases):
            document = tantivy.Document()
            document.add_unsigned("number", number)
            for field, tokens in self._fields(case).items():
                document.add_text(field, " ".join(sorted(tokens)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def scores(self, sightings: Sequence[Record]) -> NDArray[np.float32]:
        """Scores of every sighting (rows) against every case (columns); 0 where nothing meets."""
        found = np.zeros((len(sightings), self._size), dtype=np.float32)
        for row, sighting in enumerate(sightings):
            hits = self._searcher.search(self._query(sighting), limit=self._size).hits
            addresses = [address for _, address in hits]
            numbers = self._searcher.fast_field_values("number", addresses)
            for (score, _), number in zip(hits, numbers, strict=True):
                found[row, int(number or 0)] = score
        return found

    def _query(self, record: Record) -> tantivy.Query:
        clauses = []
        for field, tokens in self._fields(record).items():
            for token in sorted(tokens):
                term = tantivy.Query.term_query(self._schema, field, token, "freq")
                boosted = tantivy.Query.boost_query(term, BOOSTS[field])
                clauses.append((tantivy.Occur.Should, boosted))
        return tantivy.Query.boolean_query(clauses)

    def _fields(self, record: Record) -> Fields:
        now = TODAY.year + TODAY.timetuple().tm_yday / 365
        words = set(record.words) if self._with_our_tokens else set(_cut(record.text))
        names = set(record.sounds) if self._with_our_tokens else set()
        return {
            "name": names | {token for name in record.names for token in _cut(name)},
            "sex": {record.sex} if record.sex else set(),
            "age": {str(int(now - record.born))} if record.born else set(),
            "birth": {str(int(record.born))} if record.born else set(),
            "language": set(record.speech),
            "ethnicity": {record.ethnicity} if record.ethnicity else set(),
            "place": set(_cut(record.place_text)),
            "marks": {mark.replace(" ", "_") for mark in record.marks},
            "blood": {record.blood} if record.blood else set(),
            "text": {word.replace(" ", "_") for word in words},
        }


def _cut(text: str) -> Iterator[str]:
    return iter(_TOKEN.findall(text.casefold()))
