"""Switch the supplied definitions of activations and work orders on: runs can bill these now."""

from typing import Any

from django.db import migrations

SUPPLIED = {"activation": ["activation"], "work-order": ["work_order"]}


def switch_on(apps: Any, _schema_editor: Any) -> None:
    definitions = apps.get_model("billing", "BatchDefinition").objects
    for name, kinds in SUPPLIED.items():
        definitions.filter(name=name, kinds=kinds).update(is_active=True)


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_references_looked_up_in_a_row")]

    operations = [migrations.RunPython(switch_on, migrations.RunPython.noop)]
