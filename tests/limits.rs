//! What is bounded, at its bound and one past it: the rows of the crate's page that
//! the tests of their own modules do not try.

#[path = "support/busy.rs"]
mod busy;
mod support;

use std::time::Duration;

use busy::Busy;
use frontdesk::desk::{
    Conversation, MAX_ATTEMPTS, MAX_PAGE, OpenThread, OperatorPoll, OperatorUpdate, PageRequest,
    PollCursor,
};
use frontdesk::store::{MemoryStore, Revision, ThreadStore};
use frontdesk::{
    BodyError, Booking, BookingId, BookingStatus, ConfirmationCode, CustomerDesk, DeskError,
    DisplayName, FrontDesk, IdError, IdempotencyKey, LocationId, MAX_ID_BYTES, MessageBody,
    MessageNumber, OneLine, OperatorDesk, ParticipantId, Preview, ProfileId, Role,
};
use futures::executor::block_on;
use serde_json::json;
use support::{at, booking, booking_id, number, place, thread_id, who};

fn customer(desk: &FrontDesk) -> CustomerDesk {
    desk.customer(place("here"), booking("b-1"), who("c-1"), None)
}

fn operator(desk: &FrontDesk) -> OperatorDesk {
    desk.operator(place("here"), who("u-1"), None)
}

// ---------------------------------------------------------------- texts

/// T4: a desk takes a message of as many characters as it says, 10,000 by default,
/// and refuses one of one more.
#[test]
fn t4_the_characters_of_a_message() {
    let default = FrontDesk::new(MemoryStore::new());
    let four = FrontDesk::builder(MemoryStore::new()).max_body_chars(4).build();
    for (desk, limit) in [(default, 10_000), (four, 4)] {
        let most = "👍".repeat(limit);
        block_on(async {
            assert_eq!(customer(&desk).send(most.as_str()).await.unwrap().number(), number(1));
            let error = customer(&desk).send(most + "x").await.unwrap_err();
            let too_long = BodyError::TooLong { chars: limit + 1, limit };
            assert!(matches!(error, DeskError::Body(error) if error == too_long));
            assert_eq!(
                operator(&desk).history(&booking_id("b-1"), None, 9).await.unwrap().messages.len(),
                1
            );
        });
    }
}

/// T6: a name, a code, an activity and a status word keep 100 grapheme clusters and
/// 512 bytes; what is more is cut off.
#[test]
fn t6_the_clusters_and_bytes_of_a_line() {
    let lines: [fn(&str) -> String; 4] = [
        |text| DisplayName::new(text).unwrap().as_str().to_owned(),
        |text| ConfirmationCode::new(text).as_str().to_owned(),
        |text| OneLine::new(text).as_str().to_owned(),
        |text| BookingStatus::from_word(text).word().to_owned(),
    ];
    for line in lines {
        // Clusters of three bytes, and of eight.
        for (cluster, most) in [("e\u{301}", 100), ("👍🏽", 64)] {
            let whole = cluster.repeat(most);
            assert_eq!(line(&whole), whole);
            assert_eq!(line(&(whole.clone() + "x")), whole);
        }
    }
}

/// T8: a name that was stored is read back up to 512 bytes.
#[test]
fn t8_the_bytes_of_a_stored_name() {
    assert!(DisplayName::from_stored("x".repeat(512)).is_ok());
    assert!(DisplayName::from_stored("x".repeat(513)).is_err());
}

#[track_caller]
fn preview(text: &str) -> (String, bool) {
    let preview = Preview::of(&MessageBody::new(text).unwrap());
    (preview.as_str().to_owned(), preview.is_cut())
}

/// T7: a preview shows 80 grapheme clusters, of text in any script.
#[test]
fn t7_the_clusters_of_a_preview() {
    for cluster in ["x", "é", "e\u{301}", "👍🏽"] {
        let most = cluster.repeat(Preview::MAX_CLUSTERS);
        assert_eq!(preview(&most), (most.clone(), false));
        assert_eq!(preview(&(most.clone() + cluster)), (most, true));
    }
}

/// T7: a preview holds 2,048 bytes.
#[test]
fn t7_the_bytes_that_a_preview_holds() {
    // 64 bytes each.
    let cluster = "é".to_owned() + &"\u{301}".repeat(31);
    let most = cluster.repeat(Preview::MAX_BYTES / 64);
    assert_eq!(preview(&most), (most.clone(), false));
    assert_eq!(preview(&(most.clone() + "x")), (most, true));
}

/// T7: a preview is made of the first 4,096 bytes of a message.
#[test]
fn t7_the_bytes_that_a_preview_reads() {
    let spaced = |bytes: usize| format!("a{}b", " ".repeat(bytes - 2));
    assert_eq!(preview(&spaced(Preview::MAX_READ_BYTES)), ("a b".to_owned(), false));
    assert_eq!(preview(&spaced(Preview::MAX_READ_BYTES + 1)), ("a".to_owned(), true));
}

// ---------------------------------------------------------------- ids and numbers

/// I1, I4: an id of any kind, and a key, has 128 bytes, made as it is read back.
#[test]
fn i1_the_bytes_of_every_kind_of_id() {
    fn bounded<T>(new: impl Fn(String) -> Result<T, IdError>)
    where
        T: for<'de> serde::Deserialize<'de>,
    {
        let most = "x".repeat(MAX_ID_BYTES);
        assert!(serde_json::from_value::<T>(json!(most)).is_ok());
        assert!(new(most).is_ok());
        let past = "x".repeat(MAX_ID_BYTES + 1);
        assert!(serde_json::from_value::<T>(json!(past)).is_err());
        assert!(matches!(new(past), Err(IdError::TooLong { bytes: 129, .. })));
    }
    bounded(LocationId::new);
    bounded(BookingId::new);
    bounded(ParticipantId::new);
    bounded(ProfileId::new);
    bounded(IdempotencyKey::new);
}

/// P1: the revisions of a location end at 2^53 - 1, which a JavaScript number holds.
#[test]
fn p1_the_revisions_of_a_location() {
    let most = (1_i64 << 53) - 1;
    assert_eq!(Revision::try_from(most).unwrap(), Revision::MAX);
    assert_eq!(serde_json::from_value::<Revision>(json!(most)).unwrap(), Revision::MAX);
    assert_eq!(Revision::MAX.previous().next(), Some(Revision::MAX));
    assert_eq!(Revision::MAX.next(), None);
    assert!(Revision::try_from(most + 1).is_err());
    assert!(serde_json::from_value::<Revision>(json!(most + 1)).is_err());
}

/// T8: a booking lasts 2^31 - 1 seconds; more is cut.
#[test]
fn t8_the_duration_of_a_booking() {
    let most = Booking::MAX_DURATION;
    assert_eq!(booking("b-1").lasting(most).duration(), most);
    assert_eq!(booking("b-1").lasting(most + Duration::from_secs(1)).duration(), most);
}

// ---------------------------------------------------------------- answers

/// P2: a poll brings 200 messages of the open conversation; the rest comes with the
/// next, and what did not come stays unread.
#[test]
fn p2_the_messages_of_a_poll() {
    for (sent, left) in [(MAX_PAGE, 0), (MAX_PAGE + 1, 1)] {
        block_on(async {
            let desk = FrontDesk::new(MemoryStore::new());
            let cursor = cursor(&desk).await;
            for _ in 0..sent {
                customer(&desk).send("Hello!").await.unwrap();
            }
            let update = poll(&desk, &cursor, MessageNumber::START).await;
            let came = update.conversation.unwrap();
            assert_eq!(came.messages.len(), MAX_PAGE);
            assert_eq!(came.thread.unread(Role::Operator), left);
            let update = poll(&desk, &update.cursor, came.to_open().shown).await;
            let rest = update.conversation.map_or(0, |rest| rest.messages.len());
            assert_eq!(u32::try_from(rest).unwrap(), left);
        });
    }
}

/// U3: opening a conversation brings its 200 newest messages.
#[test]
fn u3_the_messages_of_an_opened_conversation() {
    for (sent, first) in [(MAX_PAGE, 1), (MAX_PAGE + 1, 2)] {
        block_on(async {
            let desk = FrontDesk::new(MemoryStore::new());
            for _ in 0..sent {
                customer(&desk).send("Hello!").await.unwrap();
            }
            let opened = operator(&desk).open(&booking_id("b-1")).await.unwrap();
            assert_eq!(opened.messages.len(), MAX_PAGE);
            assert_eq!(opened.messages[0].number(), number(first));
            assert_eq!(opened.thread.unread(Role::Operator), 0);
        });
    }
}

/// L2: a page of threads, of each kind, has 200; the next has the rest.
#[test]
fn l2_the_threads_of_a_page() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        for booked in 0..MAX_PAGE {
            let booking = booking(&format!("b-{booked}"));
            let customer = desk.customer(place("here"), booking, who("c-1"), None);
            customer.send("Hello!").await.unwrap();
        }
        let kinds: [fn() -> PageRequest; 3] = [
            || PageRequest::first(MAX_PAGE),
            || PageRequest::unread(MAX_PAGE),
            || PageRequest::idle_since(frontdesk::Timestamp::MAX, MAX_PAGE),
        ];
        for kind in kinds {
            let page = operator(&desk).inbox(&kind()).await.unwrap();
            assert_eq!((page.threads.len(), page.next), (MAX_PAGE, None));
        }
        let one_more = desk.customer(place("here"), booking("one-more"), who("c-1"), None);
        one_more.send("Hello!").await.unwrap();
        for kind in kinds {
            let page = operator(&desk).inbox(&kind()).await.unwrap();
            assert_eq!(page.threads.len(), MAX_PAGE);
            let next = PageRequest::after(page.next.unwrap(), MAX_PAGE);
            let rest = operator(&desk).inbox(&next).await.unwrap();
            assert_eq!((rest.threads.len(), rest.next), (1, None));
        }
    });
}

async fn cursor(desk: &FrontDesk) -> PollCursor {
    operator(desk).inbox(&PageRequest::first(1)).await.unwrap().cursor
}

async fn poll(desk: &FrontDesk, cursor: &PollCursor, shown: MessageNumber) -> OperatorUpdate {
    let open = OpenThread { booking: booking_id("b-1"), shown };
    match operator(desk).poll(cursor, Some(&open)).await.unwrap() {
        OperatorPoll::Update(update) => update,
        OperatorPoll::StartOver { .. } => panic!("told to start over"),
    }
}

// ---------------------------------------------------------------- attempts

/// A use case that writes, on a thread with one message of the customer.
#[derive(Debug, Clone, Copy)]
enum UseCase {
    Send,
    Reply,
    Start,
    Open,
    Visit,
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
        Self::Visit,
        Self::MarkRead,
        Self::MarkUnread,
        Self::Refresh,
        Self::Erase,
    ];

    async fn run(self, desk: &FrontDesk) -> Result<(), DeskError> {
        let (id, location) = (booking_id("b-1"), desk.location(place("here")));
        match self {
            Self::Send => drop(customer(desk).send("Hello!").await?),
            Self::Reply => drop(operator(desk).reply(&id, "Welcome!").await?),
            Self::Start => drop(operator(desk).start(booking("b-2")).await?),
            Self::Open => drop(operator(desk).open(&id).await?),
            Self::Visit => drop(customer(desk).visit().await?),
            Self::MarkRead => drop(operator(desk).mark_read(&id, number(1)).await?),
            Self::MarkUnread => drop(operator(desk).mark_unread(&id, number(2)).await?),
            Self::Refresh => {
                let changed = Booking::new(id, "OTHER", "Harbour tour", at(0));
                assert!(location.refresh(&changed).await?);
            }
            Self::Erase => assert!(location.erase(&id).await?),
        }
        Ok(())
    }
}

/// A desk where the next `others` commits come too late, and its store: a thread
/// that the customer began and an operator answered, not read by either since.
async fn contended(others: usize) -> (FrontDesk, Busy) {
    let store = Busy::default();
    let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
    customer(&desk).send("Hello!").await.unwrap();
    operator(&desk).reply(&booking_id("b-1"), "Welcome!").await.unwrap();
    operator(&desk).mark_unread(&booking_id("b-1"), number(1)).await.unwrap();
    store.conflict(others);
    (desk, store)
}

async fn newest(store: &Busy) -> u64 {
    store.changes(&place("here"), Revision::MAX, 0).await.unwrap().revision.get()
}

/// Every use case gets through at its 64th attempt, and with its 64th failure is
/// `Busy`, and nothing was written.
#[test]
fn the_attempts_when_others_are_faster() {
    for use_case in UseCase::ALL {
        // Nothing is there to be marked as unread before it was read.
        let prepared = |others| async move {
            let (desk, store) = contended(0).await;
            if let UseCase::MarkUnread = use_case {
                UseCase::Open.run(&desk).await.unwrap();
            }
            store.conflict(others);
            (desk, store)
        };
        block_on(async {
            let (desk, store) = prepared(MAX_ATTEMPTS - 1).await;
            let before = newest(&store).await;
            use_case.run(&desk).await.unwrap_or_else(|error| panic!("{use_case:?}: {error}"));
            assert_eq!(newest(&store).await, before + 1, "{use_case:?}");

            let (desk, store) = prepared(MAX_ATTEMPTS).await;
            let before = newest(&store).await;
            let error = use_case.run(&desk).await.unwrap_err();
            assert!(matches!(error, DeskError::Busy), "{use_case:?}: {error}");
            assert_eq!(newest(&store).await, before, "{use_case:?}");
        });
    }
}

/// P2, P3: a poll whose mark fails 64 times answers all the same, and says that
/// what it brought is unread.
#[test]
fn p2_the_attempts_of_a_polls_mark() {
    for (others, unread) in [(MAX_ATTEMPTS - 1, 0), (MAX_ATTEMPTS, 1)] {
        block_on(async {
            let (desk, store) = contended(others).await;
            let update = poll(&desk, &cursor(&desk).await, MessageNumber::START).await;
            let Conversation { messages, thread, .. } = update.conversation.unwrap();
            assert_eq!(messages.len(), 2);
            assert_eq!((thread.unread(Role::Operator), update.unread), (unread, u64::from(unread)));
            let stored = store.thread(&thread_id("here", "b-1")).await.unwrap().unwrap();
            assert_eq!(stored.state.live(), Some(&thread));
        });
    }
}
