"""Who bears a whole name is read in order, a page at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_search_terms")]

    operations = [
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                name="identity_by_name",
                fields=["name", "customer"],
                condition=models.Q(("superseded_at__isnull", True)),
            ),
        )
    ]
