from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tchat", "0016_lieu_en_clair_retire")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="waited",
            field=models.DurationField(blank=True, null=True, verbose_name="attente jusqu'à la première prise"),
        ),
    ]
