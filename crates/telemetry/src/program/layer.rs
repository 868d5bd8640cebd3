//! The layer that receives the events of `tracing`, and what it shares with its handle.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::tz::TimeZone;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::format::{Format, Line};
use super::level::LogLevel;
use super::output::Output;
use crate::clock::{self, Second};

/// Targets that start so are ferroway's own; the crates of others log warnings and errors only.
const OWN: &str = "ferroway";

/// Writes events as log lines. Made by [`layer`](crate::layer()) and [`init`](crate::init).
pub struct LogLayer {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    level: AtomicU8,
    format: Format,
    zone: TimeZone,
    output: Mutex<Output>,
}

thread_local! {
    /// The buffer of the last line, for the next one.
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Shared {
    pub(crate) fn new(level: LogLevel, format: Format, zone: TimeZone, output: Output) -> Self {
        Self { level: AtomicU8::new(level as u8), format, zone, output: Mutex::new(output) }
    }

    pub(crate) fn level(&self) -> LogLevel {
        LogLevel::from_number(self.level.load(Ordering::Relaxed))
    }

    pub(crate) fn set_level(&self, level: LogLevel) {
        self.level.store(level as u8, Ordering::Relaxed);
    }

    /// The output is as good after a panic as before.
    pub(crate) fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn allows(&self, metadata: &Metadata<'_>) -> bool {
        let level = self.level().filter();
        let level = if metadata.target().starts_with(OWN) { level } else { level.min(LevelFilter::WARN) };
        *metadata.level() <= level
    }

    fn write(&self, metadata: &'static Metadata<'static>, fields: &Fields) {
        let mut time = Second::new();
        time.set(clock::split(SystemTime::now()).0, &self.zone);
        let caller = self.level() <= LogLevel::Debug;
        let mut line = LINE.try_with(Cell::take).unwrap_or_default();
        line.clear();
        self.format.write(&mut line, &Line { time: &time, metadata, fields, caller });
        self.output().write(&line);
        // A thread that is ending keeps nothing.
        let _ = LINE.try_with(|kept| kept.set(line));
    }
}

impl LogLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for LogLayer
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    /// The answer is kept for each call site: what is not logged costs one load and one comparison.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.shared.allows(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.shared.allows(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.shared.level().filter())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.extend_from(outer);
            }
        }
        event.record(&mut fields);
        self.shared.write(event.metadata(), &fields);
    }
}
