"""Lists of 200 cases out of very many, beside a bare ModelSerializer (docs/benchmarks.md).

Two lists through the API's own door: a partner's program reading its cases in full, and a stranger
reading public cards. The rival has none of what the API does besides: Django REST framework's
ListAPIView, its cursors and a ModelSerializer of the same fields, called without middleware,
sign-in, limits, audit or rules of access.

Exits with 1 when a list needs more queries further down than on its first page, when a page far
down takes over DEEP times the first, or when a page takes over LIMIT times the rival's.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house  # noqa: E402

PAGE = 200
DEEP = 1.2
LIMIT = 1.5
ROUNDS = 25
LISTED = f"/api/v1/cases/?page_size={PAGE}"


def bare(cards: bool) -> Callable[[str | None], bytes]:
    """The rival's view of the same cases, as a function of a page's address."""
    from rest_framework import generics, pagination, serializers
    from rest_framework.renderers import JSONRenderer
    from rest_framework.test import APIRequestFactory

    from cases.models import Case, CasePhoto, Child, ChildMark, ExternalId

    def shape(of: type, names: str, **nested: Any) -> Any:
        class Meta:
            model = of
            fields = (*names.split(), *nested)

        return type(f"Bare{of.__name__}", (serializers.ModelSerializer,), {"Meta": Meta, **nested})

    def dated(name: str) -> str:
        return f"{name}_text {name}_earliest {name}_latest"

    place = "missing_from_text missing_from_division missing_from_latitude missing_from_longitude"
    mark = shape(ChildMark, "kind body_part side text" + ("" if cards else " public"))
    if cards:
        child = shape(Child, f"sex {dated('birth_date')}", marks=mark(many=True))
        whole = shape(
            Case,
            f"id reference public_name {dated('missing_at')} missing_from_text"
            " missing_from_division created_at updated_at",
            child=child(),
            photos=shape(CasePhoto, "id")(many=True),
        )
        rows = Case.objects.prefetch_related("photos")
    else:
        child = shape(
            Child,
            "sex height_cm weight_kg blood_type ethnicity languages clothing description full_name"
            " given_name family_name nicknames name_pinyin parents_blood_types"
            f" {dated('birth_date')} {dated('height_as_of')}",
            marks=mark(many=True),
        )
        whole = shape(
            Case,
            "id reference status withdrawal_asked_at public_since public_name place_type"
            " circumstance child_situation story police_reference dna_on_file alliance created_at"
            f" updated_at {dated('missing_at')} {place}",
            child=child(),
            external_ids=shape(ExternalId, "system value")(many=True),
        )
        rows = Case.objects.prefetch_related("external_ids")

    class Pages(pagination.CursorPagination):
        page_size = PAGE
        ordering = "-created_at"

    class Bare(generics.ListAPIView):  # type: ignore[type-arg]
        queryset = rows.select_related("child").prefetch_related("child__marks")
        serializer_class = whole
        pagination_class = Pages
        authentication_classes = ()
        permission_classes = ()
        throttle_classes = ()
        filter_backends = ()
        renderer_classes = (JSONRenderer,)

    view = Bare.as_view()

    def read(address: str | None) -> bytes:
        answer = view(APIRequestFactory().get(address or "/"))
        return bytes(answer.render().content)

    return read


def pages(read: Callable[[str], dict[str, Any]], first: str) -> Iterator[str]:
    """The addresses of a list's pages, from the newest on."""
    address: str | None = first
    while address:
        yield address
        address = read(address)["next"]


def measure(name: str, client: Any, rival: Callable[[str | None], bytes], count: int) -> bool:
    """Print one list's figures; whether they are within the limits."""
    import json

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def read(address: str) -> dict[str, Any]:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def asked(address: str) -> int:
        read(address)  # what is kept for a minute
        with CaptureQueriesContext(connection) as seen:
            assert len(read(address)["results"]) == PAGE
        return len(seen)

    addresses = list(pages(read, LISTED))
    first, deep = addresses[0], addresses[int(len(addresses) * 0.95)]
    assert len(json.loads(rival(None))["results"]) == PAGE
    works: dict[str, Callable[[], Any]] = {
        "first page": lambda: client.get(first),
        "page at 95 %": lambda: client.get(deep),
        "rival": lambda: rival(None),
    }
    times: dict[str, list[float]] = {work: [] for work in works}
    for _round in range(ROUNDS):
        for work, do in works.items():
            began = time.perf_counter()
            do()
            times[work].append(time.perf_counter() - began)
    # The fastest of many: what the work takes by itself, whatever else the machine does.
    took = {work: min(seconds) for work, seconds in times.items()}
    queries = asked(first), asked(deep)
    further, over = took["page at 95 %"] / took["first page"], took["first page"] / took["rival"]
    print(f"{name}: {PAGE} of {count:,} cases, {len(addresses)} pages")
    for work, seconds in took.items():
        print(f"  {work:<14} {seconds * 1000:6.1f} ms")
    print(f"  queries on the first and that page: {queries[0]}, {queries[1]}")
    print(f"  far down beside the first: {further:.2f} (limit {DEEP})")
    print(f"  beside the rival: {over:.2f} (limit {LIMIT})")
    return queries[0] == queries[1] and further <= DEEP and over <= LIMIT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="10,000 cases")
    count = 10_000 if parser.parse_args().small else 100_000
    limits = dict.fromkeys(("LIMIT_READS", "LIMIT_WRITES"), "off")
    with empty_house(ALLOWED_HOSTS="testserver", **limits):
        from bench.public_cases import invent, settle
        from tests.cast import Cast

        cast = Cast()
        invent(cast, count)
        settle()
        good = [
            measure("A program's own, in full", cast.program.api(), bare(cards=False), count),
            measure("Public cards", cast.anonymous.api(), bare(cards=True), count),
        ]
        from django.db import connections

        connections.close_all()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
