"""The parts of a model card that are mostly words."""

from datetime import datetime
from typing import Any

from ml.applications.schema import FEATURES, PROTECTED, Feature
from ml.figures import percent
from ml.reports.card_sections import Facts, Row, Section, Table, need, need_list

SYNTHETIC = "Trained on synthetic sample data: its predictions mean nothing for real people."
NOT_BLIND = (
    "Leaving Gender and Married out is not blindness: in the public table of 614 applications Married can "
    "be guessed from the other columns with a ROC-AUC of 0.78. Gaps between groups are watched, not assumed "
    "gone."
)


def purpose(facts: Facts) -> Section:
    """What the model is for, and who may use it."""
    words = [
        "Gives the probability that an application for a home loan is approved, going by past decisions. It "
        "advises; a person decides.",
        f"Who may score with it: {', '.join(need(facts, 'users'))}. Status: {need(facts, 'status')}.",
        "Not meant for: decisions without a person; loans, countries or currencies other than those of the "
        "training data; saying whether a loan will be repaid, which it never learned.",
    ]
    return Section("Purpose and use", tuple([SYNTHETIC, *words] if _synthetic(facts) else words))


def data(facts: Facts) -> Section:
    """What the model learned from."""
    rows, approved = need(facts, "report.rows"), need(facts, "report.approved")
    confirmed = need(facts, "report").get("confirmed", [])  # an earlier release did not ask
    listed: tuple[Row, ...] = (
        ("File", need(facts, "data.name")),
        ("SHA-256", need(facts, "data.sha256")),
        ("Rows", f"{rows:,}"),
        ("Rows of the final fit", f"{need(facts, 'report.training_rows'):,}"),
        ("Approved", f"{approved:,} ({percent(approved / rows)})"),
        ("Trained", _moment(need(facts, "trained_at"))),
        ("Kind", "synthetic sample data" if _synthetic(facts) else "as given, not marked as synthetic"),
        *(("Unusual, but confirmed by name", f"{unit['column']}: {unit['words']}") for unit in confirmed),
    )
    return Section("Training data", tables=(Table("File, rows and date", ("Fact", "Value"), listed),))


def columns(facts: Facts) -> Section:
    """Which columns the model reads, and which it does not."""
    used = need(facts, "columns")
    protected = need_list(facts, "protected_columns")
    if protected:
        words = f"This model READS PROTECTED COLUMNS: {', '.join(protected)}."
    else:
        words = f"Protected columns are kept out: {', '.join(PROTECTED)}. They serve fairness figures only."
    rows = tuple(_column(feature, feature.column in used) for feature in FEATURES)
    table = Table("Read and not read", ("Column", "Meaning", "Used", "Protected"), rows)
    return Section("Columns", (words,), tables=(table,))


def limits(facts: Facts) -> Section:
    """What not to expect."""
    words = [
        "No higher accuracy is promised: an accuracy means something only with its interval and with the one "
        "rule on credit history beside it.",
        "It learned past approvals, and with them whatever was unfair in them.",
        NOT_BLIND,
        "Groups under 30 rows are counted and not compared; what holds for them is not known.",
        "Parameters were searched on the rows that the figures are measured on: that flatters them a little.",
        "Applications unlike those of the training data get an answer all the same; a value far from the "
        "usual, or outside the training range, carries a remark, which refers the application to a person.",
    ]
    return Section("Limits", points=tuple([SYNTHETIC, *words] if _synthetic(facts) else words))


def contest(facts: Facts) -> Section:
    """What somebody can do who thinks that an answer is wrong."""
    explained = need(facts, "recipe") == "scorecard"
    shows = "what each column added" if explained else "no reasons, which this recipe cannot give"
    words = (
        "Ask the lender for the prediction's number. What was said is never changed afterwards: its page "
        f"shows the values as scored, those that were missing, the threshold, and {shows}.",
        "If a value is wrong or missing, have it corrected and the application scored again; the first "
        "prediction stays beside the new one.",
        "The model only advises. Ask for a person to decide, who may decide against it.",
    )
    return Section("How to contest a decision", points=words)


def history(facts: Facts) -> Section:
    """When the version went live, by whom and why."""
    activations = need_list(facts, "activations")
    if not activations:
        return Section("Version history", ("This version has never been active.",))
    rows = tuple(_activation(activation) for activation in activations)
    head = ("Active from", "Activated by", "Reason", "Gate")
    return Section("Version history", tables=(Table("Activations, newest first", head, rows),))


def _synthetic(facts: Facts) -> bool:
    return bool(need(facts, "data.synthetic"))


def _column(feature: Feature, used: bool) -> Row:
    return feature.column, feature.label, "yes" if used else "no", "yes" if feature.protected else "no"


def _activation(found: dict[str, Any]) -> Row:
    gate = "overridden" if found["overridden"] else "not overridden"
    return _moment(found["at"]), found["by"] or "an operator's command", found["reason"], gate


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()
