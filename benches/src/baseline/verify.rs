//! The check that the desk and the baseline give the same answers.

use std::error::Error;

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::{MessageBody, OperatorDesk, Role};
use futures::executor::block_on;

use super::Baseline;

/// Asserts that the desk and the baseline return the same first page of `limit` threads and the
/// same newest messages of these threads, and that a poll of either finds no changes.
pub fn assert_same_answers(
    operator: &OperatorDesk,
    baseline: &mut Baseline<'_>,
    location: &str,
    limit: usize,
) -> Result<(), Box<dyn Error>> {
    let page = block_on(operator.inbox(&PageRequest::first(limit)))?;
    let (counts, mut rows) = baseline.page(location, i64::try_from(limit)?)?;
    rows.truncate(limit);
    assert_eq!((page.unread.cast_signed(), page.threads.len()), (counts.unread, rows.len()));
    for (thread, row) in page.threads.iter().zip(&rows) {
        let preview = thread.last_message().and_then(|last| Some(last.preview.as_ref()?.as_str()));
        assert_eq!(
            (thread.id().booking.as_str(), preview),
            (&*row.booking, row.preview.as_deref())
        );
        assert_eq!(i64::from(thread.last_number()), row.last_number);
        assert!(row.integers.iter().flatten().count() > 10 && row.texts[2].is_some());

        let history = block_on(operator.history(&thread.id().booking, None, limit))?;
        let (_, rows) = baseline.history(location, &row.booking, i64::try_from(limit)?)?;
        assert_eq!(history.messages.len(), rows.len());
        for (message, row) in history.messages.iter().zip(rows) {
            let number = i64::from(message.number());
            assert_eq!((number, i64::from(message.ordinal())), (row.number, row.ordinal));
            assert_eq!(message.role() == Role::Operator, row.role == 1);
            assert_eq!((message.author().id.as_str(), None), (&*row.author, row.name));
            let body = message.body().map(MessageBody::as_str);
            let sent_at = message.sent_at().unix_micros();
            assert_eq!((body, sent_at), (Some(&*row.body), row.sent_at));
        }
    }
    let (counts, _) = baseline.poll(location, 0)?;
    assert!(baseline.poll(location, counts.revision)?.1.is_empty());
    let OperatorPoll::Update(update) = block_on(operator.poll(&page.cursor, None))? else {
        panic!("the cursor is too old");
    };
    assert!(update.is_empty());
    Ok(())
}
