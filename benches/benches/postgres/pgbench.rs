//! PostgreSQL's `pgbench` running the statements of the store.
//!
//! `pgbench` is a C program that computes only the values of the next statement. It passes each
//! value as text, once for each place where the statement names the value.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::desk::MAX_POLL_CHANGES;
use frontdesk::store::Revision;
use frontdesk_sql::{ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS};
use regex::{Captures, Regex};
use tokio_postgres::Config;

use crate::Outcome;
use crate::comparison::Turn;
use crate::fixture::{AUTHOR, FIRST_ID, NAME, TEXT, THREADS};
use crate::postgres::Cluster;
use crate::postgres::cluster::programs;
use crate::worker::{FIRST_KEY, KEYS, Operation};

/// Script lines that compute the values of the next message from the head (the stored thread
/// without its messages) that was read or written last. The message is one microsecond later
/// than the previous message.
const COMPUTE_NEXT: &str = "\
\\set number :last_number + 1
\\set ordinal :customer_messages + 1
\\set sent_at :last_at + 1
\\set newest_first 0 - :sent_at
";
/// Script lines that keep the values of the written head for the next message.
const ADVANCE: &str = "\
\\set last_number :number
\\set customer_messages :ordinal
\\set last_at :sent_at
";

/// The program, its scripts and its connection options.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    address: Vec<String>,
    folder: tempfile::TempDir,
}

impl Pgbench {
    /// Writes the scripts with the statements that a connection of the pool has prepared.
    pub(crate) async fn new(cluster: &Cluster, config: &Config, pool: &Pool) -> Outcome<Self> {
        let program = programs().ok_or("the server's programs are missing")?.join("pgbench");
        let folder = tempfile::tempdir()?;
        for (file, script) in scripts(pool).await? {
            fs::write(folder.path().join(file), script)?;
        }
        let (user, database) = (config.get_user(), config.get_dbname());
        let address = [
            format!("--host={}", cluster.folder().display()),
            format!("--port={}", cluster.port()),
            format!("--username={}", user.ok_or("the configuration has no user")?),
            database.ok_or("the configuration has no database")?.to_owned(),
        ];
        Ok(Self { program, address: address.into(), folder })
    }

    /// Repeats an operation on a number of connections and locations.
    pub(crate) fn run(
        &self,
        operation: Operation,
        connections: usize,
        locations: usize,
        span: Duration,
    ) -> Outcome<Turn> {
        let file = file_name(operation).ok_or("the operation has no script")?;
        self.run_file(file, connections, locations, span)
    }

    /// Repeats a script on a number of connections and locations. `pgbench` accepts whole
    /// seconds only, so the span is rounded down, but not below one second.
    pub(crate) fn run_file(
        &self,
        file: &str,
        connections: usize,
        locations: usize,
        span: Duration,
    ) -> Outcome<Turn> {
        let folder = self.folder.path();
        let log = folder.join("log");
        let jobs = std::thread::available_parallelism()?.get().min(connections);
        let define = |name: &str, value: &dyn std::fmt::Display| format!("--define={name}={value}");
        let output = Command::new(&self.program)
            // The caller's PG* variables must not apply.
            .env_clear()
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--log-prefix={}", log.display()))
            .arg(format!("--file={}", folder.join(file).display()))
            .args([format!("--client={connections}"), format!("--jobs={jobs}")])
            .arg(format!("--time={}", span.as_secs().max(1)))
            .args([define("first_id", &FIRST_ID), define("locations", &locations)])
            .args([define("threads", &THREADS), define("author", &AUTHOR), define("name", &NAME)])
            .args([define("body", &TEXT), define("role", &0)])
            .args([define("since", &Revision::MAX.get()), define("is_started", &0)])
            .arg(define("limit", &(MAX_POLL_CHANGES + 1)))
            .args(&self.address)
            .output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(format!("pgbench: {stdout}{stderr}").into());
        }
        let latencies = read_latencies(folder)?;
        // On a busy machine a second may be too short for one transaction. Try a longer span.
        if latencies.is_empty() {
            return self.run_file(file, connections, locations, 2 * span);
        }
        // Like our own rate, this rate excludes the time to connect.
        let rate = Regex::new(r"tps = ([0-9.]+)")?;
        let rate: f64 = rate.captures(&stdout).ok_or("pgbench printed no rate")?[1].parse()?;
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52 latencies")]
        let time = Duration::from_secs_f64(latencies.len() as f64 / rate);
        Ok(Turn::new(latencies, time))
    }
}

/// The scripts of the operations that are compared with `pgbench`.
const POST_FILE: &str = "post.sql";
const COMMIT_FILE: &str = "commit.sql";
const POLL_FILE: &str = "poll.sql";

fn file_name(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Post => Some(POST_FILE),
        Operation::Commit => Some(COMMIT_FILE),
        Operation::Poll => Some(POLL_FILE),
        Operation::Page | Operation::History | Operation::Replay => None,
    }
}

/// Reads and removes the logs, one file for each OS thread of `pgbench`. Returns the latencies of
/// the transactions in seconds. The third column of a log has them in microseconds.
fn read_latencies(folder: &Path) -> Outcome<Vec<f64>> {
    let mut latencies = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_string_lossy().starts_with("log.") {
            continue;
        }
        for line in fs::read_to_string(file.path())?.lines() {
            let micros = line.split(' ').nth(2).ok_or("a line of the log has no latency")?;
            latencies.push(micros.parse::<f64>()? / 1e6);
        }
        fs::remove_file(file.path())?;
    }
    Ok(latencies)
}

/// A prepared statement of the store.
struct Prepared {
    text: String,
    parameter_types: Vec<String>,
}

/// The scripts of reads, each with the epoch and without it.
pub(crate) const EPOCH_FILES: [(&str, &str, &str); 2] = [
    ("read of a head", "head.sql", "head_without_epoch.sql"),
    ("poll without changes", POLL_FILE, "poll_without_epoch.sql"),
];

/// Returns the part of a read that the store joins with the epoch.
fn without_epoch(statement: &str) -> &str {
    let (_, read) = statement.split_once("LEFT JOIN (").expect("the statement has an epoch");
    read.strip_suffix(") r ON true").expect("the statement has an epoch")
}

impl Prepared {
    /// Returns the statement for `pgbench`, with a variable or a literal instead of each
    /// parameter.
    fn with_values(&self, values: &[impl AsRef<str>]) -> String {
        let types = &self.parameter_types;
        assert_eq!(values.len(), types.len(), "the statement's parameters have changed");
        let parameter = Regex::new(r"\$(\d+)").expect("the pattern is valid");
        let text = parameter.replace_all(&self.text, |found: &Captures<'_>| {
            let at = found[1].parse::<usize>().expect("the capture is a number") - 1;
            format!("{}::{}", values[at].as_ref(), types[at])
        });
        text.into_owned()
    }
}

/// Returns the values of the parameters of a commit that adds a customer's message. A script
/// variable with the name of a column has the value of this column in the head that was read.
fn commit_values() -> Vec<String> {
    let thread = THREAD_COLUMNS.iter().map(|column| match *column {
        // `pgbench` cannot pass NULL in a variable.
        "waiting_since" | "linked_to" | "short_code" | "booking_version" | "linked_booking" => {
            "NULL".to_owned()
        }
        "unread" => "true".to_owned(),
        "preview_cut" => "false".to_owned(),
        "last_number" | "customer_number" | "customer_furthest" => ":number".to_owned(),
        "last_at" | "customer_set_at" => ":sent_at".to_owned(),
        "customer_messages" => ":ordinal".to_owned(),
        "customer_covered" => ":operator_messages".to_owned(),
        "last_role" => ":role".to_owned(),
        "preview" => ":body".to_owned(),
        column => format!(":{column}"),
    });
    let message = MESSAGE_COLUMNS[ID_COLUMNS.len()..].iter().map(|column| match *column {
        // The statement takes the message's revision from the head.
        "revision" | "redaction" => "NULL".to_owned(),
        "flags" => "0".to_owned(),
        column => format!(":{column}"),
    });
    // A commit without an epoch is written in any. A random key stands for its digest.
    thread.chain(["NULL".to_owned()]).chain(message).chain([":key".to_owned()]).collect()
}

async fn scripts(pool: &Pool) -> Outcome<[(&'static str, String); 6]> {
    let connection = pool.get().await?;
    let sql = "SELECT statement, parameter_types::text[] FROM pg_prepared_statements";
    let statements = connection.query(sql, &[]).await?.into_iter();
    let statements: Vec<_> =
        statements.map(|row| Prepared { text: row.get(0), parameter_types: row.get(1) }).collect();
    let find = |name: &str, is_match: &dyn Fn(&str) -> bool| {
        let mut found = statements.iter().filter(|statement| is_match(&statement.text));
        match (found.next(), found.next()) {
            (Some(statement), None) => Ok(statement),
            (None, _) => Err(format!("the store has prepared no statement for {name}")),
            (Some(_), Some(_)) => {
                Err(format!("the store has prepared several statements for {name}"))
            }
        }
    };
    let head = find("a head", &|sql| sql.contains("(SELECT t.location"))?;
    let head = head.with_values(&[":location", ":booking"]);
    let commit = find("a commit", &|sql| {
        sql.contains("UPDATE \"frontdesk\".thread") && sql.contains("NOT EXISTS")
    })?;
    let commit = commit.with_values(&commit_values());
    let changes = find("a poll", &|sql| sql.contains("ORDER BY t.revision"))?;
    let changes = changes.with_values(&[":location", ":since", ":limit"]);

    let random_key = format!("\\set key random({FIRST_KEY}, {})\n", FIRST_KEY + KEYS - 1);
    let random_location = "\\set location :first_id + random(0, :locations - 1)\n";
    let random_thread =
        "\\set booking :first_id + :client_id * :threads + random(0, :threads - 1)\n";
    let read = format!("{head} \\gset\n");
    let write = format!("{COMPUTE_NEXT}{random_key}{commit} \\gset\n");
    let post = format!("{random_location}{random_thread}{read}{write}");
    let own_thread = "\\set location :first_id + :client_id % :locations\n\
                      \\set booking :first_id + :client_id * :threads\n";
    let first = format!("\\if :is_started = 0\n{own_thread}{read}\\set is_started 1\n\\endif\n");
    let commit = format!("{first}{write}{ADVANCE}");
    let repeated = |read: &str| format!("{random_location}{random_thread}{read};\n");
    let [(_, head_file, plain_head_file), (_, _, plain_poll_file)] = EPOCH_FILES;
    Ok([
        (POST_FILE, post),
        (COMMIT_FILE, commit),
        (POLL_FILE, repeated(&changes)),
        (head_file, repeated(&head)),
        (plain_head_file, repeated(without_epoch(&head))),
        (plain_poll_file, repeated(without_epoch(&changes))),
    ])
}
