"""The published schema: valid, complete, and true of the replies that random data seldom gets."""

import json

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from predictions.live import decision_codes
from predictions.models import DecisionCode
from predictions.roles import Role
from predictions.tests.api.test_input_bodies import V1, refusal
from predictions.tests.helpers.api import ApiClient

READ = {"200", "401", "403", "404", "429", "503"}
WRITE = {"200", "400", "401", "403", "411", "413", "415", "429", "503"}
ONCE = {"409", "422"}  # of calls that take an Idempotency-Key
QUERY = {"400", "414"}  # of readings with a query
ANSWERS = {
    "GET /api/v1/applicants/": READ | QUERY,
    "GET /api/v1/batches/": READ | QUERY,
    "POST /api/v1/batches/": WRITE | ONCE | {"202", "414"},
    "GET /api/v1/batches/{id}/": READ,
    "POST /api/v1/batches/{id}/cancel/": WRITE | ONCE | {"404"},
    "GET /api/v1/history.csv": READ - {"404"} | QUERY,
    "GET /api/v1/batches/{id}/results.csv": READ | QUERY | {"409"},
    "GET /api/v1/batches/{id}/errors.csv": READ | {"400", "409"},
    "GET /api/v1/batches/{id}/results.xlsx": READ | {"400", "409"},
    "GET /api/v1/batches/{id}/refused.csv": READ | {"400", "409"},
    "GET /api/v1/applications/": READ | QUERY,
    "GET /api/v1/applications/{id}/": READ,
    "POST /api/v1/applications/{id}/assign/": WRITE | ONCE | {"404"},
    "POST /api/v1/applications/{id}/claim/": WRITE | ONCE | {"404"},
    "DELETE /api/v1/applications/{id}/claim/": READ - {"200"} | {"204", "400", "409"},
    "GET /api/v1/applications/{id}/decisions/": READ | QUERY,
    "POST /api/v1/applications/{id}/decisions/": WRITE - {"200"} | ONCE | {"201", "202", "404"},
    "POST /api/v1/applications/{id}/holds/": WRITE | ONCE | {"404"},
    "POST /api/v1/applications/{id}/holds/end/": WRITE | ONCE | {"404"},
    "GET /api/v1/applications/{id}/letter/": READ | {"400", "409"},
    "POST /api/v1/applications/{id}/letter/": WRITE - {"200"} | ONCE | {"201", "404"},
    "POST /api/v1/applications/{id}/letter/confirm/": WRITE | ONCE | {"404"},
    "POST /api/v1/applications/{id}/merge/": WRITE | ONCE | {"404"},
    "GET /api/v1/applications/{id}/notes/": READ | QUERY,
    "POST /api/v1/applications/{id}/notes/": WRITE - {"200"} | ONCE | {"201", "404"},
    "POST /api/v1/applications/{id}/withdraw/": WRITE | ONCE | {"404"},
    "GET /api/v1/queue/": READ | QUERY,
    "GET /api/v1/decision-codes/": {"200", "401", "403", "429", "503"},
    "GET /api/v1/features/": {"200", "429", "503"},
    "GET /api/v1/models/": READ | QUERY,
    "GET /api/v1/models/{id}/": READ,
    "POST /api/v1/models/{id}/activate/": WRITE | ONCE | {"202", "404"},
    "POST /api/v1/models/{id}/compare/": WRITE - {"200"} | {"202", "404", "409"},
    "GET /api/v1/models/{id}/card/": READ | {"400", "409"},
    "GET /api/v1/models/{id}/export/": READ | QUERY | {"409"},
    "GET /api/v1/models/timeline/": READ | QUERY,
    "GET /api/v1/predictions/": READ | QUERY,
    "POST /api/v1/predictions/": WRITE | ONCE | {"201", "414"},
    "GET /api/v1/predictions/{id}/": READ,
    "GET /api/v1/predictions/{id}/decisions/": READ | QUERY,
    "POST /api/v1/predictions/{id}/decisions/": WRITE - {"200"} | ONCE | {"201", "202", "404"},
    "POST /api/v1/predictions/{id}/values/": WRITE - {"200"} | ONCE | {"201", "404", "414"},
    "GET /api/v1/products/": {"200", "429", "503"},
    "POST /api/v1/products/": WRITE - {"200"} | ONCE | {"201"},
    "GET /api/v1/products/{name}/": {"200", "404", "429", "503"},
    "GET /api/v1/policies/": READ | QUERY,
    "POST /api/v1/policies/": WRITE - {"200"} | ONCE | {"201", "202"},
    "GET /api/v1/policies/{id}/": READ,
    "POST /api/v1/policies/simulate/": WRITE,
    "GET /api/v1/proposals/": READ | QUERY,
    "GET /api/v1/proposals/{id}/": READ,
    "POST /api/v1/proposals/{id}/confirm/": WRITE | ONCE | {"404"},
    "POST /api/v1/proposals/{id}/refuse/": WRITE | ONCE | {"404"},
    "POST /api/v1/proposals/{id}/take-back/": WRITE | ONCE | {"404"},
    "GET /api/v1/schemas/": {"200", "429", "503"},
    "POST /api/v1/schemas/": WRITE - {"200"} | ONCE | {"201"},
    "GET /api/v1/schemas/{number}/": {"200", "404", "429", "503"},
    "POST /predict": WRITE | ONCE | {"404"},
}

WHY = {"code": "new_document", "note": "A bank statement shows the debt as paid."}
APPROVED, DENIED = {"verdict": "approved"}, {"verdict": "denied"}
TAKEN = [  # on an application that the model approves
    *(APPROVED, APPROVED | {"code": "", "terms": {}}, APPROVED | {"terms": {"LoanAmount": 90}, "after": 0}),
    *(APPROVED | {"code": "new_document"}, APPROVED | {"code": "other", "note": "Seen in person."}),
    *(DENIED | WHY, DENIED | WHY | {"terms": None}, DENIED | WHY | {"code": "other"}),
]
REFUSED = [
    *({}, {"verdict": "refer"}, {"code": "other"}, DENIED | WHY | {"by": "zoe"}),
    *(APPROVED | {"code": "other"}, DENIED | WHY | {"code": "other", "note": ""}),
    *(DENIED | WHY | {"code": "other", "note": "unsure"}, DENIED | WHY | {"code": "other", "note": "x" * 10}),
    *(DENIED | WHY | {"terms": {"LoanAmount": 90}}, APPROVED | {"terms": {"ApplicantIncome": 9000}}),
    *(APPROVED | {"terms": {"LoanAmount": 0}}, APPROVED | {"terms": {"Loan_Amount_Term": "360"}}),
]


@pytest.fixture(scope="module")
def published(module_database):
    """The schema as it is served to anybody; making it takes two seconds."""
    return Client().get("/api/schema/").json()


@pytest.fixture
def operations(published):
    paths = published["paths"]
    return {f"{verb.upper()} {path}": op for path, verbs in paths.items() for verb, op in verbs.items()}


@pytest.fixture
def fits(published):
    """Check a reply against a component."""

    def check(reply, component):
        jsonschema.validate(reply, published | {"$ref": f"#/components/schemas/{component}"})
        return True

    return check


@pytest.fixture
def api(active_version, user_with):
    return ApiClient(user_with(Role.OFFICER))


def test_it_is_valid_openapi_and_made_without_a_warning(tmp_path):
    file = tmp_path / "schema.json"
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json", "file": str(file)}
    call_command("spectacular", **options)
    assert json.loads(file.read_text())["openapi"].startswith("3.1.")


def test_every_operation_names_the_statuses_that_it_answers(operations):
    assert {name: set(op["responses"]) for name, op in operations.items()} == ANSWERS


def test_every_answer_says_what_it_means(operations):
    answers = [answer for op in operations.values() for answer in op["responses"].values()]
    assert [answer for answer in answers if not answer["description"]] == []


@pytest.mark.parametrize("wish", TAKEN, ids=str)
def test_a_decision_that_the_server_takes_fits_its_schema(api, application, fits, wish):
    pk = api.post(V1, application).json()["id"]
    assert api.post(f"{V1}{pk}/decisions/", wish).status_code == 201
    assert fits(wish, "DecisionWish")
    assert fits(wish | {"prediction": pk}, "ApplicationDecisionWish")


@pytest.mark.parametrize("wish", REFUSED, ids=str)
def test_a_decision_whose_shape_the_server_refuses_does_not_fit(api, application, fits, wish):
    pk = api.post(V1, application).json()["id"]
    assert api.post(f"{V1}{pk}/decisions/", wish).status_code == 400
    for component in ("DecisionWish", "ApplicationDecisionWish"):
        with pytest.raises(jsonschema.ValidationError):
            fits(wish, component)


def test_the_codes_that_need_a_note_are_those_that_an_admin_keeps(db, client):
    DecisionCode.objects.filter(name="hidden_risk").update(for_denials=False)
    DecisionCode.objects.filter(name="other").update(retired_at=timezone.now())
    decision_codes.forget()
    shapes = client.get("/api/schema/").json()["components"]["schemas"]
    assert shapes["DenialWithNote"]["properties"]["code"]["enum"] == ["hidden_risk"]
    assert "ApprovalWithNote" not in shapes


def test_a_token_is_sent_as_authorization_token(published):
    scheme = published["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert "Authorization: Token ..." in scheme["description"]


def test_a_token_may_be_sent_as_bearer(published):
    scheme = published["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_a_file_is_sent_in_the_two_ways_that_makers_of_clients_know(operations):
    post = operations["POST /api/v1/batches/"]
    assert set(post["requestBody"]["content"]) == {"multipart/form-data", "application/octet-stream"}
    assert "text/csv" in post["description"]


@pytest.mark.parametrize("component", ["Application", "ArticleRow"])
def test_no_enum_of_what_is_sent_mixes_texts_and_numbers(published, component):
    columns = published["components"]["schemas"][component]["properties"]
    shapes = [shape for column in columns.values() for shape in [column, *column.get("anyOf", [])]]
    enums = [shape["enum"] for shape in shapes if "enum" in shape]
    kinds = [{isinstance(value, str) for value in enum if value is not None} for enum in enums]
    assert [enum for enum, kind in zip(enums, kinds, strict=True) if len(kind) > 1] == []


def test_dependents_are_texts_or_numbers(published):
    texts, numbers = published["components"]["schemas"]["Application"]["properties"]["Dependents"]["anyOf"]
    assert texts["enum"] == ["0", "1", "2", "3+", None, ""]
    assert numbers["enum"] == [0, 1, 2, 3]


def test_all_but_features_and_products_need_a_token_or_a_session(operations):
    either = [{"token": []}, {"bearer": []}, {"cookieAuth": []}]
    public = {"features/", "products/", "products/{name}/", "schemas/", "schemas/{number}/"}
    assert {name for name, op in operations.items() if op.get("security") == either} == set(ANSWERS) - {
        f"GET /api/v1/{path}" for path in public
    }


def test_an_open_article_endpoint_is_published_without_credentials(settings, client):
    settings.ARTICLE_ENDPOINT = "open"
    operation = client.get("/api/schema/").json()["paths"]["/predict"]["post"]
    assert operation.get("security", [{}]) == [{}]
    assert not {"401", "403"} & set(operation["responses"])


def test_a_stored_prediction_reads_as_published(api, application, fits):
    stored = api.post(V1, application | {"Gender": None, "LoanAmount": None}).json()
    assert fits(api.get(f"{V1}{stored['id']}/").json(), "Prediction")


@pytest.mark.parametrize("size", [1, 2])
def test_pages_read_as_published(api, application, fits, size):
    api.post(V1, [application | {"Loan_ID": str(n), "Married": None} for n in range(3)])
    for noun in ("Prediction", "Applicant"):
        component = f"Paginated{noun}List"
        page = api.get(f"/api/v1/{noun.lower()}s/?page_size={size}").json()
        assert fits(page, component)
        assert fits(api.get(page["next"]).json(), component)


def test_the_features_read_as_published(api, fits):
    assert fits(api.get("/api/v1/features/").json(), "Features")


def test_too_many_requests_are_429_with_a_time_to_wait(api, settings, tmp_path, fits):
    settings.THROTTLE, settings.CALL_TIMES = (1, 60), tmp_path / "throttle"
    responses = [api.get("/api/v1/features/") for _ in range(2)]
    assert refusal(responses[1], 429)[0]["code"] == "throttled"
    assert 0 < int(responses[1].headers["Retry-After"]) <= 60
