use std::io::{self, IsTerminal};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// The progress of the import on standard error. A terminal shows a bar. If standard error is
/// not a terminal, a line is printed after every 10,000 messages.
pub(crate) struct Progress {
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    const MESSAGES_PER_LINE: u64 = 10_000;

    pub(crate) fn new(total: u64) -> Self {
        let style = "  {bar:40} {human_pos} of {human_len} messages";
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(style);
            ProgressBar::new(total)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { total, done: 0, bar }
    }

    pub(crate) fn increment(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.done.is_multiple_of(Self::MESSAGES_PER_LINE) => {
                eprintln!("{} of {} messages", HumanCount(self.done), HumanCount(self.total));
            }
            None => {}
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
