"""A small file that a batch takes as it is, to fill in."""

import csv
import io

from ml.applications.schema import COLUMNS, LOAN_ID

_ROWS = (
    "EXAMPLE-1,Male,Yes,0,Graduate,No,5720,0,110,360,1,Urban",
    "EXAMPLE-2,Female,No,3+,Not Graduate,,3100,1250.50,,180,0,Semiurban",
)


def example() -> str:
    """Return the header and two rows, of which the second one has gaps."""
    written = io.StringIO(newline="")
    csv.writer(written).writerow([LOAN_ID, *COLUMNS])
    return written.getvalue() + "".join(f"{row}\r\n" for row in _ROWS)
