"""What LibreOffice writes in the settings of four countries holds the same applications as the sample."""

import csv
import shutil
import subprocess

import pytest

from ml.intake.plain_file import write_plain
from ml.intake.understanding import understand
from ml.products.loan_prediction.sample import write_sample
from ml.products.loan_prediction.schema import built_in
from ml.tables.training_csv import read_applications_csv
from ml.tests.helpers.workbooks import grouped, xlsx

SOFFICE = shutil.which("soffice")
LOCALE = """<?xml version="1.0"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>{}</value></prop></item></oor:items>"""
SEPARATORS = {"de-DE": ";", "fr-FR": ";", "en-IN": ",", "en-US": ","}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample as CSV, and beside it as a workbook in which incomes are grouped."""
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    write_sample(path)
    header, *rows = csv.reader(path.read_text().splitlines())
    cells = [
        [_cell(name, cell) if cell.isdecimal() else cell for name, cell in zip(header, row, strict=True)]
        for row in rows
    ]
    path.with_name("source.xlsx").write_bytes(xlsx([header, *cells]))
    return path


def _cell(name, cell):
    return grouped(cell) if name.endswith("Income") else float(cell)


@pytest.mark.parametrize("locale", SEPARATORS)
def test_files_of_a_country_hold_the_same_applications(sample, tmp_path, locale):
    profile = tmp_path / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(LOCALE.format(locale))
    text = f"csv:Text - txt - csv (StarCalc):{ord(SEPARATORS[locale])},34,76,1,,0,false,true"
    schema = built_in()
    for kind in (text, "xlsx", "ods", "xls"):
        command = [
            SOFFICE,
            f"-env:UserInstallation=file://{profile.parent}",
            "--headless",
            "--convert-to",
            kind,
        ]
        source = sample.with_name("source.xlsx")
        subprocess.run([*command, "--outdir", tmp_path, source], check=True, capture_output=True, timeout=120)
        path = tmp_path / f"source.{kind[:4].rstrip(':')}"
        understanding = understand(schema, path.name, path)
        write_plain(understanding, tmp_path / "plain.csv")
        assert (understanding.open_cells, understanding.unsure) == ([], [])
        assert read_applications_csv(schema, tmp_path / "plain.csv") == read_applications_csv(schema, sample)
