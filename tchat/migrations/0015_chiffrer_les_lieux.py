from django.db import migrations

from guichet.lib import crypto  # what was typed in clear cannot be sealed without it


def seal_places(apps, schema_editor):
    for row in apps.get_model("tchat", "Appointment").objects.select_related("conversation__dossier").iterator():
        dossier = row.conversation.dossier
        try:
            key = crypto.unwrap(dossier.kek, dossier.wrapped_key, owner=str(dossier.pk))
            row.sealed_place = crypto.seal(key, row.place, bound=f"tchat_appointment.sealed_place:{row.pk}")
        except crypto.CannotOpen:
            row.sealed_place = b""  # its dossier is erased: the words go too
        row.save(update_fields=["sealed_place"])


class Migration(migrations.Migration):
    dependencies = [("tchat", "0014_lieu_du_rendez_vous_chiffre")]

    operations = [migrations.RunPython(seal_places, migrations.RunPython.noop)]
