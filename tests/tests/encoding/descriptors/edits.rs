//! Changes of descriptors that real types may go through.

use persist_core::descriptor::{Descriptor, FieldDescriptor};
use proptest::prelude::*;

use super::generated::valid;

/// A change to one of the shapes inside a descriptor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Rename,
    Widen,
    Retype,
    Wrap,
    AddDefault,
    AddField,
    GiveDefault,
    TakeDefault,
    RemoveLast,
    MoveFirst,
    WriteOut,
}

pub(crate) fn changes() -> impl Strategy<Value = Vec<(Change, usize)>> {
    use Change::{
        AddDefault, AddField, GiveDefault, MoveFirst, RemoveLast, Rename, Retype, TakeDefault,
        Widen, Wrap, WriteOut,
    };
    let change = proptest::sample::select(vec![
        Rename,
        Widen,
        Retype,
        Wrap,
        AddDefault,
        AddField,
        GiveDefault,
        TakeDefault,
        RemoveLast,
        MoveFirst,
        WriteOut,
    ]);
    proptest::collection::vec((change, 0..3_usize), 0..4)
}

/// Returns the descriptor with each change made to one of the shapes that allow it; the number selects the shape.
pub(crate) fn changed(descriptor: &Descriptor, changes: &[(Change, usize)]) -> Descriptor {
    let mut descriptor = descriptor.clone();
    for (change, number) in changes {
        change_at(&mut descriptor, *change, &mut { *number }, &mut Vec::new());
    }
    valid(descriptor, &mut Vec::new(), false)
}

/// Makes the change to the first possible shape after `left` such shapes. `around` are the enclosing types.
fn change_at(
    shape: &mut Descriptor,
    change: Change,
    left: &mut usize,
    around: &mut Vec<Descriptor>,
) {
    let mut changed = shape.clone();
    apply(&mut changed, change, around);
    if changed != *shape {
        if *left == 0 {
            *left = usize::MAX;
            *shape = changed;
            return;
        }
        *left -= 1;
    }
    let itself = shape.clone();
    let fields: Vec<&mut FieldDescriptor> = match shape {
        Descriptor::Opt(inner)
        | Descriptor::Seq(inner)
        | Descriptor::Set(inner)
        | Descriptor::Desc(inner) => {
            return change_at(inner, change, left, around);
        }
        Descriptor::Lex(inner) => {
            // Not the sequence itself, which must stay a sequence.
            if let Descriptor::Seq(element) = &mut **inner {
                change_at(element, change, left, around);
            }
            return;
        }
        Descriptor::Map(first, second) | Descriptor::Res(first, second) => {
            change_at(first, change, left, around);
            return change_at(second, change, left, around);
        }
        Descriptor::Tuple(parts) => {
            return parts.iter_mut().for_each(|part| change_at(part, change, left, around));
        }
        Descriptor::Struct { fields, .. } => fields.iter_mut().collect(),
        Descriptor::Enum { variants, .. } => {
            variants.iter_mut().flat_map(|variant| &mut variant.fields).collect()
        }
        _ => return,
    };
    around.push(itself);
    for field in fields {
        change_at(&mut field.shape, change, left, around);
    }
    around.pop();
}

fn apply(shape: &mut Descriptor, change: Change, around: &[Descriptor]) {
    let added = |default| FieldDescriptor { name: "added".into(), shape: Descriptor::U8, default };
    match (change, &mut *shape) {
        (Change::Widen, _) => *shape = widened(shape),
        (Change::Retype, _) => *shape = retyped(shape),
        (Change::Wrap, _) => {
            let inner = std::mem::replace(shape, Descriptor::Bool);
            *shape = Descriptor::Tuple(vec![inner]);
        }
        (Change::WriteOut, Descriptor::Ref { name, outer: 0 }) => {
            // Only if it is the nearest of all enclosing types, so that its own references keep their meaning.
            let nearest = around.last().filter(|nearest| match nearest {
                Descriptor::Struct { name: own, .. } | Descriptor::Enum { name: own, .. } => {
                    own == name
                }
                _ => false,
            });
            if let Some(nearest) = nearest.filter(|_| around.len() == 1) {
                *shape = nearest.clone();
            }
        }
        (change, Descriptor::Struct { fields, .. }) => match change {
            Change::Rename => {
                if let Some(field) = fields.first_mut() {
                    field.name = "renamed".into();
                }
            }
            Change::AddDefault => fields.push(added(true)),
            Change::AddField => fields.push(added(false)),
            Change::GiveDefault => fields.iter_mut().rev().take(1).for_each(|f| f.default = true),
            Change::TakeDefault => fields.iter_mut().for_each(|field| field.default = false),
            Change::RemoveLast => drop(fields.pop()),
            _ => {}
        },
        (change, Descriptor::Enum { variants, .. }) => match change {
            Change::MoveFirst if !variants.is_empty() => variants.rotate_left(1),
            Change::RemoveLast => drop(variants.pop()),
            Change::AddDefault => {
                if let Some(variant) = variants.first_mut() {
                    variant.fields.push(added(true));
                }
            }
            Change::Rename => {
                if let Some(variant) = variants.first_mut() {
                    variant.name = "Renamed".into();
                }
            }
            _ => {}
        },
        _ => {}
    }
}

fn widened(shape: &Descriptor) -> Descriptor {
    match shape {
        Descriptor::U16 => Descriptor::U32,
        Descriptor::U32 => Descriptor::U64,
        Descriptor::I8 => Descriptor::I16,
        Descriptor::I16 => Descriptor::I32,
        Descriptor::I32 => Descriptor::I64,
        other => other.clone(),
    }
}

/// Returns a shape of equal width, so that many rows are valid for both, with another value.
fn retyped(shape: &Descriptor) -> Descriptor {
    match shape {
        Descriptor::Bool => Descriptor::U8,
        Descriptor::U64 => Descriptor::I64,
        Descriptor::I64 => Descriptor::U64,
        Descriptor::Str => Descriptor::Bytes,
        Descriptor::Set(inner) => Descriptor::seq((**inner).clone()),
        other => other.clone(),
    }
}
