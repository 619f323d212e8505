//! Random descriptors that types could have.

use std::collections::BTreeSet;

use persist_core::descriptor::{Descriptor, FieldDescriptor, VariantDescriptor};
use proptest::prelude::*;

/// Few names, so that types with the same name contain each other.
const TYPE_NAMES: [&str; 4] = ["Tree", "Node", "Größe", "r2"];
const MEMBER_NAMES: [&str; 6] = ["a", "b", "default", "struct", "_", "日本"];

pub(crate) fn descriptor() -> impl Strategy<Value = Descriptor> {
    shape(leaf().boxed()).prop_map(|shape| valid(shape, &mut Vec::new(), false))
}

/// Returns a struct whose rows `model.rs` can write and read.
pub(crate) fn simple_descriptor() -> impl Strategy<Value = Descriptor> {
    use Descriptor::{
        Bool, Bytes, Char, F32, F64, Fixed, I8, I16, I32, I64, I128, Str, U8, U16, U32, U64, U128,
    };
    let plain = proptest::sample::select(vec![
        Bool,
        U8,
        U16,
        U32,
        U64,
        I8,
        I16,
        I32,
        I64,
        U128,
        I128,
        F32,
        F64,
        Char,
        Str,
        Bytes,
        Fixed(0),
        Fixed(3),
    ]);
    let leaf = prop_oneof![2 => plain, 1 => reference()];
    fields(shape(leaf.boxed()).prop_map(with_lex_of_sequences)).prop_map(|fields| {
        valid(Descriptor::Struct { name: "Tree".into(), fields }, &mut Vec::new(), false)
    })
}

fn leaf() -> impl Strategy<Value = Descriptor> {
    use Descriptor::{
        Bool, Bytes, Char, Date, Duration, F32, F64, I8, I16, I32, I64, I128, Ip, Ipv4, Ipv6, Key,
        Socket, Str, Time, U8, U16, U32, U64, U128, Uuid,
    };
    let plain = vec![
        Str, Bytes, Bool, U8, U16, U32, U64, U128, I8, I16, I32, I64, I128, F32, F64, Char, Key,
        Duration, Time, Date, Ip, Ipv4, Ipv6, Socket, Uuid,
    ];
    prop_oneof![
        6 => proptest::sample::select(plain),
        1 => any::<usize>().prop_map(Descriptor::Fixed),
        1 => any::<String>().prop_map(Descriptor::Opaque),
        4 => reference(),
    ]
}

fn reference() -> impl Strategy<Value = Descriptor> {
    // `valid` chooses the name, since it knows the enclosing types.
    (0_usize..8).prop_map(|outer| Descriptor::Ref { name: String::new(), outer })
}

fn fields(shape: impl Strategy<Value = Descriptor>) -> impl Strategy<Value = Vec<FieldDescriptor>> {
    let name = proptest::sample::select(&MEMBER_NAMES);
    let field = (name, shape, proptest::bool::weighted(0.3))
        .prop_map(|(name, shape, default)| FieldDescriptor { name: name.into(), shape, default });
    proptest::collection::vec(field, 0..4)
}

/// Returns shapes that [`valid`] must still correct.
fn shape(leaf: BoxedStrategy<Descriptor>) -> impl Strategy<Value = Descriptor> {
    leaf.prop_recursive(6, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let fields = || fields(inner.clone());
        let type_name = || proptest::sample::select(&TYPE_NAMES);
        let tag = prop_oneof![-2_i64..3, any::<i64>()];
        let variant = (proptest::sample::select(&MEMBER_NAMES), tag, fields())
            .prop_map(|(name, tag, fields)| VariantDescriptor { name: name.into(), tag, fields });
        prop_oneof![
            boxed().prop_map(Descriptor::Opt),
            boxed().prop_map(Descriptor::Seq),
            boxed().prop_map(Descriptor::Set),
            boxed().prop_map(Descriptor::Lex),
            boxed().prop_map(Descriptor::Desc),
            (boxed(), boxed()).prop_map(|(key, value)| Descriptor::Map(key, value)),
            (boxed(), boxed()).prop_map(|(value, error)| Descriptor::Res(value, error)),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Descriptor::Tuple),
            (type_name(), fields())
                .prop_map(|(name, fields)| Descriptor::Struct { name: name.into(), fields }),
            (type_name(), fields())
                .prop_map(|(name, fields)| Descriptor::Struct { name: name.into(), fields }),
            (type_name(), proptest::collection::vec(variant, 0..4))
                .prop_map(|(name, variants)| Descriptor::Enum { name: name.into(), variants }),
        ]
    })
}

/// Corrects a shape so that a type could have it: references to enclosing types, different names and tags, defaults at
/// the end only, `seq(u8)` as bytes.
pub(crate) fn valid(shape: Descriptor, around: &mut Vec<String>, under_lex: bool) -> Descriptor {
    let mut inner = |shape: Box<Descriptor>| Box::new(valid(*shape, around, false));
    match shape {
        Descriptor::Opt(shape) => Descriptor::Opt(inner(shape)),
        Descriptor::Seq(shape) if under_lex => Descriptor::Seq(inner(shape)),
        Descriptor::Seq(shape) => Descriptor::seq(*inner(shape)),
        Descriptor::Set(shape) => Descriptor::Set(inner(shape)),
        Descriptor::Desc(shape) => Descriptor::Desc(inner(shape)),
        Descriptor::Lex(shape) => Descriptor::Lex(Box::new(valid(*shape, around, true))),
        Descriptor::Map(key, value) => Descriptor::Map(inner(key), inner(value)),
        Descriptor::Res(value, error) => Descriptor::Res(inner(value), inner(error)),
        Descriptor::Tuple(parts) => {
            Descriptor::Tuple(parts.into_iter().map(|part| valid(part, around, false)).collect())
        }
        Descriptor::Ref { name, outer } if name.is_empty() => match around.len() {
            0 => Descriptor::Str,
            count => {
                let index = outer % count;
                let name = around[index].clone();
                let outer = around[index + 1..].iter().filter(|nearer| **nearer == name).count();
                Descriptor::Ref { name, outer }
            }
        },
        Descriptor::Struct { name, fields } => {
            around.push(name.clone());
            let fields = valid_fields(fields, around);
            around.pop();
            Descriptor::Struct { name, fields }
        }
        Descriptor::Enum { name, mut variants } => {
            around.push(name.clone());
            let (mut names, mut tags) = (BTreeSet::new(), BTreeSet::new());
            variants
                .retain(|variant| names.insert(variant.name.clone()) && tags.insert(variant.tag));
            for variant in &mut variants {
                variant.fields = valid_fields(std::mem::take(&mut variant.fields), around);
            }
            around.pop();
            Descriptor::Enum { name, variants }
        }
        leaf => leaf,
    }
}

fn valid_fields(fields: Vec<FieldDescriptor>, around: &mut Vec<String>) -> Vec<FieldDescriptor> {
    let mut names = BTreeSet::new();
    let mut default = false;
    let fields = fields.into_iter().filter(|field| names.insert(field.name.clone()));
    let valid_field = |field: FieldDescriptor| {
        default |= field.default;
        FieldDescriptor { shape: valid(field.shape, around, false), default, name: field.name }
    };
    fields.map(valid_field).collect()
}

/// Keeps `lex` only where types can have it: on text, bytes and sequences.
fn with_lex_of_sequences(shape: Descriptor) -> Descriptor {
    let inside = with_lex_of_sequences;
    let fields = |fields: Vec<FieldDescriptor>| {
        let field =
            |field: FieldDescriptor| FieldDescriptor { shape: inside(field.shape), ..field };
        fields.into_iter().map(field).collect::<Vec<_>>()
    };
    match shape {
        Descriptor::Opt(inner) => Descriptor::Opt(Box::new(inside(*inner))),
        Descriptor::Seq(inner) => Descriptor::Seq(Box::new(inside(*inner))),
        Descriptor::Tuple(parts) => Descriptor::Tuple(parts.into_iter().map(inside).collect()),
        Descriptor::Struct { name, fields: of_struct } => {
            Descriptor::Struct { name, fields: fields(of_struct) }
        }
        Descriptor::Enum { name, variants } => {
            let variant = |variant: VariantDescriptor| VariantDescriptor {
                fields: fields(variant.fields),
                ..variant
            };
            Descriptor::Enum { name, variants: variants.into_iter().map(variant).collect() }
        }
        Descriptor::Set(inner) => Descriptor::Set(Box::new(inside(*inner))),
        Descriptor::Desc(inner) => Descriptor::Desc(Box::new(inside(*inner))),
        Descriptor::Map(key, value) => {
            Descriptor::Map(Box::new(inside(*key)), Box::new(inside(*value)))
        }
        Descriptor::Res(value, error) => {
            Descriptor::Res(Box::new(inside(*value)), Box::new(inside(*error)))
        }
        Descriptor::Lex(inner) => Descriptor::Lex(Box::new(match inside(*inner) {
            inner @ (Descriptor::Str | Descriptor::Bytes | Descriptor::Seq(_)) => inner,
            _ => Descriptor::Str,
        })),
        leaf => leaf,
    }
}
