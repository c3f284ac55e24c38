"""Identifiers for rows written by COPY, and what may not be deleted while documents refer to it."""

from django.db import migrations

SEQUENCES = """
CREATE SEQUENCE billing_invoice_ids OWNED BY billing_invoice.id;
CREATE SEQUENCE billing_invoiceline_ids OWNED BY billing_invoiceline.id;

-- Takes consecutive ids and returns the first. The lock is held for this call only, not to the transaction's
-- end, so shards do not wait for each other's commit; setval alone could overtake another reservation.
CREATE FUNCTION billing_reserve_ids(sequence text, amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
BEGIN
    PERFORM pg_advisory_lock(sequence::regclass::oid::bigint);
    first := nextval(sequence::regclass);
    PERFORM setval(sequence::regclass, first + greatest(amount, 1) - 1);
    PERFORM pg_advisory_unlock(sequence::regclass::oid::bigint);
    RETURN first;
END $$;
"""

# The span is updated by every run: leave room in its pages, so that an update writes no index.
ROOM_FOR_UPDATES = "ALTER TABLE charges_chargespan SET (fillfactor = 50)"

GUARDS = """
CREATE FUNCTION billing_keep_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_invoice WHERE customer_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE =
            'customer ' || OLD.account || ' has invoices and is kept; make it inactive instead';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER customers_with_invoices_are_kept BEFORE DELETE ON parties_billingcustomer
    FOR EACH ROW EXECUTE FUNCTION billing_keep_customer();

CREATE FUNCTION billing_keep_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_invoiceline WHERE charge_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE =
            'charge ' || OLD.key || ' has been billed and is kept; end it instead';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER billed_charges_are_kept BEFORE DELETE ON charges_charge
    FOR EACH ROW EXECUTE FUNCTION billing_keep_charge();

CREATE FUNCTION billing_keep_always() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' rows are kept for ever';
END $$;
CREATE TRIGGER tax_categories_are_kept BEFORE DELETE ON catalog_taxcategory
    FOR EACH ROW EXECUTE FUNCTION billing_keep_always();
CREATE TRIGGER runs_are_kept BEFORE DELETE ON billing_run
    FOR EACH ROW EXECUTE FUNCTION billing_keep_always();
"""

UNDO = """
DROP FUNCTION billing_reserve_ids, billing_keep_customer, billing_keep_charge, billing_keep_always CASCADE;
DROP SEQUENCE billing_invoice_ids, billing_invoiceline_ids;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_initial"), ("charges", "0002_initial")]

    operations = [
        migrations.RunSQL(SEQUENCES + GUARDS, UNDO),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
    ]
