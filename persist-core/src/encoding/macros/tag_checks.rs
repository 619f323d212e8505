//! The checks that derived code makes of tags that only the compiler can compute.

/// Whether the tag at `index` differs from all tags before it.
pub const fn is_new_tag(tags: &[i64], index: usize) -> bool {
    let mut before = 0;
    while before < index {
        if tags[before] == tags[index] {
            return false;
        }
        before += 1;
    }
    true
}

/// Whether variants sort by their tags as they sort by their discriminants, which is the order of a derived `Ord`.
///
/// The discriminants are mapped to unsigned numbers in the same order. All are different, as Rust requires.
pub const fn tags_sort_as_discriminants<const N: usize>(
    tags: &[i64; N],
    discriminants: &[u128; N],
) -> bool {
    let order = sorted(discriminants);
    let mut next = 1;
    while next < N {
        if tags[order[next - 1]] >= tags[order[next]] {
            return false;
        }
        next += 1;
    }
    true
}

/// Returns the indices of `values` in ascending order of the values.
///
/// This is a heap sort, since the compiler limits the time of a constant's evaluation.
const fn sorted<const N: usize>(values: &[u128; N]) -> [usize; N] {
    let mut order = [0; N];
    let mut index = 0;
    while index < N {
        order[index] = index;
        index += 1;
    }
    let mut root = N / 2;
    while root > 0 {
        root -= 1;
        sift_down(&mut order, values, root, N);
    }
    let mut end = N;
    while end > 1 {
        end -= 1;
        order.swap(0, end);
        sift_down(&mut order, values, 0, end);
    }
    order
}

/// Moves the entry at `root` down below all larger entries, within the first `end` entries of the heap.
const fn sift_down<const N: usize>(
    order: &mut [usize; N],
    values: &[u128; N],
    mut root: usize,
    end: usize,
) {
    loop {
        let mut child = 2 * root + 1;
        if child >= end {
            return;
        }
        if child + 1 < end && values[order[child]] < values[order[child + 1]] {
            child += 1;
        }
        if values[order[root]] >= values[order[child]] {
            return;
        }
        order.swap(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::{sorted, tags_sort_as_discriminants};

    #[test]
    fn indices_are_sorted_by_what_they_stand_for() {
        let values: [u128; 100] = std::array::from_fn(|index| (index as u128 * 37 + 5) % 101);
        let order = sorted(&values);
        assert!(order.is_sorted_by_key(|&index| values[index]));
        let mut indices = order;
        indices.sort_unstable();
        assert_eq!(indices, std::array::from_fn(|index| index));
        assert_eq!(sorted(&[]), []);
        assert_eq!(sorted(&[7]), [0]);
    }

    #[test]
    fn tags_sort_as_discriminants_where_each_step_up_is_one_of_both() {
        assert!(tags_sort_as_discriminants(&[5, -1, 9], &[2, 1, u128::MAX]));
        assert!(!tags_sort_as_discriminants(&[5, 6, 9], &[2, 1, 3]));
        assert!(!tags_sort_as_discriminants(&[5, 5], &[1, 2]));
        assert!(tags_sort_as_discriminants(&[], &[]));
        assert!(tags_sort_as_discriminants(&[3], &[0]));
    }

    /// More variants than almost any enum has, in no order. The compiler's lint against long evaluation is an error.
    #[expect(clippy::large_stack_arrays, reason = "fewer would be compared pair by pair in time")]
    const fn many_tags_sort_as_discriminants() -> bool {
        let mut tags = [0; 2000];
        let mut discriminants = [0; 2000];
        let (mut index, mut tag) = (0, 0i64);
        while index < tags.len() {
            tag = (tag + 1001) % 2003;
            tags[index] = tag;
            discriminants[index] = tag.cast_unsigned() as u128;
            index += 1;
        }
        tags_sort_as_discriminants(&tags, &discriminants)
    }

    #[test]
    fn many_variants_are_compared_in_the_time_that_the_compiler_grants() {
        const { assert!(many_tags_sort_as_discriminants()) };
    }
}
