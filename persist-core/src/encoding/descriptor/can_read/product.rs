//! Structs and tuples as sequences of leaves, which determine the bytes.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ptr;

use super::enclosing::Enclosing;
use super::outcome::CannotRead;
use super::place::{Place, Places, Step};
use crate::encoding::descriptor::shape::{Descriptor, FieldDescriptor};

/// The number of names that cost as much as a step.
const NAMES_PER_STEP: usize = 16;

/// One of the two shapes that are compared.
pub(super) struct Side<'d> {
    /// "stored" or "current".
    pub(super) called: &'static str,
    pub(super) enclosing: Enclosing<'d>,
}

/// A shape or the fields of a variant, with its place.
#[derive(Clone, Copy)]
pub(super) struct Part<'d> {
    pub(super) content: Content<'d>,
    pub(super) place: Place,
}

#[derive(Clone, Copy)]
pub(super) enum Content<'d> {
    Shape(&'d Descriptor),
    Fields(&'d [FieldDescriptor]),
}

/// A part of a struct or tuple that is neither a struct nor a tuple.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'d> {
    /// The resolved shape. It is a `Ref` only if the type contains itself endlessly.
    pub(super) shape: &'d Descriptor,
    pub(super) place: Place,
    /// The index of the first leaf of the innermost enclosing field with a default.
    default_from: Option<usize>,
}

/// A part that may still be a struct or tuple.
struct Pending<'d> {
    shape: &'d Descriptor,
    place: Place,
    default: bool,
    default_from: Option<usize>,
}

impl<'d> Side<'d> {
    /// Returns the leaves of `part` in the order of their bytes.
    pub(super) fn leaves(
        &self,
        part: Part<'d>,
        places: &mut Places<'d>,
        steps_left: &mut usize,
    ) -> Result<Vec<Leaf<'d>>, CannotRead> {
        let mut leaves = Vec::new();
        let mut pending = match part.content {
            Content::Shape(shape) => {
                vec![Pending { shape, place: part.place, default: false, default_from: None }]
            }
            Content::Fields(fields) => fields_of(fields, None, part.place, None, places),
        };
        while let Some(Pending { shape, place, default, default_from }) = pending.pop() {
            // The names on the path are compared too.
            let names = places.distance(place, part.place) / NAMES_PER_STEP;
            spend(steps_left, 1 + names, || places.show(place))?;
            let default_from = if default { Some(leaves.len()) } else { default_from };
            let resolved = self.resolve(shape, place, places)?;
            match resolved {
                Descriptor::Struct { fields, .. } => {
                    if !ptr::eq(shape, resolved) {
                        let steps = places.distance(place, part.place);
                        spend(steps_left, steps, || places.show(place))?;
                        if is_within(resolved, place, part.place, places) {
                            leaves.push(Leaf { shape, place, default_from });
                            continue;
                        }
                    }
                    pending.extend(fields_of(fields, Some(resolved), place, default_from, places));
                }
                Descriptor::Tuple(parts) => {
                    pending.extend(parts.iter().enumerate().rev().map(|(index, shape)| {
                        let name = Cow::Owned(format!("{index}"));
                        let step = Step::Field { owner: Some(resolved), name };
                        let place = places.step(place, step);
                        Pending { shape, place, default: false, default_from }
                    }));
                }
                shape => leaves.push(Leaf { shape, place, default_from }),
            }
        }
        Ok(leaves)
    }

    pub(super) fn resolve(
        &self,
        shape: &'d Descriptor,
        place: Place,
        places: &Places<'d>,
    ) -> Result<&'d Descriptor, CannotRead> {
        self.enclosing.resolve(shape).ok_or_else(|| {
            let called = self.called;
            let reason = format!("the {called} shape says {shape}, and no such type is around it");
            CannotRead::new(places.show(place), reason)
        })
    }
}

/// Returns the fields as pending parts, last first.
fn fields_of<'d>(
    fields: &'d [FieldDescriptor],
    owner: Option<&'d Descriptor>,
    place: Place,
    default_from: Option<usize>,
    places: &mut Places<'d>,
) -> Vec<Pending<'d>> {
    let pending = fields.iter().rev().map(|field| {
        let step = Step::Field { owner, name: Cow::Borrowed(&field.name) };
        let place = places.step(place, step);
        Pending { shape: &field.shape, place, default: field.default, default_from }
    });
    pending.collect()
}

/// Whether `place` is in a field of `owner`, looking back as far as `base`.
fn is_within(owner: &Descriptor, place: Place, base: Place, places: &Places<'_>) -> bool {
    places.steps_back(place, base).any(|(_, step)| match step {
        Step::Field { owner: Some(around), .. } => ptr::eq(*around, owner),
        _ => false,
    })
}

/// Returns for each leaf whether a value may end before it, and `true` for the end after the last leaf.
pub(super) fn ends(leaves: &[Leaf<'_>]) -> Vec<bool> {
    let mut ends = vec![true; leaves.len() + 1];
    // A value may end before a leaf if that leaf and all later ones are in default fields that begin there or later.
    let mut earliest_default = Some(usize::MAX);
    for (index, (leaf, end)) in leaves.iter().zip(&mut ends).enumerate().rev() {
        let with_leaf = earliest_default.zip(leaf.default_from).map(|(one, other)| one.min(other));
        *end = with_leaf.is_some_and(|earliest| earliest >= index);
        // A leaf without bytes doesn't keep a value from ending before an earlier leaf.
        if with_leaf.is_some() || !takes_no_bytes(leaf.shape) {
            earliest_default = with_leaf;
        }
    }
    ends
}

/// Whether the encoding of every value of a shape is empty. A shape of very many parts is assumed to have bytes.
fn takes_no_bytes(shape: &Descriptor) -> bool {
    const MOST_PARTS: usize = 64;
    // A list instead of recursion, since a manually built descriptor may be deep.
    let mut pending = vec![shape];
    let mut parts_seen = 0;
    while let Some(shape) = pending.pop() {
        parts_seen += 1;
        match shape {
            _ if parts_seen > MOST_PARTS => return false,
            Descriptor::Fixed(0) => {}
            Descriptor::Desc(inner) => pending.push(inner),
            Descriptor::Tuple(parts) => pending.extend(parts.iter().take(MOST_PARTS)),
            Descriptor::Struct { fields, .. } => {
                pending.extend(fields.iter().map(|field| &field.shape).take(MOST_PARTS));
            }
            _ => return false,
        }
    }
    true
}

/// Looks for an end of a stored value that `current` doesn't allow. Returns the number of leaves to compare before that error is
/// reported, the place, and the reason.
pub(super) fn refused_end(
    stored: &[Leaf<'_>],
    current: &[Leaf<'_>],
    last: bool,
) -> Option<(usize, Place, &'static str)> {
    let current_ends = ends(current);
    for (end, _) in ends(stored).into_iter().enumerate().filter(|(_, may_end)| *may_end) {
        match (current_ends.get(end), stored.get(end)) {
            (Some(true), _) => {}
            (Some(false), Some(leaf)) => return Some((end, leaf.place, DEFAULT_GONE)),
            (Some(false), None) => {
                let mut new = current.iter().skip(end);
                let needed = new.find(|leaf| leaf.default_from.is_none_or(|from| from < end))?;
                return Some((end, needed.place, NEW_WITHOUT_DEFAULT));
            }
            (None, _) => return Some((current.len(), stored.get(current.len())?.place, GONE)),
        }
    }
    let new = current.get(stored.len()).filter(|_| !last)?;
    Some((stored.len(), new.place, NEW_IN_THE_MIDDLE))
}

const DEFAULT_GONE: &str = "rows may end before it, for it had a default: \
    keep the default, or convert the rows";
const NEW_WITHOUT_DEFAULT: &str = "it is new, and rows from before end without it: \
    mark it `#[payload(default)]`, or convert the rows";
const NEW_IN_THE_MIDDLE: &str = "it is new, and in a row more may follow, so that a default \
    does not help: take it out, or convert the rows";
const GONE: &str = "it is gone, and its bytes are stored: keep it, or convert the rows";

/// Subtracts `steps` from the steps that are left. The limit bounds the comparison of maliciously built shapes.
pub(super) fn spend(
    steps_left: &mut usize,
    steps: usize,
    place: impl FnOnce() -> String,
) -> Result<(), CannotRead> {
    match steps_left.checked_sub(steps) {
        Some(left) => {
            *steps_left = left;
            Ok(())
        }
        None => Err(CannotRead::new(
            place(),
            "the two shapes are too large to compare, or refer to themselves too often",
        )),
    }
}
