//! The SQL that a store runs. The tables are written `schema.thread`, and get their
//! schema's name in [`Statements::of`].

use super::schema::Schema;

/// The columns of a head; [`columns`](crate::store::columns) reads them in this order.
const HEAD: &str = "t.location, t.booking, t.revision, t.last_number, t.newest_first IS NULL, \
    t.created_at, t.first_number, t.by_customer, t.by_operator, \
    t.last_role, t.last_at, t.preview, t.preview_cut, \
    t.customer_number, t.customer_covered, t.customer_furthest, t.customer_set_at, \
    t.operator_number, t.operator_covered, t.operator_furthest, t.operator_set_at, \
    t.code, t.activity, t.starts_at, t.duration_secs, t.status, t.customer_name, t.profile";

/// The columns of a message; [`columns`](crate::store::columns) reads them in this order.
const MESSAGE: &str = "m.number, m.ordinal, m.role, m.author, m.name, m.body, m.sent_at";

/// What a commit changes of a head, and the parameters that it changes it to.
const CHANGED: &str = "last_number, newest_first, awaits, created_at, first_number, \
    by_customer, by_operator, last_role, last_at, preview, preview_cut, \
    customer_number, customer_covered, customer_furthest, customer_set_at, \
    operator_number, operator_covered, operator_furthest, operator_set_at, \
    code, activity, starts_at, duration_secs, status, customer_name, profile";
const CHANGED_TO: &str = "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
    $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29";

/// Every commit of a location passes here, one after the other, until its
/// transaction ends (P1). As READ COMMITTED waits for the lock, it answers with the
/// row that was committed meanwhile.
const PLACE: &str = "place AS MATERIALIZED (\
    SELECT revision + 1 AS next FROM schema.location \
    WHERE location = $1 AND revision < 9007199254740991 FOR NO KEY UPDATE)";

/// The compare-and-swap. The statement's snapshot may be older than the lock; then
/// the UPDATE finds a row that changed, and compares the revision with the newest
/// version of it. What `before` says is of the same version, since a revision names
/// one. The INSERT of an id that was never used steps back before a row that the
/// snapshot does not know.
const REPLACE: &str = "before AS MATERIALIZED (\
    SELECT awaits FROM schema.thread WHERE location = $1 AND booking = $2 AND revision = $3), \
    head AS (UPDATE schema.thread AS t SET (revision, {changed}) = ROW (place.next, {changed_to}) \
    FROM place, before WHERE t.location = $1 AND t.booking = $2 AND t.revision = $3 \
    RETURNING t.revision, coalesce(before.awaits, false) AS awaited)";
const START: &str = "head AS (INSERT INTO schema.thread (location, booking, revision, {changed}) \
    SELECT $1, $2, place.next, {changed_to} FROM place \
    ON CONFLICT (location, booking) DO NOTHING RETURNING revision, false AS awaited)";

/// What follows from a head that was written, and from no other.
const ERASE: &str = "messages AS (DELETE FROM schema.message \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head)), \
    keys AS (DELETE FROM schema.idempotency_key \
    WHERE location = $1 AND booking = $2 AND EXISTS (SELECT FROM head))";
const ADD_MESSAGE: &str = "message AS (INSERT INTO schema.message \
    (location, booking, number, ordinal, role, author, name, body, sent_at) \
    SELECT $1, $2, $30, $31, $32, $33, $34, $35, $36 FROM head)";
const ADD_KEY: &str = "key AS (INSERT INTO schema.idempotency_key \
    (location, booking, role, author, key, number) SELECT $1, $2, $32, $33, $37, $30 FROM head)";
const BUMP: &str = "UPDATE schema.location AS l SET revision = head.revision, \
    unread = l.unread + coalesce($6, false)::integer - head.awaited::integer \
    FROM head WHERE l.location = $1 RETURNING l.revision";

/// The threads changed since a revision. The planner is kept from knowing which one,
/// and told that they are few by an end to the range: otherwise a plan made for one
/// poll alone looks so much cheaper than one for all, where a location has a thousand
/// threads, that the server plans each poll anew, at three times what it then takes.
const SINCE: &str = "t.revision > (SELECT $2) AND t.revision <= 9007199254740991";

/// What a commit does, as far as its statement differs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) starts: bool,
    pub(super) erases: bool,
    pub(super) adds: Adds,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Adds {
    Nothing,
    Message,
    MessageWithKey,
}

impl Shape {
    const COUNT: usize = 12;

    fn at(self) -> usize {
        usize::from(self.starts) | usize::from(self.erases) << 1 | (self.adds as usize) << 2
    }

    fn numbered(at: usize) -> Self {
        let adds = [Adds::Nothing, Adds::Message, Adds::MessageWithKey][at >> 2];
        Self { starts: at & 1 == 1, erases: at >> 1 & 1 == 1, adds }
    }

    fn sql(self) -> String {
        let mut parts = vec![PLACE, if self.starts { START } else { REPLACE }];
        parts.extend(self.erases.then_some(ERASE));
        match self.adds {
            Adds::Nothing => {}
            Adds::Message => parts.push(ADD_MESSAGE),
            Adds::MessageWithKey => parts.extend([ADD_MESSAGE, ADD_KEY]),
        }
        let sql = format!("WITH {} {BUMP}", parts.join(", "));
        sql.replace("{changed}", CHANGED).replace("{changed_to}", CHANGED_TO)
    }
}

/// The statements of one schema.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) head: String,
    pub(super) oldest_messages: String,
    pub(super) newest_messages: String,
    pub(super) message_by_key: String,
    pub(super) inbox: String,
    pub(super) unread: String,
    pub(super) feed: String,
    /// Why a commit wrote nothing: the location's revision, the head and the message
    /// with the key, as of one moment.
    pub(super) standing: String,
    pub(super) new_location: String,
    commits: [String; Shape::COUNT],
}

impl Statements {
    pub(super) fn of(schema: &Schema) -> Self {
        let messages = |order: &str| {
            schema.of(&format!(
                "SELECT {MESSAGE} FROM schema.message m \
                 WHERE m.location = $1 AND m.booking = $2 AND m.number BETWEEN $3 AND $4 \
                 ORDER BY m.number {order} LIMIT $5"
            ))
        };
        // The location's row and the heads in one statement: one snapshot.
        let page = |which: &str, order: &str, limit: &str| {
            schema.of(&format!(
                "SELECT l.revision, l.unread, {HEAD} FROM schema.location l \
                 LEFT JOIN LATERAL (SELECT * FROM schema.thread t \
                 WHERE t.location = $1 AND {which} ORDER BY {order} LIMIT {limit}) t ON true \
                 WHERE l.location = $1 ORDER BY {order}"
            ))
        };
        let after = "(t.newest_first, t.booking) > ($2, $3)";
        let position = "t.newest_first, t.booking";
        Self {
            head: schema.of(&format!(
                "SELECT {HEAD} FROM schema.thread t WHERE t.location = $1 AND t.booking = $2"
            )),
            oldest_messages: messages("ASC"),
            newest_messages: messages("DESC"),
            message_by_key: schema.of(&format!(
                "SELECT {MESSAGE} FROM schema.idempotency_key k \
                 LEFT JOIN schema.message m \
                 ON m.location = $1 AND m.booking = $2 AND m.number = k.number \
                 WHERE k.location = $1 AND k.booking = $2 AND k.role = $3 AND k.author = $4 \
                 AND k.key = $5"
            )),
            inbox: page(&format!("t.newest_first IS NOT NULL AND {after}"), position, "$4"),
            unread: page(&format!("t.awaits AND {after}"), position, "$4"),
            feed: page(SINCE, "t.revision", "$3"),
            standing: schema.of(&format!(
                "SELECT l.revision, {HEAD}, k.number, {MESSAGE} FROM (SELECT) AS one \
                 LEFT JOIN schema.location l ON l.location = $1 \
                 LEFT JOIN schema.thread t ON t.location = $1 AND t.booking = $2 \
                 LEFT JOIN schema.idempotency_key k ON k.location = $1 AND k.booking = $2 \
                 AND k.role = $3 AND k.author = $4 AND k.key = $5 \
                 LEFT JOIN schema.message m ON m.location = $1 AND m.booking = $2 \
                 AND m.number = k.number"
            )),
            new_location: schema.of("INSERT INTO schema.location (location, revision, unread) \
                 SELECT $1, 0, 0 ON CONFLICT (location) DO NOTHING"),
            commits: std::array::from_fn(|at| schema.of(&Shape::numbered(at).sql())),
        }
    }

    pub(super) fn commit(&self, shape: Shape) -> &str {
        &self.commits[shape.at()]
    }
}
