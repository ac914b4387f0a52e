use std::io::{self, IsTerminal};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// How far the import is: a bar on a terminal, a line now and then elsewhere.
pub(crate) struct Progress {
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// How many messages go between two lines.
    const EVERY: u64 = 10_000;

    pub(crate) fn of(total: u64) -> Self {
        let style = "  {bar:40} {human_pos} of {human_len} messages";
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(style);
            ProgressBar::new(total)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { total, done: 0, bar }
    }

    pub(crate) fn one_more(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.done.is_multiple_of(Self::EVERY) => {
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
