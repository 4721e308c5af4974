"""The API's page shows every operation of the document, with the members of its bodies."""

from drf_spectacular.generators import SchemaGenerator

from tenants.api_reference import METHODS, groups_of


def documents():
    return [
        SchemaGenerator(urlconf=f"config.urls.{kind}").get_schema(request=None, public=True)
        for kind in ("lessor", "trust", "auditor")
    ]


def test_no_operation_is_left_out():
    for document in documents():
        expected = {
            (method.upper(), path)
            for path, methods in document["paths"].items()
            for method in METHODS
            if method in methods
        }
        shown = {
            (one.method, one.path) for group in groups_of(document) for one in group.operations
        }
        assert shown == expected


def test_bodies_and_references_are_resolved():
    document = {
        "paths": {
            "/api/v1/things/{id}/": {
                "post": {
                    "operationId": "add",
                    "parameters": [{"name": "id", "schema": {"type": "string"}, "required": True}],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/c/schemas/Thing"}}}
                    },
                    "responses": {"204": {"description": "done"}},
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "required": ["colour"],
                    "properties": {
                        "colour": {"allOf": [{"$ref": "#/c/schemas/Colour"}]},
                        "sizes": {"type": "array", "items": {"type": "integer"}},
                    },
                },
                "Colour": {"enum": ["red", "blue"]},
            }
        },
    }
    [group] = groups_of(document)
    [operation] = group.operations
    assert (group.name, operation.method, operation.anchor) == ("things", "POST", "add")
    members = [(member.name, member.kind, member.required) for member in operation.body]
    assert members == [("colour", "red | blue", True), ("sizes", "[integer]", False)]
    assert operation.answers[0].members == ()


def test_the_page_is_open_and_dressed(client_of, cast):
    page = client_of(None, cast.anda, language="zh-hans").get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "/api/v1/leases/" in text
    assert "接口" in text
    assert "Content-Security-Policy" in page
