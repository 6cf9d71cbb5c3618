"""Give each prediction its Loan_ID, and its inputs as an array without names.

Backwards, make the applicants again of what predictions hold.
"""

from django.db import migrations

from predictions.migrations._loan_ids import fill_applicants, fill_loan_ids


class Migration(migrations.Migration):
    dependencies = [("predictions", "0020_loan_id_of_predictions")]

    operations = [migrations.RunPython(fill_loan_ids, fill_applicants)]
