//! A transaction that the database refuses once.

/// Returns statements that make the database refuse the next change of a table once. A sequence
/// keeps its value when the transaction fails, so the second attempt succeeds. The function and the
/// sequence are in the schema of the table, if its name has one.
pub(crate) fn refuse_once(table: &str) -> String {
    let schema = table.rsplit_once('.').map_or(String::new(), |(schema, _)| format!("{schema}."));
    format!(
        "CREATE SEQUENCE IF NOT EXISTS {schema}attempt;
        ALTER SEQUENCE {schema}attempt RESTART;
        CREATE OR REPLACE FUNCTION {schema}refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('{schema}attempt') = 1 THEN
                RAISE EXCEPTION 'refused once' USING ERRCODE = 'serialization_failure';
            END IF;
            RETURN NEW;
        END $$;
        DROP TRIGGER IF EXISTS refuse_once ON {table};
        CREATE TRIGGER refuse_once BEFORE INSERT OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {schema}refuse_once();"
    )
}
