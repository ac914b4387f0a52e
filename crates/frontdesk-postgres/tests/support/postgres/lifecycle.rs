//! Crashes, restarts and replicas of a server.

use super::cluster::{Cluster, Listen};

impl Cluster {
    /// Ends all processes of the server immediately, as a crash does. The next start recovers
    /// from the log.
    #[track_caller]
    pub(crate) fn crash(&mut self) {
        self.run("stop QUIT");
    }

    /// Starts a stopped server at its former address.
    #[track_caller]
    pub(crate) fn start_again(&mut self) {
        self.run("start");
    }

    /// Closes all connections, shuts the server down cleanly and starts it again.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.run("stop INT && start");
    }

    /// Starts a synchronous replica: from now on every commit waits for it.
    #[track_caller]
    pub(crate) fn replica(&mut self, listen: Listen) -> Self {
        let replica = self.standby(listen);
        // Set after the copy. If the replica had this setting too, it would wait for a replica
        // of its own once it is promoted.
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.sql("SELECT pg_reload_conf()");
        self.wait_for_row("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
        replica
    }

    /// Starts an asynchronous standby.
    #[track_caller]
    pub(crate) fn standby(&mut self, listen: Listen) -> Self {
        let mut standby = Self::prepare(listen).unwrap();
        let (host, port) = (self.folder().display(), self.port());
        let copy = "pg_basebackup --no-sync --checkpoint=fast --write-recovery-conf";
        standby.run(&format!("{copy} -h '{host}' -p {port} -D \"$PGDATA\" && start"));
        standby
    }

    /// Waits until all standbys have applied the commits of this primary.
    #[track_caller]
    pub(crate) fn wait_for_standbys(&mut self) {
        self.wait_for_row(
            "SELECT 1 FROM pg_stat_replication HAVING count(*) > 0 \
             AND bool_and(replay_lsn >= pg_current_wal_lsn())",
        );
    }

    /// Disconnects a standby from its primary.
    #[track_caller]
    pub(crate) fn stop_replication(&mut self) {
        self.sql("ALTER SYSTEM SET primary_conninfo = ''");
        self.sql("SELECT pg_reload_conf()");
        self.wait_for_row("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_wal_receiver)");
    }

    /// Makes a replica a primary.
    #[track_caller]
    pub(crate) fn promote(&mut self) {
        self.sql("SELECT pg_promote()");
    }

    /// Stops asking for passwords. In a test that loses hundreds of connections, an
    /// unoptimized build would spend most of its time on hashing them.
    #[track_caller]
    pub(crate) fn trust(&mut self) {
        self.run("sed -i s/scram-sha-256/trust/ \"$PGDATA/pg_hba.conf\" && pg_ctl reload");
    }

    /// Runs one statement as the administrator.
    #[track_caller]
    pub(crate) fn sql(&mut self, statement: &str) {
        self.run(&format!("psql -qAt -v ON_ERROR_STOP=1 -c \"{statement}\""));
    }

    /// Waits up to ten seconds until a query returns a row.
    #[track_caller]
    pub(crate) fn wait_for_row(&mut self, query: &str) {
        let has_row = format!("psql -qAt -c \"{query}\" | grep -q .");
        self.run(&format!(
            "for i in $(seq 200); do {has_row} && break; sleep 0.05; done; {has_row}"
        ));
    }

    /// Runs a command in the shell of the server and panics if it fails.
    #[track_caller]
    pub(super) fn run(&mut self, command: &str) {
        if let Err(error) = self.try_run(command) {
            panic!("{error:?}");
        }
    }
}
