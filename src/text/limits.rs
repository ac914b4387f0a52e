//! Limits that several files of this module use.

/// Maximum number of extended grapheme clusters in a preview (T7).
pub(super) const PREVIEW_MAX_CLUSTERS: usize = 80;
