"""Foreign keys for the hot tables, checked a statement at a time.

A foreign key fires a trigger for every row: the dearest thing there is at a million rows. Here one query
over the rows a statement inserted finds references to nothing and refuses the statement. The other half of
the guarantee is that what is referred to stays: invoices, lines and numbers are insert-only, and
`kept_while_referred_to` refuses to delete the others. See docs/decisions/0003.
"""

from __future__ import annotations

import pgtrigger

FEW_IDS = 1_000
"""So many ids are counted in any case, and beyond them twice as many as there are references."""


def references_exist(name: str, **targets: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses inserted rows that refer to nothing.

    *targets* are column=table: every value of the column that is set must be an id of that table. Both are names
    written in our own models, never input.
    """
    looks = ", ".join(
        f"count({column}) AS {column}_set, min({column}) AS {column}_least, max({column}) AS {column}_most"
        for column in targets
    )
    checks = " ".join(_check(name, column=column, table=table) for column, table in targets.items())
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="inserted"),
        declare=[("seen", "record"), ("found", "bigint"), ("is_missing", "boolean")],
        func=f"SELECT {looks} INTO seen FROM inserted; {checks} RETURN NULL;",  # noqa: S608
    )


def _check(name: str, *, column: str, table: str) -> str:
    """Return the statements that check one column: nothing where it is null throughout.

    Ids are mostly handed out in a row. Where the table has as many ids between the least and the greatest
    reference as there is room for, all of them are there. Else every reference is looked up by the index: planned
    anew each time, since a plan kept from a small statement is quadratic for a large one.
    """
    room = f"seen.{column}_most - seen.{column}_least"
    return f"""
        IF seen.{column}_set > 0 THEN
            found := 0;
            IF {room} < 2 * seen.{column}_set + {FEW_IDS} THEN
                SELECT count(*) INTO found FROM {table}
                WHERE id BETWEEN seen.{column}_least AND seen.{column}_most;
            END IF;
            IF found <= {room} THEN
                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE {column} IS NOT NULL AND
                    (SELECT target.id FROM {table} AS target WHERE target.id = inserted.{column}) IS NULL)'
                INTO is_missing;
                IF is_missing THEN
                    RAISE foreign_key_violation
                        USING MESSAGE = '{name}: a row refers to a {table} that does not exist';
                END IF;
            END IF;
        END IF;"""  # noqa: S608
