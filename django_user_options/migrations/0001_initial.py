"""The tables of the first release; the application model may be swapped."""

import django.db.models.deletion
import django.utils.timezone
import django_user_options.fields
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InboundWebhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=255, verbose_name="title")),
                (
                    "scope",
                    models.TextField(
                        blank=True,
                        help_text="Names of scopes, separated by spaces.",
                        verbose_name="scopes",
                    ),
                ),
                (
                    "allow_admin",
                    models.BooleanField(
                        default=False,
                        help_text="Lets the webhook use its owner's administrator rights.",
                        verbose_name="administrator rights",
                    ),
                ),
                ("secret_digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="revoked"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        help_text="Options need an application; without one their methods are refused.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "inbound webhook",
                "verbose_name_plural": "inbound webhooks",
            },
        ),
        migrations.CreateModel(
            name="AppOption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", django_user_options.fields.KeyField(max_length=255, verbose_name="key")),
                ("value", django_user_options.fields.JSONTextField(verbose_name="value")),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="size in bytes")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated"
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
            ],
            options={
                "verbose_name": "application option",
                "verbose_name_plural": "application options",
                "constraints": [
                    models.UniqueConstraint(fields=("application", "key"), name="app_option_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="AppUserOption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", django_user_options.fields.KeyField(max_length=255, verbose_name="key")),
                ("value", django_user_options.fields.JSONTextField(verbose_name="value")),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="size in bytes")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="updated"
                    ),
                ),
                # Before the application: PostgreSQL checks the owners of a new row in this order,
                # and Django deletes a user before that user's applications. In the other order, the
                # deletion and busy writers block each other.
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
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
            ],
            options={
                "verbose_name": "user option",
                "verbose_name_plural": "user options",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "user", "key"), name="app_user_option_unique"
                    )
                ],
            },
        ),
    ]
