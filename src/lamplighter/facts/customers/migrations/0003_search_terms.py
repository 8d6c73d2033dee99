"""The index behind the search: each term is a lexeme as it stands.

No text-search parser is involved, so that the index means the same in every locale.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_holding_and_indexes")]

    operations = [
        migrations.RunSQL(
            sql=(
                "CREATE INDEX search_entry_terms ON customers_searchentry USING gin "
                "(array_to_tsvector(string_to_array(terms, ' ')))"
            ),
            reverse_sql="DROP INDEX search_entry_terms",
        )
    ]
