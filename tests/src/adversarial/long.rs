//! Long text and bytes with zeros and bytes close to zero: in runs, alternating, dense and sparse.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// More than two of the blocks in which the encoder looks for zeros.
const MOST: usize = 300;

/// Returns a few patterns, each repeated about as often as it fits in a word, a chunk or a block of the escaping.
pub(super) fn repeated<T: Copy + Debug + 'static>(
    patterns: &'static [&'static [T]],
) -> impl Strategy<Value = Vec<T>> {
    let times =
        prop_oneof![3 => 1..=3usize, 1 => 7..=17usize, 1 => 30..=34usize, 1 => 126..=130usize];
    vec((select(patterns), times), 1..=6).prop_map(|runs| {
        let mut all: Vec<T> =
            runs.iter().flat_map(|(pattern, times)| pattern.repeat(*times)).collect();
        all.truncate(MOST);
        all
    })
}
