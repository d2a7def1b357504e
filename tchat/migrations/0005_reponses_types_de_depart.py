"""The ready-made answers to begin with, read once from the content; administrators change them afterwards."""

from pathlib import Path

import yaml
from django.db import migrations

CONTENT = Path(__file__).resolve().parent.parent / "content" / "replies.yaml"


def create_replies(apps, schema_editor):
    content = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    reply = apps.get_model("tchat", "Reply")
    reply.objects.bulk_create(
        reply(
            title=each["title"],
            text=each["text"],
            desk_id=each.get("desk"),
            threats=list(dict.fromkeys(key for name in each.get("for", []) for key in content["families"][name])),
            order=10 * place,
        )
        for place, each in enumerate(content["replies"], 1)
    )


class Migration(migrations.Migration):
    dependencies = [("tchat", "0004_reponses_types")]

    operations = [migrations.RunPython(create_replies, migrations.RunPython.noop)]
