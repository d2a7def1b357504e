from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("victims", "0005_types_de_fichier_longs")]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="exercise",
            field=models.BooleanField(default=False, verbose_name="exercice"),
        ),
    ]
