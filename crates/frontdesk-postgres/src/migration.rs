//! The SQL text of the migrations.

use std::ops::Range;

use crate::distribution::distribution;
use crate::key_lookup::key_digest_of_row;
use crate::layout::Layout;
use crate::schema::Schema;

/// The schema as a sequence of migrations. The table `schema_version` says how many of them
/// a database has had. A released migration never changes; a new version of the schema
/// appends one.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// The version with the column `key_digest` and the table `idempotency_key`. In this version the
/// keys move from the table to the column. The next version has no such table.
pub(crate) const KEYS_MOVE: i32 = 4;

/// The tables of the first schema that can be partitioned by location.
const TABLES: [&str; 4] = ["location", "thread", "message", "idempotency_key"];

/// The storage parameter of the table `location`. Every commit writes a row of this table. The
/// free space keeps the new version of the row on the same page, so that no index changes.
const FILLFACTOR: &str = "(fillfactor = 50)";

/// The version of the schema after all migrations.
pub(crate) fn newest_version() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// Returns the statement that creates the table `schema_version`. It has one row. Only this
/// table and `epoch` have no locations.
pub(crate) fn create_version_table(schema: &Schema) -> String {
    schema.qualify(
        "CREATE TABLE IF NOT EXISTS schema.schema_version (\n    \
         version integer NOT NULL,\n    partitions integer NOT NULL\n);\n",
    )
}

/// Returns the migrations from one version to another, the oldest first. Each records its
/// version.
pub(crate) fn migrations(schema: &Schema, versions: Range<i32>, partitions: u16) -> Vec<String> {
    let index = |version: i32| usize::try_from(version).unwrap_or(0);
    let indexes = index(versions.start)..index(versions.end);
    indexes.map(|index| migration(schema, index, partitions)).collect()
}

fn migration(schema: &Schema, index: usize, partitions: u16) -> String {
    let partitioned = if partitions == 0 { "" } else { " PARTITION BY HASH (location)" };
    let text = MIGRATIONS[index]
        .replace("/* partitioned */", partitioned)
        .replace("/* partitions of message */", &partitions_of("message", partitions).join("\n"))
        .replace("/* digest of k */", &key_digest_of_row());
    let mut statements = vec![text];
    if index == 0 {
        statements.extend(storage(partitions));
        statements.push(format!("INSERT INTO schema.schema_version VALUES (1, {partitions});"));
    } else {
        statements.push(format!("UPDATE schema.schema_version SET version = {};", index + 1));
    }
    schema.qualify(&(statements.join("\n") + "\n"))
}

/// Returns the statements that create the partitions and set the storage parameter.
fn storage(partitions: u16) -> Vec<String> {
    if partitions == 0 {
        return vec![format!("ALTER TABLE schema.location SET {FILLFACTOR};")];
    }
    TABLES.into_iter().flat_map(|table| partitions_of(table, partitions)).collect()
}

/// Returns the statements that create the partitions of a table.
fn partitions_of(table: &str, partitions: u16) -> Vec<String> {
    let storage = if table == "location" { format!(" WITH {FILLFACTOR}") } else { String::new() };
    let partition = |remainder: u16| {
        format!(
            "CREATE TABLE schema.{table}_{remainder} PARTITION OF schema.{table} \
             FOR VALUES WITH (MODULUS {partitions}, REMAINDER {remainder}){storage};"
        )
    };
    (0..partitions).map(partition).collect()
}

/// Returns every migration as text. The first also creates the schema. For distributed tables, one
/// more text distributes them.
pub(crate) fn all_migrations(schema: &Schema, layout: Layout) -> Vec<String> {
    let mut migrations = migrations(schema, 0..newest_version(), layout.partitions.unwrap_or(0));
    let create =
        format!("CREATE SCHEMA IF NOT EXISTS {schema};\n{}\n", create_version_table(schema));
    if let Some(first) = migrations.first_mut() {
        first.insert_str(0, &create);
    }
    let distribution = layout.shards.map(|shards| distribution(schema, shards).join("\n") + "\n");
    migrations.extend(distribution);
    migrations
}
