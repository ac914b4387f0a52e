//! A server that accepts only connections with TLS.

use super::cluster::Cluster;

impl Cluster {
    /// Makes the server require TLS over TCP, with a certificate and its key in PEM format.
    #[track_caller]
    pub(crate) fn require_tls(&mut self, certificate: &str, key: &str) {
        let write = |name: &str, text: &str| {
            let lines = text.lines().map(|line| format!("'{line}'")).collect::<Vec<_>>().join(" ");
            format!("(umask 077; printf '%s\\n' {lines} > \"$PGDATA/{name}\")")
        };
        self.run(&write("server.crt", certificate));
        self.run(&write("server.key", key));
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256";
        self.run(&write("pg_hba.conf", rules));
        self.sql("ALTER SYSTEM SET ssl = on");
        self.restart();
    }
}
