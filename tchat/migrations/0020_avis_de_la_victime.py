from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tchat", "0019_reponses_dues")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="opinion",
            field=models.CharField(
                "utile, dit la victime",
                max_length=10,
                choices=[("oui", "Oui"), ("en-partie", "En partie"), ("non", "Non")],
                blank=True,
            ),
        ),
    ]
