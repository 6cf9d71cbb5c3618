"""The six roles and their permissions. A migration creates a group for each role."""

from enum import StrEnum


class Role(StrEnum):
    OFFICER = "officer"
    REVIEWER = "reviewer"
    MODEL_MANAGER = "model manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    API_CLIENT = "API client"


SCORE = "predictions.score_applicant"
SEE_ALL = "predictions.view_all_predictions"
ENTER_ADMIN = "predictions.enter_admin"
SEE_MODELS = "predictions.view_modelversion"
ACTIVATE = "predictions.activate_modelversion"
REPLAY = "predictions.replay_modelversion"
ADOPT = "predictions.adopt_policy"
DECIDE = "predictions.decide"
EXPORT = "predictions.export_history"
ASSIGN, CONFIRM = "predictions.assign_cases", "predictions.confirm_decision"
SHARE_STAFF_IDS = "predictions.share_staff_ids"  # beside all accounts that may decide; an admin grants it

_SEE_POLICIES = "predictions.view_policy"
_SEE_HISTORY = (
    *(SEE_ALL, EXPORT, _SEE_POLICIES),
    *(f"predictions.view_{model}" for model in ("applicant", "prediction", "batch")),
    *(f"predictions.view_{model}" for model in ("decision", "claim", "notice")),
    *(f"predictions.view_{model}" for model in ("applicationevent", "hold", "proposal", "decisioncode")),
)
_SEE_RUNS = tuple(f"predictions.view_{model}" for model in ("trainingrun", "trainingfile", "activation"))
SEE_AUDIT = "predictions.view_auditrecord"
SEE_PRODUCTS, CHANGE_PRODUCTS = "predictions.view_product", "predictions.change_product"
_SEE_PRODUCTS = (SEE_PRODUCTS, "predictions.view_schemaversion")
_CHANGE_PRODUCTS = (
    *(CHANGE_PRODUCTS, "predictions.add_product"),
    *("predictions.change_schemaversion", "predictions.add_schemaversion"),
    *_SEE_PRODUCTS,
)
_CHANGE_CODES = ("predictions.add_decisioncode", "predictions.change_decisioncode")
_ACCOUNTS = tuple(
    f"{model.split('.')[0]}.{action}_{model.split('.')[1]}"
    for model in ("auth.user", "auth.group", "knox.authtoken")
    for action in ("add", "change", "delete", "view")
)
_UNLOCK = ("axes.view_accessattempt", "axes.delete_accessattempt")

PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.OFFICER: (SCORE, DECIDE, SEE_MODELS),
    Role.REVIEWER: (SCORE, DECIDE, ASSIGN, CONFIRM, SEE_MODELS, ENTER_ADMIN, *_SEE_HISTORY),
    Role.MODEL_MANAGER: (
        *(SEE_MODELS, ENTER_ADMIN, ACTIVATE, REPLAY, ADOPT, _SEE_POLICIES, "predictions.view_proposal"),
        *(*_SEE_RUNS, *_CHANGE_PRODUCTS),
    ),
    Role.AUDITOR: (
        *(SEE_MODELS, ENTER_ADMIN, REPLAY, *_SEE_RUNS, SEE_AUDIT),
        *(*_SEE_HISTORY, *_SEE_PRODUCTS),
    ),
    Role.ADMIN: (
        *(SCORE, DECIDE, ASSIGN, CONFIRM, SEE_MODELS, ENTER_ADMIN, ACTIVATE, ADOPT, REPLAY, SEE_AUDIT),
        *(*_SEE_RUNS, *_SEE_HISTORY, *_CHANGE_PRODUCTS, *_CHANGE_CODES, *_ACCOUNTS, *_UNLOCK),
    ),
    Role.API_CLIENT: (SCORE,),
}
