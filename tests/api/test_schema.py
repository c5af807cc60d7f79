"""The schema is whole, current and served; the docs page stands on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from casemgr.api_examples import bodies, shape_of
from casemgr.api_examples import examples as every_example
from casemgr.platform.rest.docs import schema_in

JSON = {"application/json"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Files, each by what is in it.
OTHER = {
    "/api/v1/imports/{id}/errors/csv/": {"text/csv"},
    "/api/v1/imports/{id}/errors/xlsx/": {SHEET},
    "/api/v1/exports/{id}/file/": {"text/csv", SHEET, "application/x-ndjson", "application/xml"},
}
ATOM = {"application/atom+xml"}
OTHER |= {f"/api/v1/pfif/{kind}/": ATOM for kind in ("person", "note")}
SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return schema_in("en")


def test_the_snapshot_is_current_and_nothing_warns(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text(encoding="utf-8") == SNAPSHOT.read_text(encoding="utf-8"), (
        "The API's schema changed. If that is meant: "
        "manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn"
    )


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_lists_the_statuses_of_its_kind(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        listed = set(operation["responses"])
        expected = {"400", "401", "406", "429"}
        expected |= {"404"} if "{" in path else set()
        expected |= {"403", "409", "413", "415", "422"} if method == "post" else set()
        expected |= {"403", "409", "412", "413", "415", "428"} if method == "patch" else set()
        assert listed >= expected, (path, method)
        for status in listed:
            content = operation["responses"][status].get("content", {})
            kinds = {"application/problem+json"} if status >= "400" else OTHER.get(path, JSON)
            assert set(content) <= kinds, (path, method, status)
        assert operation["summary"], (path, method)
    assert "410" in schema["paths"]["/api/v1/cases/{id}/"]["get"]["responses"]


def test_posts_take_a_key_and_changes_a_version(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        headers = {
            parameter["name"]: parameter.get("required", False)
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "header"
        }
        wanted = {"post": {"Idempotency-Key": False}, "patch": {"If-Match": True}}
        wanted["get"] = {"Export-Key": True} if path.endswith("/file/") else {}
        assert headers == wanted.get(method, {}), (path, method)


def examples(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where each example stands, the schema that it is one of, and the example."""
    for path, method, operation in operations(schema):
        for body in bodies(operation):
            shown = body.get("examples", {})
            assert shown, f"{method.upper()} {path}: no example of {shape_of(body['schema'])}"
            for name, example in shown.items():
                yield f"{method.upper()} {path}: {name}", body["schema"], example["value"]


def test_every_body_has_an_example_that_fits_its_schema(schema: dict[str, Any]) -> None:
    wrong = []
    for where, shape, value in examples(schema):
        whole = {**shape, "components": schema["components"]}
        wrong += [
            f"{where}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)
        ]
    assert wrong == []


def test_every_example_is_of_a_shape_that_there_is(schema: dict[str, Any]) -> None:
    assert set(every_example()) <= set(schema["components"]["schemas"])


def test_a_contact_is_never_answered(schema: dict[str, Any]) -> None:
    shapes = schema["components"]["schemas"]
    assert "contact" in shapes["SightingFieldsRequest"]["properties"]
    for name in ("Sighting", "Receipt"):
        assert "contact" not in shapes[name]["properties"]


def test_only_what_nobody_need_sign_in_for_is_open(schema: dict[str, Any]) -> None:
    open_ones = {
        (path, method)
        for path, method, operation in operations(schema)
        if {} in operation["security"]
    }
    assert open_ones == {
        ("/api/v1/cases/", "get"),
        ("/api/v1/cases/{id}/", "get"),
        ("/api/v1/sightings/", "post"),
        ("/api/v1/statistics/", "get"),
        ("/api/v1/statistics/survival/", "get"),
    }


def test_each_part_of_the_public_card_has_a_shape_of_its_own(schema: dict[str, Any]) -> None:
    card = schema["components"]["schemas"]["PublicCard"]["properties"]

    def named(field: str) -> str:
        shape = card[field]
        return str(shape.get("$ref") or shape["anyOf"][0]["$ref"]).rsplit("/", 1)[-1]

    fields = ("age_then", "age_now", "missing_month", "missing_from")
    assert [named(field) for field in fields] == ["Ages", "Ages", "Months", "County"]


def test_overlapping_shapes_are_alternatives_and_never_exclusive(schema: dict[str, Any]) -> None:
    assert "oneOf" not in str(schema)


@pytest.mark.django_db
def test_schema_and_docs_are_served_to_anybody(client: Client) -> None:
    response = client.get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert response.json()["openapi"].startswith("3.1")
    response = client.get("/api/v1/schema/", headers={"Accept": "application/yaml"})
    assert yaml.safe_load(response.content)["info"]["title"] == "Homeward"
    page = client.get("/api/v1/docs/").content.decode()
    for _path, _method, operation in operations(schema_in("en")):
        assert f'id="{operation["operationId"]}"' in page
    assert "https://" not in page
