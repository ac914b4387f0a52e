//! The mails and webhooks of the worker, read by libraries of others.

use std::io::Write;
use std::process::{Command, Stdio};

use frontdesk::record::MessageRecord;
use frontdesk::view::{English, ViewContext};
use frontdesk::{Booking, BookingId, DisplayName, LocationId, MessageBody, Participant};
use frontdesk::{ParticipantId, Post, Preview, Role, Thread, Timestamp};
use futures::executor::block_on;
use mail_parser::MessageParser;
use relay::mail::{Unread, compose};
use relay::settings::MailSettings;
use serde_json::{Value, json};
use time::UtcOffset;

use crate::http_server::Request;
use crate::process::{Fixture, NEXT_SECRET, SECRET};

/// The headers of a signed request.
const SIGNED_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// Names and activities that mail programs read wrongly if the subject is not encoded well: long
/// clusters, an encoded word as text, a line with quotes, and texts of two scripts.
const TEXTS: [&str; 6] = [
    "Ann Lee",
    "=?utf-8?q?Ann?= =?utf-8?b?TGVl?=",
    "\"Ann\" <ann@example.org>, Lee; (x)",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦 e\u{301}e\u{301}e\u{301}",
    "Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé Ünïcödé",
    "שלום עולם 你好世界 नमस्ते दुनिया",
];

/// The body of each mail: lines that begin with a dot or with "From ", and a long line.
const BODY: &str = "Hello!\n.\n..two dots\nFrom here on, é and 👍🏽.\n";

/// A mail and what a reader should find in it.
struct Example {
    content: Vec<u8>,
    subject: String,
    reader: Role,
}

fn settings() -> MailSettings {
    serde_json::from_value(json!({
        "smtp": "smtp://localhost",
        "from": "Harbour team <desk@example.org>",
        "domain": "example.org",
        "teams": {},
        "customers": {},
        "unsubscribe": format!("https://example.org/{}?booking=", "unsubscribe-".repeat(12)),
    }))
    .unwrap()
}

/// Composes a mail about a number of messages.
fn written(booking: &str, text: &str, reader: Role, count: usize) -> Example {
    let now = Timestamp::UNIX_EPOCH;
    let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2-XH41", text)
        .with_customer_name(DisplayName::new(text));
    let mut thread = Thread::start(LocationId::new("harbour").unwrap(), booking, now);
    let id = ParticipantId::new("p-1").unwrap();
    let author = match reader {
        Role::Operator => Participant::customer(id, None),
        Role::Customer => Participant::operator(id, None),
    };
    let body = MessageBody::new(&format!("{BODY}{}", "long ".repeat(300))).unwrap();
    let mut messages = Vec::new();
    for _ in 0..count {
        let posted = thread.post(Post::new(author.clone(), body.clone(), now)).unwrap();
        messages.push(posted.message);
        thread = posted.thread;
    }
    let context = ViewContext::new(&UtcOffset::UTC, &English, now);
    let unread = Unread { thread: &thread, messages: &messages, reader };
    let mail = compose(&unread, &settings(), "ann@example.com", &context).unwrap();
    let activity = thread.booking().activity.as_str().to_owned();
    let name = context.customer(thread.booking());
    let line = match reader {
        Role::Operator => format!("{name}: {activity} K7Q2-XH41"),
        Role::Customer => format!("New message about {activity} K7Q2-XH41"),
    };
    let subject = Preview::of(&MessageBody::new(&line).unwrap()).as_str().to_owned();
    let record = MessageRecord::from(messages[0].clone());
    assert!(record.body.unwrap().starts_with("Hello!"));
    Example { content: mail, subject, reader }
}

fn examples() -> Vec<Example> {
    let readers = [Role::Operator, Role::Customer];
    TEXTS.iter().flat_map(|text| readers.map(|reader| written("b-1/ä", text, reader, 1))).collect()
}

/// The crate `mail-parser` reads the subject, the ids and the text as they were written.
#[test]
fn mail_parser_reads_the_mails() {
    for Example { content, subject, reader } in examples() {
        let mail = MessageParser::default().parse(&content).unwrap();
        assert_eq!(mail.subject(), Some(subject.as_str()));
        let id = mail.message_id().unwrap();
        assert!(id.ends_with(".1.0@example.org"), "{id}");
        let root = id.replace(".1.0@", "@");
        assert_eq!(mail.in_reply_to().as_text(), Some(root.as_str()));
        assert_eq!(mail.references().as_text(), Some(root.as_str()));
        let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
        assert!(text.contains(BODY.trim_end()), "{text}");
        let lines = content.split(|byte| *byte == b'\n');
        assert!(lines.clone().all(|line| line.len() < 998), "a line is too long");
        assert!(content.is_ascii(), "the mail contains bytes above 127");
        let unsubscribe: Vec<_> =
            lines.clone().filter(|line| line.starts_with(b"List-Unsubscribe: <https://")).collect();
        assert_eq!(
            unsubscribe.len(),
            usize::from(reader == Role::Customer),
            "customers have a list"
        );
        for line in unsubscribe {
            assert!(line.ends_with(b"booking=b-1%2F%C3%A4>\r"), "the address is cut");
        }
        assert!(lines.clone().any(|line| line == b"Auto-Submitted: auto-generated\r"));
        let text = String::from_utf8(content).unwrap();
        let words = text.split(char::is_whitespace).filter(|word| word.starts_with("=?"));
        for word in words {
            assert!(word.len() <= 75, "RFC 2047 does not allow the encoded word {word}");
        }
    }
}

/// The mails of one thread to one side refer to the same id, and those of other threads or to the
/// other side do not. Each last message has its own id.
#[test]
fn a_conversation_has_its_own_message_ids() {
    let ids = |booking: &str, reader, count| {
        let content = written(booking, "Ann", reader, count).content;
        let mail = MessageParser::default().parse(&content).unwrap();
        [mail.message_id().unwrap(), mail.in_reply_to().as_text().unwrap()].map(str::to_owned)
    };
    let [id, root] = ids("b-1", Role::Operator, 1);
    assert_eq!(ids("b-1", Role::Operator, 1), [id.clone(), root.clone()]);
    let [next_id, next_root] = ids("b-1", Role::Operator, 2);
    assert!(next_id != id && next_root == root);
    for (booking, reader) in [("b-2", Role::Operator), ("b-1", Role::Customer)] {
        let [other_id, other_root] = ids(booking, reader, 1);
        assert!(other_id != id && other_root != root, "{booking} {reader}");
    }
}

/// Python's package `email` reads the subject, the ids and the text as they were written.
#[test]
fn python_reads_the_mails() {
    let script = "
import email, email.policy, json, sys
mails = json.load(sys.stdin)
out = []
for mail in mails:
    parsed = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    out.append([parsed['subject'], parsed['message-id'], parsed['in-reply-to'],
                parsed['references'], parsed.get_content()])
json.dump(out, sys.stdout)
";
    let examples = examples();
    let input: Vec<&Vec<u8>> = examples.iter().map(|example| &example.content).collect();
    let Some(output) = run("python3", &["-c", script], &json!(input).to_string()) else {
        println!("not run: python3 is missing");
        return;
    };
    let read: Vec<[String; 5]> = serde_json::from_str(&output).unwrap();
    assert_eq!(read.len(), examples.len());
    for (example, [subject, id, in_reply_to, references, text]) in examples.iter().zip(&read) {
        assert_eq!(*subject, example.subject);
        let root = id.replace(".1.0@", "@");
        assert!(id.starts_with('<') && id.ends_with(".1.0@example.org>"), "{id}");
        assert_eq!((in_reply_to, references), (&root, &root));
        assert!(text.replace("\r\n", "\n").contains(BODY.trim_end()), "{text}");
    }
}

/// The crate `standardwebhooks` accepts the requests with the old and with the new secret, and refuses
/// another text. The package of the same name for Python accepts them, too.
#[test]
fn foreign_libraries_verify_the_webhooks() {
    let fixture = Fixture::new(3_600_000, 3_600_000);
    let _worker = fixture.start_and_wait();
    block_on(fixture.customer("b-1").send("Grüße 👋\n\"quoted\"")).unwrap();
    fixture.wait_for_webhooks(1);
    let request = fixture.server.accepted().remove(0);
    assert_eq!(request.header("webhook-signature").split(' ').count(), 2, "one for each secret");
    assert_signed(&request);
    let verifier = standardwebhooks::Webhook::new(SECRET).unwrap();
    let mut headers = signed_headers(&request);
    let other = [&request.body[..], b" "].concat();
    assert!(verifier.verify(&other, &headers).is_err(), "another text");
    headers.insert("webhook-timestamp", "1".parse().unwrap());
    assert!(verifier.verify(&request.body, &headers).is_err(), "another time");

    let headers: serde_json::Map<String, Value> = SIGNED_HEADERS
        .iter()
        .map(|name| ((*name).to_owned(), json!(request.header(name))))
        .collect();
    let input = json!({
        "body": String::from_utf8(request.body).unwrap(), "headers": headers,
        "secrets": [SECRET, NEXT_SECRET],
    });
    let script = "
import json, sys
try:
    from standardwebhooks.webhooks import Webhook
except ImportError:
    print('missing')
    sys.exit()
given = json.load(sys.stdin)
for secret in given['secrets']:
    Webhook(secret).verify(given['body'], given['headers'])
print('verified')
";
    match run("python3", &["-c", script], &input.to_string()).as_deref().map(str::trim) {
        None => println!("not run: python3 is missing"),
        Some("missing") => println!("not run: the Python package standardwebhooks is missing"),
        output => assert_eq!(output, Some("verified")),
    }
}

/// Returns the headers of a signed request.
fn signed_headers(request: &Request) -> http::HeaderMap {
    SIGNED_HEADERS
        .iter()
        .map(|name| {
            let name = http::HeaderName::from_static(name);
            let value = request.header(name.as_str()).parse().unwrap();
            (name, value)
        })
        .collect()
}

/// Asserts that the crate `standardwebhooks` accepts a request, with the old and the new secret.
#[track_caller]
pub(crate) fn assert_signed(request: &Request) {
    for secret in [SECRET, NEXT_SECRET] {
        let verifier = standardwebhooks::Webhook::new(secret).unwrap();
        verifier.verify(&request.body, &signed_headers(request)).unwrap();
    }
}

/// Runs a program with an input and returns its output, or `None` if the program is missing.
fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.ok()?;
    // A program that does not read its input closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}
