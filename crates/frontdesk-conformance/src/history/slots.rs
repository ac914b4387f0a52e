//! The moments at which an answer is right.

/// A revision of a location. The moment of a revision lasts from its commit to the next one.
pub(crate) type Moment = u64;

/// The last moment.
pub(crate) const LAST: Moment = u64::MAX;

/// The moments at which an answer is right: ranges in ascending order, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slots(Vec<(Moment, Moment)>);

impl Slots {
    pub(crate) fn all() -> Self {
        Self(vec![(0, LAST)])
    }

    /// Returns the moments from `first` to `last`. An empty range has none.
    pub(crate) fn range(first: Moment, last: Moment) -> Self {
        Self(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn last(&self) -> Option<Moment> {
        Some(self.0.last()?.1)
    }

    /// Returns the first moment that is not before `floor`.
    pub(crate) fn first_from(&self, floor: Moment) -> Option<Moment> {
        let &(first, _) = self.0.iter().find(|(_, last)| *last >= floor)?;
        Some(first.max(floor))
    }

    /// Returns the moments that are in both sets.
    #[must_use]
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(a_first, a_last)), Some(&&(b_first, b_last))) = (a.peek(), b.peek()) {
            let (first, last) = (a_first.max(b_first), a_last.min(b_last));
            if first <= last {
                both.push((first, last));
            }
            if a_last < b_last {
                a.next()
            } else {
                b.next()
            };
        }
        Self(both)
    }

    /// Removes the moments from `first` to before `end`.
    #[must_use]
    pub(crate) fn without(&self, first: Moment, end: Moment) -> Self {
        if first >= end {
            return self.clone();
        }
        let mut left = Vec::new();
        if let Some(last) = first.checked_sub(1) {
            left.push((0, last));
        }
        if end != LAST {
            left.push((end, LAST));
        }
        self.intersect(&Self(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_moments_are_cut_and_searched() {
        let gaps = Slots::all().without(3, 5).without(8, LAST).without(6, 6);
        assert_eq!(gaps, Slots(vec![(0, 2), (5, 7)]));
        assert_eq!(gaps.first_from(0), Some(0));
        assert_eq!(gaps.first_from(3), Some(5));
        assert_eq!(gaps.first_from(8), None);
        assert_eq!(gaps.intersect(&Slots::range(2, 5)), Slots(vec![(2, 2), (5, 5)]));
        assert_eq!(gaps.last(), Some(7));
        assert!(Slots::range(2, 1).is_empty());
        assert!(gaps.intersect(&Slots::range(3, 4)).is_empty());
        assert_eq!(Slots::all().without(0, 4), Slots::range(4, LAST));
    }
}
