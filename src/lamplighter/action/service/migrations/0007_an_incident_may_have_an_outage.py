from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0006_told_places_and_orders_by_area'),
    ]

    operations = [
        migrations.AddField(
            model_name='incident',
            name='has_outage',
            field=models.BooleanField(default=False),
        ),
    ]
