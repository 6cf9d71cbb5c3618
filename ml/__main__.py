"""Train a model, score a file, draft a schema, or write the sample: ``python -m ml COMMAND``."""

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ml.applications.plausibility import Remark, referring_remarks
from ml.applications.records import columns_of, values_by_column
from ml.applications.types import Record
from ml.artefacts import keys, store
from ml.atomic_files import atomic_write, restrict_to_owner
from ml.commands.draft_schema import add_draft_schema
from ml.commands.file_options import add_file_options, add_label_option, add_refused_option, wishes_of
from ml.errors import ArtefactExists, MLError, SchemaError, SchemaErrorFault
from ml.evaluation.metrics import DEFAULT_THRESHOLD
from ml.intake.alone import plain_table
from ml.products.loan_prediction.schema import built_in
from ml.progress import ProgressLine
from ml.reports import report
from ml.schemas.schema import Schema
from ml.schemas.toml import read_schema
from ml.scorecard.outcomes import DecisionRule, remark_codes
from ml.tables.plausibility import CONFIRM_HELP
from ml.tables.safe_csv import escape_formula
from ml.training import RECIPE_TITLES
from ml.training.recipes import get

HERE = Path(__file__).resolve().parent.parent
VAR = HERE / "var"
KEY_FILE = VAR / "artefact.key"
MODEL = VAR / "model"
_RULE = DecisionRule(DEFAULT_THRESHOLD)  # there is no policy here


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit code: 0, or 2 if the input is refused."""
    options = _parser().parse_args(arguments)
    restrict_to_owner(VAR)
    try:
        options.run(options)
    except MLError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename2 or error.filename}: {error.strerror or error}.", file=sys.stderr)
        return 2
    return 0


def _train(options: argparse.Namespace) -> None:
    from ml.tables.frames import read_training_csv
    from ml.training.training import train

    if options.model.exists():
        raise ArtefactExists(f"{options.model} exists already; an artefact is never overwritten.")
    with ProgressLine() as progress:
        schema = _schema(options.schema)
        recipe = get(options.recipe, schema)
        wishes = wishes_of(options.decimal, options.sheet, options.column, options.label)
        with plain_table(schema, options.data, wishes, training=True) as plain:
            dataset = read_training_csv(
                schema, plain, options.data.name, leave_refused_out=options.leave_refused_out
            )
        trained = train(dataset, recipe, confirmed=options.confirm, progress=progress)
    digest = store.save(trained, options.model, keys.read_or_create_key(KEY_FILE))
    if trained.dataset.synthetic:
        print("Trained on synthetic sample data.")
    _print_protected(trained.recipe.protected)
    print(*report.report_lines(trained.report), sep="\n")
    print(f"Model {digest[:12]} written to {options.model}")


def _schema(path: Path | None) -> Schema:
    if path is None:
        return built_in()
    try:
        return read_schema(path.read_bytes(), path.name)
    except OSError as error:
        raise SchemaError(str(path), [SchemaErrorFault("", None, f"{error.strerror}.")]) from None


def _predict(options: argparse.Namespace) -> None:
    from ml.tables.header import absent_columns
    from ml.tables.training_csv import read_applications_table

    model = store.load(options.model, keys.read_or_create_key(KEY_FILE))
    wishes = wishes_of(options.decimal, options.sheet, options.column)
    with plain_table(model.schema, options.input, wishes) as plain:
        header, records = read_applications_table(model.schema, plain, options.input.name)
    columns = columns_of(model.schema, records)
    remarks = model.remarks()(columns)
    _write(options.output, model.schema, records, model.predictor.score(columns).probability, remarks)
    _print_protected(model.manifest["protected_columns"])
    for line in report.column_lines(header.further, absent_columns(model.schema, header.names)):
        print(line)
    print(f"{len(records)} rows scored, {len(remarks)} with a remark; written to {options.output}")


def _print_protected(columns: Sequence[str]) -> None:
    for line in report.protected_lines(columns):
        print(line)


def _write(
    output: Path,
    schema: Schema,
    records: list[Record],
    probabilities: list[float],
    remarks: Mapping[int, list[Remark]],
) -> None:
    with atomic_write(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([schema.id_field, "approval_probability", "approved", "remarks"])
        for row, (record, probability) in enumerate(zip(records, probabilities, strict=True)):
            of_row = remarks.get(row, [])
            referring = referring_remarks(schema, of_row, values_by_column(record))
            approved = _RULE.approves(probability, referring)
            writer.writerow(
                [escape_formula(record.loan_id), f"{probability:.17g}", int(approved), remark_codes(of_row)]
            )


def _sample(options: argparse.Namespace) -> None:
    from ml.products.loan_prediction.sample import write_sample

    write_sample(options.output)
    print(f"Synthetic sample data written to {options.output}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="train a model on a table")
    train.add_argument("--data", type=Path, required=True, help="training table: CSV or a workbook")
    add_file_options(train)
    add_label_option(train)
    add_refused_option(train)
    train.add_argument(
        "--schema", type=Path, help="schema of the table, a TOML file (default: the article's)"
    )
    train.add_argument("--model", type=Path, default=MODEL, help="directory to create (default: %(default)s)")
    train.add_argument("--recipe", choices=RECIPE_TITLES, default="scorecard")
    train.add_argument("--confirm", action="append", metavar="COLUMN", default=[], help=CONFIRM_HELP)
    train.set_defaults(run=_train)
    predict = commands.add_parser("predict", help="score a table")
    predict.add_argument("--model", type=Path, default=MODEL, help="model directory (default: %(default)s)")
    predict.add_argument("--input", type=Path, required=True, help="applications: CSV or a workbook")
    add_file_options(predict)
    predict.add_argument("--output", type=Path, required=True, help="CSV file to write")
    predict.set_defaults(run=_predict)
    sample = commands.add_parser("sample", help="write the synthetic sample table")
    sample.add_argument("--output", type=Path, required=True, help="CSV file to write")
    sample.set_defaults(run=_sample)
    add_draft_schema(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
