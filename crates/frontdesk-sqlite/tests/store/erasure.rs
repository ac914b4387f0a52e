//! Removal of erased and redacted content from the bytes of the file (L3, T9).

use frontdesk::store::{AuthorRedaction, Commit, Redaction};
use frontdesk::{Booking, BookingId, DisplayName, Draft, FrontDesk, Participant, ProfileId, Role};
use futures::executor::block_on;

use crate::fixtures::{
    LOCATION, StoreFile, TestMessage, commit, head, messages, post, read_location,
};
use crate::support::{at, booking, booking_id, key, location_id, number, participant_id};

/// A word that is in every text, name, key and id that erasure removes.
const MARKER: &str = "Quetzalcoatlus";

/// Builds a booking with the marker in every text.
fn marked_booking(id: &str) -> Booking {
    let id = BookingId::new(id).unwrap();
    Booking::new(id, format!("{MARKER}-code"), format!("{MARKER} tour"))
        .with_start(at(0))
        .with_customer_name(DisplayName::new(format!("{MARKER} of the booking")))
        .with_profile(ProfileId::new(format!("{MARKER}-profile")).unwrap())
}

/// Fills a thread with short and long messages whose texts, authors and keys contain `word`.
async fn fill_thread(desk: &FrontDesk, booking: Booking, word: &str) {
    let (location, id) = (location_id(LOCATION), booking.id.clone());
    let ann = desk
        .customer(location.clone(), id.clone(), participant_id(&format!("{word}-c")))
        .starting_with(booking)
        .with_name(DisplayName::new(format!("{word} Ann")));
    let operator = participant_id(&format!("{word}-u"));
    let kim = desk.operator(location, operator, DisplayName::new(word));
    for number in 0..30 {
        let text = format!("{word} {}", format!("{number} {word} ").repeat(number * 17));
        let key = key(&format!("{word}-{number}"));
        ann.send(Draft::new(text).with_key(key)).await.unwrap();
        kim.reply(&id, format!("{word} again")).await.unwrap();
    }
}

/// Returns the files of the folder that contain the marker, each with the number of
/// occurrences.
fn find_marker(file: &StoreFile) -> Vec<(String, usize)> {
    let count = |bytes: &[u8]| {
        bytes.windows(MARKER.len()).filter(|window| *window == MARKER.as_bytes()).count()
    };
    let files = file.read_folder().into_iter().map(|(name, bytes)| (name, count(&bytes)));
    files.filter(|(_, count)| *count > 0).collect()
}

/// Asserts that the marker is not in the closed file, before and after `VACUUM`.
#[track_caller]
fn assert_no_marker(file: &StoreFile) {
    assert_eq!(find_marker(file), []);
    file.run_sql("VACUUM");
    assert_eq!(find_marker(file), []);
}

/// L3: no text, name, key or booking detail of an erased thread is in the closed file. Other
/// threads keep their messages.
#[test]
fn l3_an_erased_thread_leaves_no_bytes_in_the_file() {
    const THREADS: usize = 6;
    let file = StoreFile::new();
    let location = location_id(LOCATION);
    let desk = FrontDesk::new(file.open());
    block_on(async {
        for number in 0..THREADS {
            fill_thread(&desk, booking(&format!("b-{number}")), "other").await;
            fill_thread(&desk, marked_booking(&format!("marked-{number}")), MARKER).await;
        }
    });
    assert!(!find_marker(&file).is_empty(), "the marker was never written");
    block_on(async {
        for number in 0..THREADS {
            let id = booking_id(&format!("marked-{number}"));
            assert!(desk.admin(location.clone()).erase(&id).await.unwrap());
        }
    });
    drop(desk);
    assert_no_marker(&file);

    let history = block_on(async {
        let kim = FrontDesk::new(file.open()).operator(location, participant_id("kim"), None);
        kim.history(&booking_id("b-3"), None, 200).await.unwrap()
    });
    assert_eq!(history.messages.len(), 60);
}

/// T9: the text of a redacted message is not in the closed file. The message keeps its
/// number, author and time.
#[test]
fn t9_a_redacted_text_leaves_no_bytes_in_the_file() {
    let file = StoreFile::new();
    let store = file.open();
    let secret = format!("{MARKER} {}", format!("{MARKER} ").repeat(500));
    let before = block_on(async {
        post(&store, TestMessage::new("b-1", &secret).with_key("k-1")).await;
        post(&store, TestMessage::new("b-1", "Sorry, wrong window")).await;
        messages(&store, "b-1").await
    });
    assert!(!find_marker(&file).is_empty(), "the marker was never written");
    let after = block_on(async {
        let found = head(&store, "b-1").await.unwrap();
        let redaction = Redaction { number: number(1), ordinal: 1 };
        let redacted = Commit::new(found.state.clone(), Some(&found)).with_redaction(redaction);
        commit(&store, redacted.unwrap()).await;
        messages(&store, "b-1").await
    });
    drop(store);
    assert_no_marker(&file);

    let (old, new) = (&before[0].message, &after[0].message);
    assert_eq!(new.body(), None);
    assert_eq!(new.redaction(), Some(1));
    assert_eq!((new.number(), new.ordinal()), (old.number(), old.ordinal()));
    assert_eq!((new.author(), new.sent_at()), (old.author(), old.sent_at()));
    assert_eq!(before[0].revision, after[0].revision);
    assert_eq!(before[1], after[1]);
}

/// A2: a redacted name is not in the closed file. The author's messages and the names of
/// other authors stay.
#[test]
fn a2_a_redacted_name_leaves_no_bytes_in_the_file() {
    let file = StoreFile::new();
    let store = file.open();
    let ria = Participant::operator(participant_id("u-9"), DisplayName::new(MARKER));
    block_on(async {
        for _ in 0..3 {
            post(&store, TestMessage::new("b-1", "A question")).await;
            post(&store, TestMessage::new("b-1", "An answer").by(ria.clone())).await;
        }
        let before = messages(&store, "b-1").await;
        let found = head(&store, "b-1").await.unwrap();
        let redaction = AuthorRedaction {
            role: Role::Operator,
            author: participant_id("u-9"),
            messages: number(1)..=number(6),
        };
        let redacted = Commit::new(found.state.clone(), Some(&found));
        commit(&store, redacted.with_author_redaction(redaction).unwrap()).await;

        let after = messages(&store, "b-1").await;
        for (old, new) in before.iter().zip(&after) {
            let mut author = old.message.author().clone();
            if author.role == Role::Operator {
                author.name = None;
            }
            assert_eq!(*new.message.author(), author);
            assert_eq!(new.message.body(), old.message.body());
        }
        assert_eq!(read_location(&store).await.changes.changed.len(), 1);
    });
    drop(store);
    assert_no_marker(&file);
}
