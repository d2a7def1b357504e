import django.db.models.deletion
from django.db import migrations, models

REAL = {"stands_for": None}


class Migration(migrations.Migration):
    dependencies = [("tchat", "0009_rendez_vous"), ("victims", "0006_exercices")]

    operations = [
        migrations.AddField(
            model_name="desk",
            name="stands_for",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="twin",
                to="tchat.desk",
                verbose_name="bureau dont il est l'exercice",
            ),
        ),
        migrations.AlterField(
            model_name="overflow",
            name="desk",
            field=models.ForeignKey(
                limit_choices_to=REAL,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tchat.desk",
                verbose_name="bureau",
            ),
        ),
        migrations.AlterField(
            model_name="overflow",
            name="target",
            field=models.ForeignKey(
                blank=True,
                help_text="Vide : proposer une réponse différée ou un rappel.",
                limit_choices_to=REAL,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tchat.desk",
                verbose_name="vers le bureau",
            ),
        ),
        migrations.AlterField(
            model_name="rule",
            name="desk",
            field=models.ForeignKey(
                limit_choices_to=REAL,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tchat.desk",
                verbose_name="bureau",
            ),
        ),
    ]
