//! The operation that imports a list of messages (I5).

use frontdesk::import::{
    ImportMark, Imported, ImportedMessage, RefusalReason, RefusedMessage, ThreadImport,
};
use frontdesk::{BodyError, Message, Participant, PerRole, Role, Timestamp};
use proptest::prelude::*;

use crate::conversations::model_error;
use crate::harness::Harness;
use crate::import_reference::{ModelEntry, ModelImport, ModelImported, ModelMark, ModelRefusal};
use crate::operations::{CUSTOMERS, OPERATORS, TEXTS, Target, snapshot};
use crate::support::{key, participant_id};

/// A list to import. Times are in seconds before the present time.
#[derive(Debug, Clone)]
pub(crate) struct TestImport {
    pub(crate) entries: Vec<TestEntry>,
    pub(crate) read: (TestMark, TestMark),
    pub(crate) waiting: bool,
    pub(crate) restart_erased: bool,
    pub(crate) clamp_times: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TestEntry {
    key: u8,
    role: Role,
    author: usize,
    text: usize,
    seconds_ago: i64,
    automatic: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum TestMark {
    Everything,
    First(usize),
    Until(i64),
    Nothing,
}

/// Generates a list. Most lists are in order, and most of their keys are different.
pub(crate) fn test_import() -> impl Strategy<Value = TestImport> {
    let key = prop_oneof![1 => Just(0), 6 => 2..12_u8];
    let role = prop_oneof![Just(Role::Customer), Just(Role::Operator)];
    let seconds_ago = prop_oneof![12 => 0..90_i64, 1 => -5..0_i64];
    let text = prop_oneof![1 => Just(3), 8 => 4..TEXTS.len()];
    let automatic = prop::bool::weighted(0.15);
    let entry = (key, role, 0..2_usize, text, seconds_ago, automatic).prop_map(
        |(key, role, author, text, seconds_ago, automatic)| TestEntry {
            key,
            role,
            author,
            text,
            seconds_ago,
            automatic,
        },
    );
    let mark = || {
        prop_oneof![
            2 => Just(TestMark::Everything),
            1 => (0..6_usize).prop_map(TestMark::First),
            1 => (-5..90_i64).prop_map(TestMark::Until),
            1 => Just(TestMark::Nothing),
        ]
    };
    let flags = (prop::bool::weighted(0.8), any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(entry, 0..7), (mark(), mark()), flags).prop_map(
        |(mut entries, read, (in_order, waiting, restart_erased, clamp_times))| {
            if in_order {
                entries.sort_by_key(|entry| std::cmp::Reverse(entry.seconds_ago));
            }
            TestImport { entries, read, waiting, restart_erased, clamp_times }
        },
    )
}

impl Harness {
    pub(crate) async fn import(&mut self, target: Target, import: &TestImport) {
        let now = self.now();
        let model_import = import.model(target, now);
        let expected = self.models[target.location].import(&model_import, now);
        let fixture = self.at(target.location);
        let answer = fixture.admin().import(&thread_import(&model_import)).await;
        if let Ok(answer) = &answer {
            assert_eq!(answer.thread, self.head(target).await, "the thread of the answer");
        }
        let stored = fixture.messages(target.booking_id()).await;
        let found = answer.map(|answer| results(&answer, &expected, &stored));
        assert_eq!(found.map_err(|error| model_error(&error)), expected, "the imported messages");
    }
}

impl TestImport {
    fn model(&self, target: Target, now: Timestamp) -> ModelImport {
        let ago = |seconds: i64| {
            Timestamp::saturating_from_unix_micros(now.unix_micros() - seconds * 1_000_000)
        };
        let mark = |mark: TestMark| match mark {
            TestMark::Everything => ModelMark::Everything,
            TestMark::First(messages) => ModelMark::First(messages),
            TestMark::Until(seconds) => ModelMark::Until(ago(seconds)),
            TestMark::Nothing => ModelMark::Nothing,
        };
        let entries = self.entries.iter().map(|entry| ModelEntry {
            key: entry.key,
            role: entry.role,
            author: match entry.role {
                Role::Customer => CUSTOMERS[entry.author],
                Role::Operator => OPERATORS[entry.author],
            },
            typed: TEXTS[entry.text],
            sent_at: ago(entry.seconds_ago),
            automatic: entry.automatic,
        });
        ModelImport {
            booking: snapshot(target, 4),
            entries: entries.collect(),
            read: PerRole { customer: mark(self.read.0), operator: mark(self.read.1) },
            waiting: self.waiting,
            restart_erased: self.restart_erased,
            clamp_times: self.clamp_times,
        }
    }
}

fn thread_import(import: &ModelImport) -> ThreadImport {
    let mark = |mark: ModelMark| match mark {
        ModelMark::Everything => ImportMark::Everything,
        ModelMark::First(messages) => ImportMark::First(messages),
        ModelMark::Until(time) => ImportMark::Until(time),
        ModelMark::Nothing => ImportMark::Nothing,
    };
    let messages = import.entries.iter().map(|entry| {
        let author = Participant::new(entry.role, participant_id(entry.author), None);
        let message = ImportedMessage::new(author, entry.sent_at, entry.typed);
        let message = if entry.automatic { message.automatic() } else { message };
        (key(&format!("key {}", entry.key)), message)
    });
    let mut result = ThreadImport::new(import.booking.clone())
        .messages(messages)
        .read_by_customers(mark(import.read.customer))
        .read_by_operators(mark(import.read.operator));
    result.waiting = import.waiting;
    result.restart_erased = import.restart_erased;
    result.clamp_times = import.clamp_times;
    result
}

/// Returns the results for all messages of the list. The answer counts the messages that this call
/// stored, and those that were stored before, but does not list them, so `expected` decides between
/// the two.
fn results<E>(
    answer: &Imported,
    expected: &Result<Vec<ModelImported>, E>,
    stored: &[Message],
) -> Vec<ModelImported> {
    let Ok(expected) = expected else { return Vec::new() };
    let results: Vec<ModelImported> = (0..expected.len())
        .map(|position| {
            let refused = answer.refused.iter().find(|refused| refused.position == position);
            match (answer.number(position), refused) {
                (Some(number), None) => {
                    let message = stored.iter().find(|message| message.number() == number);
                    let (number, sent_at) = (number.get(), message.unwrap().sent_at());
                    match expected[position] {
                        ModelImported::Stored { clamped, .. } => {
                            ModelImported::Stored { number, sent_at, clamped }
                        }
                        _ => ModelImported::AlreadyStored { number, sent_at },
                    }
                }
                (None, Some(refused)) => ModelImported::Refused(refusal(refused)),
                both => panic!("message {position} has the results {both:?}"),
            }
        })
        .collect();
    let count = |is_counted: fn(&ModelImported) -> bool| {
        expected.iter().filter(|result| is_counted(result)).count()
    };
    let counts = (answer.stored, answer.already_stored, answer.clamped, answer.refused.len());
    let expected_counts = (
        count(|result| matches!(result, ModelImported::Stored { .. })),
        count(|result| matches!(result, ModelImported::AlreadyStored { .. })),
        count(|result| matches!(result, ModelImported::Stored { clamped: true, .. })),
        count(|result| matches!(result, ModelImported::Refused(_))),
    );
    assert_eq!(counts, expected_counts, "the counts of the answer");
    results
}

fn refusal(refused: &RefusedMessage) -> ModelRefusal {
    match &refused.reason {
        RefusalReason::Body(BodyError::Blank) => ModelRefusal::Blank,
        RefusalReason::Future => ModelRefusal::Future,
        RefusalReason::BeforePrevious => ModelRefusal::BeforePrevious,
        RefusalReason::DuplicateKey => ModelRefusal::DuplicateKey,
        RefusalReason::KeyReused => ModelRefusal::KeyReused,
        RefusalReason::BeforeStored => ModelRefusal::BeforeStored,
        other => panic!("the reference implementation has no refusal for {other:?}"),
    }
}
