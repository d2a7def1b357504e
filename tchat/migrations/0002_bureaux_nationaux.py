"""The four desks that dispatch names: one per force, the specialised one, the one of both forces."""

from django.db import migrations

DESKS = (
    ("police", "Tchat de la police", "force", "PN"),
    ("gendarmerie", "Tchat de la gendarmerie", "force", "GN"),
    ("specialise", "Tchat spécialisé", "specialise", ""),
    ("commun", "Tchat commun aux deux forces", "commun", ""),
)


def create_desks(apps, schema_editor):
    desk = apps.get_model("tchat", "Desk")
    for slug, name, kind, institution in DESKS:
        desk.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind, "institution": institution})


class Migration(migrations.Migration):
    dependencies = [("tchat", "0001_conversations_et_bureaux")]

    operations = [migrations.RunPython(create_desks, migrations.RunPython.noop)]
