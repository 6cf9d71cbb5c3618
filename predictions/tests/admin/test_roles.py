"""Who may do what: every URL x every role is a row here, and a URL without a row fails."""

import copy
import re
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from ml.products.loan_prediction.schema import built_in
from predictions.models import Policy, Product, Proposal, TrainingFile
from predictions.roles import PERMISSIONS, Role
from predictions.services.batches import drafts as batch_drafts
from predictions.services.batches import files as batch_files
from predictions.services.batches import requests as batches
from predictions.services.products.drafting import drafts
from predictions.services.versions import registry, training_drafts, training_runs
from predictions.tests.conftest import APPLICATION
from predictions.tests.helpers.api import ApiClient
from predictions.tests.helpers.batches import table

SCHEMA = built_in()

ROLES = [None, *Role]
# Status by role, in the order: anonymous, officer, reviewer, model manager, auditor, admin, API client.
PAGES = {
    "GET /": (302, 200, 200, 200, 200, 200, 200),
    "GET /login/": (200, 302, 302, 302, 302, 302, 302),
    "POST /logout/": (302, 302, 302, 302, 302, 302, 302),
    "GET /preferences/": (302, 200, 200, 200, 200, 200, 200),
    "POST /preferences/": (302, 422, 422, 422, 422, 422, 422),
    "GET /score/": (302, 200, 200, 403, 403, 200, 200),
    "POST /score/": (302, 422, 422, 403, 403, 422, 422),
    "POST /score/check/": (302, 200, 200, 403, 403, 200, 200),
    "POST /score/paste/": (302, 422, 422, 403, 403, 422, 422),
    "GET /history/": (302, 200, 200, 403, 200, 200, 200),
    "GET /history.csv": (302, 403, 200, 403, 200, 200, 403),
    "GET /applications/{own}/": (302, 200, 200, 403, 404, 200, 200),
    "GET /applications/{other}/": (302, 404, 200, 403, 200, 200, 404),
    "GET /predictions/{own}/": (302, 200, 200, 403, 404, 200, 200),
    "GET /predictions/{other}/": (302, 404, 200, 403, 200, 200, 404),
    "POST /predictions/{own}/what-if/": (302, 422, 422, 403, 404, 422, 422),
    "POST /predictions/{other}/what-if/": (302, 404, 422, 403, 422, 422, 404),
    "POST /predictions/{own}/decide/": (302, 422, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/decide/": (302, 404, 422, 403, 403, 422, 403),
    "POST /predictions/{own}/claim/": (302, 409, 409, 403, 403, 409, 403),
    "POST /predictions/{other}/claim/": (302, 404, 409, 403, 403, 409, 403),
    "POST /predictions/{other}/release/": (302, 404, 409, 403, 403, 409, 403),
    "POST /predictions/{own}/values/": (302, 422, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/values/": (302, 404, 422, 403, 403, 422, 403),
    "POST /predictions/{own}/hold/": (302, 422, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/hold/": (302, 404, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/hold/end/": (302, 404, 409, 403, 403, 409, 403),
    "POST /predictions/{own}/note/": (302, 422, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/note/": (302, 404, 422, 403, 403, 422, 403),
    "POST /predictions/{own}/withdraw/": (302, 422, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/withdraw/": (302, 404, 422, 403, 403, 422, 403),
    "POST /predictions/{own}/assign/": (302, 403, 422, 403, 403, 422, 403),
    "POST /predictions/{other}/assign/": (302, 403, 422, 403, 403, 422, 403),
    "GET /predictions/{own}/notice/": (302, 409, 409, 403, 404, 409, 403),
    "GET /predictions/{other}/notice/": (302, 404, 409, 403, 409, 409, 403),
    "POST /predictions/{other}/notice/": (302, 404, 409, 403, 403, 409, 403),
    "POST /predictions/{own}/notice/confirm/": (302, 403, 409, 403, 403, 409, 403),
    "POST /predictions/{other}/notice/confirm/": (302, 403, 409, 403, 403, 409, 403),
    "GET /predictions/{other}/notice/print/": (302, 404, 409, 403, 409, 409, 403),
    "GET /predictions/{own}/explanation/": (302, 200, 200, 403, 404, 200, 200),
    "GET /predictions/{other}/explanation/": (302, 404, 200, 403, 200, 200, 404),
    "GET /batches/": (302, 200, 200, 403, 200, 200, 200),
    "POST /batches/": (302, 422, 422, 403, 403, 422, 422),
    "POST /batches/preview/": (302, 422, 422, 403, 403, 422, 422),
    "GET /batches/preview/{batch_draft}/": (302, 404, 404, 403, 403, 200, 404),
    "POST /batches/preview/{batch_draft}/": (302, 404, 404, 403, 403, 303, 404),
    "GET /batches/example.csv": (302, 200, 200, 403, 200, 200, 200),
    "GET /batches/{batch}/": (302, 404, 200, 403, 200, 200, 404),
    "POST /batches/{batch}/cancel/": (302, 404, 303, 403, 403, 303, 404),
    "GET /batches/{batch}/results.csv": (302, 404, 409, 403, 409, 409, 404),
    "GET /batches/{batch}/errors.csv": (302, 404, 409, 403, 409, 409, 404),
    "GET /batches/{batch}/refused.csv": (302, 404, 409, 403, 409, 409, 404),
    "GET /batches/{batch}/results.xlsx": (302, 404, 409, 403, 409, 409, 404),
    "POST /queue/next/": (302, 303, 303, 403, 403, 303, 403),
    "POST /queue/bulk/": (302, 403, 422, 403, 403, 422, 403),
    "GET /queue/same-ids/": (302, 403, 200, 403, 403, 200, 403),
    "POST /queue/same-ids/": (302, 403, 409, 403, 403, 409, 403),
    "GET /queue/": (302, 200, 200, 403, 403, 200, 403),
    "GET /models/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/{version}/": (302, 200, 200, 200, 200, 200, 403),
    "POST /models/{version}/activate/": (302, 403, 403, 422, 403, 422, 403),
    "POST /models/{version}/compare/": (302, 403, 403, 409, 403, 409, 403),
    "GET /models/timeline/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/training/": (302, 200, 200, 200, 200, 200, 403),
    "POST /models/training/": (302, 403, 403, 422, 403, 422, 403),
    "GET /models/training/preview/{training_draft}/": (302, 403, 403, 404, 403, 200, 403),
    "POST /models/training/preview/{training_draft}/": (302, 403, 403, 404, 403, 303, 403),
    "GET /models/training/{run}/": (302, 200, 200, 200, 200, 200, 403),
    "POST /models/training/{run}/cancel/": (302, 403, 403, 302, 403, 302, 403),
    "GET /models/{version}/replay/": (302, 403, 403, 200, 200, 200, 403),
    "GET /models/{version}/replay.csv": (302, 403, 403, 200, 200, 200, 403),
    "GET /models/{version}/export/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/{version}/scorecard/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/{version}/evaluation/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/{version}/card/": (302, 200, 200, 200, 200, 200, 403),
    "GET /models/{version}/card.md": (302, 200, 200, 200, 200, 200, 403),
    "GET /policies/": (302, 200, 200, 200, 200, 200, 403),
    "GET /policies/change/": (302, 403, 403, 200, 403, 200, 403),
    "POST /policies/change/": (302, 403, 403, 422, 403, 422, 403),
    "POST /policies/check/": (302, 403, 403, 200, 200, 200, 403),
    "POST /policies/simulator/": (302, 403, 403, 200, 200, 200, 403),
    "GET /policies/simulator/": (302, 403, 403, 200, 200, 200, 403),
    "GET /policies/simulator.csv": (302, 403, 403, 200, 200, 200, 403),
    "GET /proposals/": (302, 200, 200, 403, 200, 200, 403),
    "POST /proposals/{decision_proposal}/decision/": (302, 404, 409, 403, 403, 409, 403),
    "GET /proposals/{proposal}/": (302, 403, 403, 302, 403, 302, 403),
    "POST /proposals/{proposal}/": (302, 403, 403, 409, 403, 409, 403),
    "GET /schema/": (302, 403, 403, 200, 200, 200, 403),
    "GET /schema/1.toml": (302, 403, 403, 200, 200, 200, 403),
    "POST /schema/edit/": (302, 403, 403, 302, 403, 302, 403),
    "GET /products/": (302, 403, 403, 200, 200, 200, 403),
    "POST /products/": (302, 403, 403, 422, 403, 422, 403),
    "GET /products/new/": (302, 403, 403, 200, 403, 200, 403),
    "POST /products/new/": (302, 403, 403, 422, 403, 422, 403),
    # A draft is its owner's alone, the admin's here.
    "GET /products/new/{draft}/": (302, 403, 403, 404, 403, 200, 403),
    "POST /products/new/{draft}/": (302, 403, 403, 404, 403, 302, 403),
    "GET /products/new/{draft}/outcome/": (302, 403, 403, 404, 403, 302, 403),
    "POST /products/new/{draft}/outcome/": (302, 403, 403, 404, 403, 302, 403),
    "GET /products/new/{draft}/form/": (302, 403, 403, 404, 403, 200, 403),
    "POST /products/new/{draft}/form/": (302, 403, 403, 404, 403, 422, 403),
    "POST /products/new/{draft}/discard/": (302, 403, 403, 404, 403, 302, 403),
    "GET /livez": (200, 200, 200, 200, 200, 200, 200),
    "GET /readyz": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/docs/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/docs/": (200, 200, 200, 200, 200, 200, 200),
    "GET /admin/": (302, 302, 200, 200, 200, 200, 302),
    "GET /admin/predictions/prediction/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/prediction/add/": (302, 302, 403, 403, 403, 403, 302),
    "GET /admin/predictions/prediction/{other}/change/": (302, 302, 200, 403, 200, 200, 302),
    "POST /admin/predictions/prediction/{other}/change/": (302, 302, 403, 403, 403, 403, 302),
    "POST /admin/predictions/prediction/{other}/delete/": (302, 302, 403, 403, 403, 403, 302),
    "GET /admin/predictions/decision/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/decisioncode/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/decisioncode/add/": (302, 302, 403, 403, 403, 200, 302),
    "POST /admin/predictions/decisioncode/1/delete/": (302, 302, 403, 403, 403, 403, 302),
    "GET /admin/predictions/claim/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/notice/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/hold/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/applicationevent/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/decision/add/": (302, 302, 403, 403, 403, 403, 302),
    "GET /admin/predictions/applicant/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/batch/": (302, 302, 200, 403, 200, 200, 302),
    "GET /admin/predictions/modelversion/": (302, 302, 200, 200, 200, 200, 302),
    "GET /admin/predictions/policy/": (302, 302, 200, 200, 200, 200, 302),
    "GET /admin/predictions/policy/add/": (302, 302, 302, 302, 302, 302, 302),
    "GET /admin/predictions/trainingrun/": (302, 302, 403, 200, 200, 200, 302),
    "GET /admin/predictions/trainingrun/add/": (302, 302, 302, 302, 302, 302, 302),
    "GET /admin/predictions/trainingfile/": (302, 302, 403, 200, 200, 200, 302),
    "GET /admin/predictions/activation/": (302, 302, 403, 200, 200, 200, 302),
    "GET /admin/predictions/auditrecord/": (302, 302, 403, 403, 200, 200, 302),
    "GET /admin/auth/user/": (302, 302, 403, 403, 403, 200, 302),
    "GET /admin/auth/group/": (302, 302, 403, 403, 403, 200, 302),
    "GET /admin/knox/authtoken/": (302, 302, 403, 403, 403, 200, 302),
}
POSTED = sorted({line.split(" ")[1] for line in PAGES if line.startswith("POST")})
API = {
    "GET /api/v1/predictions/": (401, 200, 200, 403, 200, 200, 200),
    "POST /api/v1/predictions/": (401, 400, 400, 403, 403, 400, 400),
    "GET /api/v1/predictions/{own}/": (401, 200, 200, 403, 404, 200, 200),
    "GET /api/v1/predictions/{other}/": (401, 404, 200, 403, 200, 200, 404),
    "GET /api/v1/predictions/{own}/decisions/": (401, 200, 200, 403, 404, 200, 200),
    "GET /api/v1/predictions/{other}/decisions/": (401, 404, 200, 403, 200, 200, 404),
    "POST /api/v1/predictions/{own}/decisions/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/predictions/{own}/values/": (401, 400, 400, 403, 403, 400, 403),
    "GET /api/v1/applications/": (401, 200, 200, 403, 200, 200, 200),
    "GET /api/v1/applications/{own}/": (401, 200, 200, 403, 404, 200, 200),
    "GET /api/v1/applications/{other}/": (401, 404, 200, 403, 200, 200, 404),
    "POST /api/v1/applications/{own}/claim/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/claim/": (401, 404, 400, 403, 403, 400, 403),
    "DELETE /api/v1/applications/{own}/claim/": (401, 409, 409, 403, 403, 409, 403),
    "DELETE /api/v1/applications/{other}/claim/": (401, 404, 409, 403, 403, 409, 403),
    "POST /api/v1/applications/{own}/assign/": (401, 403, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/assign/": (401, 403, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{own}/holds/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/holds/": (401, 404, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{own}/holds/end/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/holds/end/": (401, 404, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{own}/withdraw/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/withdraw/": (401, 404, 400, 403, 403, 400, 403),
    "GET /api/v1/applications/{own}/letter/": (401, 409, 409, 403, 404, 409, 403),
    "GET /api/v1/applications/{other}/letter/": (401, 404, 409, 403, 409, 409, 403),
    "POST /api/v1/applications/{own}/letter/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/letter/": (401, 404, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{own}/letter/confirm/": (401, 403, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/letter/confirm/": (401, 403, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{own}/merge/": (401, 403, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/merge/": (401, 403, 400, 403, 403, 400, 403),
    "GET /api/v1/applications/{own}/notes/": (401, 200, 200, 403, 404, 200, 403),
    "GET /api/v1/applications/{other}/notes/": (401, 404, 200, 403, 200, 200, 403),
    "POST /api/v1/applications/{own}/notes/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/notes/": (401, 404, 400, 403, 403, 400, 403),
    "GET /api/v1/applications/{own}/decisions/": (401, 200, 200, 403, 404, 200, 200),
    "GET /api/v1/applications/{other}/decisions/": (401, 404, 200, 403, 200, 200, 404),
    "POST /api/v1/applications/{own}/decisions/": (401, 400, 400, 403, 403, 400, 403),
    "POST /api/v1/applications/{other}/decisions/": (401, 404, 400, 403, 403, 400, 403),
    "GET /api/v1/queue/": (401, 200, 200, 403, 403, 200, 403),
    "GET /api/v1/decision-codes/": (401, 200, 200, 403, 200, 200, 200),
    "GET /api/v1/batches/": (401, 200, 200, 403, 200, 200, 200),
    "POST /api/v1/batches/": (401, 415, 415, 403, 403, 415, 415),
    "GET /api/v1/batches/{batch}/": (401, 404, 200, 403, 200, 200, 404),
    "POST /api/v1/batches/{batch}/cancel/": (401, 404, 200, 403, 403, 200, 404),
    "GET /api/v1/history.csv": (401, 403, 200, 403, 200, 200, 403),
    "GET /api/v1/batches/{batch}/results.csv": (401, 404, 409, 403, 409, 409, 404),
    "GET /api/v1/batches/{batch}/errors.csv": (401, 404, 409, 403, 409, 409, 404),
    "GET /api/v1/batches/{batch}/refused.csv": (401, 404, 409, 403, 409, 409, 404),
    "GET /api/v1/batches/{batch}/results.xlsx": (401, 404, 409, 403, 409, 409, 404),
    "GET /api/v1/applicants/": (401, 200, 200, 403, 200, 200, 200),
    "GET /api/v1/models/": (401, 200, 200, 200, 200, 200, 403),
    "GET /api/v1/models/{version}/export/": (401, 200, 200, 200, 200, 200, 403),
    "GET /api/v1/models/{version}/card/": (401, 200, 200, 200, 200, 200, 403),
    "GET /api/v1/models/timeline/": (401, 200, 200, 200, 200, 200, 403),
    "GET /api/v1/models/{version}/": (401, 200, 200, 200, 200, 200, 403),
    "POST /api/v1/models/{version}/activate/": (401, 403, 403, 400, 403, 400, 403),
    "POST /api/v1/models/{version}/compare/": (401, 403, 403, 409, 403, 409, 403),
    "GET /api/v1/policies/": (401, 200, 200, 200, 200, 200, 403),
    "POST /api/v1/policies/": (401, 403, 403, 400, 403, 400, 403),
    "GET /api/v1/policies/{policy}/": (401, 200, 200, 200, 200, 200, 403),
    "POST /api/v1/policies/simulate/": (401, 403, 403, 400, 400, 400, 403),
    "GET /api/v1/proposals/": (401, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/proposals/{proposal}/": (401, 200, 200, 200, 200, 200, 404),
    "POST /api/v1/proposals/{proposal}/confirm/": (401, 403, 403, 200, 403, 200, 404),
    "POST /api/v1/proposals/{proposal}/refuse/": (401, 403, 403, 400, 403, 400, 404),
    "POST /api/v1/proposals/{proposal}/take-back/": (401, 409, 409, 409, 409, 409, 404),
    "GET /api/v1/features/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/products/": (200, 200, 200, 200, 200, 200, 200),
    "POST /api/v1/products/": (401, 403, 403, 400, 403, 400, 403),
    "GET /api/v1/products/loan-prediction/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/products/{name}/": (404, 404, 404, 404, 404, 404, 404),
    "GET /api/v1/schemas/": (200, 200, 200, 200, 200, 200, 200),
    "POST /api/v1/schemas/": (401, 403, 403, 400, 403, 400, 403),
    "POST /api/v1/products/loan-prediction/schemas/": (401, 403, 403, 400, 403, 400, 403),
    "GET /api/v1/schemas/{schema}/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/products/loan-prediction/schema/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/schema/": (200, 200, 200, 200, 200, 200, 200),
    "GET /api/v1/schema/": (200, 200, 200, 200, 200, 200, 200),
    "POST /predict": (401, 400, 400, 403, 403, 400, 400),
    "POST /predict/": (401, 400, 400, 403, 403, 400, 400),
    "DELETE /api/v1/predictions/{other}/": (401, 405, 405, 403, 403, 405, 405),
}
# Django's own admin addresses that are the same for every model; its tests cover them.
GENERIC = {"admin/login/", "admin/logout/", "admin/password_change/", "admin/password_change/done/"}
GENERIC |= {"admin/autocomplete/", "admin/jsi18n/", "admin/r/<path:content_type_id>/<path:object_id>/"}


def rows(table):
    """Every line for every role; quick is the first role that has an answer."""
    return [
        pytest.param(line, role, codes[i], marks=[pytest.mark.slow] if codes[i] in codes[:i] else [])
        for line, codes in table.items()
        for i, role in enumerate(ROLES)
    ]


class Caller:
    """A user of a role, or nobody."""

    def __init__(self, role, name=""):
        self.cookies, user = SimpleCookie(), None
        if role:
            user = get_user_model().objects.create_user(name or role.value)
            user.groups.add(Group.objects.get(name=role))
            client = Client()
            client.force_login(user)
            self.cookies = client.cookies
        self.api = ApiClient(user)
        row = APPLICATION | {"Loan_ID": f"LP {name or role}"}  # staff share their Loan_IDs
        self.own = self.api.post("/api/v1/predictions/", row).json().get("id", 0)

    def browse(self, method, path):
        client = Client()
        client.cookies = copy.deepcopy(self.cookies)
        return client.generic(method, path)


@pytest.fixture(scope="module")
def version(module_database, trained, signed, tmp_path_factory):
    """The active version, for all tests of this module."""
    directory, digest = signed
    stores = {name: tmp_path_factory.mktemp("store") for name in ("TRAINING_FILES", "BATCH_FILES")}
    with override_settings(ARTEFACTS=directory.parent, **stores):
        facts = {"artefact": directory.name, "digest": digest}
        version = registry.register_stored(trained=trained, by=None, **facts)
        yield registry.activate(version_id=version.pk, by=None, reason="test")


@pytest.fixture(scope="module")
def callers(version):
    """Who calls, by role: with a token, and with the cookies of somebody who signed in."""
    return {role: Caller(role) for role in ROLES}


@pytest.fixture(scope="module")
def ids(version, callers):
    """Ids for `{other}`, `{version}`, `{run}` and `{batch}`: what is queued, and somebody else's."""
    now, product = timezone.now(), Product.objects.get()
    file = TrainingFile.objects.create(name="t.csv", digest="0" * 64, rows=1, synthetic=True, uploaded_at=now)
    run = training_runs.create_run(file=file, recipe="scorecard", by=None)
    other = Caller(Role.OFFICER, "stranger")
    upload = batch_files.store_upload(name="b.csv", parts=[table("A")], schema=SCHEMA)
    batch = batches.create_batch(owner=other.api.user, upload=upload)
    admin = callers[Role.ADMIN].api.user
    content = {"policy": {"threshold": 0.6}, "replaces": 1, "reason": "test"}
    wish = {"verdict": "approved", "code": "", "note": "", "applicant_text": ""}
    facts = {"prediction_id": other.own, "content": wish, "by": other.api.user, "at": now}
    decision_proposal = Proposal.objects.create(kind="decision", **facts)
    proposal = Proposal.objects.create(kind="policy", content=content, by=batch.owner, at=now)
    raw = batch_files.receive_file(name="b.csv", parts=[table("A")])
    batch_draft = batch_drafts.create_draft(owner=admin, product_id=product.pk, raw=raw, queue=True)
    raw = batch_files.receive_file(name="t.csv", parts=[table("A")])
    training_draft = training_drafts.create_draft(
        owner=admin, product_id=product.pk, raw=raw, recipe="scorecard"
    )
    draft = drafts.start_version(owner=admin, product=product, schema=built_in())
    return {
        "draft": draft.pk,
        "batch_draft": batch_draft.pk,
        "training_draft": training_draft.pk,
        "other": other.own,
        "version": version.pk,
        "run": run.pk,
        "batch": batch.pk,
        "name": "boat",
        "schema": 1,
        "proposal": proposal.pk,
        "decision_proposal": decision_proposal.pk,
        "policy": Policy.objects.newest().pk,
    }


@pytest.fixture
def address(db, ids):
    """Fill in the ids; `{own}` is the caller's own prediction."""
    return lambda path, caller: path.format(**ids, own=caller.own)


@pytest.mark.parametrize(("line", "role", "status"), rows(PAGES))
def test_a_page_answers_each_role_as_promised(line, role, status, callers, address):
    method, path = line.split(" ")
    assert callers[role].browse(method, address(path, callers[role])).status_code == status


@pytest.mark.slow
@pytest.mark.parametrize("path", [*POSTED, "/admin/logout/"])
def test_a_link_to_where_a_form_is_sent_leads_to_a_page(path, callers, address):
    reply = callers[Role.ADMIN].browse("GET", address(path, callers[Role.ADMIN]))
    if reply.status_code == 302:
        reply = callers[Role.ADMIN].browse("GET", reply.headers["Location"])
    assert reply.status_code in (200, 403, 409)
    assert "<h1" in reply.content.decode()


@pytest.mark.parametrize(("line", "role", "status"), rows(API))
def test_the_api_answers_each_role_as_promised(line, role, status, callers, address):
    method, path = line.split(" ")
    assert callers[role].api.send(method, address(path, callers[role])).status_code == status


def test_every_address_of_the_site_has_a_row():
    covered = {line.split(" ")[1] for line in PAGES | API}
    assert [pattern for pattern in addresses() if not _has_row(pattern, covered)] == []


def test_the_groups_of_the_migrations_are_todays_roles(db):
    made = {
        group.name: {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.all()
    }
    assert made == {role.value: set(names) for role, names in PERMISSIONS.items()}


def addresses(patterns=None, prefix=""):
    """Every address pattern of the site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path


def _has_row(pattern, covered):
    """Tell whether an address is tested; the admin's are by the model that they belong to."""
    pattern = pattern.replace("^", "").replace("$", "").replace("\\Z", "")
    if pattern in GENERIC or pattern.startswith(("admin/axes", "admin/(?P<")):
        return True
    if pattern.startswith("admin/") and pattern != "admin/":
        return any(row.startswith("/" + "/".join(pattern.split("/")[:3])) for row in covered)
    return any(row.split("{")[0] == "/" + re.split(r"<|\(\?P", pattern)[0] for row in covered)
