//! Imports conversations with their times.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk::import::{Imported, ThreadImport};
use frontdesk::store::ThreadStore;
use frontdesk::{DeskError, FrontDesk, LocationId};
use futures::{StreamExt, stream};
use guide::terminal;
use importer::input::Input;
use importer::threads::Threads;
use indicatif::HumanCount;

use crate::report;

/// Number of remarks that are printed in full.
const MAX_REMARKS: usize = 20;

/// Conversations with times, which go into one location.
pub(crate) struct History<'a> {
    pub(crate) threads: &'a Threads,
    /// The input in the importer's own form, whose invalid lines are reported.
    pub(crate) input: Option<&'a Input>,
    pub(crate) location: LocationId,
    /// Number of threads that are imported at the same time.
    pub(crate) workers: usize,
}

/// The sum of all answers.
#[derive(Default)]
struct Totals {
    stored: usize,
    already_stored: usize,
    cleaned: usize,
    /// Numbers of messages that were not stored, and the first of them, by reason.
    refused: BTreeMap<String, (usize, String)>,
    /// Threads that could not be imported.
    failures: Vec<String>,
}

impl History<'_> {
    /// Imports all threads, prints the report and returns `true` if no thread failed.
    pub(crate) async fn import(
        self,
        store: Arc<dyn ThreadStore>,
        out: &mut impl Write,
    ) -> Result<bool, Box<dyn Error>> {
        let admin = FrontDesk::new(store).admin(self.location.clone());
        let (start, mut totals) = (Instant::now(), Totals::default());
        let admin = &admin;
        let imports = self.threads.imports.iter();
        let mut answers = stream::iter(imports)
            .map(|import| async move { (import, admin.import(import).await) })
            .buffer_unordered(self.workers);
        while let Some((import, answer)) = answers.next().await {
            match answer {
                Ok(imported) => totals.add(import, &imported),
                Err(DeskError::ImportOutOfOrder(error)) => {
                    totals.add(import, &error.imported);
                    totals.fail(import, &DeskError::ImportOutOfOrder(error));
                }
                Err(error @ (DeskError::ThreadErased | DeskError::ThreadFull(_))) => {
                    totals.fail(import, &error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.print(&totals, start.elapsed(), out)?;
        Ok(totals.failures.is_empty())
    }

    fn print(&self, totals: &Totals, elapsed: Duration, out: &mut impl Write) -> io::Result<()> {
        let Threads { imports, conversations, not_assigned, left_out, remarks, .. } = self.threads;
        let seconds = format!("{:.2} seconds", elapsed.as_secs_f64());
        terminal::print_heading(out, "Imported with times", &seconds)?;
        let mut field = |name: &str, text: &str| terminal::print_field(out, name, text);
        let count = |number: usize| HumanCount(number as u64).to_string();
        field("location", self.location.as_str())?;
        field(
            "conversations",
            &format!("{}, in {} threads", count(*conversations), count(imports.len())),
        )?;
        if *not_assigned > 0 {
            field("not assigned", &format!("{} conversations", count(*not_assigned)))?;
        }
        field("messages", &count(self.threads.message_count()))?;
        field("stored", &count(totals.stored))?;
        field("already stored", &count(totals.already_stored))?;
        field("cleaned", &format!("{} characters", count(totals.cleaned)))?;
        field("refused", &count(totals.refused.values().map(|(count, _)| count).sum()))?;
        for (reason, (number, first)) in &totals.refused {
            field("", &format!("{}: {reason}, first {first}", count(*number)))?;
        }
        field("left out", &HumanCount(left_out.total()).to_string())?;
        for (number, kind) in [
            (left_out.private_notes, "private notes"),
            (left_out.system_lines, "system lines"),
            (left_out.deleted, "deleted messages"),
            (left_out.without_text, "messages without a text"),
        ] {
            if number > 0 {
                field("", &format!("{} {kind}", HumanCount(number)))?;
            }
        }
        field("failed", &format!("{} threads", count(totals.failures.len())))?;
        for failure in &totals.failures {
            field("", failure)?;
        }
        field("remarks", &count(remarks.len()))?;
        for remark in remarks.iter().take(MAX_REMARKS) {
            field("", remark)?;
        }
        if let Some(input) = self.input {
            report::print_input(input, out)?;
        }
        writeln!(out)
    }
}

impl Totals {
    fn add(&mut self, import: &ThreadImport, imported: &Imported) {
        self.stored += imported.stored;
        self.already_stored += imported.already_stored;
        self.cleaned += imported.cleaning.replaced + imported.cleaning.removed;
        for refused in &imported.refused {
            let key = import.messages.get(refused.position).map(|(key, _)| key.as_str());
            let first = || (0, key.unwrap_or_default().to_owned());
            self.refused.entry(refused.reason.to_string()).or_insert_with(first).0 += 1;
        }
    }

    fn fail(&mut self, import: &ThreadImport, error: &DeskError) {
        self.failures.push(format!("booking {}: {error}", import.booking.id));
    }
}
