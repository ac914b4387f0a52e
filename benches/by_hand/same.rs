use std::error::Error;

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::{OperatorDesk, Role};
use futures::executor::block_on;

use super::ByHand;

/// A location's first page, its threads' newest messages and a poll with nothing
/// new are the same both ways.
pub(crate) fn same_answers(
    team: &OperatorDesk,
    hand: &mut ByHand<'_>,
    location: &str,
    limit: usize,
) -> Result<(), Box<dyn Error>> {
    let page = block_on(team.inbox(&PageRequest::first(limit)))?;
    let (unread, mut heads) = hand.page(location, i64::try_from(limit)?)?;
    heads.truncate(limit);
    assert_eq!((page.unread.cast_signed(), page.threads.len()), (unread, heads.len()));
    for (thread, head) in page.threads.iter().zip(&heads) {
        let last = thread.last_message().map(|last| last.preview.as_str());
        assert_eq!((thread.id().booking.as_str(), last), (&*head.booking, head.preview.as_deref()));
        assert_eq!(i64::from(thread.last_number()), head.last_number);
        assert!(head.numbers.iter().flatten().count() > 10 && head.words[1].is_some());

        let history = block_on(team.history(&thread.id().booking, None, limit))?;
        let (_, rows) = hand.history(location, &head.booking, i64::try_from(limit)?)?;
        assert_eq!(history.messages.len(), rows.len());
        for (message, row) in history.messages.iter().zip(rows) {
            let number = i64::from(message.number());
            assert_eq!((number, i64::from(message.ordinal())), (row.number, row.ordinal));
            assert_eq!(message.role() == Role::Operator, row.role == 1);
            assert_eq!((message.author().id.as_str(), None), (&*row.author, row.name));
            let sent_at = message.sent_at().unix_micros();
            assert_eq!((message.body().as_str(), sent_at), (&*row.body, row.sent_at));
        }
    }
    let (revision, _, _) = hand.poll(location, 0)?;
    assert!(hand.poll(location, revision)?.2.is_empty());
    let OperatorPoll::Update(update) = block_on(team.poll(&page.cursor, None))? else {
        panic!("nobody is that far behind");
    };
    assert!(update.is_empty());
    Ok(())
}
