from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("observatory", "0001_day_counters")]

    operations = [
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=60, verbose_name="tableau")),
                ("period", models.CharField(max_length=7, verbose_name="période")),
                ("revision", models.PositiveIntegerField(default=1, verbose_name="révision")),
                ("published_at", models.DateTimeField(verbose_name="publiée le")),
                ("figures", models.JSONField(default=dict, verbose_name="chiffres")),
                ("digest", models.CharField(max_length=64, verbose_name="empreinte")),
                ("counted", models.CharField(max_length=64, verbose_name="empreinte à clé des comptes")),
            ],
            options={
                "verbose_name": "publication",
                "verbose_name_plural": "publications",
                "ordering": ["-period", "table", "-revision"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("table", "period", "revision"),
                        name="observatory_revision_once",
                        violation_error_message="Cette révision existe déjà.",
                    )
                ],
            },
        ),
    ]
