"""Reading a schema: every kind of fault is named by the path of its key and, where it is known, its line."""

import pytest

from ml.applications.records import record_kind
from ml.errors import SchemaError
from ml.products.loan_prediction.schema import built_in
from ml.schemas.reserved import RESERVED
from ml.schemas.schema import digest_of, schema_from_document
from ml.schemas.toml import facts_of, read_schema, schema_from_facts

CAR_LOAN = """\
name = "car-loan"
title = "Car loan"

[id]
made = true

[target]
column = "outcome"
good = ["good"]
bad = ["bad"]
means = "repaid within 12 months"

[[column]]
name = "income"
kind = "number"
minimum = 0
required = true

[[column]]
name = "amount"
kind = "number"

[[column]]
name = "sex"
kind = "category"
choices = ["f", "m"]
protected = true

[[model_column]]
name = "burden"
value = "amount / income"
worst_if = "income <= 0"
direction = "down"

[baseline]
approve_unless = "income < 100"

[[remark]]
when = "amount > income"
code = "amount_above_income"
text = "The amount, {amount}, is above the income, {income}."
"""


def faults_of(text):
    with pytest.raises(SchemaError) as refusal:
        read_schema(text)
    return refusal.value.faults


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "words"),
    [
        ('title = "Car loan"', "title = 5", "title", 2, "expected"),
        ('kind = "number"\nminimum', 'kind = "text"\nminimum', "column[0].kind", 15, "text"),
        ("minimum = 0", "minimun = 0", "column[0].minimun", 16, "unknown"),
        ("made = true", "made = false", "id", 4, "expected either column"),
        ('good = ["good"]', "good = []", "target.good", 9, "at least one value"),
        ('bad = ["bad"]', 'bad = ["good"]', "target", 7, "more than one place"),
        ('means = "repaid within 12 months"', 'means = ""', "target.means", 11, "what the good values mean"),
        ('name = "amount"', 'name = "Income"', "column[1].name", 20, "named already"),
        ('name = "amount"', 'name = "reasons"', "column[1].name", 20, "is a field of replies"),
        ('name = "amount"', 'name = "amount"\nlabel = "a\\u202eb"', "column[1].label", 21, "cannot be shown"),
        ('name = "amount"', 'name = "amount"\nhelp = "a\\u0000b"', "column[1].help", 21, "cannot be shown"),
        ('name = "amount"', f'name = "amount"\nunit = "{"x" * 2001}"', "column[1].unit", 21, "at most 2,000"),
        ('choices = ["f", "m"]', f"choices = {[*range(121)]}", "column[2].choices", 26, "at most 120"),
        ('name = "amount"', f'name = "{"x" * 64}"', "column[1].name", 20, "longer than 63 bytes"),
        ("minimum = 0", "minimum = 5\nmaximum = 5", "column[0].maximum", 17, "not above the lower bound"),
        ("minimum = 0", "minimum = 5\nabove = 5", "column[0].above", 17, "not both"),
        ("minimum = 0", "usual = [5, 1]", "column[0].usual", 16, "a lower and a higher"),
        ('choices = ["f", "m"]', "choices = []", "column[2].choices", 26, "a category needs its values"),
        ('choices = ["f", "m"]', 'choices = ["f", "f"]', "column[2].choices", 26, "stands twice"),
        ("minimum = 0", 'special = {"x" = "none"}', "column[0].special", 16, "is no number"),
        ("protected = true", "special = {1 = 'x'}", "column[2].special", 27, "only a number"),
        ("protected = true", "minimum = 1", "column[2].minimum", 27, "only a number"),
        ("protected = true", 'direction = "up"', "column[2].direction", 27, "no direction"),
        ("minimum = 0", "bands = [3, 2]", "column[0].bands", 16, "rising numbers"),
        ("minimum = 0", "actionable = [3, 2, 1]", "column[0].actionable", 16, "lowest value"),
        ('"amount / income"', '"amount / wages"', "model_column[0].value", 31, "wages"),
        ('"amount / income"', '"sex"', "model_column[0].value", 31, "no model may read it"),
        ('"income <= 0"', '"income <="', "model_column[0].worst_if", 32, "expected"),
        ('"income <= 0"', "\"sex == 'f'\"", "model_column[0].worst_if", 32, "no model may read it"),
        ('"income < 100"', '"income"', "baseline.approve_unless", 36, "expected"),
        ('"amount > income"', '"amount >> 1"', "remark[0].when", 39, "expected"),
        ("{income}", "{wages}", "remark[0].text", 41, "wages"),
        ("minimum = 0", "minimun = 0", "column[0].minimun", 16, "expected one of name, label, group"),
        (
            "minimum = 0",
            'direction = "upp"',
            "column[0].direction",
            16,
            "'upp' is none of up, down, auto, none",
        ),
        ("minimum = 0", 'role = "inputs"', "column[0].role", 16, "none of input, carried, after_decision"),
        ("minimum = 0", "adverse = {lo = 'x'}", "column[0].adverse.lo", 16, "expected one of low, high"),
        ('"amount_above_income"', '"Too High"', "remark[0].code", 40, "expected"),
        ("[id]", 'amount = "wages"\n[id]', "amount", 4, "'wages' is no column"),
        ("[id]", 'amount = "sex"\n[id]', "amount", 4, "'sex' is no number"),
        ("[id]", 'term = "income"\namount = "income"\n[id]', "term", 4, "is the amount already"),
    ],
)
def test_a_fault_is_named_by_path_line_and_expectation(old, new, path, line, words):
    assert old in CAR_LOAN
    fault = next(fault for fault in faults_of(CAR_LOAN.replace(old, new, 1)) if fault.path == path)
    assert fault.line == line
    assert words in fault.message


def test_every_fault_is_named_at_once():
    spoiled = CAR_LOAN.replace("minimum = 0", "usual = [5, 1]").replace('["f", "m"]', "[]")
    assert [fault.path for fault in faults_of(spoiled)] == ["column[0].usual", "column[2].choices"]


@pytest.mark.parametrize("content", ["name = ", b"name = '\xff'"])
def test_what_is_no_toml_is_refused(content):
    (fault,) = faults_of(content)
    assert fault.path == ""


@pytest.mark.parametrize("name", RESERVED)
def test_no_column_has_the_name_of_a_field_of_replies(name):
    faults = faults_of(CAR_LOAN.replace('name = "sex"', f'name = "{name}"'))
    assert {fault.path for fault in faults} == {"column[2].name"}


def test_a_column_that_is_known_after_the_decision_may_have_a_reserved_name():
    later = '\n[[column]]\nname = "threshold"\nkind = "number"\nrole = "after_decision"\n'
    schema = read_schema(CAR_LOAN + later)
    assert schema.later_columns == ("threshold",)
    assert "threshold" not in schema.columns


def test_the_target_may_have_a_reserved_name():
    assert read_schema(CAR_LOAN).target.column == "outcome"


@pytest.mark.parametrize("schema", [built_in(), read_schema(CAR_LOAN)], ids=["built-in", "car loan"])
def test_facts_and_document_make_the_same_schema_again(schema):
    assert schema_from_facts(facts_of(schema)) is schema
    assert schema_from_document(schema.document) is schema


def test_the_digest_depends_on_the_facts_and_not_on_their_order():
    document = read_schema(CAR_LOAN).document
    turned = dict(reversed(document.items()))
    assert digest_of(turned) == digest_of(document) != digest_of(document | {"title": "Another"})


def test_the_built_in_schema_never_changes():
    assert built_in().digest == "ba34214485b2e8fe73fc5b87ec713cce3dae5506f4ea480632dbc71730630244"


@pytest.mark.parametrize("names", [["of_schema", "b"], ["column_1_class", "class"], ["column_1", "é", "-"]])
def test_every_column_has_a_python_name_of_its_own(names):
    declared = facts_of(built_in()) | {"model_column": [], "remark": [], "baseline": None}
    columns = [{"name": name, "kind": "number"} for name in names]
    schema = schema_from_facts({key: v for key, v in declared.items() if v} | {"column": columns})
    assert len({feature.name for feature in schema.features}) == len(names)
    assert record_kind(schema).record_type.of_schema is schema


@pytest.mark.parametrize(
    "text",
    [
        f"x = {'[' * 10_000}{']' * 10_000}",
        f"x = {'9' * 10_000}",
        f"{'.'.join(['a'] * 100_000)} = 1",
        f"[{'.'.join(['a'] * 100_000)}]",
        f"""{".".join(['"a"'] * 100_000)} = 1""",
    ],
)
def test_a_file_that_would_take_all_memory_or_depth_is_refused_at_once(text):
    assert len(faults_of(text)) == 1


def test_a_negative_zero_is_zero():
    schema = read_schema(CAR_LOAN.replace("minimum = 0", "minimum = -0.0"))
    assert str(schema.document["column"][0]["minimum"]) == "0.0"


def test_amount_and_term_are_the_named_columns_or_the_numbers_of_lists():
    built_in_schema = built_in()
    assert (built_in_schema.amount, built_in_schema.term) == ("LoanAmount", "Loan_Amount_Term")
    named = read_schema(CAR_LOAN.replace("[id]", 'amount = "amount"\n[id]'))
    assert (named.amount, named.term, read_schema(CAR_LOAN).amount) == ("amount", None, None)


@pytest.mark.parametrize(
    ("keys", "problem"), [("role = 'carried'", "carried"), ("choices = [1, 2]", "choices")]
)
def test_the_amount_is_a_plain_number_that_models_may_read(keys, problem):
    changed = CAR_LOAN.replace('name = "amount"\n', f'name = "amount"\n{keys}\n').split("[[model_column]]")[0]
    (fault,) = faults_of(changed.replace("[id]", 'amount = "amount"\n[id]'))
    assert (fault.path, problem in fault.message) == ("amount", True)
