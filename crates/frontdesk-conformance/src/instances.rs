/// The number of instances of a store that a case uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instances {
    /// All calls go to one instance.
    One,
    /// The calls go to two instances on the same data in turn.
    Two,
}
