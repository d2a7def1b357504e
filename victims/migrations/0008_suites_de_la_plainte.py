from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("victims", "0007_signalement"),
    ]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="précision demandée le"),
        ),
        migrations.AddField(
            model_name="complaint",
            name="forwarded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="transmise le"),
        ),
        migrations.AddField(
            model_name="complaint",
            name="sealed_question",
            field=models.BinaryField(null=True, verbose_name="précision demandée, chiffrée"),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="state",
            field=models.CharField(
                choices=[
                    ("brouillon", "Brouillon"),
                    ("deposee", "Déposée"),
                    ("prise-en-charge", "Prise en charge"),
                    ("precision-demandee", "Précision demandée"),
                    ("transmise", "Transmise au procureur"),
                    ("retiree", "Retirée"),
                ],
                default="brouillon",
                max_length=20,
                verbose_name="état",
            ),
        ),
    ]
