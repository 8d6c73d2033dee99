"""What only one page shows is kept packed, and rows are updated in place.

The rows' content is what the newest night found: it is written again by the next one, so nothing
is carried over. Free room in each page lets an update stay where the row is, without touching the
indexes.
"""

import django.db.models.deletion
from django.db import migrations, models

import lamplighter.findings.fields

PACKED = [
    "grade_trace",
    "grade_would_change",
    "risk_reasons",
    "cause_probabilities",
    "cause_reasons",
    "value_reasons",
    "profile",
]
ROOM = "ALTER TABLE findings_{0} SET (fillfactor = {1})"


def _night(model: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=model,
        name="night",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="findings.night",
        ),
    )


def _area(model: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=model,
        name="area",
        field=models.ForeignKey(
            db_index=False,
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="network.area",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0003_grade_change_a_night"),
        ("network", "0001_initial"),
    ]

    operations = [
        *(migrations.RemoveField(model_name="accountfinding", name=name) for name in PACKED),
        *(
            migrations.AddField(
                model_name="accountfinding",
                name=name,
                field=lamplighter.findings.fields.PackedField(packed_as=name),
            )
            for name in PACKED
        ),
        _night("accountfinding"),
        _night("signal"),
        _area("accountfinding"),
        _area("signal"),
        *(
            migrations.RunSQL(
                sql=ROOM.format(table, 50), reverse_sql=ROOM.format(table, 100)
            )
            for table in ("accountfinding", "signal")
        ),
    ]
