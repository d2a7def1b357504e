from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tchat", "0011_place_pour_la_gravite_4"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["desk", "created_at"], name="tchat_asked_at_desk"),
        ),
    ]
