//! Extended grapheme clusters (UAX #29), the unit in which previews and names are counted.

use unicode_segmentation::UnicodeSegmentation;

/// The version of Unicode by which this build counts the grapheme clusters of previews (T7) and of
/// names (T6): major version, minor version and update.
///
/// The version is that of the crate `unicode-segmentation` in the program. Two builds with different
/// versions can cut a text at different places. A text that one of them has cut and stored stays as
/// it is.
///
/// ```
/// let (major, minor, update) = frontdesk::UNICODE_VERSION;
/// println!("grapheme clusters of Unicode {major}.{minor}.{update}");
/// assert!(major >= 16);
/// ```
pub const UNICODE_VERSION: (u64, u64, u64) = unicode_segmentation::UNICODE_VERSION;

/// Returns the extended grapheme clusters of a text, each with its byte offset.
pub(super) fn cluster_indices(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let clusters = text.grapheme_indices(true);
    #[cfg(test)]
    let clusters = later_unicode::joined(text, clusters);
    clusters
}

/// A second segmentation for tests. A test that runs code in [`run`](later_unicode::run) plays a
/// build with a later version of Unicode, beside builds with the version of the dependency.
#[cfg(test)]
pub(crate) mod later_unicode {
    use std::cell::Cell;

    /// The Bengali text অ্যা. It is two grapheme clusters in Unicode 17 and one in Unicode 18.
    pub(crate) const JOINED: &str = "\u{985}\u{9CD}\u{9AF}\u{9BE}";

    thread_local! {
        static IS_LATER: Cell<bool> = const { Cell::new(false) };
    }

    /// Runs `build` with the segmentation of Unicode 18 on this OS thread.
    pub(crate) fn run<T>(build: impl FnOnce() -> T) -> T {
        IS_LATER.set(true);
        let result = build();
        IS_LATER.set(false);
        result
    }

    /// Joins the clusters that Unicode 18 joins, if this OS thread plays a later build.
    pub(super) fn joined<'a>(
        text: &'a str,
        clusters: impl Iterator<Item = (usize, &'a str)>,
    ) -> impl Iterator<Item = (usize, &'a str)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (start, cluster) in clusters {
            let end = start + cluster.len();
            match ranges.last_mut() {
                Some((first, last))
                    if IS_LATER.get()
                        && text[*first..].starts_with("\u{985}\u{9CD}")
                        && cluster.starts_with('\u{9AF}') =>
                {
                    *last = end;
                }
                _ => ranges.push((start, end)),
            }
        }
        ranges.into_iter().map(|(start, end)| (start, &text[start..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unicode's own test file, without its comments.
    const GRAPHEME_BREAK_TEST: &str = include_str!("../../tests/data/GraphemeBreakTest.txt");

    /// T6, T7: every case of Unicode's test file has the boundaries of the file, those with control
    /// characters included. In the file, `÷` separates clusters, and `×` separates characters within
    /// a cluster.
    #[test]
    fn t6_t7_all_cases_of_the_unicode_data_have_the_clusters_of_the_data() {
        let (major, minor, update) = UNICODE_VERSION;
        let title = format!("# GraphemeBreakTest, Unicode {major}.{minor}.{update}\n");
        assert!(GRAPHEME_BREAK_TEST.starts_with(&title), "the file is not of {title}");

        let code_point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
        let mut cases = 0;
        for line in GRAPHEME_BREAK_TEST.lines().filter(|line| line.starts_with('÷')) {
            let clusters = line.trim_matches(['÷', ' ']).split(" ÷ ");
            let expected: Vec<String> =
                clusters.map(|it| it.split(" × ").map(code_point).collect()).collect();
            let text = expected.concat();
            let actual: Vec<&str> = cluster_indices(&text).map(|(_, cluster)| cluster).collect();
            assert_eq!(actual, expected, "{line}");
            cases += 1;
        }
        assert_eq!(cases, 766);
    }

    /// T7: the second segmentation of the tests differs from that of the dependency.
    #[test]
    fn t7_a_later_version_of_unicode_joins_a_bengali_text() {
        let text = later_unicode::JOINED.repeat(3);
        assert_eq!(cluster_indices(&text).count(), 6);
        let clusters = later_unicode::run(|| cluster_indices(&text).collect::<Vec<_>>());
        assert_eq!(clusters, [0, 12, 24].map(|start| (start, later_unicode::JOINED)));
    }
}
