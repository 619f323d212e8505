//! The rows that a shape has, to check `can_read` against what reading really does.

use persist_core::{Descriptor, FieldDescriptor, can_read};
use proptest::prelude::*;

use crate::generated::{simple_descriptor, valid};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_can_be_read_is_read(
        stored in simple_descriptor(),
        changes in changes(),
        choices in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let current = changed(&stored, &changes);
        let (forth, back) = (can_read(&stored, &current), can_read(&current, &stored));
        for (can, one, other) in [(forth, &stored, &current), (back, &current, &stored)] {
            let Some(row) = row(one, &choices).filter(|_| can.is_ok()) else { continue };
            for end in 0..=row.len() {
                let row = &row[..end];
                if reads(one, row) {
                    prop_assert!(reads(other, row), "{} reads {:?}, {} doesn't", one, row, other);
                }
            }
        }
    }
}

#[test]
fn the_model_reads_the_rows_that_it_makes() {
    let shape = "struct A { a: u8, b: opt(ref(A)), c: seq(u16), d: enum E { V = 7 { x: bool } } = default }"
        .parse()
        .unwrap();
    let row = row(&shape, &[5, 0, 1, 9]).unwrap();
    assert_eq!(row.len(), 1 + 1 + (2 + 8) + (8 + 1));
    assert!(reads(&shape, &row));
    assert!(reads(&shape, &row[..12]));
    assert!(!reads(&shape, &row[..13]));
}

/// How deep the model follows references; rows beyond are none.
const DEEPEST: usize = 24;

type Around<'a> = Vec<&'a Descriptor>;

/// What a reference names, and the types around that.
fn referred<'a>(
    name: &str,
    outer: usize,
    around: &[&'a Descriptor],
) -> (&'a Descriptor, Around<'a>) {
    let of_name = |shape: &Descriptor| match shape {
        Descriptor::Struct { name: own, .. } | Descriptor::Enum { name: own, .. } => own == name,
        _ => false,
    };
    let all = around.iter().enumerate().rev().filter(|(_, shape)| of_name(shape));
    let (index, shape) = { all }.nth(outer).unwrap();
    (shape, around[..index].to_vec())
}

/// The row of the value that `choices` choose, if it is not too deep.
fn row(shape: &Descriptor, choices: &[u8]) -> Option<Vec<u8>> {
    let mut row = Vec::new();
    write(shape, &Vec::new(), &mut choices.iter().copied(), &mut row, 0)?;
    Some(row)
}

fn write<'a>(
    shape: &'a Descriptor,
    around: &Around<'a>,
    choices: &mut impl Iterator<Item = u8>,
    row: &mut Vec<u8>,
    depth: usize,
) -> Option<()> {
    let inner = &[&around[..], &[shape]].concat();
    let mut choose = || choices.next().unwrap_or(0);
    if depth > DEEPEST {
        return None;
    }
    match shape {
        Descriptor::Bool => row.push(choose() % 2),
        Descriptor::U8 => row.push(choose()),
        Descriptor::U16 | Descriptor::U32 | Descriptor::U64 => {
            row.extend(u64::from(choose()).to_be_bytes());
        }
        Descriptor::Str | Descriptor::Bytes => {
            let length = choose() % 3;
            row.extend([0, length]);
            row.extend(vec![b'x'; length.into()]);
        }
        Descriptor::Opt(value) => {
            row.push(choose() % 2);
            if row.ends_with(&[1]) {
                write(value, around, choices, row, depth + 1)?;
            }
        }
        Descriptor::Seq(element) => {
            let count = choose() % 3;
            row.extend([0, count]);
            for _ in 0..count {
                write(element, around, choices, row, depth + 1)?;
            }
        }
        Descriptor::Tuple(parts) => {
            for part in parts {
                write(part, around, choices, row, depth + 1)?;
            }
        }
        Descriptor::Struct { fields, .. } => {
            for field in fields {
                write(&field.shape, inner, choices, row, depth + 1)?;
            }
        }
        Descriptor::Enum { variants, .. } => {
            let variant = variants.get(usize::from(choose()) % variants.len().max(1))?;
            row.extend((variant.tag ^ i64::MIN).to_be_bytes());
            for field in &variant.fields {
                write(&field.shape, inner, choices, row, depth + 1)?;
            }
        }
        Descriptor::Ref { name, outer } => {
            let (shape, around) = referred(name, *outer, around);
            write(shape, &around, choices, row, depth + 1)?;
        }
        other => panic!("{other} is not for the model"),
    }
    Some(())
}

/// Whether all of `row` is a value, as derived decoders see it.
fn reads(shape: &Descriptor, row: &[u8]) -> bool {
    let mut rest = row;
    read(shape, &Vec::new(), &mut rest, 0).is_some() && rest.is_empty()
}

fn read<'a>(
    shape: &'a Descriptor,
    around: &Around<'a>,
    rest: &mut &[u8],
    depth: usize,
) -> Option<()> {
    let inner = &[&around[..], &[shape]].concat();
    // Rows are no deeper, but types without a value are.
    if depth > 4 * DEEPEST {
        return None;
    }
    let depth = depth + 1;
    let read_fields = |fields: &'a [FieldDescriptor], rest: &mut &[u8]| {
        fields.iter().try_for_each(|field| {
            if field.default && rest.is_empty() {
                return Some(());
            }
            read(&field.shape, inner, rest, depth)
        })
    };
    match shape {
        Descriptor::Bool => (*rest.split_off_first()? < 2).then_some(()),
        Descriptor::U8 => rest.split_off_first().map(|_| ()),
        Descriptor::U16 => number(rest, u16::MAX.into()),
        Descriptor::U32 => number(rest, u32::MAX.into()),
        Descriptor::U64 => number(rest, u64::MAX),
        Descriptor::Str | Descriptor::Bytes => {
            let count = count(rest)?;
            rest.split_off(..count).map(|_| ())
        }
        Descriptor::Opt(value) => match rest.split_off_first()? {
            0 => Some(()),
            1 => read(value, around, rest, depth),
            _ => None,
        },
        Descriptor::Seq(element) => {
            (0..count(rest)?).try_for_each(|_| read(element, around, rest, depth))
        }
        Descriptor::Tuple(parts) => {
            parts.iter().try_for_each(|part| read(part, around, rest, depth))
        }
        Descriptor::Struct { fields, .. } => read_fields(fields, rest),
        Descriptor::Enum { variants, .. } => {
            let tag = i64::from_be_bytes(rest.split_off(..8)?.try_into().ok()?) ^ i64::MIN;
            let variant = variants.iter().find(|variant| variant.tag == tag)?;
            read_fields(&variant.fields, rest)
        }
        Descriptor::Ref { name, outer } => {
            let (shape, around) = referred(name, *outer, around);
            read(shape, &around, rest, depth)
        }
        other => panic!("{other} is not for the model"),
    }
}

fn number(rest: &mut &[u8], largest: u64) -> Option<()> {
    let number = u64::from_be_bytes(rest.split_off(..8)?.try_into().ok()?);
    (number <= largest).then_some(())
}

fn count(rest: &mut &[u8]) -> Option<usize> {
    Some(u16::from_be_bytes(rest.split_off(..2)?.try_into().ok()?).into())
}

/// A change at one of the shapes inside a descriptor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Rename,
    Widen,
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
        AddDefault, AddField, GiveDefault, MoveFirst, RemoveLast, Rename, TakeDefault, Widen, Wrap,
        WriteOut,
    };
    let change = proptest::sample::select(vec![
        Rename,
        Widen,
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

/// The descriptor with each change made at one of the shapes where it can be: that of its number.
pub(crate) fn changed(descriptor: &Descriptor, changes: &[(Change, usize)]) -> Descriptor {
    let mut descriptor = descriptor.clone();
    for (change, number) in changes {
        change_at(&mut descriptor, *change, &mut { *number }, &mut Vec::new());
    }
    valid(descriptor, &mut Vec::new(), false)
}

/// Makes the change where it can be made and `left` such shapes come before. `around` are the types
/// around the shape.
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
        Descriptor::Opt(inner) | Descriptor::Seq(inner) => {
            return change_at(inner, change, left, around);
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
        (Change::Widen, Descriptor::U16) => *shape = Descriptor::U32,
        (Change::Widen, Descriptor::U32) => *shape = Descriptor::U64,
        (Change::Wrap, _) => {
            let inner = std::mem::replace(shape, Descriptor::Bool);
            *shape = Descriptor::Tuple(vec![inner]);
        }
        (Change::WriteOut, Descriptor::Ref { name, outer: 0 }) => {
            // Only if it is the nearest type of all, whose own references then mean the same.
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
