//! A model of encoding and decoding by a descriptor, written from `persist-core/src/guide/encoding.md` alone.

use persist_core::descriptor::{Descriptor, FieldDescriptor};

/// The depth to which the model follows references. Deeper rows are not generated.
const DEEPEST: usize = 24;

/// The enclosing types of a shape, outermost first.
type Around<'a> = Vec<&'a Descriptor>;

/// Returns the type that a reference names, with its enclosing types.
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

/// Returns the number of bytes of a shape of fixed width.
fn width(shape: &Descriptor) -> Option<usize> {
    use Descriptor::{
        Bool, Char, F32, F64, Fixed, I8, I16, I32, I64, I128, U8, U16, U32, U64, U128,
    };
    match shape {
        Bool | U8 => Some(1),
        F32 | Char => Some(4),
        U16 | U32 | U64 | I8 | I16 | I32 | I64 | F64 => Some(8),
        U128 | I128 => Some(16),
        Fixed(count) => Some(*count),
        _ => None,
    }
}

/// Returns the row of the value that `choices` select, unless it is too deep.
pub(crate) fn row(shape: &Descriptor, choices: &[u8]) -> Option<Vec<u8>> {
    let mut writer = Writer { row: Vec::new(), choices };
    writer.write(shape, &Vec::new(), 0)?;
    Some(writer.row)
}

struct Writer<'c> {
    row: Vec<u8>,
    choices: &'c [u8],
}

impl Writer<'_> {
    fn choose(&mut self) -> u8 {
        self.choices.split_off_first().copied().unwrap_or(0)
    }

    fn write(&mut self, shape: &Descriptor, around: &Around<'_>, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let depth = depth + 1;
        let inner = &[&around[..], &[shape]].concat();
        match shape {
            Descriptor::Str | Descriptor::Bytes => {
                let text = self.text();
                self.count(text.len());
                self.row.extend(text);
            }
            Descriptor::Opt(value) => {
                let is_some = self.choose() % 2;
                self.row.push(is_some);
                if is_some == 1 {
                    self.write(value, around, depth)?;
                }
            }
            Descriptor::Res(value, error) => {
                let is_error = self.choose() % 2;
                self.row.extend((i64::from(is_error) ^ i64::MIN).to_be_bytes());
                self.write(if is_error == 0 { value } else { error }, around, depth)?;
            }
            Descriptor::Seq(element) => {
                let count = usize::from(self.choose() % 3);
                self.count(count);
                (0..count).try_for_each(|_| self.write(element, around, depth))?;
            }
            Descriptor::Set(element) => self.ascending(element, None, around, depth)?,
            Descriptor::Map(key, value) => self.ascending(key, Some(value), around, depth)?,
            Descriptor::Lex(of) => self.lex(of, around, depth)?,
            Descriptor::Desc(of) => {
                let start = self.row.len();
                self.write(of, around, depth)?;
                self.row[start..].iter_mut().for_each(|byte| *byte = !*byte);
            }
            Descriptor::Tuple(parts) => {
                parts.iter().try_for_each(|part| self.write(part, around, depth))?;
            }
            Descriptor::Struct { fields, .. } => {
                fields.iter().try_for_each(|field| self.write(&field.shape, inner, depth))?;
            }
            Descriptor::Enum { variants, .. } => {
                let choice = usize::from(self.choose());
                let variant = variants.get(choice % variants.len().max(1))?;
                self.row.extend((variant.tag ^ i64::MIN).to_be_bytes());
                let mut fields = variant.fields.iter();
                fields.try_for_each(|field| self.write(&field.shape, inner, depth))?;
            }
            Descriptor::Ref { name, outer } => {
                let (shape, around) = referred(name, *outer, around);
                self.write(shape, &around, depth)?;
            }
            plain => self.plain(plain),
        }
        Some(())
    }

    fn plain(&mut self, shape: &Descriptor) {
        let width = width(shape).unwrap_or_else(|| panic!("{shape} is not for the model"));
        let mut bytes = vec![0; width];
        if let Some(last) = bytes.last_mut() {
            *last = self.choose() % if matches!(shape, Descriptor::Bool) { 2 } else { 255 };
        }
        match shape {
            // Every other choice is negative. None is less than the smallest `i8`.
            Descriptor::I8 | Descriptor::I16 | Descriptor::I32 | Descriptor::I64 => {
                let number = i64::from(bytes[7].cast_signed());
                bytes = (number ^ i64::MIN).to_be_bytes().to_vec();
            }
            Descriptor::F32 | Descriptor::F64 | Descriptor::I128 => bytes[0] ^= 0x80,
            _ => {}
        }
        self.row.extend(bytes);
    }

    fn text(&mut self) -> Vec<u8> {
        let choice = self.choose();
        vec![if choice < 0x80 { b'x' } else { 0 }; usize::from(choice % 3)]
    }

    fn count(&mut self, count: usize) {
        let count = u16::try_from(count).expect("a short count");
        self.row.extend(count.to_be_bytes());
    }

    /// Writes the entries of a set or map: the chosen ones without duplicates, in the order of their bytes.
    fn ascending(
        &mut self,
        key: &Descriptor,
        value: Option<&Descriptor>,
        around: &Around<'_>,
        depth: usize,
    ) -> Option<()> {
        let mut entries = std::collections::BTreeMap::new();
        for _ in 0..self.choose() % 3 {
            let before = std::mem::take(&mut self.row);
            self.write(key, around, depth)?;
            let key = std::mem::take(&mut self.row);
            if let Some(value) = value {
                self.write(value, around, depth)?;
            }
            entries.insert(key, std::mem::replace(&mut self.row, before));
        }
        self.count(entries.len());
        self.row.extend(entries.into_iter().flat_map(|(key, value)| [key, value].concat()));
        Some(())
    }

    fn lex(&mut self, of: &Descriptor, around: &Around<'_>, depth: usize) -> Option<()> {
        if let Descriptor::Seq(element) = of {
            for _ in 0..self.choose() % 3 {
                self.row.push(1);
                self.write(element, around, depth)?;
            }
            self.row.push(0);
        } else {
            for byte in self.text() {
                self.row.push(byte);
                if byte == 0 {
                    self.row.push(0xFF);
                }
            }
            self.row.extend([0, 1]);
        }
        Some(())
    }
}

/// A part of a value: its kind, and its bytes without those that only encode a position, length or form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part(&'static str, Vec<u8>);

/// Returns the value in `row` as derived decoders read it, in parts. A field after the end of the row has no part, and
/// neither has a shape that only groups fields.
pub(crate) fn value(shape: &Descriptor, row: &[u8]) -> Option<Vec<Part>> {
    let mut reader = Reader { rest: row, flipped: false, parts: Vec::new() };
    reader.read(shape, &Vec::new(), 0)?;
    reader.rest.is_empty().then_some(reader.parts)
}

struct Reader<'r> {
    rest: &'r [u8],
    flipped: bool,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        let mask = if self.flipped { 0xFF } else { 0 };
        Some(self.rest.split_off(..count)?.iter().map(|byte| byte ^ mask).collect())
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn count(&mut self) -> Option<usize> {
        let count = usize::from(u16::from_be_bytes(self.take(2)?.try_into().ok()?));
        self.part("count", count.to_be_bytes().to_vec());
        // Longer counts don't fit into the rows here.
        (count < 0xFFFF).then_some(count)
    }

    fn tag(&mut self) -> Option<i64> {
        let bytes = self.take(8)?;
        let tag = i64::from_be_bytes(bytes.clone().try_into().ok()?) ^ i64::MIN;
        self.part("tag", bytes);
        Some(tag)
    }

    fn part(&mut self, what: &'static str, bytes: Vec<u8>) {
        self.parts.push(Part(what, bytes));
    }

    /// Adds a part, unless it has no bytes: then a missing field and its default are the same.
    fn part_of_bytes(&mut self, what: &'static str, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.part(what, bytes);
        }
    }

    fn read(&mut self, shape: &Descriptor, around: &Around<'_>, depth: usize) -> Option<()> {
        let inner = &[&around[..], &[shape]].concat();
        // Rows are not as deep, but types without a value are.
        if depth > 4 * DEEPEST {
            return None;
        }
        let depth = depth + 1;
        match shape {
            Descriptor::Str | Descriptor::Bytes => {
                let count = self.count()?;
                let bytes = self.take(count)?;
                self.text(shape, bytes)
            }
            Descriptor::Opt(value) => {
                let flag = self.byte()?;
                self.part("flag", vec![flag]);
                match flag {
                    0 => Some(()),
                    1 => self.read(value, around, depth),
                    _ => None,
                }
            }
            Descriptor::Res(value, error) => match self.tag()? {
                0 => self.read(value, around, depth),
                1 => self.read(error, around, depth),
                _ => None,
            },
            Descriptor::Seq(element) => {
                let count = self.count()?;
                (0..count).try_for_each(|_| {
                    let before = self.rest.len();
                    self.read(element, around, depth)?;
                    (self.rest.len() < before).then_some(())
                })
            }
            Descriptor::Set(element) => self.ascending(element, None, around, depth),
            Descriptor::Map(key, value) => self.ascending(key, Some(value), around, depth),
            Descriptor::Lex(of) => self.lex(of, around, depth),
            Descriptor::Desc(of) => {
                self.flipped = !self.flipped;
                let read = self.read(of, around, depth);
                self.flipped = !self.flipped;
                read
            }
            Descriptor::Tuple(parts) => {
                parts.iter().try_for_each(|part| self.read(part, around, depth))
            }
            Descriptor::Struct { fields, .. } => self.fields(fields, inner, depth),
            Descriptor::Enum { variants, .. } => {
                let tag = self.tag()?;
                let variant = variants.iter().find(|variant| variant.tag == tag)?;
                self.fields(&variant.fields, inner, depth)
            }
            Descriptor::Ref { name, outer } => {
                let (shape, around) = referred(name, *outer, around);
                self.read(shape, &around, depth)
            }
            plain => self.plain(plain),
        }
    }

    fn fields(
        &mut self,
        fields: &[FieldDescriptor],
        around: &Around<'_>,
        depth: usize,
    ) -> Option<()> {
        fields.iter().try_for_each(|field| {
            if field.default && self.rest.is_empty() {
                return Some(());
            }
            self.read(&field.shape, around, depth)
        })
    }

    fn plain(&mut self, shape: &Descriptor) -> Option<()> {
        let width = width(shape).unwrap_or_else(|| panic!("{shape} is not for the model"));
        let bytes = self.take(width)?;
        let unsigned = |largest: u64| -> Option<&'static str> {
            let number = u64::from_be_bytes(bytes.clone().try_into().ok()?);
            (number <= largest).then_some("unsigned")
        };
        let signed = |smallest: i64, largest: i64| -> Option<&'static str> {
            let number = i64::from_be_bytes(bytes.clone().try_into().ok()?) ^ i64::MIN;
            (smallest..=largest).contains(&number).then_some("signed")
        };
        let what = match shape {
            Descriptor::Bool => (bytes[0] < 2).then_some("bool"),
            Descriptor::U8 => Some("u8"),
            Descriptor::U16 => unsigned(u16::MAX.into()),
            Descriptor::U32 => unsigned(u32::MAX.into()),
            Descriptor::U64 => unsigned(u64::MAX),
            Descriptor::I8 => signed(i8::MIN.into(), i8::MAX.into()),
            Descriptor::I16 => signed(i16::MIN.into(), i16::MAX.into()),
            Descriptor::I32 => signed(i32::MIN.into(), i32::MAX.into()),
            Descriptor::I64 => signed(i64::MIN, i64::MAX),
            Descriptor::U128 => Some("u128"),
            Descriptor::I128 => Some("i128"),
            Descriptor::F32 => Some("f32"),
            Descriptor::F64 => Some("f64"),
            Descriptor::Char => {
                let scalar = u32::from_be_bytes(bytes.clone().try_into().ok()?);
                char::from_u32(scalar).map(|_| "char")
            }
            _ => Some("fixed"),
        };
        self.part_of_bytes(what?, bytes);
        Some(())
    }

    fn text(&mut self, shape: &Descriptor, bytes: Vec<u8>) -> Option<()> {
        let is_text = matches!(shape, Descriptor::Str);
        if is_text && str::from_utf8(&bytes).is_err() {
            return None;
        }
        self.part(if is_text { "str" } else { "bytes" }, bytes);
        Some(())
    }

    fn ascending(
        &mut self,
        key: &Descriptor,
        value: Option<&Descriptor>,
        around: &Around<'_>,
        depth: usize,
    ) -> Option<()> {
        let mut last = Vec::new();
        for _ in 0..self.count()? {
            let mut before = Reader { rest: self.rest, flipped: self.flipped, parts: Vec::new() };
            self.read(key, around, depth)?;
            let bytes = before.take(before.rest.len() - self.rest.len())?;
            // No entry is empty, so an empty `last` means that this is the first.
            if bytes <= last {
                return None;
            }
            last = bytes;
            if let Some(value) = value {
                self.read(value, around, depth)?;
            }
        }
        Some(())
    }

    fn lex(&mut self, of: &Descriptor, around: &Around<'_>, depth: usize) -> Option<()> {
        if let Descriptor::Seq(element) = of {
            loop {
                let goes_on = self.byte()?;
                self.part("goes on", vec![goes_on]);
                match goes_on {
                    0 => return Some(()),
                    1 => self.read(element, around, depth)?,
                    _ => return None,
                }
            }
        }
        let mut bytes = Vec::new();
        loop {
            let byte = self.byte()?;
            if byte == 0 {
                match self.byte()? {
                    0xFF => {}
                    1 => return self.text(of, bytes),
                    _ => return None,
                }
            }
            bytes.push(byte);
        }
    }
}

#[test]
fn model_reads_its_own_rows() {
    let shape = "struct A { a: u8, b: opt(ref(A)), c: seq(u16), d: enum E { V = 7 { x: bool } } = default }"
        .parse()
        .unwrap();
    let row = row(&shape, &[5, 0, 1, 9]).unwrap();
    assert_eq!(row.len(), 1 + 1 + (2 + 8) + (8 + 1));
    let whole = value(&shape, &row).unwrap();
    assert_eq!(whole.first(), Some(&Part("u8", vec![5])));
    assert_eq!(whole.last(), Some(&Part("bool", vec![0])));
    assert_eq!(value(&shape, &row[..12]).as_deref(), Some(&whole[..whole.len() - 2]));
    assert_eq!(value(&shape, &row[..13]), None);
}
