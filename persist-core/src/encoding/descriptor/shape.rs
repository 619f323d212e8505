//! The types that describe a shape.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// The shape of a key or payload type, which is the structure of its bytes.
///
/// [`KeyEncode::key_descriptor`](crate::encoding::KeyEncode::key_descriptor) and
/// [`PayloadEncode::payload_descriptor`](crate::encoding::PayloadEncode::payload_descriptor) return the shape of a type. Derives
/// implement both.
///
/// A shape is canonical: references and pointers have the shape of their targets, the shape of `usize` is `u64`,
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
    /// Text: the length and the UTF-8 bytes.
    Str,
    /// Bytes: the length and the bytes.
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
    /// A Unicode scalar value, in four bytes.
    Char,
    /// Raw bytes up to the end: a `Key`, or in a payload a `Payload`.
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
    /// A sequence: a count and the elements. A sequence of `u8` is [`Bytes`](Self::Bytes).
    Seq(Box<Descriptor>),
    /// A map: a count and the pairs of key and value.
    Map(Box<Descriptor>, Box<Descriptor>),
    /// A set: a count and the elements.
    Set(Box<Descriptor>),
    /// Text, bytes or a sequence in the order of `Ord`.
    Lex(Box<Descriptor>),
    /// A value with all bits flipped, which sorts descending.
    Desc(Box<Descriptor>),
    /// The given number of bytes, without a length.
    Fixed(usize),
    /// Bytes written by a user's codec, which is identified by its name.
    ///
    /// The name is by default the name of the codec's type without modules: `Scaled<100>` and `Scaled<1000>` differ, but
    /// two types of the same name in different modules don't. Changing the bytes that a codec writes doesn't change its shape
    /// either, so such a codec needs a new name.
    Opaque(String),
    /// A reference to an enclosing type.
    Ref {
        /// The name of the type.
        name: String,
        /// The number of nearer enclosing types of the same name, nearly always 0.
        outer: usize,
    },
    /// A tuple.
    Tuple(Vec<Descriptor>),
    /// A struct.
    Struct {
        /// The name of the type.
        name: String,
        /// The fields, in the order in which they are encoded.
        fields: Vec<FieldDescriptor>,
    },
    /// An enum.
    Enum {
        /// The name of the type.
        name: String,
        /// The variants, in the order of their declaration.
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
    /// The shape of the field.
    pub shape: Descriptor,
    /// Whether a stored value may end before the field, which then has its `Default`.
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
    /// The number that identifies the variant in encoded bytes.
    pub tag: i64,
    /// The fields of the variant.
    pub fields: Vec<FieldDescriptor>,
}

impl Descriptor {
    /// Returns the shape of a sequence of `element`. A sequence of `u8` is [`Bytes`](Self::Bytes).
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
