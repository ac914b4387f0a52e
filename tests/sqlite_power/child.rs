//! The process that has the bad luck.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use frontdesk::store::SqliteStore;
use frontdesk::{DeskError, Draft, FrontDesk, Role};
use tokio::runtime::Runtime;

use crate::disk;
use crate::support::{booking, booking_id, key, place, who};

pub(crate) const HERE: &str = "here";
/// So few that the writers get in each other's way.
pub(crate) const BOOKINGS: usize = 3;

const ROLE: &str = "FRONTDESK_CHILD";
const FILE: &str = "FRONTDESK_CHILD_FILE";
const NAME: &str = "FRONTDESK_CHILD_NAME";
const TURNS: &str = "FRONTDESK_CHILD_TURNS";

/// Who writes in a child: each of its writers sends its messages from one number
/// up to another.
#[derive(Debug)]
pub(crate) struct Writers {
    pub(crate) name: String,
    pub(crate) turns: Vec<(usize, usize)>,
}

/// A message that a child was told is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Acknowledged {
    pub(crate) booked: String,
    pub(crate) number: u32,
    pub(crate) author: String,
    pub(crate) key: String,
    pub(crate) text: String,
}

/// This program again in another role, as a command.
pub(crate) fn command(role: &str, file: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(ROLE, role).env(FILE, file);
    command
}

/// A child that writes, and what it says.
pub(crate) fn writing(file: &Path, writers: &Writers) -> (Child, BufReader<ChildStdout>) {
    let turns = writers.turns.iter().map(|(from, to)| format!("{from}-{to}"));
    let mut child = command("write", file)
        .env(NAME, &writers.name)
        .env(TURNS, turns.collect::<Vec<_>>().join(","))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

/// What a child says, line by line; not a line that it was killed in.
pub(crate) fn acknowledged(mut said: BufReader<ChildStdout>) -> impl Iterator<Item = Acknowledged> {
    std::iter::from_fn(move || {
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let mut words = line.strip_suffix('\n')?.split('\t').map(str::to_owned);
        let mut next = || words.next().expect("five words to a line");
        Some(Acknowledged {
            booked: next(),
            number: next().parse().unwrap(),
            author: next(),
            key: next(),
            text: next(),
        })
    })
}

/// What the writer sends: short and long texts.
fn text(sent_with: &str, number: usize) -> String {
    format!("{sent_with}{}", " and so on".repeat(number % 60))
}

/// Does what it was started for; says whether it is a child.
pub(crate) fn run() -> bool {
    let Ok(role) = env::var(ROLE) else { return false };
    let file = PathBuf::from(env::var_os(FILE).unwrap());
    let runtime = Runtime::new().unwrap();
    match role.as_str() {
        "write" => runtime.block_on(write(&file)),
        "full" => runtime.block_on(disk::fill(&file)),
        "read only" => runtime.block_on(disk::open_read_only(&file)),
        other => panic!("no such role: {other}"),
    }
    true
}

/// All writers send as fast as they can, customers and operators by turns.
async fn write(file: &Path) {
    let desk = FrontDesk::new(SqliteStore::open(file).unwrap());
    let (name, turns) = (env::var(NAME).unwrap(), env::var(TURNS).unwrap());
    let writers = turns.split(',').enumerate().map(|(writer, turns)| {
        let (from, to) = turns.split_once('-').unwrap();
        let turns = from.parse().unwrap()..to.parse().unwrap();
        let role = if writer % 2 == 0 { Role::Customer } else { Role::Operator };
        tokio::spawn(send_all(desk.clone(), role, format!("{name}{writer}"), turns))
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

async fn send_all(desk: FrontDesk, role: Role, author: String, turns: std::ops::Range<usize>) {
    let kim = desk.operator(place(HERE), who(&author), None);
    for turn in turns {
        let (booked, sent_with) = (format!("b-{}", turn % BOOKINGS), format!("{author}-{turn}"));
        let text = text(&sent_with, turn);
        let number = loop {
            let draft = Draft::new(&text).with_key(key(&sent_with));
            let sent = match role {
                Role::Customer => {
                    let ann = desk.customer(place(HERE), booking(&booked), who(&author), None);
                    ann.send(draft).await.map(|sent| sent.number())
                }
                Role::Operator => {
                    kim.start(booking(&booked)).await.unwrap();
                    kim.reply(&booking_id(&booked), draft).await.map(|sent| sent.number())
                }
            };
            match sent {
                Ok(number) => break number,
                Err(DeskError::Busy) => {}
                Err(error) => panic!("{sent_with} was refused: {error:?}"),
            }
        };
        let line = format!("{booked}\t{number}\t{author}\t{sent_with}\t{text}\n");
        let mut out = std::io::stdout().lock();
        // Nobody listens any more when the other side has failed.
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
    }
}
