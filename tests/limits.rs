//! The limits in the table of the crate's docs, each tested at the limit and one above it. Limits
//! that the unit tests of a module cover are left out.

mod support;

use std::time::Duration;

use frontdesk::desk::{MAX_ATTEMPTS, MAX_PAGE, OperatorUpdate, PageRequest};
use frontdesk::record::MessageRecord;
use frontdesk::store::{
    CommitError, MAX_COMMIT_MESSAGES, MAX_COMMIT_TEXT_BYTES, MemoryStore, NewMessage, NewMessages,
    Revision,
};
use frontdesk::{
    BodyError, Booking, BookingId, BookingStatus, ConfirmationCode, DeskError, DisplayName,
    IdError, IdempotencyKey, LocationId, MAX_ID_BYTES, Message, MessageBody, ParticipantId,
    Preview, ProfileId, Role, SingleLine, Timestamp,
};
use futures::executor::block_on;
use serde_json::json;
use support::faulty_store::FaultyStore;
use support::fixture::{Fixture, open_thread};
use support::{at, booking, booking_id, key, number};

// ---------------------------------------------------------------- texts

/// T4: a desk accepts a message of 10,000 characters, or of the host's limit. The desk refuses a
/// message with one character more.
#[test]
fn t4_a_message_with_more_characters_than_the_limit_is_refused() {
    let four = |builder: frontdesk::desk::FrontDeskBuilder| builder.max_body_chars(4);
    let with_default = Fixture::new();
    let with_four = Fixture::configured(MemoryStore::new(), four);
    for (fixture, limit) in [(with_default, 10_000), (with_four, 4)] {
        let longest = "👍".repeat(limit);
        block_on(async {
            let sent = fixture.ann().send(longest.as_str()).await.unwrap();
            assert_eq!(sent.number(), number(1));
            let error = fixture.ann().send(longest + "x").await.unwrap_err();
            let too_long = BodyError::TooLong { chars: limit + 1, limit };
            assert!(matches!(error, DeskError::Body(error) if error == too_long));
            assert_eq!(fixture.messages("b-1").await.len(), 1);
        });
    }
}

/// T6: a name, a code, an activity and a status word keep 100 grapheme clusters and 512
/// bytes. The rest is cut.
#[test]
fn t6_a_single_line_is_cut_at_100_clusters_or_512_bytes() {
    let kinds: [fn(&str) -> String; 4] = [
        |text| DisplayName::new(text).unwrap().as_str().to_owned(),
        |text| ConfirmationCode::new(text).as_str().to_owned(),
        |text| SingleLine::new(text).as_str().to_owned(),
        |text| BookingStatus::from_word(text).word().to_owned(),
    ];
    for kind in kinds {
        // Clusters of three bytes reach the limit of 100 clusters. Clusters of eight bytes reach
        // the limit of 512 bytes.
        for (cluster, most) in [("e\u{301}", 100), ("👍🏽", 64)] {
            let longest = cluster.repeat(most);
            assert_eq!(kind(&longest), longest);
            assert_eq!(kind(&(longest.clone() + "x")), longest);
        }
    }
}

/// T8: a stored name is read back with up to 512 bytes.
#[test]
fn t8_a_stored_name_has_at_most_512_bytes() {
    assert!(DisplayName::from_stored("x".repeat(512)).is_ok());
    assert!(DisplayName::from_stored("x".repeat(513)).is_err());
}

/// Returns the preview of a message, and `true` if the preview was cut.
#[track_caller]
fn preview(text: &str) -> (String, bool) {
    let preview = Preview::of(&MessageBody::new(text).unwrap());
    (preview.as_str().to_owned(), preview.is_cut())
}

/// T7: a preview has up to 80 grapheme clusters, in any script.
#[test]
fn t7_a_preview_has_at_most_80_clusters() {
    for cluster in ["x", "é", "e\u{301}", "👍🏽"] {
        let longest = cluster.repeat(Preview::MAX_CLUSTERS);
        assert_eq!(preview(&longest), (longest.clone(), false));
        assert_eq!(preview(&(longest.clone() + cluster)), (longest, true));
    }
}

/// T7: a preview has up to 2,048 bytes.
#[test]
fn t7_a_preview_has_at_most_2048_bytes() {
    let cluster_of_64_bytes = "é".to_owned() + &"\u{301}".repeat(31);
    let longest = cluster_of_64_bytes.repeat(Preview::MAX_BYTES / 64);
    assert_eq!(preview(&longest), (longest.clone(), false));
    assert_eq!(preview(&(longest.clone() + "x")), (longest, true));
}

/// T7: a preview is made from the first 4,096 bytes of a message.
#[test]
fn t7_a_preview_reads_at_most_4096_bytes() {
    let spaced = |bytes: usize| format!("a{}b", " ".repeat(bytes - 2));
    assert_eq!(preview(&spaced(Preview::MAX_READ_BYTES)), ("a b".to_owned(), false));
    assert_eq!(preview(&spaced(Preview::MAX_READ_BYTES + 1)), ("a".to_owned(), true));
}

// ---------------------------------------------------------------- ids and numbers

/// I1, I4: ids of every kind and idempotency keys have at most 128 bytes, when they are made and
/// when they are deserialized.
#[test]
fn i1_each_kind_of_id_has_at_most_128_bytes() {
    fn check<T>(new: impl Fn(String) -> Result<T, IdError>)
    where
        T: for<'de> serde::Deserialize<'de>,
    {
        let longest = "x".repeat(MAX_ID_BYTES);
        assert!(serde_json::from_value::<T>(json!(longest)).is_ok());
        assert!(new(longest).is_ok());
        let too_long = "x".repeat(MAX_ID_BYTES + 1);
        assert!(serde_json::from_value::<T>(json!(too_long)).is_err());
        assert!(matches!(new(too_long), Err(IdError::TooLong { bytes: 129, .. })));
    }
    check(LocationId::new);
    check(BookingId::new);
    check(ParticipantId::new);
    check(ProfileId::new);
    check(IdempotencyKey::new);
}

/// P1: revisions are at most 2^53 - 1, the largest integer that JavaScript keeps exact.
#[test]
fn p1_a_revision_is_at_most_2_to_the_53_minus_1() {
    let highest = (1_i64 << 53) - 1;
    assert_eq!(Revision::try_from(highest).unwrap(), Revision::MAX);
    assert_eq!(serde_json::from_value::<Revision>(json!(highest)).unwrap(), Revision::MAX);
    assert_eq!(Revision::MAX.previous().next(), Some(Revision::MAX));
    assert_eq!(Revision::MAX.next(), None);
    assert!(Revision::try_from(highest + 1).is_err());
    assert!(serde_json::from_value::<Revision>(json!(highest + 1)).is_err());
}

/// T8: the duration of a booking is at most 2^31 - 1 seconds. A longer duration is cut.
#[test]
fn t8_the_duration_of_a_booking_is_cut_at_the_limit() {
    let longest = Booking::MAX_DURATION;
    assert_eq!(booking("b-1").with_duration(longest).duration(), longest);
    let too_long = longest + Duration::from_secs(1);
    assert_eq!(booking("b-1").with_duration(too_long).duration(), longest);
}

// ---------------------------------------------------------------- answers

/// P2: a poll returns at most 200 messages of the open conversation. The next poll returns the
/// rest, which stays unread until then.
#[test]
fn p2_a_poll_returns_at_most_200_messages() {
    for (sent, rest) in [(MAX_PAGE, 0), (MAX_PAGE + 1, 1)] {
        block_on(async {
            let fixture = Fixture::new();
            let cursor = fixture.cursor().await;
            for _ in 0..sent {
                fixture.ann().send("Hello!").await.unwrap();
            }
            let update = fixture.poll(&cursor, Some(&open_thread("b-1", 0))).await;
            let conversation = update.conversation.unwrap();
            assert_eq!(conversation.messages.len(), MAX_PAGE);
            assert_eq!(conversation.thread.unread(Role::Operator), rest);
            let open = conversation.open_thread();
            let OperatorUpdate { conversation, .. } =
                fixture.poll(&update.cursor, Some(&open)).await;
            let messages = conversation.map_or(0, |conversation| conversation.messages.len());
            assert_eq!(u32::try_from(messages).unwrap(), rest);
        });
    }
}

/// U3: opening a conversation returns at most 200 messages: the newest, unless more messages than
/// these are unread.
#[test]
fn u3_opening_returns_at_most_200_messages() {
    for (sent, first, unread) in [(MAX_PAGE, 1, 0), (MAX_PAGE + 1, 1, 1)] {
        block_on(async {
            let fixture = Fixture::new();
            for _ in 0..sent {
                fixture.ann().send("Hello!").await.unwrap();
            }
            let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
            assert_eq!(opened.messages.len(), MAX_PAGE);
            assert_eq!(opened.messages[0].number(), number(first));
            assert_eq!(opened.thread.unread(Role::Operator), unread);
        });
    }
}

/// L2: a page of each list has at most 200 threads, and the next page has the rest.
#[test]
fn l2_a_page_has_at_most_200_threads() {
    block_on(async {
        let fixture = Fixture::new();
        for n in 0..MAX_PAGE {
            fixture.ann_with(&format!("b-{n}")).send("Hello!").await.unwrap();
        }
        let lists: [fn() -> PageRequest; 3] = [
            || PageRequest::first(MAX_PAGE),
            || PageRequest::unread(MAX_PAGE),
            || PageRequest::idle_since(Timestamp::MAX, MAX_PAGE),
        ];
        for list in lists {
            let page = fixture.kim().inbox(&list()).await.unwrap();
            assert_eq!((page.threads.len(), page.next), (MAX_PAGE, None));
        }
        fixture.ann_with("one-more").send("Hello!").await.unwrap();
        for list in lists {
            let page = fixture.kim().inbox(&list()).await.unwrap();
            assert_eq!(page.threads.len(), MAX_PAGE);
            let next = PageRequest::after(page.next.unwrap(), MAX_PAGE);
            let rest = fixture.kim().inbox(&next).await.unwrap();
            assert_eq!((rest.threads.len(), rest.next), (1, None));
        }
    });
}

// ---------------------------------------------------------------- commits

/// Returns one message of a customer for each body, numbered from 1 without gaps.
fn new_messages<'a>(bodies: impl IntoIterator<Item = &'a str>) -> Vec<NewMessage> {
    let messages = bodies.into_iter().zip(1..).map(|(body, number)| {
        let mut record = MessageRecord::default();
        record.number = number;
        record.ordinal = number;
        record.role = Role::Customer;
        "c-1".clone_into(&mut record.author);
        record.body = Some(body.to_owned());
        NewMessage::new(Message::try_from(record).unwrap(), None)
    });
    messages.collect()
}

/// I5: one commit adds 1 to 1,000 messages.
#[test]
fn a_commit_adds_at_least_1_and_at_most_1000_messages() {
    let messages = |count| NewMessages::new(new_messages(vec!["Hello!"; count]));
    assert_eq!(messages(0), Err(CommitError::NoMessages));
    for count in [1, 2, MAX_COMMIT_MESSAGES] {
        assert_eq!(messages(count).unwrap().len(), count);
    }
    let count = MAX_COMMIT_MESSAGES + 1;
    assert_eq!(messages(count), Err(CommitError::TooManyMessages { messages: 1_001 }));
}

/// I5: the texts of one commit have at most 4 MiB in total.
#[test]
fn a_commit_adds_at_most_4_mib_of_text() {
    let large = "x".repeat(MessageBody::MAX_BYTES);
    let most = vec![large.as_str(); MAX_COMMIT_TEXT_BYTES / MessageBody::MAX_BYTES];
    assert_eq!(NewMessages::new(new_messages(most.clone())).unwrap().len(), 4);
    let too_much = most.into_iter().chain(["x"]);
    let bytes = MAX_COMMIT_TEXT_BYTES + 1;
    assert_eq!(NewMessages::new(new_messages(too_much)), Err(CommitError::TooMuchText { bytes }));
}

/// I3: the messages of one commit have consecutive numbers.
#[test]
fn i3_a_commit_with_a_gap_is_refused() {
    for missing in [1, 2] {
        let mut messages = new_messages(["1", "2", "3", "4"]);
        messages.remove(missing);
        let error = NewMessages::new(messages).unwrap_err();
        assert_eq!(error, CommitError::NotConsecutive { index: missing });
    }
    let mut messages = new_messages(["1", "2"]);
    messages.swap(0, 1);
    assert_eq!(NewMessages::new(messages), Err(CommitError::NotConsecutive { index: 1 }));
    let twice = vec![new_messages(["1"]).remove(0); 2];
    assert_eq!(NewMessages::new(twice), Err(CommitError::NotConsecutive { index: 1 }));
}

/// I4: a commit contains a key at most once per role and author.
#[test]
fn i4_a_commit_with_a_key_twice_is_refused() {
    let mut messages = new_messages(["1", "2", "3"]);
    messages[0].key = Some(key("k"));
    messages[2].key = Some(key("k"));
    let error = NewMessages::new(messages.clone()).unwrap_err();
    assert_eq!(error, CommitError::DuplicateKey { index: 2 });

    let mut by_operator = MessageRecord::from(messages[2].message.clone());
    by_operator.role = Role::Operator;
    by_operator.ordinal = 1;
    messages[2].message = by_operator.try_into().unwrap();
    assert_eq!(NewMessages::new(messages.clone()).unwrap().len(), 3);

    let mut by_other_customer = MessageRecord::from(messages[0].message.clone());
    by_other_customer.author = "c-2".to_owned();
    by_other_customer.number = 3;
    by_other_customer.ordinal = 3;
    messages[2].message = by_other_customer.try_into().unwrap();
    assert_eq!(NewMessages::new(messages).unwrap().len(), 3);
}

// ---------------------------------------------------------------- attempts

/// A use case that writes.
#[derive(Debug, Clone, Copy)]
enum UseCase {
    Send,
    Reply,
    Start,
    Open,
    CustomerOpen,
    MarkRead,
    MarkUnread,
    Refresh,
    Erase,
}

impl UseCase {
    const ALL: [Self; 9] = [
        Self::Send,
        Self::Reply,
        Self::Start,
        Self::Open,
        Self::CustomerOpen,
        Self::MarkRead,
        Self::MarkUnread,
        Self::Refresh,
        Self::Erase,
    ];

    async fn run(self, fixture: &Fixture<FaultyStore>) -> Result<(), DeskError> {
        let (ann, kim, admin) = (fixture.ann(), fixture.kim(), fixture.admin());
        let id = booking_id("b-1");
        match self {
            Self::Send => drop(ann.send("Hello!").await?),
            Self::Reply => drop(kim.reply(&id, "Welcome!").await?),
            Self::Start => drop(kim.start(booking("b-2")).await?),
            Self::Open => drop(kim.open(&id).await?),
            Self::CustomerOpen => drop(ann.open().await?),
            Self::MarkRead => drop(kim.mark_read(&id, number(1)).await?),
            Self::MarkUnread => drop(kim.mark_unread(&id, number(2)).await?),
            Self::Refresh => {
                let changed = Booking::new(id, "OTHER", "Harbour tour").with_start(at(0));
                assert!(admin.refresh(&changed.clone().into()).await?);
            }
            Self::Erase => assert!(admin.erase(&id).await?),
        }
        Ok(())
    }
}

/// Returns a fixture with a thread of one message and one reply. Neither side has read the other's
/// message.
async fn unread_thread() -> Fixture<FaultyStore> {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("Hello!").await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "Welcome!").await.unwrap();
    fixture.kim().mark_unread(&booking_id("b-1"), number(1)).await.unwrap();
    fixture
}

/// Each use case succeeds at its 64th attempt after 63 conflicts. After 64 conflicts, the use case
/// fails with `Busy` and has written nothing.
#[test]
fn a_use_case_makes_at_most_64_attempts() {
    for use_case in UseCase::ALL {
        for (conflicts, succeeds) in [(MAX_ATTEMPTS - 1, true), (MAX_ATTEMPTS, false)] {
            block_on(async {
                let fixture = unread_thread().await;
                if let UseCase::MarkUnread = use_case {
                    // Only a read message can be marked as unread.
                    UseCase::Open.run(&fixture).await.unwrap();
                }
                let before = fixture.revision().await.get();
                fixture.store.conflict(conflicts);
                let result = use_case.run(&fixture).await;
                let commits = fixture.revision().await.get() - before;
                if succeeds {
                    result.unwrap_or_else(|error| panic!("{use_case:?}: {error}"));
                    assert_eq!(commits, 1, "{use_case:?}");
                } else {
                    assert!(matches!(result, Err(DeskError::Busy)), "{use_case:?}: {result:?}");
                    assert_eq!(commits, 0, "{use_case:?}");
                }
            });
        }
    }
}

/// P2, P3: a poll whose mark conflicts 64 times still answers. Its answer shows the
/// messages as unread.
#[test]
fn p2_a_poll_answers_even_if_its_mark_conflicts_64_times() {
    for (conflicts, unread) in [(MAX_ATTEMPTS - 1, 0), (MAX_ATTEMPTS, 1)] {
        block_on(async {
            let fixture = unread_thread().await;
            let cursor = fixture.cursor().await;
            fixture.store.conflict(conflicts);
            let update = fixture.poll(&cursor, Some(&open_thread("b-1", 0))).await;
            let conversation = update.conversation.unwrap();
            assert_eq!(conversation.messages.len(), 2);
            let in_thread = conversation.thread.unread(Role::Operator);
            assert_eq!((in_thread, update.unread), (unread, u64::from(unread)));
            assert_eq!(fixture.thread("b-1").await, conversation.thread);
        });
    }
}
