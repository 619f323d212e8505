//! Differences in names, which don't affect the bytes.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::enclosing::type_name;
use super::note::Note;
use super::place::{Place, Places, Step};

/// A field on the path to a leaf.
struct Field<'p, 'd> {
    place: Place,
    owner: Option<&'d str>,
    name: &'p str,
}

/// Returns notes on different names on the paths to two leaves. Each path starts at the part that contains the leaf.
pub(super) fn of_fields<'d>(
    places: &Places<'d>,
    (stored_base, stored): (Place, Place),
    (current_base, current): (Place, Place),
) -> Vec<Note<'d>> {
    let stored_fields = fields(places, stored, stored_base);
    let current_fields = fields(places, current, current_base);
    if stored_fields.len() == current_fields.len() {
        let mut notes = Vec::new();
        for (stored, current) in stored_fields.iter().zip(&current_fields) {
            if let (Some(stored), Some(current)) = (stored.owner, current.owner) {
                notes.extend(of_types(stored, current));
            }
            if stored.name != current.name {
                notes.push(Note::Fields(stored.place, current.place));
            }
        }
        return notes;
    }
    // One leaf is nested deeper than the other. That alone is no difference in names.
    let same = |(stored, current): (&Field<'_, '_>, &Field<'_, '_>)| stored.name == current.name;
    let same_ends = stored_fields.iter().rev().zip(current_fields.iter().rev()).all(same);
    if same_ends || stored_fields.iter().zip(&current_fields).all(same) {
        return Vec::new();
    }
    Vec::from([Note::Ways(stored, current)])
}

/// Returns the first stored leaf that has the same names as a current leaf at another index. Each leaf is given by its own
/// place and the place of the part that contains it.
///
/// Fields of tuples are not considered: they have no names, and grouping fields changes their numbers.
pub(super) fn first_moved(
    places: &Places<'_>,
    stored: &[(Place, Place)],
    current: &[(Place, Place)],
) -> Option<usize> {
    let names = |(leaf, base): &(Place, Place)| -> Vec<_> {
        fields(places, *leaf, *base).into_iter().map(|field| field.name).collect()
    };
    let indices: BTreeMap<_, _> =
        current.iter().enumerate().map(|(index, way)| (names(way), index)).collect();
    stored.iter().enumerate().position(|(index, way)| {
        let names = names(way);
        let is_named = names
            .last()
            .is_some_and(|name| name.starts_with(|first: char| !first.is_ascii_digit()));
        is_named && indices.get(&names).is_some_and(|now| *now != index)
    })
}

pub(super) fn of_types<'d>(stored: &'d str, current: &'d str) -> Option<Note<'d>> {
    (stored != current).then_some(Note::Types(stored, current))
}

/// Returns the fields from `base` to `leaf`, outermost first.
fn fields<'p, 'd>(places: &'p Places<'d>, leaf: Place, base: Place) -> Vec<Field<'p, 'd>> {
    let mut fields = Vec::new();
    for (place, step) in places.steps_back(leaf, base) {
        if let Step::Field { owner, name } = step {
            let owner = owner.and_then(type_name);
            let name: &Cow<'_, str> = name;
            fields.push(Field { place, owner, name });
        }
    }
    fields.reverse();
    fields
}
