from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tchat", "0015_chiffrer_les_lieux")]

    operations = [
        migrations.RemoveField(model_name="appointment", name="place"),
        migrations.AlterField(
            model_name="appointment",
            name="sealed_place",
            field=models.BinaryField(verbose_name="unité et adresse, chiffrées"),
        ),
    ]
