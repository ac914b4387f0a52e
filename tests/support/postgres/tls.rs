//! A server that speaks TLS only.

use super::Cluster;

impl Cluster {
    /// Has it ask for TLS wherever it is reached over TCP, with a certificate and its
    /// key in the PEM form.
    #[track_caller]
    pub(crate) fn demand_tls(&mut self, certificate: &str, key: &str) {
        let write = |name: &str, text: &str| {
            let lines = text.lines().map(|line| format!("'{line}'")).collect::<Vec<_>>().join(" ");
            format!("(umask 077; printf '%s\\n' {lines} > \"$PGDATA/{name}\")")
        };
        self.must(&write("server.crt", certificate));
        self.must(&write("server.key", key));
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256";
        self.must(&write("pg_hba.conf", rules));
        self.sql("ALTER SYSTEM SET ssl = on");
        self.restart();
    }
}
