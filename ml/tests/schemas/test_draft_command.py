"""``python -m ml draft-schema``."""

import pytest

from ml.__main__ import main
from ml.schemas.toml import read_schema
from ml.tests.helpers.workbooks import xlsx

TABLE = "income,Sex,approved\n" + "".join(
    f"{1000 + row},{'mf'[row % 2]},{row // 3 % 2}\n" for row in range(60)
)


def run(tmp_path, *further, table=TABLE):
    file = tmp_path / "car_loans.csv"
    file.write_text(table)
    return main(["draft-schema", str(file), "--target", "approved", *further])


def test_it_prints_a_schema(tmp_path, capsys):
    assert run(tmp_path) == 0
    assert read_schema(capsys.readouterr().out).name == "car-loans"


def test_it_writes_a_schema_and_says_what_to_look_at(tmp_path, capsys):
    output = tmp_path / "car.toml"
    assert run(tmp_path, "--output", str(output), "--name", "cars", "--title", "Cars", "--good", "0") == 0
    schema = read_schema(output.read_bytes())
    assert (schema.name, schema.title, schema.target.good) == ("cars", "Cars", ("0",))
    assert "Sex: It seems to tell sex" in capsys.readouterr().out


def test_it_leaves_values_out(tmp_path, capsys):
    table = TABLE + "1,m,withdrawn\n"
    assert run(tmp_path, table=table) == 2
    assert "'withdrawn' (1 rows)" in capsys.readouterr().err
    assert run(tmp_path, "--leave-out", "withdrawn", table=table) == 0


def test_a_missing_file_is_refused(tmp_path, capsys):
    assert main(["draft-schema", str(tmp_path / "no.csv"), "--target", "y"]) == 2
    assert "no.csv" in capsys.readouterr().err


def test_a_wrong_name_is_refused(tmp_path, capsys):
    assert run(tmp_path, "--name", "Car Loan") == 2
    assert "name" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["car_loans.xlsx", "car_loans.csv"])
def test_any_table_of_a_person_is_drafted_as_its_plain_csv(tmp_path, capsys, name):
    assert run(tmp_path) == 0
    expected = capsys.readouterr().out
    rows = [line.split(",") for line in TABLE.splitlines()]
    german = "\n".join([";".join(rows[0]), *(f"{int(i) / 1000:.3f},0;{s};{a}" for i, s, a in rows[1:])])
    file = tmp_path / name
    file.write_bytes(xlsx(Cover=[["x"]], Loans=rows) if name.endswith("xlsx") else german.encode("utf-16"))
    assert main(["draft-schema", str(file), "--target", "approved"]) == 0
    assert capsys.readouterr().out == expected


def test_it_says_which_sheet_it_read(tmp_path, capsys):
    file = tmp_path / "loans.xlsx"
    file.write_bytes(xlsx(Cover=[["x"]], Loans=[line.split(",") for line in TABLE.splitlines()]))
    assert main(["draft-schema", str(file), "--target", "approved"]) == 0
    assert "Sheet 'Loans' is read, one of 2 sheets.\nOther sheets: 'Cover'." in capsys.readouterr().err
    assert main(["draft-schema", str(file), "--target", "approved", "--sheet", "Cover"]) == 2


def test_rows_that_say_so_are_left_out(tmp_path, capsys):
    assert run(tmp_path, table=TABLE + "1,m,leave out\n1,f,Exclude\n") == 0
    assert read_schema(capsys.readouterr().out).target.leave_out == ("Exclude", "leave out")
