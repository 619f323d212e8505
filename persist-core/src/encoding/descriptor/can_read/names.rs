//! Names that differ where the bytes are the same.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::enclosing::type_name;
use super::note::Note;
use super::place::{Place, Places, Step};

/// A field on the way to a leaf.
struct Field<'p, 'd> {
    place: Place,
    owner: Option<&'d str>,
    name: &'p str,
}

/// Notes on the names on the ways to two leaves, each from the place of the part that it is in.
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
    // One is nested deeper than the other. That alone is no difference in names.
    let same = |(stored, current): (&Field<'_, '_>, &Field<'_, '_>)| stored.name == current.name;
    let same_ends = stored_fields.iter().rev().zip(current_fields.iter().rev()).all(same);
    if same_ends || stored_fields.iter().zip(&current_fields).all(same) {
        return Vec::new();
    }
    Vec::from([Note::Ways(stored, current)])
}

/// The first stored leaf whose names are those of a current leaf at another index. Each leaf is given by its
/// place and that of the part that it is in.
///
/// The fields of tuples have no names, and their numbers change when they are put together.
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

/// The fields from `base` to `leaf`, outermost first.
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
