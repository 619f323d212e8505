//! Where in a descriptor something is.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Descriptor;
use super::enclosing::type_name;

/// How many steps of a place are shown.
const SHOWN_STEPS: usize = 64;

/// A place among the [`Places`] of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

/// How a place is reached from the one before.
#[derive(Clone)]
pub(super) enum Step<'d> {
    /// A field of a struct, tuple or variant; of the first two, `owner` is the struct or tuple.
    Field {
        owner: Option<&'d Descriptor>,
        name: Cow<'d, str>,
    },
    Variant(&'d str),
    /// The inside of a shape, as it is shown: `?`, say.
    Inside(&'static str),
}

/// All places that a comparison has come to, each as the step from another: a recursive type has
/// long ways, which share their beginnings.
#[derive(Default)]
pub(super) struct Places<'d>(Vec<Entry<'d>>);

enum Entry<'d> {
    Root(&'d str),
    Reached { from: Place, step: Step<'d> },
}

impl<'d> Places<'d> {
    pub(super) fn root(&mut self, shape: &'d Descriptor) -> Place {
        self.push(Entry::Root(type_name(shape).unwrap_or("value")))
    }

    pub(super) fn step(&mut self, from: Place, step: Step<'d>) -> Place {
        self.push(Entry::Reached { from, step })
    }

    fn push(&mut self, entry: Entry<'d>) -> Place {
        self.0.push(entry);
        Place(self.0.len() - 1)
    }

    /// The last steps to `place`, last first, as far back as `base`.
    pub(super) fn steps_back(
        &self,
        place: Place,
        base: Place,
    ) -> impl Iterator<Item = (Place, &Step<'d>)> {
        let mut at = place;
        core::iter::from_fn(move || match self.0.get(at.0) {
            Some(Entry::Reached { from, step }) if at != base => {
                let reached = at;
                at = *from;
                Some((reached, step))
            }
            _ => None,
        })
    }

    /// Whether both are fields of one name, or neither is a field.
    pub(super) fn same_field_name(&self, one: Place, other: Place) -> bool {
        let name = |place: Place| match self.0.get(place.0) {
            Some(Entry::Reached { step: Step::Field { name, .. }, .. }) => Some(name),
            _ => None,
        };
        name(one) == name(other)
    }

    /// The place in words. Of a very long way, the middle is left out.
    pub(super) fn show(&self, place: Place) -> String {
        let mut at = place;
        let mut steps = Vec::new();
        while let Some(Entry::Reached { from, step }) = self.0.get(at.0) {
            steps.push(step);
            at = *from;
        }
        let mut shown = match self.0.get(at.0) {
            Some(Entry::Root(name)) => String::from(*name),
            _ => String::new(),
        };
        let left_out = SHOWN_STEPS / 2..steps.len().max(SHOWN_STEPS) - SHOWN_STEPS / 2;
        for (index, step) in steps.into_iter().rev().enumerate() {
            if left_out.contains(&index) {
                if index == left_out.start {
                    shown.push('…');
                }
                continue;
            }
            let (sign, name) = match step {
                Step::Field { name, .. } => (".", &**name),
                Step::Variant(name) => ("::", *name),
                Step::Inside(sign) => (*sign, ""),
            };
            shown.push_str(sign);
            shown.push_str(name);
        }
        shown
    }
}
