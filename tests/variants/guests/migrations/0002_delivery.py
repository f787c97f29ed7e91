from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guests", "0001_initial"), ("django_user_options", "0005_person")]
    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "webhook",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="django_user_options.inboundwebhook",
                    ),
                ),
            ],
        ),
    ]
