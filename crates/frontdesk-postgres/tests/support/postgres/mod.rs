//! A PostgreSQL server for a test program, and a database on it for each test.
//!
//! `FRONTDESK_POSTGRES_URL` names a running server and a role that may create roles and
//! databases. Without it, the program starts a server of its own from the programs in
//! `FRONTDESK_PG_BIN`, the newest version in `/usr/lib/postgresql`, or the `PATH`. If
//! there are none, a test is ignored and the reason is printed. With `CI=true` or
//! `FRONTDESK_REQUIRE_POSTGRES=1` it fails.
#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

pub(crate) mod citus;
pub(crate) mod cluster;
mod database;
mod lifecycle;
mod no_server;
pub(crate) mod pgbouncer;
pub(crate) mod pgpool;
mod pooler;
mod refusal;
mod server;
mod tls;

pub(crate) use cluster::{Cluster, Listen};
pub(crate) use database::{Database, connect, schema_prefix};
pub(crate) use no_server::NoServer;
pub(crate) use pooler::Pooler;
pub(crate) use refusal::refuse_once;
pub(crate) use server::Server;
