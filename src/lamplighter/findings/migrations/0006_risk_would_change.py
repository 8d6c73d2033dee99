from django.db import migrations

import lamplighter.findings.fields


class Migration(migrations.Migration):
    dependencies = [("findings", "0005_replays")]

    operations = [
        migrations.AddField(
            model_name="accountfinding",
            name="risk_would_change",
            field=lamplighter.findings.fields.PackedField(packed_as="risk_would_change"),
        ),
    ]
