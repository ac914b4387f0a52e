//! Child processes that run scripts under `strace`.

use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use frontdesk_sqlite::{SqliteStore, Synchronous};
use tempfile::TempDir;

use crate::child;
use crate::disk::{Disk, Files};
use crate::script::{CYCLE, Script};
use crate::system_call::Trace;

/// The role of a process whose writers run their scripts.
pub(crate) const ROLE: &str = "run scripts";
/// The role of a process that starts other processes and waits for them.
pub(crate) const PARENT_ROLE: &str = "start processes";

/// The name of the store file.
pub(crate) const FILE: &str = "desk.sqlite";

const PROCESSES: &str = "FRONTDESK_CHILD_PROCESSES";
const PROCESS: &str = "FRONTDESK_CHILD_PROCESS";
const WRITERS: &str = "FRONTDESK_CHILD_WRITERS";
const RUNS: &str = "FRONTDESK_CHILD_RUNS";

/// The calls that can change a file or a folder. [`Trace::parse`] panics if the store uses a
/// call of this list that the simulated disk does not implement.
const CALLS: &str = "openat,open,creat,link,linkat,symlink,symlinkat,unlink,unlinkat,rename,\
                     renameat,renameat2,write,writev,pwrite64,pwritev,pwritev2,sendfile,splice,\
                     copy_file_range,truncate,ftruncate,fallocate,fsync,fdatasync,\
                     sync_file_range,sync,syncfs";

/// The time from the opening of the file until the process closes the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) synchronous: Synchronous,
    /// The number of times that each writer runs its script.
    pub(crate) cycles: usize,
}

/// The processes that write to one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) processes: usize,
    /// The number of writers of each process.
    pub(crate) writers: usize,
    /// The runs of each process. A process begins a run after it has ended the run before.
    pub(crate) runs: &'static [Run],
    /// The file that the first process opens, or `None` if the file is missing.
    pub(crate) first_file: Option<&'static str>,
}

/// The recorded system calls of a workload.
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    /// The files before the first call.
    pub(crate) first_files: Files,
    /// The folder with the output of `strace`.
    folder: TempDir,
}

impl Run {
    fn steps(&self) -> usize {
        self.cycles * CYCLE
    }
}

impl Workload {
    pub(crate) fn all_writers(&self) -> usize {
        self.processes * self.writers
    }

    /// The number of steps of each writer.
    pub(crate) fn steps(&self) -> usize {
        self.runs.iter().map(Run::steps).sum()
    }

    /// The number of steps of each writer before the first run with [`Synchronous::Normal`].
    pub(crate) fn full_steps(&self) -> usize {
        let is_full = |run: &&Run| run.synchronous == Synchronous::Full;
        self.runs.iter().take_while(is_full).map(Run::steps).sum()
    }

    /// Runs the processes under `strace` and reads the trace.
    pub(crate) fn record(&self) -> Recording {
        let folder = tempfile::tempdir().unwrap();
        let files_folder = fast_folder();
        let files = files_folder.path();
        let read = |path| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let first_file = self.first_file.map(|path| (FILE.to_owned(), read(path)));
        let first_files: Files = first_file.into_iter().collect();
        for (name, bytes) in &first_files {
            fs::write(files.join(name), bytes).unwrap();
        }
        let output = folder.path().join("trace");
        let child = child::command(PARENT_ROLE, &files.join(FILE));
        let run = |run: &Run| format!("{:?} {}", run.synchronous, run.cycles);
        let runs: Vec<String> = self.runs.iter().map(run).collect();
        let status = strace(&output)
            .arg(child.get_program())
            .envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env(PROCESSES, self.processes.to_string())
            .env(WRITERS, self.writers.to_string())
            .env(RUNS, runs.join(","))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{self:?}: the traced process ended with {status}");
        let trace = Trace::parse(&fs::read_to_string(&output).unwrap(), files);
        let recording = Recording { trace, first_files, folder };
        recording.assert_complete(files);
        recording
    }
}

impl Recording {
    /// Asserts that the simulated disk has the same files as the real disk if the power is not
    /// cut. Otherwise the trace would lack a system call.
    #[track_caller]
    fn assert_complete(&self, folder: &Path) {
        let mut disk = Disk::new(&self.trace, &self.first_files, |_| false);
        for event in &self.trace.events {
            disk.run(*event);
        }
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files: Files = entries.map(|path| (name(&path), fs::read(path).unwrap())).collect();
        assert!(disk.files() == files, "the simulated disk has other files than the real disk");
    }

    /// Keeps the folder with the trace after the end of the test, and returns its path.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

/// Makes a temporary folder, in memory if possible. A sync needs no time there, and the trace is
/// the same as on a disk.
pub(crate) fn fast_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Returns a command that records the calls of the program that is its next argument.
fn strace(output: &Path) -> Command {
    let mut command = Command::new("strace");
    // The strings must be longer than the longest write.
    command.args(["-f", "--seccomp-bpf", "-q", "-y", "-xx", "-s", "1048576", "-e", "signal=none"]);
    command.args(["-e", &format!("trace={CALLS}")]).arg("-o").arg(output);
    command
}

/// Returns the reason why `strace` cannot record a process, or `None` if it can.
pub(crate) fn missing_strace() -> Option<&'static str> {
    match strace(Path::new("/dev/null")).arg("true").stderr(Stdio::null()).status() {
        Ok(status) if status.success() => None,
        Ok(_) => Some("not run: strace is not permitted to trace a process"),
        Err(_) => Some("not run: strace is not installed"),
    }
}

/// Starts the processes of a workload and waits for them.
pub(crate) fn start_processes(file: &Path) {
    let start = |process: usize| {
        child::command(ROLE, file).env(PROCESS, process.to_string()).spawn().unwrap()
    };
    for mut process in (0..number(PROCESSES)).map(start).collect::<Vec<_>>() {
        assert!(process.wait().unwrap().success(), "a process failed");
    }
}

/// Runs the scripts of this process. After each step, prints two lines: an acknowledgement, and
/// the revision of the commit with the epoch of the store.
pub(crate) async fn run_scripts(file: &Path) {
    let first = number(PROCESS) * number(WRITERS);
    let mut steps = 0..0;
    for run in env::var(RUNS).unwrap().split(',') {
        let (synchronous, cycles) = match run.split_once(' ').unwrap() {
            ("Normal", cycles) => (Synchronous::Normal, cycles),
            (_, cycles) => (Synchronous::Full, cycles),
        };
        steps = steps.end..steps.end + cycles.parse::<usize>().unwrap() * CYCLE;
        // Small enough for checkpoints during a short workload.
        let builder = SqliteStore::builder().synchronous(synchronous).checkpoint_pages(1_000);
        let store = builder.busy_timeout(Duration::from_secs(60)).open(file).unwrap();
        let run = |writer| tokio::spawn(run_script(store.clone(), writer, steps.clone()));
        for writer in (first..first + number(WRITERS)).map(run).collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    }
}

async fn run_script(store: SqliteStore, writer: usize, steps: Range<usize>) {
    let mut script = Script::new(store, writer, steps.start);
    for step in steps {
        let changed = script.run(step).await;
        println!("acknowledged {writer} {step}");
        let (revision, epoch) = script.revision(&changed).await;
        println!("revision {writer} {step} {} {}", revision.get(), epoch.get());
    }
}

/// Reads an environment variable.
fn number(variable: &str) -> usize {
    env::var(variable).unwrap().parse().unwrap()
}
