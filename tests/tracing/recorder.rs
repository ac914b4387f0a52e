//! A subscriber that records spans.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use futures::executor::block_on;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A span with its name and all recorded values of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordedSpan {
    name: String,
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    handles: usize,
}

impl RecordedSpan {
    #[track_caller]
    fn field(&self, name: &str) -> Option<&str> {
        let values = self.fields.get(name)?;
        assert_eq!(values.len(), 1, "{name} is recorded more than once: {self:?}");
        Some(&values[0])
    }

    /// Returns the name, location, booking, outcome and retries of the span as one line. A field
    /// without a value is `-`.
    pub(crate) fn line(&self) -> String {
        let fields = ["location", "booking", "outcome", "retries"];
        let fields = fields.map(|field| self.field(field).unwrap_or("-"));
        format!("{} {}", self.name, fields.join(" | "))
    }
}

impl Visit for RecordedSpan {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.entry(field.name().to_owned()).or_default().push(format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.entry(field.name().to_owned()).or_default().push(value.to_owned());
    }
}

/// A subscriber for one OS thread. It records every span, knows which span is entered, and panics
/// on an event.
#[derive(Clone, Default)]
pub(crate) struct SpanRecorder {
    spans: Arc<Mutex<Vec<RecordedSpan>>>,
    entered: Arc<Mutex<Option<Id>>>,
}

impl SpanRecorder {
    pub(crate) fn spans(&self) -> Vec<RecordedSpan> {
        self.spans.lock().unwrap().clone()
    }

    /// Returns `true` while a span is entered.
    pub(crate) fn is_inside_a_span(&self) -> bool {
        self.entered.lock().unwrap().is_some()
    }

    fn with_span<T>(&self, id: &Id, f: impl FnOnce(&mut RecordedSpan) -> T) -> T {
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        f(&mut self.spans.lock().unwrap()[index])
    }
}

impl Subscriber for SpanRecorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("frontdesk")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        assert_eq!(attributes.metadata().target(), "frontdesk");
        assert_eq!(*attributes.metadata().level(), tracing::Level::DEBUG);
        let name = attributes.metadata().name().to_owned();
        let mut span = RecordedSpan { name, handles: 1, ..RecordedSpan::default() };
        attributes.record(&mut span);
        let mut spans = self.spans.lock().unwrap();
        spans.push(span);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.with_span(id, |span| values.record(span));
    }

    fn event(&self, event: &Event<'_>) {
        panic!("a tracing event was emitted: {event:?}");
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.with_span(id, |span| span.handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.with_span(&id, |span| {
            span.handles -= 1;
            span.handles == 0
        })
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, id: &Id) {
        let outer = self.entered.lock().unwrap().replace(id.clone());
        assert_eq!(outer, None, "a span is entered inside another span");
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.entered.lock().unwrap().take().as_ref(), Some(id));
    }
}

/// Runs a future. Returns its output and a line for each span. Panics if a span is not closed.
#[track_caller]
pub(crate) fn record_spans<T>(future: impl Future<Output = T>) -> (T, Vec<String>) {
    let recorder = SpanRecorder::default();
    let output = block_on(future.with_subscriber(recorder.clone()));
    let spans = recorder.spans();
    assert!(spans.iter().all(|span| span.handles == 0), "{spans:?}");
    (output, spans.iter().map(RecordedSpan::line).collect())
}

/// Runs a future. Asserts that the future opens exactly one span, with the expected line.
#[track_caller]
pub(crate) fn assert_one_span<T>(future: impl Future<Output = T>, expected: &str) -> T {
    let (output, spans) = record_spans(future);
    assert_eq!(spans, [expected]);
    output
}
