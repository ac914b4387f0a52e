//! Connections, and what is done when one is lost.

use deadpool_postgres::{Object, Pool};
use scopeguard::{ScopeGuard, guard};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::errors::{Failure, Remedy};
use super::values;
use crate::store::columns::Value;

/// How many connections a call tries before it gives up.
pub(super) const LINES: u32 = 3;

/// How often a call is made again that was taken back for another's sake. At
/// serializable isolation one writer of a location wins each round.
const ROUNDS: u32 = 100;

/// The host's pool, or our own.
#[derive(Clone)]
pub(super) struct Lines {
    pub(super) pool: Pool,
    /// Whether statements are sent along each time instead of prepared.
    pub(super) unnamed: bool,
}

/// What one call has left to try.
pub(super) struct Patience {
    lines: u32,
    rounds: u32,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { lines: LINES, rounds: ROUNDS }
    }

    /// Whether the same is worth another try.
    pub(super) fn allows(&mut self, after: &Failure) -> bool {
        let left = match after.remedy() {
            Remedy::AnotherLine => &mut self.lines,
            Remedy::Again => &mut self.rounds,
            Remedy::Later | Remedy::Repair | Remedy::Unknown => return false,
        };
        *left = left.saturating_sub(1);
        *left > 0
    }

    /// Whether there may be one more round.
    pub(super) fn round(&mut self) -> bool {
        self.rounds = self.rounds.saturating_sub(1);
        self.rounds > 0
    }

    /// Whether lines were lost one after the other: then those that are left in the
    /// pool are likely to be of the same server that is gone.
    fn is_short(&self) -> bool {
        self.lines < LINES - 1
    }
}

/// What a statement came to that was sent, or a failure before that.
pub(super) type Sent = Result<Result<Vec<Row>, Failure>, Failure>;

impl Lines {
    pub(super) async fn line(&self, patience: &Patience) -> Result<Object, Failure> {
        if patience.is_short() {
            drop(self.pool.retain(|_, _| false));
        }
        Ok(self.pool.get().await?)
    }

    /// Runs one statement on its own: one round trip, once it is prepared. A line
    /// that fails is not given back to the pool, and neither is one whose caller gives
    /// up: whoever had it next would wait for the answer that is still to come.
    pub(super) async fn send(&self, patience: &Patience, sql: &str, values: &[Value<'_>]) -> Sent {
        let line = guard(self.line(patience).await?, |line| drop(Object::take(line)));
        let types: Vec<Type> = values.iter().map(values::kind).collect();
        let answer = if self.unnamed {
            let values = values.iter().map(|value| value as &(dyn ToSql + Sync)).zip(types);
            line.query_typed(sql, &values.collect::<Vec<_>>()).await
        } else {
            let prepared = match line.prepare_typed_cached(sql, &types).await {
                Ok(prepared) => prepared,
                Err(error) => return Err(discarded(ScopeGuard::into_inner(line), error.into())),
            };
            let values: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            line.query(&prepared, &values).await
        };
        let line = ScopeGuard::into_inner(line);
        Ok(answer.map_err(|error| discarded(line, error.into())))
    }

    /// Runs a statement that may be run twice.
    pub(super) async fn ask(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Failure> {
        let mut patience = Patience::new();
        loop {
            match self.send(&patience, sql, values).await.and_then(|answer| answer) {
                Err(failure) if patience.allows(&failure) => {}
                done => return done,
            }
        }
    }
}

/// Takes a line that failed out of the pool, where another one would help.
pub(super) fn discarded(line: Object, failure: Failure) -> Failure {
    if failure.remedy() == Remedy::AnotherLine {
        drop(Object::take(line));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_made_a_hundred_times_and_not_once_more() {
        let mut patience = Patience::new();
        let made = 1 + (1..200).take_while(|_| patience.round()).count();
        assert_eq!(made, 100);
    }
}
