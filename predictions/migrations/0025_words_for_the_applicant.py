from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0024_gate_on_both_tables")]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="note",
            field=models.TextField(blank=True, help_text="For colleagues; it never leaves the site."),
        ),
        migrations.AddField(
            model_name="decision",
            name="applicant_text",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="For the applicant; the denial letter has it.",
            ),
        ),
    ]
