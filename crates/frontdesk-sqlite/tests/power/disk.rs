//! A simulated disk with one folder, which can lose power.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::rng::Rng;
use crate::system_call::{Event, SystemCall, Trace};

/// The bytes of each file of a folder, by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The unit that a disk writes completely or not at all.
const SECTOR: usize = 512;

/// A disk on which system calls run. The bytes of a file are durable after a sync of the file,
/// and a name is durable after a sync of the folder. A power cut keeps an arbitrary part of the
/// other changes.
pub(crate) struct Disk<'a> {
    calls: &'a [SystemCall],
    /// Returns `true` for the syncs that the disk ignores.
    ignores: fn(&SystemCall) -> bool,
    /// The names as the processes see them.
    names: Names,
    durable_names: Names,
    /// The changes of names since the last sync of the folder.
    pending_names: Vec<NameChange>,
    files: Vec<File>,
    ended: HashSet<usize>,
    /// The changes that each running sync makes durable.
    syncs: HashMap<usize, SyncedChanges>,
}

/// The index of each file in [`Disk::files`].
type Names = BTreeMap<String, usize>;

#[derive(Default)]
struct File {
    durable: Vec<u8>,
    /// The writes and truncations that are not durable, as indices into [`Disk::calls`].
    pending: Vec<usize>,
}

struct NameChange {
    call: usize,
    name: String,
    /// The file that gets the name, or `None` if the name is removed.
    file: Option<usize>,
}

enum SyncedChanges {
    OfFile(usize, HashSet<usize>),
    OfFolder(HashSet<usize>),
}

impl<'a> Disk<'a> {
    /// Makes a disk with durable files.
    pub(crate) fn new(trace: &'a Trace, files: &Files, ignores: fn(&SystemCall) -> bool) -> Self {
        let names: Names =
            files.keys().enumerate().map(|(index, name)| (name.clone(), index)).collect();
        let file = |bytes: &Vec<u8>| File { durable: bytes.clone(), pending: Vec::new() };
        Self {
            calls: &trace.calls,
            ignores,
            durable_names: names.clone(),
            names,
            pending_names: Vec::new(),
            files: files.values().map(file).collect(),
            ended: HashSet::new(),
            syncs: HashMap::new(),
        }
    }

    pub(crate) fn run(&mut self, event: Event) {
        match event {
            Event::Begin(call) => self.begin(call),
            Event::End(call) => {
                self.ended.insert(call);
                if let Some(changes) = self.syncs.remove(&call) {
                    self.make_durable(&changes);
                }
            }
        }
    }

    fn begin(&mut self, call: usize) {
        match &self.calls[call] {
            sync @ (SystemCall::Sync(_) | SystemCall::SyncFolder) if (self.ignores)(sync) => {}
            SystemCall::Create(name) => {
                if !self.names.contains_key(name) {
                    self.files.push(File::default());
                    self.change_name(call, name, Some(self.files.len() - 1));
                }
            }
            SystemCall::Write { name, .. } | SystemCall::Truncate { name, .. } => {
                let file = self.names[name];
                self.files[file].pending.push(call);
            }
            SystemCall::Sync(name) => {
                let file = self.names[name];
                let pending = self.files[file].pending.iter().copied();
                let synced = pending.filter(|call| self.ended.contains(call)).collect();
                self.syncs.insert(call, SyncedChanges::OfFile(file, synced));
            }
            SystemCall::SyncFolder => {
                let pending = self.pending_names.iter().map(|change| change.call);
                let synced = pending.filter(|call| self.ended.contains(call)).collect();
                self.syncs.insert(call, SyncedChanges::OfFolder(synced));
            }
            SystemCall::Unlink(name) => self.change_name(call, name, None),
            SystemCall::Print(_) => {}
        }
    }

    fn change_name(&mut self, call: usize, name: &str, file: Option<usize>) {
        let change = NameChange { call, name: name.to_owned(), file };
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }

    fn make_durable(&mut self, changes: &SyncedChanges) {
        match changes {
            SyncedChanges::OfFile(file, synced) => {
                let File { durable, pending } = &mut self.files[*file];
                for call in pending.extract_if(.., |call| synced.contains(call)) {
                    apply(&self.calls[call], durable, |_| true);
                }
            }
            SyncedChanges::OfFolder(synced) => {
                let is_synced = |change: &mut NameChange| synced.contains(&change.call);
                for change in self.pending_names.extract_if(.., is_synced) {
                    change.apply(&mut self.durable_names);
                }
            }
        }
    }

    /// Returns the files that the processes see.
    pub(crate) fn files(&self) -> Files {
        let file = |(name, file): (&String, &usize)| {
            let File { durable, pending } = &self.files[*file];
            let mut bytes = durable.clone();
            for call in pending {
                apply(&self.calls[*call], &mut bytes, |_| true);
            }
            (name.clone(), bytes)
        };
        self.names.iter().map(file).collect()
    }

    /// Returns the files that a power cut at this moment leaves. Leaves out the shared memory of
    /// SQLite, which SQLite makes anew after a restart.
    pub(crate) fn cut_power(&self, rng: &mut Rng) -> Files {
        let mut names = self.durable_names.clone();
        let kept = Kept::choose(rng, self.pending_names.len());
        for (index, change) in self.pending_names.iter().enumerate() {
            if kept.keeps(rng, index) {
                change.apply(&mut names);
            }
        }
        names.retain(|name, _| !name.ends_with("-shm"));
        names.into_iter().map(|(name, file)| (name, self.cut_file(rng, file))).collect()
    }

    /// Returns the bytes of a file that a power cut leaves.
    fn cut_file(&self, rng: &mut Rng, file: usize) -> Vec<u8> {
        let File { durable, pending } = &self.files[file];
        let mut bytes = durable.clone();
        let kept = Kept::choose(rng, pending.len());
        for (index, call) in pending.iter().enumerate() {
            match kept {
                Kept::Sectors => apply(&self.calls[*call], &mut bytes, |_| rng.below::<u8>(2) == 0),
                Kept::TornPrefix(last) if index == last => {
                    apply(&self.calls[*call], &mut bytes, |_| rng.below::<u8>(2) == 0);
                }
                _ if kept.keeps(rng, index) => apply(&self.calls[*call], &mut bytes, |_| true),
                _ => {}
            }
        }
        // A file system can store the new length of a file before the new bytes.
        if rng.below::<u8>(4) == 0 {
            let end = pending.iter().map(|call| end(&self.calls[*call])).max();
            bytes.resize(bytes.len().max(end.unwrap_or(0)), 0);
        }
        bytes
    }
}

impl NameChange {
    fn apply(&self, names: &mut Names) {
        match self.file {
            Some(file) => names.insert(self.name.clone(), file),
            None => names.remove(&self.name),
        };
    }
}

/// The pending changes that a power cut keeps.
#[derive(Clone, Copy)]
enum Kept {
    Nothing,
    Everything,
    /// The changes before this position.
    Prefix(usize),
    /// The changes before this position, and some sectors of the change at this position.
    TornPrefix(usize),
    /// Each change with a probability of one half.
    Subset,
    /// Each sector of each change with a probability of one half.
    Sectors,
}

impl Kept {
    fn choose(rng: &mut Rng, changes: usize) -> Self {
        let position = rng.below(changes as u64 + 1);
        let kinds = [
            Self::Nothing,
            Self::Everything,
            Self::Prefix(position),
            Self::TornPrefix(position),
            Self::Subset,
            Self::Sectors,
        ];
        rng.choose(&kinds)
    }

    /// Returns `true` if the whole change at `index` is kept.
    fn keeps(self, rng: &mut Rng, index: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Prefix(position) | Self::TornPrefix(position) => index < position,
            Self::Subset | Self::Sectors => rng.below::<u8>(2) == 0,
        }
    }
}

/// Applies a write or a truncation to the bytes of a file. Of a write, only the sectors for which
/// `keeps` returns `true` are applied.
fn apply(call: &SystemCall, file: &mut Vec<u8>, mut keeps: impl FnMut(usize) -> bool) {
    match call {
        SystemCall::Truncate { length, .. } => file.resize(*length, 0),
        SystemCall::Write { offset, bytes, .. } => {
            let mut start = *offset;
            while start < offset + bytes.len() {
                let end = (start / SECTOR * SECTOR + SECTOR).min(offset + bytes.len());
                if keeps(start) {
                    file.resize(file.len().max(end), 0);
                    file[start..end].copy_from_slice(&bytes[start - offset..end - offset]);
                }
                start = end;
            }
        }
        _ => {}
    }
}

/// Returns the position after the last byte that a write changes.
fn end(call: &SystemCall) -> usize {
    match call {
        SystemCall::Write { offset, bytes, .. } => offset + bytes.len(),
        _ => 0,
    }
}
