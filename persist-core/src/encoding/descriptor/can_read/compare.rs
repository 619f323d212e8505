//! The comparison of two shapes, in the order of their bytes.
//!
//! Recursive types are compared coinductively: a pair of places that was visited before is assumed to be readable, since its
//! requirements are already being checked. Pending pairs are kept in a list and not on the call stack, since two recursive
//! types that are written out differently may refer back to each other many times.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ptr;

use super::enclosing::Enclosing;
use super::names;
use super::note::Note;
use super::outcome::CannotRead;
use super::place::{Place, Places, Step};
use super::product::{Content, Leaf, Part, Side, ends, refused_end, spend};
use super::words;
use crate::encoding::descriptor::shape::{Descriptor, VariantDescriptor};

/// The limit of the cost of a comparison. References can make a small descriptor represent a huge row.
const MAX_STEPS: usize = 1 << 20;

/// The number of bytes of notes that cost one step. There can be as many notes as steps, and names may be long.
const NOTE_BYTES_PER_STEP: usize = 16;

/// Returns notes on the differences if `current` can read the rows of `stored`.
pub(super) fn compare(
    stored: &Descriptor,
    current: &Descriptor,
) -> Result<Vec<String>, CannotRead> {
    let mut places = Places::default();
    let (stored_root, current_root) = (places.root(stored), places.root(current));
    let mut comparison = Comparison {
        stored: Side { called: "stored", enclosing: Enclosing::of(stored) },
        current: Side { called: "current", enclosing: Enclosing::of(current) },
        places,
        root: stored_root,
        assumed: BTreeSet::new(),
        pending: vec![Work::Parts(
            Part { content: Content::Shape(stored), place: stored_root },
            Part { content: Content::Shape(current), place: current_root },
            true,
        )],
        notes: Vec::new(),
        noted: BTreeSet::new(),
        steps_left: MAX_STEPS,
    };
    while let Some(work) = comparison.pending.pop() {
        comparison.step(work)?;
    }
    Ok(comparison.notes)
}

const MOVED: &str = "it has changed places with other fields, and rows have no names in them: \
    put it back, or convert the rows";

struct Comparison<'d> {
    stored: Side<'d>,
    current: Side<'d>,
    places: Places<'d>,
    root: Place,
    /// The visited pairs of leaves, by their addresses, and whether a row always ends there.
    assumed: BTreeSet<(*const Descriptor, *const Descriptor, bool)>,
    /// The pending work. The last entry is next.
    pending: Vec<Work<'d>>,
    notes: Vec<String>,
    noted: BTreeSet<String>,
    steps_left: usize,
}

/// A step of the comparison. In pairs, the stored item comes first. The flag is true if the row always ends after it.
enum Work<'d> {
    Parts(Part<'d>, Part<'d>, bool),
    Leaves(Leaf<'d>, Leaf<'d>, bool),
    Note(Note<'d>),
    Refuse(CannotRead),
}

impl<'d> Comparison<'d> {
    fn step(&mut self, work: Work<'d>) -> Result<(), CannotRead> {
        let next = match work {
            Work::Parts(stored, current, last) => self.parts(stored, current, last)?,
            Work::Leaves(stored, current, last) => self.leaves(stored, current, last)?,
            Work::Refuse(error) => return Err(error),
            Work::Note(note) => {
                let note = note.in_words(&self.places);
                let places = &self.places;
                spend(&mut self.steps_left, note.len() / NOTE_BYTES_PER_STEP, || {
                    places.show(self.root)
                })?;
                if self.noted.insert(note.clone()) {
                    self.notes.push(note);
                }
                Vec::new()
            }
        };
        self.pending.extend(next.into_iter().rev());
        Ok(())
    }

    /// Compares leaf by leaf, since nesting and names don't affect the bytes.
    fn parts(
        &mut self,
        stored: Part<'d>,
        current: Part<'d>,
        last: bool,
    ) -> Result<Vec<Work<'d>>, CannotRead> {
        let Self { places, steps_left, .. } = self;
        spend(steps_left, 1, || places.show(stored.place))?;
        let stored_leaves = self.stored.leaves(stored, places, steps_left)?;
        let current_leaves = self.current.leaves(current, places, steps_left)?;
        let (stored_ends, current_ends) = (ends(&stored_leaves), ends(&current_leaves));
        let refused = refused_end(&stored_leaves, &current_leaves, last);

        let mut work = Vec::new();
        work.extend(self.type_names(stored, current)?.map(Work::Note));
        let compared = refused.as_ref().map_or(stored_leaves.len(), |(leaf, ..)| *leaf);
        let ways =
            |leaves: &[Leaf<'d>], base| leaves.iter().map(|leaf| (leaf.place, base)).collect();
        let (stored_ways, current_ways): (Vec<_>, Vec<_>) =
            (ways(&stored_leaves, stored.place), ways(&current_leaves, current.place));
        let moved = names::first_moved(&self.places, &stored_ways, &current_ways);
        let pairs = stored_leaves.iter().zip(&current_leaves).enumerate().take(compared);
        for (index, (stored_leaf, current_leaf)) in pairs {
            if moved == Some(index) {
                let place = self.places.show(stored_leaf.place);
                work.push(Work::Refuse(CannotRead::new(place, MOVED)));
                return Ok(work);
            }
            let stored_way = (stored.place, stored_leaf.place);
            let current_way = (current.place, current_leaf.place);
            let notes = names::of_fields(&self.places, stored_way, current_way);
            work.extend(notes.into_iter().map(Work::Note));
            if current_ends.get(index) > stored_ends.get(index) {
                work.push(Work::Note(Note::MayBeMissing(stored_leaf.place)));
            }
            let last = last && index + 1 == stored_leaves.len();
            work.push(Work::Leaves(*stored_leaf, *current_leaf, last));
        }
        if let Some((_, place, reason)) = refused {
            work.push(Work::Refuse(CannotRead::new(self.places.show(place), reason)));
        } else {
            let new = current_leaves.iter().skip(stored_leaves.len());
            work.extend(new.map(|leaf| Work::Note(Note::NewField(leaf.place))));
        }
        Ok(work)
    }

    /// Returns a note if two structs have different names. Structs around leaves are compared together with the leaves.
    fn type_names(
        &self,
        stored: Part<'d>,
        current: Part<'d>,
    ) -> Result<Option<Note<'d>>, CannotRead> {
        let (Content::Shape(stored_shape), Content::Shape(current_shape)) =
            (stored.content, current.content)
        else {
            return Ok(None);
        };
        let stored_shape = self.stored.resolve(stored_shape, stored.place, &self.places)?;
        let current_shape = self.current.resolve(current_shape, current.place, &self.places)?;
        Ok(match (stored_shape, current_shape) {
            (Descriptor::Struct { name: stored, .. }, Descriptor::Struct { name: current, .. }) => {
                names::of_types(stored, current)
            }
            _ => None,
        })
    }

    fn leaves(
        &mut self,
        stored: Leaf<'d>,
        current: Leaf<'d>,
        last: bool,
    ) -> Result<Vec<Work<'d>>, CannotRead> {
        use Descriptor::{Desc, Enum, Lex, Map, Opt, Ref, Res, Seq, Set};
        let pair = (ptr::from_ref(stored.shape), ptr::from_ref(current.shape), last);
        if !self.assumed.insert(pair) {
            return Ok(Vec::new());
        }
        let mut inside = |sign, stored_shape, current_shape, last| {
            let mut part = |shape, place| {
                let place = self.places.step(place, Step::Inside(sign));
                Part { content: Content::Shape(shape), place }
            };
            let stored = part(stored_shape, stored.place);
            Work::Parts(stored, part(current_shape, current.place), last)
        };
        Ok(match (stored.shape, current.shape) {
            (Opt(stored), Opt(current)) => vec![inside("?", stored, current, last)],
            (Seq(stored), Seq(current)) | (Set(stored), Set(current)) => {
                vec![inside("[]", stored, current, false)]
            }
            (Lex(stored), Lex(current)) | (Desc(stored), Desc(current)) => {
                vec![inside("", stored, current, false)]
            }
            (Map(stored_key, stored), Map(current_key, current)) => vec![
                inside("[key]", stored_key, current_key, false),
                inside("[value]", stored, current, false),
            ],
            (Res(stored, stored_error), Res(current, current_error)) => vec![
                inside("[ok]", stored, current, last),
                inside("[err]", stored_error, current_error, last),
            ],
            (
                Enum { name: stored_name, variants: stored_variants },
                Enum { name: current_name, variants: current_variants },
            ) => {
                let places = (stored.place, current.place);
                let mut work = self.variants(places, stored_variants, current_variants, last)?;
                if let Some(note) = names::of_types(stored_name, current_name) {
                    work.insert(0, Work::Note(note));
                }
                work
            }
            (Ref { .. }, Ref { .. }) => {
                let stored_shape = self.stored.resolve(stored.shape, stored.place, &self.places)?;
                let current_shape =
                    self.current.resolve(current.shape, current.place, &self.places)?;
                let part = |shape, place| Part { content: Content::Shape(shape), place };
                let stored = part(stored_shape, stored.place);
                vec![Work::Parts(stored, part(current_shape, current.place), last)]
            }
            (stored_shape, current_shape) if stored_shape == current_shape => Vec::new(),
            (stored_shape, current_shape) if words::widens(stored_shape, current_shape) => {
                vec![Work::Note(Note::Widened(stored.place, stored_shape, current_shape))]
            }
            _ => return Err(self.mismatch(stored, current)),
        })
    }

    /// Compares variants by their tags. Each stored variant must exist in the current shape.
    fn variants(
        &mut self,
        (stored_place, current_place): (Place, Place),
        stored: &'d [VariantDescriptor],
        current: &'d [VariantDescriptor],
        last: bool,
    ) -> Result<Vec<Work<'d>>, CannotRead> {
        let Self { places, steps_left, .. } = self;
        spend(steps_left, stored.len() + current.len(), || places.show(stored_place))?;
        let stored_tags: BTreeSet<_> = stored.iter().map(|variant| variant.tag).collect();
        let by_tag: BTreeMap<_, _> = current.iter().map(|variant| (variant.tag, variant)).collect();

        let current_names: BTreeSet<_> = current.iter().map(|variant| &variant.name).collect();

        let mut work = Vec::new();
        for variant in stored {
            let place = places.step(stored_place, Step::Variant(&variant.name));
            let VariantDescriptor { tag, name, fields } = variant;
            let Some(now) = by_tag.get(tag) else {
                let reason = format!(
                    "the variant is gone, and rows may have its tag {tag}: keep it, or convert the rows"
                );
                work.push(Work::Refuse(CannotRead::new(places.show(place), reason)));
                return Ok(work);
            };
            if *name != now.name && current_names.contains(name) {
                let reason = format!(
                    "it has another tag now, and {} has its tag {tag}: give all variants their tags of before, or \
                     convert the rows",
                    now.name,
                );
                work.push(Work::Refuse(CannotRead::new(places.show(place), reason)));
                return Ok(work);
            }
            if *name != now.name {
                work.push(Work::Note(Note::Variants(place, &now.name)));
            }
            let now_place = places.step(current_place, Step::Variant(&now.name));
            work.push(Work::Parts(
                Part { content: Content::Fields(fields), place },
                Part { content: Content::Fields(&now.fields), place: now_place },
                last,
            ));
        }
        for VariantDescriptor { name, tag, .. } in current {
            if !stored_tags.contains(tag) {
                let place = places.step(current_place, Step::Variant(name));
                work.push(Work::Note(Note::NewVariant(place, *tag)));
            }
        }
        Ok(work)
    }

    #[cold]
    fn mismatch(&self, stored: Leaf<'d>, current: Leaf<'d>) -> CannotRead {
        let why = words::mismatch(stored.shape, current.shape);
        let keep = words::shown(stored.shape);
        let instead = if self.places.same_field_name(stored.place, current.place) {
            String::new()
        } else {
            format!(" ({} stands there now)", self.places.show(current.place))
        };
        let reason = format!("{why}{instead}: keep {keep}, or convert the rows");
        CannotRead::new(self.places.show(stored.place), reason)
    }
}
