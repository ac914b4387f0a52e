//! An SMTP server that keeps the mails.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

/// A mail as it came.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedMail {
    pub(crate) recipient: String,
    pub(crate) content: Vec<u8>,
}

/// The server. It knows no mailbox with the name `gone`.
#[derive(Clone)]
pub(crate) struct SmtpSink {
    pub(crate) url: String,
    mails: Arc<Mutex<Vec<ReceivedMail>>>,
    is_busy: Arc<AtomicBool>,
    attempts: Arc<AtomicU32>,
}

impl SmtpSink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let sink =
            Self { url, mails: Arc::default(), is_busy: Arc::default(), attempts: Arc::default() };
        let handler = sink.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let handler = handler.clone();
                // An error means that the client was killed.
                thread::spawn(move || handler.serve(stream).unwrap_or_default());
            }
        });
        sink
    }

    pub(crate) fn mails(&self) -> Vec<ReceivedMail> {
        self.mails.lock().unwrap().clone()
    }

    /// Answers each mail with the code 451, which asks for another attempt, or accepts mails again.
    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, SeqCst);
    }

    /// Returns the number of mails that clients have tried to send.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(SeqCst)
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        let mut recipient = String::new();
        writer.write_all(b"220 sink\r\n")?;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            let command = line.trim_end().to_owned();
            line.clear();
            let answer: &[u8] = match command.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => b"250-sink\r\n250 8BITMIME\r\n",
                "MAIL" => {
                    self.attempts.fetch_add(1, SeqCst);
                    b"250 ok\r\n"
                }
                "RCPT" if self.is_busy.load(SeqCst) => b"451 try again later\r\n",
                "RCPT" if command.contains("<gone@") => b"550 no such mailbox\r\n",
                "RCPT" => {
                    command.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut recipient);
                    b"250 ok\r\n"
                }
                "DATA" => {
                    writer.write_all(b"354 go\r\n")?;
                    let Some(content) = read_data(&mut reader)? else { return Ok(()) };
                    let mail = ReceivedMail { recipient: recipient.clone(), content };
                    self.mails.lock().unwrap().push(mail);
                    b"250 ok\r\n"
                }
                "QUIT" => return writer.write_all(b"221 bye\r\n"),
                _ => b"250 ok\r\n",
            };
            writer.write_all(answer)?;
        }
        Ok(())
    }
}

/// Reads the content of a mail up to the line with a single dot. Returns `None` if the client has
/// closed the connection before that.
fn read_data(reader: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(content));
        }
        let is_stuffed = line.starts_with(b".");
        content.extend_from_slice(&line[usize::from(is_stuffed)..]);
    }
}
