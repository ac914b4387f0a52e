//! Tests of a fleet whose builds count grapheme clusters by different versions of Unicode.

use futures::executor::block_on;

use crate::desk::{OperatorPoll, PageRequest};
use crate::store::MemoryStore;
use crate::text::later_unicode::{self, JOINED};
use crate::{Booking, BookingId, BookingPatch, DisplayName, FrontDesk, LocationId, ParticipantId};

/// Returns the booking as a build of the fleet makes it from the data of the host application.
fn booking(customer: &str) -> Booking {
    Booking::new(BookingId::new("b-1").unwrap(), "K7", "Harbour tour")
        .with_customer_name(DisplayName::new(customer))
}

/// P6, T6: two builds that cut a customer's name at different places refresh the booking in turns.
/// At most one refresh of each name is a change, so no poll returns the thread again and again. A
/// real change of the name is still a change.
#[test]
fn p6_t6_builds_with_different_unicode_versions_agree_about_a_long_name() {
    let location = LocationId::new("harbour").unwrap();
    // The first name reaches the limit of grapheme clusters, the second one the limit of bytes.
    for name in [
        "a".repeat(90) + &JOINED.repeat(12),
        "n\u{303}\u{303}\u{303}".repeat(72) + "b" + &JOINED.repeat(2),
    ] {
        let cuts = [booking(&name), later_unicode::run(|| booking(&name))];
        let lengths = cuts.map(|it| it.customer_name.unwrap().as_str().len());
        assert_ne!(lengths[0], lengths[1], "the builds cut the name at different places");
        for is_first_later in [false, true] {
            let desk = FrontDesk::new(MemoryStore::new());
            let team = desk.operator(location.clone(), ParticipantId::new("u").unwrap(), None);
            let admin = desk.admin(location.clone());
            block_on(team.start(booking("Ann"))).unwrap();
            let refresh = |name: &str, is_later: bool| {
                let refreshing = || block_on(admin.refresh(&BookingPatch::from(booking(name))));
                let changed = if is_later { later_unicode::run(refreshing) } else { refreshing() };
                changed.unwrap()
            };
            assert!(refresh(&name, is_first_later));
            let turns = (1..=6).map(|turn| refresh(&name, is_first_later ^ (turn % 2 == 1)));
            let changes = turns.filter(|changed| *changed).count();
            // The longer text stays.
            let is_first_longer = is_first_later == (lengths[1] > lengths[0]);
            assert_eq!(changes, usize::from(!is_first_longer));

            let cursor = block_on(team.inbox(&PageRequest::first(1))).unwrap().cursor;
            for is_later in [false, true] {
                assert!(!refresh(&name, is_later));
            }
            let poll = block_on(team.poll(&cursor, None)).unwrap();
            assert!(matches!(poll, OperatorPoll::Update(update) if update.is_empty()));

            for is_later in [false, true] {
                assert!(refresh(&name[..80], is_later), "a shorter name is a change");
                assert!(refresh(&name, is_later), "a longer name is a change");
            }
        }
    }
}

/// T7: the preview of a message is cut when the message is written. A build with another version of
/// Unicode neither counts nor cuts it again.
#[test]
fn t7_a_stored_preview_is_not_cut_again() {
    let location = LocationId::new("harbour").unwrap();
    let text = JOINED.repeat(100);
    let mut previews = Vec::new();
    for (is_writer_later, units) in [(false, 40), (true, 80)] {
        let desk = FrontDesk::new(MemoryStore::new());
        let team = desk.operator(location.clone(), ParticipantId::new("u").unwrap(), None);
        block_on(team.start(booking("Ann"))).unwrap();
        let id = BookingId::new("b-1").unwrap();
        let write = || block_on(team.reply(&id, text.as_str())).unwrap();
        drop(if is_writer_later { later_unicode::run(write) } else { write() });

        let shown = || {
            let page = block_on(team.inbox(&PageRequest::first(1))).unwrap();
            let last = page.threads[0].last_message().unwrap();
            last.preview.clone().unwrap()
        };
        assert_eq!(
            (shown(), shown().as_str()),
            (later_unicode::run(shown), &*JOINED.repeat(units))
        );
        // A refresh of the booking keeps the preview.
        let refresh = || block_on(desk.admin(location.clone()).refresh(&booking("Ann Lee").into()));
        let changed = if is_writer_later { refresh() } else { later_unicode::run(refresh) };
        assert!(changed.unwrap());
        assert_eq!(shown().as_str(), JOINED.repeat(units));
        previews.push(shown());
    }
    assert_ne!(previews[0], previews[1]);
}
