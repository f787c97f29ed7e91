import uuid

from django.contrib.auth.models import AbstractUser
from django.db import migrations, models
from oauth2_provider.models import AbstractApplication

from tests.variants.fields import inherited

NAMES = {"verbose_name": "user", "verbose_name_plural": "users"}


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            name="Member",
            fields=inherited(
                AbstractUser,
                id=models.UUIDField(
                    default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                ),
                username=None,
                email=models.EmailField(max_length=254, unique=True),
            ),
            options={**NAMES, "abstract": False},
        ),
        migrations.CreateModel(
            name="Client",
            fields=inherited(
                AbstractApplication, color=models.CharField(default="red", max_length=20)
            ),
            options={"abstract": False},
        ),
    ]
