//! Cuts between grapheme clusters, tested with Unicode's own test data (T6, T7).

use frontdesk::SingleLine;

use crate::preview::preview_of;
use crate::reference;

/// Returns the cases of Unicode's test file for grapheme clusters. In the file, `÷` separates
/// clusters, and `×` separates characters within a cluster.
fn all_cases() -> Vec<Vec<String>> {
    let code_point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
    include_str!("../data/GraphemeBreakTest.txt")
        .lines()
        .filter(|line| line.starts_with('÷'))
        .map(|line| line.trim_matches(['÷', ' ']).split(" ÷ "))
        .map(|clusters| clusters.map(|c| c.split(" × ").map(code_point).collect()).collect())
        .collect()
}

/// Returns the cases that a single-line text keeps unchanged. They contain no control characters
/// and no double spaces.
fn single_line_cases() -> Vec<Vec<String>> {
    let is_unchanged = |text: &str| !text.chars().any(char::is_control) && !text.contains("  ");
    let mut cases = all_cases();
    let all = cases.len();
    cases.retain(|clusters| is_unchanged(&clusters.concat()));
    println!("{} of {all} cases fit on a single line", cases.len());
    assert_eq!(all, 766, "the number of cases in the file");
    assert!(cases.len() >= 540, "only {} cases fit on a single line", cases.len());
    cases
}

/// T6, T7: a text is cut at every `÷` of the data if the cluster before the `÷` is the last cluster
/// that fits. Each case is surrounded by U+200B, because U+200B joins no other character. A space
/// at the cut is trimmed.
#[test]
fn t6_t7_a_text_is_cut_at_every_boundary_of_the_unicode_data() {
    for clusters in single_line_cases() {
        for fits in 0..=clusters.len() {
            let before = |limit: usize| "a".repeat(limit - 1 - fits) + "\u{200B}";
            let after = clusters.concat() + "\u{200B}" + &"b".repeat(200);
            let kept = |limit| reference::trim_end(&(before(limit) + &clusters[..fits].concat()));
            let actual = preview_of(&(before(80) + &after));
            assert_eq!(actual, (kept(80), true), "a preview with {fits} clusters of {clusters:?}");
            let line = SingleLine::new(before(100) + &after);
            assert_eq!(line.as_str(), kept(100), "a line with {fits} clusters of {clusters:?}");
        }
    }
}

/// T7: a text that repeats a case is never cut at a `×` of the data.
#[test]
fn t7_a_text_is_never_cut_inside_a_cluster_of_the_unicode_data() {
    for clusters in single_line_cases() {
        let unit = "b".to_owned() + &clusters.concat();
        let text = unit.repeat(82);
        let (shown, is_cut) = preview_of(&text);
        assert!(is_cut && text.starts_with(&shown), "{clusters:?}");
        // The data does not say whether a case joins the letter beside it, so both ends of
        // the letter are allowed.
        let mut boundaries = vec![0, 1, unit.len()];
        boundaries.extend((1..clusters.len()).map(|n| 1 + clusters[..n].concat().len()));
        let after_trimmed_space = shown.len() + usize::from(text[shown.len()..].starts_with(' '));
        assert!(
            [shown.len(), after_trimmed_space]
                .iter()
                .any(|at| boundaries.contains(&(at % unit.len()))),
            "{clusters:?} is cut at byte {} of {}",
            shown.len() % unit.len(),
            unit.len()
        );
    }
}
