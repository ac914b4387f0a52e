//! What can happen to a server: it crashes, it comes back, another takes over.

use super::{Cluster, Listen};

impl Cluster {
    /// Ends every process at once, as a crash does; the next start recovers.
    #[track_caller]
    pub(crate) fn crash(&mut self) {
        self.must("stop QUIT");
    }

    /// Starts a stopped server, at the address that it had.
    #[track_caller]
    pub(crate) fn start_again(&mut self) {
        self.must("start");
    }

    /// Cuts every connection, stops in good order, and starts again.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.must("stop INT && start");
    }

    /// A server that follows this one, and that every commit here waits for from
    /// now on.
    #[track_caller]
    pub(crate) fn replica(&mut self, listen: Listen) -> Self {
        let mut replica = Self::prepare(listen).unwrap();
        let (host, port) = (self.folder().display(), self.port());
        let copy = "pg_basebackup --no-sync --checkpoint=fast --write-recovery-conf";
        replica.must(&format!("{copy} -h '{host}' -p {port} -D \"$PGDATA\" && start"));
        // Set after the copy was made, which would otherwise wait for one in its turn.
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.sql("SELECT pg_reload_conf()");
        self.soon("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
        replica
    }

    /// Makes a replica a server of its own.
    #[track_caller]
    pub(crate) fn promote(&mut self) {
        self.sql("SELECT pg_promote()");
    }

    /// Asks for no password any more. Where connections are lost by the hundred, to work
    /// it out takes an unoptimized build longer than all the rest.
    #[track_caller]
    pub(crate) fn trust(&mut self) {
        self.must("sed -i s/scram-sha-256/trust/ \"$PGDATA/pg_hba.conf\" && pg_ctl reload");
    }

    /// Runs one statement as the administrator.
    #[track_caller]
    pub(crate) fn sql(&mut self, statement: &str) {
        self.must(&format!("psql -qAt -v ON_ERROR_STOP=1 -c \"{statement}\""));
    }

    /// Waits until a query has a row, for up to ten seconds.
    #[track_caller]
    pub(crate) fn soon(&mut self, query: &str) {
        let ask = format!("psql -qAt -c \"{query}\" | grep -q .");
        self.must(&format!("for i in $(seq 200); do {ask} && break; sleep 0.05; done; {ask}"));
    }

    #[track_caller]
    pub(super) fn must(&mut self, command: &str) {
        if let Err(error) = self.tell(command) {
            panic!("{error:?}");
        }
    }
}
