//! The page's client (`page/client.js`) in Node, against the server.
//!
//! The test needs `node` on the `PATH`. Without it, the test prints a line `not run: ...` and passes.
//! With `CI=true` it fails instead.

#[path = "support/server.rs"]
mod server;

use std::env;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::{self, State};
use axum::http::StatusCode;
use axum::routing::post;
use frontdesk::{AdminDesk, BookingId, FrontDesk, LocationId};
use importer::store_config::StoreConfig;
use tokio::net::TcpListener;

use server::Server;

async fn erase(
    State(admin): State<Arc<AdminDesk>>,
    extract::Path(booking): extract::Path<BookingId>,
) -> StatusCode {
    match admin.erase(&booking).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Serves the erasing of conversations over the store of the dashboard, and returns the address. The
/// dashboard itself does not offer it.
async fn serve_admin(store: &StoreConfig) -> String {
    let desk = FrontDesk::new(store.open(1).await.unwrap());
    let admin = desk.admin(LocationId::new("honolulu").unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/{booking}", post(erase)).with_state(Arc::new(admin));
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// All files that `main.mjs` imports: the order of rows, the merge of conversations, drafts, the poller, problems,
/// and random sequences after which the client's state equals a fresh load.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_keeps_its_promises_in_node() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client");
    let temporary = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", temporary.path().join("store").display());
    let server = Server::start(&["--store", &store]);
    let admin = serve_admin(&StoreConfig::parse(store.as_ref()).unwrap()).await;
    let origin = server.origin();
    let api = server.team_url.replacen(origin, &format!("{origin}/api"), 1);
    let mut command = Command::new("node");
    command
        .arg(folder.join("main.mjs"))
        .env("FRONTDESK_TEAM_API", api)
        .env("FRONTDESK_ADMIN", admin)
        .stdin(Stdio::null());
    let output = match tokio::task::spawn_blocking(move || command.output()).await.unwrap() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert_ne!(env::var("CI").as_deref(), Ok("true"), "node is missing");
            println!("not run: the tests of the client, because node is not on the PATH");
            return;
        }
        output => output.unwrap(),
    };
    let report = String::from_utf8_lossy(&output.stdout);
    print!("{report}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("\n# pass 2"), "fewer tests ran");
}
