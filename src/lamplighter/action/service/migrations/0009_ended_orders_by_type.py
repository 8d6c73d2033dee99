from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('service', '0008_order_ended'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='serviceorder',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('words_sealed__isnull', False)), fields=['unit', 'type_code', 'opened_at'], include=('id',), name='order_ended_by_unit'),
        ),
        migrations.AddIndex(
            model_name='serviceorder',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('words_sealed__isnull', False)), fields=['area', 'type_code', 'opened_at'], include=('id',), name='order_ended_by_area'),
        ),
    ]
