from django.db import migrations, models
from django.db.models import Q

THREE = 3


def some_capacity(apps, schema_editor):
    """A desk that gave out work without a number gave out none."""
    apps.get_model("tchat", "Desk").objects.filter(assignment="auto", capacity=None).update(capacity=THREE)


class Migration(migrations.Migration):
    dependencies = [("tchat", "0018_attentes_connues")]

    operations = [
        migrations.RunPython(some_capacity, migrations.RunPython.noop),
        migrations.AddField(
            model_name="conversation",
            name="owed_at",
            field=models.DateTimeField("réponse due depuis", null=True, blank=True),
        ),
        migrations.AlterField(
            model_name="desk",
            name="capacity",
            field=models.PositiveSmallIntegerField(
                "conversations par agent",
                null=True,
                blank=True,
                help_text="Au plus, en même temps ; une de plus pour la gravité 4. Vide : sans limite, "
                "sauf si le guichet attribue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="desk",
            constraint=models.CheckConstraint(
                condition=~Q(assignment="auto") | Q(capacity__gte=1),
                name="tchat_auto_desk_has_a_capacity",
                violation_error_message="Dites combien de conversations le guichet peut donner à un agent, "
                "au moins une.",
            ),
        ),
    ]
