//! A subscriber that the tests ask.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use futures::executor::block_on;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A span as it was seen: its name and its fields, each with everything that was
/// recorded of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    name: String,
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    handles: usize,
}

impl Seen {
    #[track_caller]
    fn field(&self, name: &str) -> Option<&str> {
        let values = self.fields.get(name)?;
        assert_eq!(values.len(), 1, "{name} is said once: {self:?}");
        Some(&values[0])
    }

    /// Name, location, booking, outcome and retries, with `-` where nothing is said.
    pub(crate) fn line(&self) -> String {
        let fields = ["location", "booking", "outcome", "retries"];
        let fields = fields.map(|field| self.field(field).unwrap_or("-"));
        format!("{} {}", self.name, fields.join(" | "))
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.entry(field.name().to_owned()).or_default().push(format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.entry(field.name().to_owned()).or_default().push(value.to_owned());
    }
}

/// A subscriber that remembers every span and which one is entered, on one thread,
/// and refuses events.
#[derive(Clone, Default)]
pub(crate) struct Listening {
    spans: Arc<Mutex<Vec<Seen>>>,
    entered: Arc<Mutex<Option<Id>>>,
}

impl Listening {
    pub(crate) fn spans(&self) -> Vec<Seen> {
        self.spans.lock().unwrap().clone()
    }

    /// Whether a span is entered at this moment.
    pub(crate) fn is_inside(&self) -> bool {
        self.entered.lock().unwrap().is_some()
    }

    fn with<T>(&self, span: &Id, tell: impl FnOnce(&mut Seen) -> T) -> T {
        let at = usize::try_from(span.into_u64()).unwrap() - 1;
        tell(&mut self.spans.lock().unwrap()[at])
    }
}

impl Subscriber for Listening {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("frontdesk")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        assert_eq!(span.metadata().target(), "frontdesk");
        assert_eq!(*span.metadata().level(), tracing::Level::DEBUG);
        let name = span.metadata().name().to_owned();
        let mut seen = Seen { name, handles: 1, ..Seen::default() };
        span.record(&mut seen);
        let mut spans = self.spans.lock().unwrap();
        spans.push(seen);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.with(span, |seen| values.record(seen));
    }

    fn event(&self, event: &Event<'_>) {
        panic!("an event: {event:?}");
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.with(span, |seen| seen.handles += 1);
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        self.with(&span, |seen| {
            seen.handles -= 1;
            seen.handles == 0
        })
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, span: &Id) {
        let outer = self.entered.lock().unwrap().replace(span.clone());
        assert_eq!(outer, None, "a use case stays entered while another goes on");
    }

    fn exit(&self, span: &Id) {
        assert_eq!(self.entered.lock().unwrap().take().as_ref(), Some(span));
    }
}

/// The spans of what is done, as lines; all of them are closed.
#[track_caller]
pub(crate) fn spans_of<T>(doing: impl Future<Output = T>) -> (T, Vec<String>) {
    let listening = Listening::default();
    let answer = block_on(doing.with_subscriber(listening.clone()));
    let spans = listening.spans();
    assert!(spans.iter().all(|span| span.handles == 0), "{spans:?}");
    (answer, spans.iter().map(Seen::line).collect())
}

/// What is done opens one span, which says this.
#[track_caller]
pub(crate) fn one_span<T>(doing: impl Future<Output = T>, expected: &str) -> T {
    let (answer, spans) = spans_of(doing);
    assert_eq!(spans, [expected]);
    answer
}
