//! A child process whose writers send messages and report each acknowledged message.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use frontdesk::{DeskError, Draft, FrontDesk, Role};

use crate::child::{self, LOCATION};
use crate::histories;
use crate::support::{booking, booking_id, key, location_id, participant_id};

pub(crate) const ROLE: &str = "write";

/// The number of bookings. The number is small, so that writers conflict often.
pub(crate) const BOOKINGS: usize = 3;

const NAME: &str = "FRONTDESK_CHILD_NAME";
const TURNS: &str = "FRONTDESK_CHILD_TURNS";

/// The writers of one child process. A writer sends one message in each of its turns.
#[derive(Debug)]
pub(crate) struct Writers {
    /// The prefix of the authors' ids.
    pub(crate) name: String,
    /// The numbers of the turns of each writer.
    pub(crate) turns: Vec<Range<usize>>,
}

/// A message whose commit was acknowledged to a child process.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Acknowledged {
    pub(crate) booking: String,
    pub(crate) number: u32,
    pub(crate) author: String,
    pub(crate) key: String,
    pub(crate) text: String,
}

/// Starts a child process with writers and returns it with its output.
pub(crate) fn spawn(file: &Path, writers: &Writers) -> (Child, BufReader<ChildStdout>) {
    let turns = writers.turns.iter().map(|turns| format!("{}-{}", turns.start, turns.end));
    let mut child = child::command(ROLE, file)
        .env(NAME, &writers.name)
        .env(TURNS, turns.collect::<Vec<_>>().join(","))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Reads the acknowledged messages from the output of a child, line by line. An incomplete
/// last line, which a kill can leave, is ignored.
pub(crate) fn acknowledged(
    mut output: BufReader<ChildStdout>,
) -> impl Iterator<Item = Acknowledged> {
    std::iter::from_fn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let mut fields = line.strip_suffix('\n')?.split('\t').map(str::to_owned);
        let mut next = || fields.next().expect("a line has five fields");
        Some(Acknowledged {
            booking: next(),
            number: next().parse().unwrap(),
            author: next(),
            key: next(),
            text: next(),
        })
    })
}

/// Runs all writers of this process at the same time. Customers and operators alternate.
pub(crate) async fn write(file: &Path) {
    let desk = FrontDesk::new(histories::open(file));
    let (name, turns) = (env::var(NAME).unwrap(), env::var(TURNS).unwrap());
    let writers = turns.split(',').enumerate().map(|(index, turns)| {
        let (start, end) = turns.split_once('-').unwrap();
        let role = if index % 2 == 0 { Role::Customer } else { Role::Operator };
        let writer = Writer { desk: desk.clone(), role, author: format!("{name}{index}") };
        tokio::spawn(writer.send_all(start.parse().unwrap()..end.parse().unwrap()))
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

struct Writer {
    desk: FrontDesk,
    role: Role,
    author: String,
}

impl Writer {
    /// Sends one message for each turn as fast as possible, with retries while the thread is
    /// busy, and reports each message.
    async fn send_all(self, turns: Range<usize>) {
        for turn in turns {
            let (id, key) = (format!("b-{}", turn % BOOKINGS), format!("{}-{turn}", self.author));
            let text = format!("{key}{}", " and so on".repeat(turn % 60));
            let number = loop {
                match self.send(&id, &key, &text).await {
                    Ok(number) => break number,
                    Err(DeskError::Busy) => {}
                    Err(error) => panic!("{key} was refused: {error:?}"),
                }
            };
            let line = format!("{id}\t{number}\t{}\t{key}\t{text}\n", self.author);
            let mut output = std::io::stdout().lock();
            // Writing fails if the parent process has failed and no longer reads.
            output.write_all(line.as_bytes()).and_then(|()| output.flush()).unwrap();
        }
    }

    /// Sends a message and returns its number.
    async fn send(&self, id: &str, key_text: &str, text: &str) -> Result<String, DeskError> {
        let draft = Draft::new(text).with_key(key(key_text));
        let (location, author) = (location_id(LOCATION), participant_id(&self.author));
        let number = match self.role {
            Role::Customer => {
                let customer = self.desk.customer(location, booking_id(id), author);
                customer.starting_with(booking(id)).send(draft).await?.number()
            }
            Role::Operator => {
                let operator = self.desk.operator(location, author, None);
                operator.start(booking(id)).await?;
                operator.reply(&booking_id(id), draft).await?.number()
            }
        };
        Ok(number.to_string())
    }
}
