//! What derives ask of tags that only the compiler can compute.

/// Whether the tag at `index` is none of those before it.
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

/// Whether variants sort by their tags as they do by their discriminants, which is how `Ord` sorts them.
pub const fn tags_sort_as_discriminants(tags: &[i64], discriminants: &[i128]) -> bool {
    let mut left = 0;
    while left < tags.len() {
        let mut right = left + 1;
        while right < tags.len() {
            if (tags[left] < tags[right]) != (discriminants[left] < discriminants[right]) {
                return false;
            }
            right += 1;
        }
        left += 1;
    }
    true
}
