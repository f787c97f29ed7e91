from django.contrib.auth.models import AbstractUser
from django.db import migrations, models

import tests.variants.guests.models
from tests.variants.fields import inherited


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            name="Guest",
            fields=inherited(
                AbstractUser,
                id=models.CharField(
                    default=tests.variants.guests.models.new_id,
                    editable=False,
                    max_length=32,
                    primary_key=True,
                    serialize=False,
                ),
                left_at=models.DateTimeField(null=True),
            ),
            options={"verbose_name": "user", "verbose_name_plural": "users", "abstract": False},
            managers=[("objects", tests.variants.guests.models.GuestManager())],
        ),
    ]
