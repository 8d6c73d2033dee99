from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('network', '0001_initial'),
        ('service', '0004_records'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='orderstep',
            name='step_open_by_owner',
        ),
        migrations.AddIndex(
            model_name='orderstep',
            index=models.Index(condition=models.Q(('state__in', ['READY', 'BEGUN'])), fields=['owner', 'end_by_at'], include=('state',), name='step_open_by_owner'),
        ),
    ]
