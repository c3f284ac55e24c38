"""Foreign keys for the hot tables, checked a statement at a time.

A foreign key fires a trigger for every row: the dearest thing there is at a million rows. Here one query
over the rows a statement inserted finds references to nothing and refuses the statement. The other half of
the guarantee is that what is referred to stays: invoices, lines and numbers are insert-only, and
`kept_while_referred_to` refuses to delete the others. See docs/decisions/0003.
"""

from __future__ import annotations

import pgtrigger


def references_exist(name: str, **targets: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses inserted rows that refer to nothing.

    *targets* are column=table: every value of the column that is set must be an id of that table. Both are names
    written in our own models, never input.
    """
    checks = " ".join(
        f"""
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT {column} FROM inserted WHERE {column} IS NOT NULL) AS referring
            LEFT JOIN {table} AS target ON target.id = referring.{column} WHERE target.id IS NULL
        ) THEN
            RAISE foreign_key_violation
                USING MESSAGE = '{name}: a row refers to a {table} that does not exist';
        END IF;"""  # noqa: S608
        for column, table in targets.items()
    )
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="inserted"),
        func=f"{checks} RETURN NULL;",
    )
