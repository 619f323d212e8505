//! The shape of a type as data: what is stored, for programs that don't have the type.

mod can_read;
mod opaque_name;
mod parse;
mod text;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::panic::Location;

pub use can_read::{CannotRead, Changes, can_read};
pub(super) use opaque_name::opaque_name_of;
pub use parse::ParseDescriptorError;

/// The shape of a key or payload type: what its bytes consist of.
///
/// Every derived type has one: [`KeyEncode::key_descriptor`](super::KeyEncode::key_descriptor) and
/// [`PayloadEncode::payload_descriptor`](super::PayloadEncode::payload_descriptor).
///
/// It is canonical: references and pointers have the shape of what they point to, `usize` is `u64`,
/// and a sequence of `u8` is [`Bytes`](Self::Bytes).
///
/// ```
/// use persist_core::descriptor::Descriptor;
/// use persist_core::PayloadEncode;
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8>, parts: Vec<usize> }
///
/// let descriptor = Message::payload_descriptor();
/// let text = "struct Message { sender: str, body: bytes, parts: seq(u64) }";
/// assert_eq!(descriptor.to_string(), text);
/// assert_eq!(text.parse::<Descriptor>()?, descriptor);
/// # Ok::<(), persist_core::descriptor::ParseDescriptorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Descriptor {
    /// Text: its length and its UTF-8.
    Str,
    /// Bytes: their length and themselves.
    Bytes,
    /// One byte, 00 or 01.
    Bool,
    /// One byte.
    U8,
    /// An integer of 16 bits, in eight bytes.
    U16,
    /// An integer of 32 bits, in eight bytes.
    U32,
    /// An integer of 64 bits, in eight bytes.
    U64,
    /// An integer of 128 bits, in sixteen bytes.
    U128,
    /// A signed integer of 8 bits, in eight bytes.
    I8,
    /// A signed integer of 16 bits, in eight bytes.
    I16,
    /// A signed integer of 32 bits, in eight bytes.
    I32,
    /// A signed integer of 64 bits, in eight bytes.
    I64,
    /// A signed integer of 128 bits, in sixteen bytes.
    I128,
    /// A float of 32 bits.
    F32,
    /// A float of 64 bits.
    F64,
    /// A scalar value, in four bytes.
    Char,
    /// Bytes as they are, up to the end: a `Key`, or in a payload a `Payload`.
    Key,
    /// A span of time: seconds and nanoseconds.
    Duration,
    /// An instant: seconds since 1970 and nanoseconds.
    Time,
    /// A civil date: days since 1970-01-01.
    Date,
    /// An IP address of either version.
    Ip,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A socket address of either version.
    Socket,
    /// A UUID.
    Uuid,
    /// An option: 00, or 01 and a value.
    Opt(Box<Descriptor>),
    /// A result: tag 0 and a value, or tag 1 and an error.
    Res(Box<Descriptor>, Box<Descriptor>),
    /// A sequence: a count and the elements. Of `u8` it is [`Bytes`](Self::Bytes).
    Seq(Box<Descriptor>),
    /// A map: a count and the pairs of key and value.
    Map(Box<Descriptor>, Box<Descriptor>),
    /// A set: a count and the elements.
    Set(Box<Descriptor>),
    /// Text, bytes or a sequence in the order of `Ord`.
    Lex(Box<Descriptor>),
    /// A value with all bits flipped, which sorts descending.
    Desc(Box<Descriptor>),
    /// So many bytes, without their length.
    Fixed(usize),
    /// Bytes that a codec of the user's writes, by its name.
    ///
    /// That is by default the name of its type without modules: `Scaled<100>` and `Scaled<1000>` are two, but
    /// two types of the same last name in different modules are taken for one. So is a codec that writes
    /// otherwise now: when it does, it needs a new name.
    Opaque(String),
    /// An enclosing type by its name: the nearest one of that name but `outer` others.
    Ref {
        /// The name of the type.
        name: String,
        /// How many nearer types of the same name stand between; nearly always 0.
        outer: usize,
    },
    /// A tuple.
    Tuple(Vec<Descriptor>),
    /// A struct.
    Struct {
        /// The name of the type.
        name: String,
        /// Its fields, in the order in which they are written.
        fields: Vec<FieldDescriptor>,
    },
    /// An enum.
    Enum {
        /// The name of the type.
        name: String,
        /// Its variants, in the order of their declaration.
        variants: Vec<VariantDescriptor>,
    },
}

/// A field of a struct or a variant. The fields of tuple structs are named "0", "1" and so on.
///
/// ```
/// use persist_core::descriptor::{Descriptor, FieldDescriptor};
///
/// let epoch = FieldDescriptor { name: "epoch".into(), shape: Descriptor::I64, default: false };
/// let header = Descriptor::Struct { name: "Header".into(), fields: vec![epoch] };
/// assert_eq!(header.to_string(), "struct Header { epoch: i64 }");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldDescriptor {
    /// The name of the field.
    pub name: String,
    /// Its shape.
    pub shape: Descriptor,
    /// Whether a stored value may end before it, and then has its `Default`.
    pub default: bool,
}

/// A variant of an enum.
///
/// ```
/// use persist_core::descriptor::{Descriptor, VariantDescriptor};
///
/// let calm = VariantDescriptor { name: "Calm".into(), tag: 0, fields: vec![] };
/// let mood = Descriptor::Enum { name: "Mood".into(), variants: vec![calm] };
/// assert_eq!(mood.to_string(), "enum Mood { Calm = 0 }");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VariantDescriptor {
    /// The name of the variant.
    pub name: String,
    /// What is written for it.
    pub tag: i64,
    /// Its fields.
    pub fields: Vec<FieldDescriptor>,
}

impl Descriptor {
    /// The shape of a sequence of `element`: of `u8` it is bytes.
    ///
    /// ```
    /// use persist_core::descriptor::Descriptor;
    ///
    /// assert_eq!(Descriptor::seq(Descriptor::U8), Descriptor::Bytes);
    /// assert_eq!(Descriptor::seq(Descriptor::U16).to_string(), "seq(u16)");
    /// ```
    pub fn seq(element: Self) -> Self {
        match element {
            Self::U8 => Self::Bytes,
            element => Self::Seq(Box::new(element)),
        }
    }
}

/// Describes a type, given the types around it.
///
/// ```
/// use persist_core::descriptor::{Describe, Describer};
/// use persist_core::KeyEncode;
///
/// let describe: Describe = <Option<u64>>::describe_key;
/// assert_eq!(describe(&mut Describer::new()).to_string(), "opt(u64)");
/// ```
pub type Describe = fn(&mut Describer) -> Descriptor;

/// The types that are being described, so that a recursive one ends in a [`Descriptor::Ref`].
///
/// A type is taken for one that is around it if the two have one name with modules and parameters, are described
/// by the same line of source text (that of the derive), and have fields or variants of the same names. That is wrong
/// only for two types that one macro call makes in blocks of their own (`const _: () = { … }`), the one in the other
/// and with the same names throughout.
///
/// Only types around become references. Types that refer to each other in many ways are written out again on each
/// way: four that hold all four give 16 structs, eight that hold all eight 13 700. In such a group, let a
/// [codec](super::EncodeWith) whose shape is opaque hold the fields by which it is entered.
///
/// It is handed from [`KeyEncode::describe_key`](super::KeyEncode::describe_key) to that of each part.
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
    /// The types around, outermost first.
    enclosing: Vec<Enclosing>,
}

/// What tells types apart. A `TypeId` would, but is there only for types without borrowed parts.
#[derive(Debug, PartialEq)]
struct Enclosing {
    path: &'static str,
    name: &'static str,
    /// Items of one name in two blocks have one path, but not one place.
    described_at: &'static Location<'static>,
    members: Vec<&'static str>,
}

impl Describer {
    /// A describer with no types around.
    pub fn new() -> Self {
        Self::default()
    }

    /// Describes the struct `T`: each field by its name and shape and whether it has a default.
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

    /// Describes the enum `T`: each variant by its name, tag and fields.
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

    /// Describes `T` with itself among the types around, or refers to it if it is there already.
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
