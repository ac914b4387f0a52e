//! Three servers that Patroni manages with an etcd of one member.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Config, NoTls};

use crate::postgres::NoServer;
use crate::postgres::cluster::{free_port, programs, shell};

const MEMBERS: usize = 3;

/// A shell that runs the commands on its standard input. The input ends when the test program
/// ends or is killed; the shell then ends all programs and removes its folder.
const SUPERVISOR: &str = r#"
exec 2>>log
trap '' HUP INT TERM PIPE
postmaster() { head -1 "data$1/postmaster.pid" 2>>log; }
end_member() { kill -KILL $(cat "patroni$1.pid") $(postmaster $1); }
trap 'for n in 0 1 2; do end_member $n; done; kill -KILL $etcd $receivers; sleep 1; rm -rf "$PWD"' EXIT
etcd --data-dir etcd --listen-client-urls "http://127.0.0.1:$ETCD" \
    --advertise-client-urls "http://127.0.0.1:$ETCD" --listen-peer-urls "http://127.0.0.1:$PEER" \
    --initial-advertise-peer-urls "http://127.0.0.1:$PEER" \
    --initial-cluster "default=http://127.0.0.1:$PEER" >etcd.log 2>&1 &
etcd=$!
for n in 0 1 2; do
    patroni "member$n.yml" >"patroni$n.log" 2>&1 &
    echo $! >"patroni$n.pid"
done
while read -r command; do eval "$command"; echo; done
"#;

/// The number of standbys that have a commit before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Replication {
    /// One standby.
    Synchronous,
    /// None.
    Asynchronous,
}

/// A running Patroni cluster.
#[derive(Debug)]
pub(crate) struct Patroni {
    supervisor: Child,
    replication: Replication,
    folder: PathBuf,
    servers: [u16; MEMBERS],
    apis: [u16; MEMBERS],
}

impl Patroni {
    /// Starts etcd and three members with Patroni's default times and limits.
    pub(crate) fn start(replication: Replication) -> Result<Self, NoServer> {
        for program in ["/usr/bin/patroni", "/usr/bin/etcd"] {
            if !PathBuf::from(program).is_file() {
                return Err(NoServer::Missing(format!("no {program}")));
            }
        }
        let Some(programs) = programs() else {
            return Err(NoServer::Missing("no PostgreSQL server".to_owned()));
        };
        let folder = tempfile::Builder::new().prefix("frontdesk-patroni-").tempdir();
        // The supervisor removes the folder.
        let folder = folder.unwrap().keep();
        let [servers, apis] = [(); 2].map(|()| [(); MEMBERS].map(|()| free_port()));
        let (etcd, peer) = (free_port(), free_port());
        for member in 0..MEMBERS {
            let settings = format!(
                "scope: desk\n\
                 name: member{member}\n\
                 restapi: {{ listen: '127.0.0.1:{api}', connect_address: '127.0.0.1:{api}' }}\n\
                 etcd3: {{ host: '127.0.0.1:{etcd}' }}\n\
                 bootstrap:\n  \
                   dcs: {{ synchronous_mode: {synchronous}, postgresql: {{ use_pg_rewind: true }} }}\n  \
                   initdb: [ encoding: UTF8, locale: C, no-sync ]\n\
                 postgresql:\n  \
                   listen: '127.0.0.1:{port}'\n  \
                   connect_address: '127.0.0.1:{port}'\n  \
                   data_dir: '{folder}/data{member}'\n  \
                   pgpass: '{folder}/pgpass{member}'\n  \
                   bin_dir: '{programs}'\n  \
                   parameters: {{ unix_socket_directories: '{folder}', fsync: 'off' }}\n  \
                   pg_hba: [ 'local all all trust', 'host all all 127.0.0.1/32 trust', \
                             'host replication all 127.0.0.1/32 trust' ]\n  \
                   authentication:\n    \
                     superuser: {{ username: postgres, password: postgres }}\n    \
                     replication: {{ username: replicator, password: replicator }}\n    \
                     rewind: {{ username: rewind, password: rewind }}\n",
                synchronous = replication == Replication::Synchronous,
                api = apis[member],
                port = servers[member],
                folder = folder.display(),
                programs = programs.display(),
            );
            fs::write(folder.join(format!("member{member}.yml")), settings).unwrap();
        }
        let supervisor = shell(SUPERVISOR, &folder).and_then(|mut shell| {
            shell.env("ETCD", etcd.to_string()).env("PEER", peer.to_string());
            shell.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
            shell.stdout(Stdio::piped()).spawn()
        });
        Ok(Self { supervisor: supervisor.unwrap(), replication, folder, servers, apis })
    }

    /// Returns the URL with all members.
    pub(crate) fn url(&self) -> String {
        let hosts = self.servers.map(|port| format!("127.0.0.1:{port}")).join(",");
        format!(
            "postgres://postgres@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=2"
        )
    }

    /// Waits up to two minutes until a leader sends its commits to two standbys, in the mode of
    /// the cluster.
    pub(crate) async fn wait_until_replicating(&self) {
        let start = Instant::now();
        let synchronous: i64 = match self.replication {
            Replication::Synchronous => 1,
            Replication::Asynchronous => 0,
        };
        let query = "SELECT count(*) = 2 AND bool_and(state = 'streaming') \
                     AND count(*) FILTER (WHERE sync_state = 'sync') = $1 \
                     FROM pg_stat_replication";
        loop {
            if let Some((client, _)) = self.leader().await
                && client.query_one(query, &[&synchronous]).await.is_ok_and(|row| row.get(0))
            {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(120), "{}", self.logs());
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Connects to the leader. Returns the connection and the leader's index.
    pub(crate) async fn leader(&self) -> Option<(Client, usize)> {
        for member in 0..MEMBERS {
            if let Some(client) = self.connect(member, TargetSessionAttrs::ReadWrite).await {
                return Some((client, member));
            }
        }
        None
    }

    /// Connects to each standby.
    async fn standbys(&self) -> Vec<Client> {
        let mut standbys = Vec::new();
        for member in 0..MEMBERS {
            standbys.extend(self.connect(member, TargetSessionAttrs::ReadOnly).await);
        }
        standbys
    }

    async fn connect(&self, member: usize, attributes: TargetSessionAttrs) -> Option<Client> {
        let port = self.servers[member];
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
        let mut config = Config::new();
        config.host("127.0.0.1").port(port).user("postgres").dbname("postgres");
        let (client, connection) =
            config.target_session_attrs(attributes).connect(NoTls).await.ok()?;
        tokio::spawn(connection);
        Some(client)
    }

    /// Stops the processes that receive the log at the standbys. The standbys stay in contact
    /// with Patroni.
    pub(crate) async fn stop_receivers(&mut self) {
        let mut receivers = Vec::new();
        for standby in self.standbys().await {
            let row = standby.query_one("SELECT pid::text FROM pg_stat_wal_receiver", &[]).await;
            receivers.push(row.unwrap().get::<_, String>(0));
        }
        assert_eq!(receivers.len(), MEMBERS - 1);
        self.run(&format!("receivers='{}'; kill -STOP $receivers", receivers.join(" ")));
    }

    /// Kills the stopped processes, and with them the part of the log that the leader has sent
    /// and that they have not read.
    pub(crate) fn kill_receivers(&mut self) {
        self.run("kill -KILL $receivers; receivers=");
    }

    /// Returns the number of bytes of the leader's log that no standby has.
    pub(crate) async fn bytes_behind(&self) -> i64 {
        let (leader, _) = self.leader().await.unwrap();
        let mut behind = Vec::new();
        for standby in self.standbys().await {
            let row = standby.query_one("SELECT pg_last_wal_receive_lsn()::text", &[]).await;
            let received: String = row.unwrap().get(0);
            let query = "SELECT (pg_current_wal_flush_lsn() - $1::text::pg_lsn)::bigint";
            behind.push(leader.query_one(query, &[&received]).await.unwrap().get(0));
        }
        behind.into_iter().min().expect("a standby runs")
    }

    /// Asks Patroni to make another member the leader, and waits for the answer.
    pub(crate) async fn switch_over(&self) {
        let (_, leader) = self.leader().await.unwrap();
        let body = format!("{{\"leader\": \"member{leader}\"}}");
        let port = self.apis[leader];
        let answer = tokio::task::spawn_blocking(move || {
            let mut api = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            let length = body.len();
            let request =
                format!("POST /switchover HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}");
            api.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            api.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.contains("Successfully switched over"), "{answer}");
    }

    /// Kills the leader's server and its Patroni, as a crash of the machine does.
    pub(crate) async fn kill_leader(&mut self) {
        let (_, leader) = self.leader().await.unwrap();
        self.run(&format!("end_member {leader}"));
    }

    /// Runs a command in the shell of the supervisor.
    fn run(&mut self, command: &str) {
        writeln!(self.supervisor.stdin.as_mut().unwrap(), "{command}").unwrap();
        let stdout = self.supervisor.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut String::new()).unwrap();
    }

    fn logs(&self) -> String {
        let read = |name: String| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let log = |member| read(format!("patroni{member}.log"));
        let tail = |log: String| log.lines().rev().take(15).collect::<Vec<_>>().join("\n");
        (0..MEMBERS).map(|member| tail(log(member)) + "\n\n").collect()
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        // Waiting closes the standard input first.
        let _ = self.supervisor.wait();
    }
}
