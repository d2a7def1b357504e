from django.db import migrations
from django.db.models import DurationField, ExpressionWrapper, F


def known_waits(apps, schema_editor):
    """Of a conversation that came back to the queue only the last taking is known: its wait stays unknown."""
    taken = apps.get_model("tchat", "Conversation").objects.filter(taken_at__isnull=False, transfers=0)
    wait = ExpressionWrapper(F("taken_at") - F("created_at"), output_field=DurationField())
    taken.update(waited=wait)


class Migration(migrations.Migration):
    dependencies = [("tchat", "0017_attente_jusqu_a_la_premiere_prise")]

    operations = [migrations.RunPython(known_waits, migrations.RunPython.noop)]
