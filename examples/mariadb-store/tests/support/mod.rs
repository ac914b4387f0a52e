//! MariaDB servers for the test programs, the cases of the conformance kit, and recorded histories.
#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

pub(crate) mod case;
mod server;
pub(crate) mod statements;
pub(crate) mod stress;

pub(crate) use server::{NoServer, Server, run_sql};
