"""On PostgreSQL the database itself refuses to change or delete a line of the journal."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_line_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit lines are append-only';
END $$;
CREATE TRIGGER audit_line_is_final BEFORE UPDATE OR DELETE ON audit_line
    FOR EACH ROW EXECUTE FUNCTION audit_line_is_final();
"""
ALLOW = """
DROP TRIGGER audit_line_is_final ON audit_line;
DROP FUNCTION audit_line_is_final();
"""


def refuse_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_journal")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
