"""The tables of the first release; applications, users, and tokens may be swapped."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
        migrations.swappable_dependency(oauth2_settings.REFRESH_TOKEN_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=255, verbose_name="title")),
                (
                    "address",
                    models.CharField(
                        max_length=2000,
                        validators=[django.core.validators.URLValidator(schemes=("http", "https"))],
                        verbose_name="address",
                    ),
                ),
                (
                    "install_address",
                    models.CharField(
                        blank=True,
                        help_text="Administrators see this page until it reports that the installation is finished; until then, nobody else can open the application.",
                        max_length=2000,
                        validators=[django.core.validators.URLValidator(schemes=("http", "https"))],
                        verbose_name="installation address",
                    ),
                ),
                (
                    "installed",
                    models.BooleanField(
                        default=False,
                        help_text="Used only if there is an installation address.",
                        verbose_name="installed",
                    ),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "verbose_name": "application page",
                "verbose_name_plural": "application pages",
            },
        ),
        migrations.CreateModel(
            name="ApplicationVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="first opened",
                    ),
                ),
                (
                    "first_run",
                    models.BooleanField(
                        default=True,
                        help_text="Whether the application has yet to greet this user as a new one.",
                        verbose_name="first run",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "refresh_token",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=oauth2_settings.REFRESH_TOKEN_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "application visit",
                "verbose_name_plural": "application visits",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "user"), name="application_visit_unique"
                    )
                ],
            },
        ),
    ]
