//! Places in a descriptor.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::enclosing::type_name;
use crate::encoding::descriptor::shape::Descriptor;

/// The maximum number of steps that are shown of a place.
const SHOWN_STEPS: usize = 64;

/// A place among the [`Places`] of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

/// The step from one place to the next.
#[derive(Clone)]
pub(super) enum Step<'d> {
    /// A field of a struct, tuple or variant. For a struct or tuple, `owner` is its descriptor.
    Field {
        owner: Option<&'d Descriptor>,
        name: Cow<'d, str>,
    },
    Variant(&'d str),
    /// The inside of a shape, by the sign that represents it, such as `?`.
    Inside(&'static str),
}

/// All places that a comparison has visited. Each is stored as a step from another place, since recursive types have long
/// paths, which share their beginnings.
#[derive(Default)]
pub(super) struct Places<'d>(Vec<Entry<'d>>);

struct Entry<'d> {
    reached: Reached<'d>,
    /// The number of steps to this place.
    depth: usize,
    /// The last place that is shown of the beginning of a long path.
    beginning: Place,
}

enum Reached<'d> {
    Root(&'d str),
    From(Place, Step<'d>),
}

impl<'d> Places<'d> {
    pub(super) fn root(&mut self, shape: &'d Descriptor) -> Place {
        let place = Place(self.0.len());
        let reached = Reached::Root(type_name(shape).unwrap_or("value"));
        self.0.push(Entry { reached, depth: 0, beginning: place });
        place
    }

    pub(super) fn step(&mut self, from: Place, step: Step<'d>) -> Place {
        let place = Place(self.0.len());
        let depth = self.depth(from) + 1;
        let beginning = match self.0.get(from.0) {
            Some(entry) if depth > SHOWN_STEPS / 2 => entry.beginning,
            _ => place,
        };
        self.0.push(Entry { reached: Reached::From(from, step), depth, beginning });
        place
    }

    /// Returns the number of steps from `base` to `place`.
    pub(super) fn distance(&self, place: Place, base: Place) -> usize {
        self.depth(place).saturating_sub(self.depth(base))
    }

    fn depth(&self, place: Place) -> usize {
        self.0.get(place.0).map_or(0, |entry| entry.depth)
    }

    /// Returns the steps from `base` to `place`, last first.
    pub(super) fn steps_back(
        &self,
        place: Place,
        base: Place,
    ) -> impl Iterator<Item = (Place, &Step<'d>)> {
        let mut at = place;
        core::iter::from_fn(move || match &self.0.get(at.0)?.reached {
            Reached::From(from, step) if at != base => {
                let reached = at;
                at = *from;
                Some((reached, step))
            }
            _ => None,
        })
    }

    /// Whether both are fields of the same name, or neither is a field.
    pub(super) fn same_field_name(&self, one: Place, other: Place) -> bool {
        self.field_name(one) == self.field_name(other)
    }

    /// Returns the name of the field at this place.
    pub(super) fn field_name(&self, place: Place) -> Option<&str> {
        match &self.0.get(place.0)?.reached {
            Reached::From(_, Step::Field { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// Returns the place in words. The middle of a very long path is omitted, and its steps are not visited.
    pub(super) fn show(&self, place: Place) -> String {
        let mut shown = String::new();
        if self.depth(place) > SHOWN_STEPS {
            let beginning = self.0.get(place.0).map_or(place, |entry| entry.beginning);
            self.show_last(SHOWN_STEPS / 2, beginning, &mut shown);
            shown.push('…');
            self.show_last(SHOWN_STEPS / 2, place, &mut shown);
        } else {
            self.show_last(SHOWN_STEPS, place, &mut shown);
        }
        shown
    }

    /// Shows the last `count` steps to `place`, and the root if these are all.
    fn show_last(&self, count: usize, place: Place, shown: &mut String) {
        let mut at = place;
        let mut words = Vec::new();
        while let Some(Entry { reached, .. }) = self.0.get(at.0) {
            match reached {
                Reached::Root(name) => {
                    words.push(("", *name));
                    break;
                }
                Reached::From(..) if words.len() == count => break,
                Reached::From(from, step) => {
                    words.push(match step {
                        Step::Field { name, .. } => (".", &**name),
                        Step::Variant(name) => ("::", *name),
                        Step::Inside(sign) => (*sign, ""),
                    });
                    at = *from;
                }
            }
        }
        for (sign, name) in words.into_iter().rev() {
            shown.push_str(sign);
            shown.push_str(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::{Places, SHOWN_STEPS, Step};
    use crate::encoding::Descriptor;

    fn shown(steps: core::ops::Range<usize>) -> String {
        steps.flat_map(|step| [".".into(), format!("{step}")]).collect()
    }

    #[test]
    fn of_a_long_way_the_beginning_and_the_end_are_shown() {
        let half = SHOWN_STEPS / 2;
        let mut places = Places::default();
        let root = places.root(&Descriptor::U8);
        let mut place = root;
        for len in 1_usize..300 {
            place = places
                .step(place, Step::Field { owner: None, name: format!("{}", len - 1).into() });
            // Miri takes minutes for all.
            if cfg!(miri) && len.abs_diff(SHOWN_STEPS) > 1 && len != 100 {
                continue;
            }
            let expected = if len <= SHOWN_STEPS {
                format!("value{}", shown(0..len))
            } else {
                format!("value{}…{}", shown(0..half), shown(len - half..len))
            };
            assert_eq!(places.show(place), expected);
            assert_eq!(places.distance(place, root), len);
        }
        assert_eq!(places.show(root), "value");
    }
}
