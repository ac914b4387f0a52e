//! L3: what was erased is not in the file any more.

use frontdesk::{
    Booking, BookingId, DisplayName, Draft, FrontDesk, LocationId, OperatorDesk, ProfileId,
};
use futures::executor::block_on;

use crate::disk::{Disk, HERE};
use crate::support::{at, booking, booking_id, key, place, who};

/// In everything that erasing removes.
const MARK: &str = "Quetzalcoatlus";

/// A booking whose every text has the mark.
fn marked(id: &str) -> Booking {
    Booking::new(BookingId::new(id).unwrap(), format!("{MARK}-code"), format!("{MARK} tour"), at(0))
        .with_customer_name(DisplayName::new(format!("{MARK} of the booking")))
        .with_profile(ProfileId::new(format!("{MARK}-profile")).unwrap())
}

/// Writes into a booking's thread: short and long messages, names and keys.
async fn fill(front: &FrontDesk, here: &LocationId, booking: Booking, word: &str) {
    let (id, name) = (booking.id.clone(), DisplayName::new(format!("{word} Ann")));
    let ann = front.customer(here.clone(), booking, who(&format!("{word}-c")), name);
    let kim: OperatorDesk =
        front.operator(here.clone(), who(&format!("{word}-u")), DisplayName::new(word));
    for number in 0..30 {
        let text = format!("{word} {}", format!("{number} {word} ").repeat(number * 17));
        let sent_with = key(&format!("{word}-{number}"));
        ann.send(Draft::new(text).with_key(sent_with)).await.unwrap();
        kim.reply(&id, format!("{word} again")).await.unwrap();
    }
}

/// The files of the folder that have the mark, and how often.
fn marks(disk: &Disk) -> Vec<(String, usize)> {
    let times =
        |bytes: &[u8]| bytes.windows(MARK.len()).filter(|bytes| *bytes == MARK.as_bytes()).count();
    let files = disk.files().into_iter().map(|(name, bytes)| (name, times(&bytes)));
    files.filter(|(_, times)| *times > 0).collect()
}

/// L3: every word, name and key of an erased thread is out of the file when the
/// store is closed, and when the file was compacted; what others wrote is there.
#[test]
fn l3_what_was_erased_is_nowhere_in_the_file() {
    const THREADS: usize = 6;
    let disk = Disk::new();
    let here = place(HERE);
    let front = FrontDesk::new(disk.store());
    block_on(async {
        for number in 0..THREADS {
            let booking = booking(&format!("b-{number}"));
            fill(&front, &here, booking, "other").await;
            fill(&front, &here, marked(&format!("marked-{number}")), MARK).await;
        }
    });
    assert!(!marks(&disk).is_empty(), "the mark was never there");
    block_on(async {
        for number in 0..THREADS {
            let id = booking_id(&format!("marked-{number}"));
            assert!(front.location(here.clone()).erase(&id).await.unwrap());
        }
    });
    drop(front);
    assert_eq!(marks(&disk), []);
    disk.change("VACUUM");
    assert_eq!(marks(&disk), []);

    let history = block_on(async {
        let kim = FrontDesk::new(disk.store()).operator(here, who("kim"), None);
        kim.history(&booking_id("b-3"), None, 200).await.unwrap()
    });
    assert_eq!(history.messages.len(), 60);
}
