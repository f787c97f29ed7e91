"""Indexes that find keys by their beginning, for the search in the admin."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("django_user_options", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="appoption",
            index=models.Index(
                fields=["key"], name="app_option_key", opclasses=("varchar_pattern_ops",)
            ),
        ),
        migrations.AddIndex(
            model_name="appuseroption",
            index=models.Index(
                fields=["key"], name="app_user_option_key", opclasses=("varchar_pattern_ops",)
            ),
        ),
    ]
