//! Building the shape of a type from its parts.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::panic::Location;

use super::shape::{Descriptor, FieldDescriptor, VariantDescriptor};

/// A function that describes a type, given the enclosing types.
///
/// ```
/// use persist_core::descriptor::{Describe, Describer};
/// use persist_core::KeyEncode;
///
/// let describe: Describe = <Option<u64>>::describe_key;
/// assert_eq!(describe(&mut Describer::new()).to_string(), "opt(u64)");
/// ```
pub type Describe = fn(&mut Describer) -> Descriptor;

/// Builds descriptors. It knows the enclosing types, so that a recursive type ends in a [`Descriptor::Ref`].
///
/// [`KeyEncode::describe_key`](crate::encoding::KeyEncode::describe_key) of a type passes the describer on to each of its parts.
///
/// Two types are considered the same if they have the same name with modules and parameters, are described by the same line
/// of source text (the line of the derive), and have fields or variants of the same names. This is wrong only for two types
/// that one macro call defines in separate blocks (`const _: () = { … }`), if one contains the other and all names are equal.
///
/// Only enclosing types become references. Types that refer to each other along many paths are written out on each path:
/// four types that each contain all four result in 16 structs, eight that contain all eight in 13,700. In such a group, encode
/// the fields through which the group is entered with a [codec](crate::encoding::EncodeWith) whose shape is opaque.
///
/// ```
/// use core::cmp::Ordering;
/// use persist_core::codec::Sink;
/// use persist_core::descriptor::{Describer, Descriptor};
/// use persist_core::KeyEncode;
///
/// /// A key type whose traits are written by hand.
/// struct Id(u64);
///
/// impl KeyEncode for Id {
///     fn encode_key(&self, sink: &mut Sink<'_>) {
///         self.0.encode_key(sink);
///     }
///     fn encoded_key_len(&self) -> usize {
///         self.0.encoded_key_len()
///     }
///     fn key_cmp(&self, other: &Self) -> Ordering {
///         self.0.key_cmp(&other.0)
///     }
///     fn describe_key(describer: &mut Describer) -> Descriptor {
///         describer.structure::<Self>("Id", &[("number", u64::describe_key, false)])
///     }
/// }
/// assert_eq!(Id::key_descriptor().to_string(), "struct Id { number: u64 }");
/// ```
#[derive(Debug, Default)]
pub struct Describer {
    /// The enclosing types, outermost first.
    enclosing: Vec<Enclosing>,
}

/// The identity of a type. A `TypeId` would be exact, but exists only for types without borrowed parts.
#[derive(Debug, PartialEq)]
struct Enclosing {
    path: &'static str,
    name: &'static str,
    /// Distinguishes items of the same name in two blocks, which have the same path.
    described_at: &'static Location<'static>,
    members: Vec<&'static str>,
}

impl Describer {
    /// Creates a describer without enclosing types.
    pub fn new() -> Self {
        Self::default()
    }

    /// Describes the struct `T`. Each field is given by its name, its shape, and whether it has a default.
    #[track_caller]
    pub fn structure<T: ?Sized>(
        &mut self,
        name: &'static str,
        fields: &[(&'static str, Describe, bool)],
    ) -> Descriptor {
        let members = fields.iter().map(|(name, ..)| *name).collect();
        self.within::<T>(name, members, |describer| Descriptor::Struct {
            name: name.to_owned(),
            fields: describer.fields(fields),
        })
    }

    /// Describes the enum `T`. Each variant is given by its name, tag and fields.
    ///
    /// ```
    /// use persist_core::descriptor::Describer;
    /// use persist_core::KeyEncode;
    ///
    /// enum Mood { Calm, Happy { since: i64 } }
    ///
    /// let mood = Describer::new().enumeration::<Mood>(
    ///     "Mood",
    ///     &[("Calm", 0, &[]), ("Happy", 1, &[("since", i64::describe_key, false)])],
    /// );
    /// assert_eq!(mood.to_string(), "enum Mood { Calm = 0, Happy = 1 { since: i64 } }");
    /// ```
    #[allow(clippy::type_complexity)]
    #[track_caller]
    pub fn enumeration<T: ?Sized>(
        &mut self,
        name: &'static str,
        variants: &[(&'static str, i64, &[(&'static str, Describe, bool)])],
    ) -> Descriptor {
        let members = variants.iter().map(|(name, ..)| *name).collect();
        self.within::<T>(name, members, |describer| Descriptor::Enum {
            name: name.to_owned(),
            variants: variants
                .iter()
                .map(|(name, tag, fields)| VariantDescriptor {
                    name: (*name).to_owned(),
                    tag: *tag,
                    fields: describer.fields(fields),
                })
                .collect(),
        })
    }

    fn fields(&mut self, fields: &[(&'static str, Describe, bool)]) -> Vec<FieldDescriptor> {
        let describe = |(name, describe, default): &(&'static str, Describe, bool)| {
            FieldDescriptor { name: (*name).to_owned(), shape: describe(self), default: *default }
        };
        fields.iter().map(describe).collect()
    }

    /// Describes `T` as an enclosing type of its parts, or returns a reference if `T` encloses itself.
    #[track_caller]
    fn within<T: ?Sized>(
        &mut self,
        name: &'static str,
        members: Vec<&'static str>,
        describe: impl FnOnce(&mut Self) -> Descriptor,
    ) -> Descriptor {
        let path = core::any::type_name::<T>();
        let described = Enclosing { path, name, described_at: Location::caller(), members };
        let mut outer = 0;
        for enclosing in self.enclosing.iter().rev() {
            if *enclosing == described {
                return Descriptor::Ref { name: name.to_owned(), outer };
            }
            outer += usize::from(enclosing.name == name);
        }
        self.enclosing.push(described);
        let descriptor = describe(self);
        self.enclosing.pop();
        descriptor
    }
}
