from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tchat", "0013_rendez_vous_sur_creneaux")]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="sealed_place",
            field=models.BinaryField(null=True, verbose_name="unité et adresse, chiffrées"),
        ),
    ]
