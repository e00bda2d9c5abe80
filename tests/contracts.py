"""Holds requests and answers to Twilio's own OpenAPI description of its REST API.

`request_fits` and `response_fits` raise `ContractBroken` with a readable reason. The description
lies beside the repository; where it is absent, tests marked `needs_contract` are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

CONTRACT = Path(__file__).parents[2] / "shared" / "contracts" / "twilio_api_v2010.json"
FORM = "application/x-www-form-urlencoded"
FIRST_ERROR_STATUS = 400
NO_CONTENT = 204
needs_contract = pytest.mark.skipif(
    not CONTRACT.exists(), reason="Twilio's OpenAPI description is not beside this repository"
)

Schema = Mapping[str, Any]


class ContractBroken(AssertionError):
    """Something was sent that Twilio's description does not know."""


def request_fits(method: str, path: str, form_pairs: Iterable[tuple[str, str]]) -> None:
    """Check the form fields of a POST, or the query of a GET; repeated keys make an array."""
    operation = _operation(method, path)
    known = _fields(operation)
    given: dict[str, list[str]] = {}
    for name, value in form_pairs:
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        if name not in known:
            raise ContractBroken(f"{method} {path}: Twilio knows no field {name!r}")
        _field_fits(f"{method} {path}: {name}", known[name], values)
    missing = set(_required(operation)) - set(given)
    if missing:
        raise ContractBroken(f"{method} {path}: required fields are missing: {sorted(missing)}")


def response_fits(method: str, path: str, status: int, document: object) -> None:
    """Check status and JSON of an answer; errors are held to Twilio's four keys."""
    where = f"{method} {path} {status}"
    if status >= FIRST_ERROR_STATUS:
        _error_fits(where, status, document)
        return
    responses = _operation(method, path)["responses"]
    if str(status) not in responses:
        raise ContractBroken(f"{where}: Twilio answers {sorted(responses)}")
    if status == NO_CONTENT:
        if document not in {None, ""}:
            raise ContractBroken(f"{where}: the answer must be empty")
        return
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    _validate(where, _resolved(schema), document)


@cache
def _description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@cache
def _templates() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    # Templates without parameters in their last segment come first: Messages.json is no {Sid}.json.
    paths = sorted(_description()["paths"].items(), key=lambda item: item[0].count("{"))
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", r"[^/]+?", re.escape(template))), operations)
        for template, operations in paths
    ]


def _operation(method: str, path: str) -> dict[str, Any]:
    bare = path.partition("?")[0]
    for pattern, operations in _templates():
        if pattern.fullmatch(bare) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    raise ContractBroken(f"Twilio has no {method} {bare}")


def _form_schema(operation: Schema) -> Schema:
    body: Schema = operation.get("requestBody", {}).get("content", {}).get(FORM, {})
    schema: Schema = body.get("schema", {})
    return schema


def _fields(operation: Schema) -> dict[str, Schema]:
    query = {
        parameter["name"]: parameter["schema"]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    return query | dict(_form_schema(operation).get("properties", {}))


def _required(operation: Schema) -> list[str]:
    names: list[str] = _form_schema(operation).get("required", [])
    return names


def _field_fits(where: str, schema: Schema, values: list[str]) -> None:
    resolved = _resolved(schema)
    if resolved.get("type") == "array":
        for value in values:
            _validate(where, resolved["items"], _typed(where, resolved["items"], value))
        return
    if len(values) > 1:
        raise ContractBroken(f"{where}: given {len(values)} times, but it is no array")
    _validate(where, resolved, _typed(where, resolved, values[0]))


def _typed(where: str, schema: Schema, value: str) -> object:
    kind = schema.get("type")
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError as error:
        raise ContractBroken(f"{where}: {value!r} is no {kind}") from error
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if schema.get("format") == "uri" and not re.match(r"https?://", value):
        raise ContractBroken(f"{where}: {value!r} is no URL")
    return value


def _error_fits(where: str, status: int, document: object) -> None:
    shape = {"code": int, "message": str, "more_info": str, "status": int}
    if not isinstance(document, dict) or set(document) != set(shape):
        raise ContractBroken(f"{where}: an error has exactly {sorted(shape)}")
    for name, kind in shape.items():
        if not isinstance(document[name], kind):
            raise ContractBroken(f"{where}: {name} must be {kind.__name__}")
    if document["status"] != status:
        raise ContractBroken(f"{where}: the body says {document['status']}")


def _validate(where: str, schema: Schema, document: object) -> None:
    for error in OAS30Validator(schema).iter_errors(document):
        place = "/".join(str(step) for step in error.absolute_path) or "the value"
        raise ContractBroken(f"{where}: {place}: {error.message}")
    _shape_fits(where, schema, document)


def _shape_fits(where: str, schema: Schema, document: object) -> None:
    """Check what the schema leaves to the reader: no unknown keys, dates in RFC 2822."""
    if isinstance(document, dict) and "properties" in schema:
        unknown = set(document) - set(schema["properties"])
        if unknown:
            raise ContractBroken(f"{where}: Twilio knows no {sorted(unknown)}")
        for name, value in document.items():
            _shape_fits(f"{where}: {name}", schema["properties"][name], value)
    elif isinstance(document, list) and "items" in schema:
        for item in document:
            _shape_fits(where, schema["items"], item)
    elif schema.get("format") == "date-time-rfc-2822" and isinstance(document, str):
        try:
            parsedate_to_datetime(document)
        except ValueError as error:
            raise ContractBroken(f"{where}: {document!r} is no RFC 2822 date") from error


def _resolved(schema: Any) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _component(schema["$ref"])
        return {name: _resolved(value) for name, value in schema.items()}
    if isinstance(schema, list):
        return [_resolved(item) for item in schema]
    return schema


@cache
def _component(reference: str) -> Any:
    found: Any = _description()
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(found)
