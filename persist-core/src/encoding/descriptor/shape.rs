//! The shape of a type as data: what is stored, for programs that don't have the type.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The shape of a key or payload type: what its bytes consist of.
///
/// Every derived type has one: [`KeyEncode::key_descriptor`](crate::encoding::KeyEncode::key_descriptor) and
/// [`PayloadEncode::payload_descriptor`](crate::encoding::PayloadEncode::payload_descriptor).
///
/// It is canonical: references and pointers have the shape of what they point to, `usize` is `u64`,
/// and a sequence of `u8` is [`Bytes`](Self::Bytes).
///
/// ```
/// use persist_core::{Descriptor, PayloadEncode};
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8>, parts: Vec<usize> }
///
/// let descriptor = Message::payload_descriptor();
/// let text = "struct Message { sender: str, body: bytes, parts: seq(u64) }";
/// assert_eq!(descriptor.to_string(), text);
/// assert_eq!(text.parse::<Descriptor>()?, descriptor);
/// # Ok::<(), persist_core::ParseDescriptorError>(())
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
/// use persist_core::{Descriptor, FieldDescriptor};
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
/// use persist_core::{Descriptor, VariantDescriptor};
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
    /// use persist_core::Descriptor;
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
