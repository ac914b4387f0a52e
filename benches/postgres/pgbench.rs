//! PostgreSQL's own `pgbench`, doing the statements that the store sends.
//!
//! It is a C program that computes nothing but the numbers that go into the next
//! statement, and passes each value as text, as often as the statement names it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::desk::MAX_BEHIND;
use frontdesk::store::Revision;
use regex::{Captures, Regex};
use tokio_postgres::Config;

use crate::Outcome;
use crate::postgres::Cluster;
use crate::postgres::cluster::programs;
use crate::town::{AUTHOR, FIRST, NAME, TEXT, THREADS};
use crate::turns::Turn;
use crate::worker::{KEYS, Work};

/// What a commit's parameters are called, in their order.
const COMMIT: &str = "location booking revision number newest_first awaits created_at \
    first_number ordinal by_operator role sent_at body preview_cut number by_operator number \
    sent_at operator_number operator_covered operator_furthest operator_set_at code activity \
    starts_at duration_secs status customer_name profile number ordinal role author name body \
    sent_at key";

/// What a message adds to the head that was read or written last. A time is a
/// microsecond after the last.
const NEXT: &str = "\
\\set number :last_number + 1
\\set ordinal :by_customer + 1
\\set sent_at :last_at + 1
\\set newest_first 0 - :sent_at
";
const THEN: &str = "\
\\set last_number :number
\\set by_customer :ordinal
\\set last_at :sent_at
";

/// The program, its scripts, and where it connects to.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    address: Vec<String>,
    folder: tempfile::TempDir,
}

impl Pgbench {
    /// Writes the scripts, of the statements that a connection of the store's has
    /// prepared.
    pub(crate) async fn new(cluster: &Cluster, config: &Config, pool: &Pool) -> Outcome<Self> {
        let program = programs().ok_or("the server's programs are gone")?.join("pgbench");
        let folder = tempfile::tempdir()?;
        for (work, script) in scripts(pool).await? {
            fs::write(folder.path().join(name(work)), script)?;
        }
        let (user, database) = (config.get_user(), config.get_dbname());
        let address = [
            format!("--host={}", cluster.folder().display()),
            format!("--port={}", cluster.port()),
            format!("--username={}", user.ok_or("no user is named")?),
            database.ok_or("no database is named")?.to_owned(),
        ];
        Ok(Self { program, address: address.into(), folder })
    }

    /// Has so many connections do the work at so many of the locations, for so many
    /// whole seconds: it takes no other time.
    pub(crate) fn work(
        &self,
        work: Work,
        connections: usize,
        locations: usize,
        span: Duration,
    ) -> Outcome<Turn> {
        let log = self.folder.path().join("log");
        let threads = std::thread::available_parallelism()?.get().min(connections);
        let define = |name: &str, value: &dyn std::fmt::Display| format!("--define={name}={value}");
        let run = Command::new(&self.program)
            // Without whatever PG* the caller has.
            .env_clear()
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--log-prefix={}", log.display()))
            .arg(format!("--file={}", self.folder.path().join(name(work)).display()))
            .args([format!("--client={connections}"), format!("--jobs={threads}")])
            .arg(format!("--time={}", span.as_secs().max(1)))
            .args([define("first", &FIRST), define("locations", &locations)])
            .args([define("threads", &THREADS), define("author", &AUTHOR), define("name", &NAME)])
            .args([define("body", &TEXT), define("awaits", &true), define("preview_cut", &false)])
            .args([define("role", &0), define("since", &Revision::MAX.get())])
            .args([define("most", &(MAX_BEHIND + 1)), define("is_started", &0)])
            .args(&self.address)
            .output()?;
        let said = String::from_utf8_lossy(&run.stdout);
        if !run.status.success() {
            return Err(format!("pgbench: {said}{}", String::from_utf8_lossy(&run.stderr)).into());
        }
        let latencies = latencies(self.folder.path())?;
        // On a machine that is busy elsewhere it may get nowhere in a second.
        if latencies.is_empty() {
            return self.work(work, connections, locations, 2 * span);
        }
        // What it says of the time leaves the connecting out, as ours does.
        let rate = Regex::new(r"tps = ([0-9.]+)")?;
        let rate: f64 = rate.captures(&said).ok_or("pgbench says no rate")?[1].parse()?;
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
        let took = Duration::from_secs_f64(latencies.len() as f64 / rate);
        Ok(Turn::new(latencies, took))
    }
}

fn name(work: Work) -> &'static str {
    match work {
        Work::Post => "post.sql",
        Work::Commit => "commit.sql",
        Work::Poll => "poll.sql",
    }
}

/// What each transaction took, in seconds: of the log, which has a file a thread, the
/// third column is it in microseconds.
fn latencies(folder: &Path) -> Outcome<Vec<f64>> {
    let mut latencies = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_string_lossy().starts_with("log.") {
            continue;
        }
        for line in fs::read_to_string(file.path())?.lines() {
            let micros: f64 = line.split(' ').nth(2).ok_or("a line has no time")?.parse()?;
            latencies.push(micros / 1e6);
        }
        fs::remove_file(file.path())?;
    }
    Ok(latencies)
}

/// A statement as the store sends it, and the types of its parameters.
struct Prepared {
    text: String,
    types: Vec<String>,
}

impl Prepared {
    /// For `pgbench`, the parameters by their names.
    fn with(&self, names: &str) -> String {
        let names: Vec<&str> = names.split_whitespace().collect();
        assert_eq!(names.len(), self.types.len(), "the store's statement has other parameters");
        let parameter = Regex::new(r"\$(\d+)").expect("it is a pattern");
        let text = parameter.replace_all(&self.text, |found: &Captures<'_>| {
            let at = found[1].parse::<usize>().expect("these are digits") - 1;
            format!(":{}::{}", names[at], self.types[at])
        });
        text.into_owned()
    }
}

async fn scripts(pool: &Pool) -> Outcome<[(Work, String); 3]> {
    let line = pool.get().await?;
    let all = "SELECT statement, parameter_types::text[] FROM pg_prepared_statements";
    let all = line.query(all, &[]).await?.into_iter();
    let all: Vec<_> = all.map(|row| Prepared { text: row.get(0), types: row.get(1) }).collect();
    let one = |what: &str, is_it: &dyn Fn(&str) -> bool| {
        let mut found = all.iter().filter(|statement| is_it(&statement.text));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(format!("the store has prepared no {what}")),
            (Some(_), Some(_)) => Err(format!("the store has prepared several of {what}")),
        }
    };
    let head = one("read of a head", &|sql| sql.starts_with("SELECT t.location"))?;
    let head = head.with("location booking");
    // A variable needs a name.
    let head = head.replace("t.newest_first IS NULL,", "t.newest_first IS NULL AS is_erased,");
    let commit = one("commit", &|sql| {
        sql.contains("UPDATE \"frontdesk\".thread") && sql.contains("key AS")
    })?;
    let commit = commit.with(COMMIT);
    let feed = one("poll", &|sql| sql.contains("ORDER BY t.revision"))?.with("location since most");

    let (least, count) = KEYS;
    let key = format!("\\set key random({least}, {})\n", least + count - 1);
    let anywhere = "\\set location :first + random(0, :locations - 1)\n";
    let anything = "\\set booking :first + :client_id * :threads + random(0, :threads - 1)\n";
    let read = format!("{head} \\gset\n");
    let write = format!("{NEXT}{key}{commit} \\gset\n");
    let post = format!("{anywhere}{anything}{read}{write}");
    let here = "\\set location :first + :client_id % :locations\n\
                \\set booking :first + :client_id * :threads\n";
    let begin = format!("\\if :is_started = 0\n{here}{read}\\set is_started 1\n\\endif\n");
    let commit = format!("{begin}{write}{THEN}");
    Ok([(Work::Post, post), (Work::Commit, commit), (Work::Poll, format!("{anywhere}{feed};\n"))])
}
