//! The text form of descriptors. `parse.rs` parses it.

use core::fmt;

use super::shape::{Descriptor, FieldDescriptor, VariantDescriptor};

/// Writes the text form on one line, or with `{:#}` on one line per field.
///
/// The text of a canonical descriptor, as all types have it, parses to an equal value. A manually built `Seq` of `U8` parses to
/// `Bytes`.
///
/// ```
/// use persist_core::descriptor::Descriptor;
///
/// let message: Descriptor = "struct Message{sender:str,body:seq(u8)}".parse()?;
/// assert_eq!(message.to_string(), "struct Message { sender: str, body: bytes }");
/// # Ok::<(), persist_core::descriptor::ParseDescriptorError>(())
/// ```
impl fmt::Display for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { f, open_braces: 0 }.shape(self)
    }
}

impl Descriptor {
    /// Returns the word that the text begins with, unless the shape is a tuple.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Bytes => "bytes",
            Self::Bool => "bool",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U128 => "u128",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::I128 => "i128",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::Key => "key",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Date => "date",
            Self::Ip => "ip",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Socket => "socket",
            Self::Uuid => "uuid",
            Self::Opt(_) => "opt",
            Self::Res(..) => "res",
            Self::Seq(_) => "seq",
            Self::Map(..) => "map",
            Self::Set(_) => "set",
            Self::Lex(_) => "lex",
            Self::Desc(_) => "desc",
            Self::Fixed(_) => "fixed",
            Self::Opaque(_) => "opaque",
            Self::Ref { .. } => "ref",
            Self::Tuple(_) => "tuple",
            Self::Struct { .. } => "struct",
            Self::Enum { .. } => "enum",
        }
    }
}

/// Whether names may contain the character. Every character of a Rust identifier is allowed.
pub(super) fn is_name_char(c: char) -> bool {
    match c {
        '_' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ => !c.is_control() && !c.is_whitespace(),
    }
}

struct Printer<'p, 'f> {
    f: &'p mut fmt::Formatter<'f>,
    open_braces: usize,
}

impl Printer<'_, '_> {
    fn shape(&mut self, shape: &Descriptor) -> fmt::Result {
        let word = shape.word();
        match shape {
            Descriptor::Opt(inner)
            | Descriptor::Seq(inner)
            | Descriptor::Set(inner)
            | Descriptor::Lex(inner)
            | Descriptor::Desc(inner) => {
                write!(self.f, "{word}(")?;
                self.shape(inner)?;
                self.f.write_str(")")
            }
            Descriptor::Res(first, second) | Descriptor::Map(first, second) => {
                write!(self.f, "{word}(")?;
                self.shape(first)?;
                self.f.write_str(", ")?;
                self.shape(second)?;
                self.f.write_str(")")
            }
            Descriptor::Fixed(count) => write!(self.f, "{word}({count})"),
            Descriptor::Opaque(name) => self.opaque(name),
            Descriptor::Ref { name, outer: 0 } => write!(self.f, "{word}({name})"),
            Descriptor::Ref { name, outer } => write!(self.f, "{word}({name}, {outer})"),
            Descriptor::Tuple(parts) => self.tuple(parts),
            Descriptor::Struct { name, fields } => {
                write!(self.f, "{word} {name} ")?;
                self.in_braces(fields, Self::field)
            }
            Descriptor::Enum { name, variants } => {
                write!(self.f, "{word} {name} ")?;
                self.in_braces(variants, Self::variant)
            }
            _ => self.f.write_str(word),
        }
    }

    fn opaque(&mut self, name: &str) -> fmt::Result {
        self.f.write_str("opaque(\"")?;
        for c in name.chars() {
            match c {
                '"' | '\\' => write!(self.f, "\\{c}")?,
                ' ' => self.f.write_str(" ")?,
                _ if c.is_control() || c.is_whitespace() => {
                    write!(self.f, "{}", c.escape_unicode())?;
                }
                _ => write!(self.f, "{c}")?,
            }
        }
        self.f.write_str("\")")
    }

    fn tuple(&mut self, parts: &[Descriptor]) -> fmt::Result {
        self.f.write_str("(")?;
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.f.write_str(", ")?;
            }
            self.shape(part)?;
        }
        self.f.write_str(if parts.len() == 1 { ",)" } else { ")" })
    }

    fn field(&mut self, field: &FieldDescriptor) -> fmt::Result {
        write!(self.f, "{}: ", field.name)?;
        self.shape(&field.shape)?;
        self.f.write_str(if field.default { " = default" } else { "" })
    }

    fn variant(&mut self, variant: &VariantDescriptor) -> fmt::Result {
        write!(self.f, "{} = {}", variant.name, variant.tag)?;
        if variant.fields.is_empty() {
            return Ok(());
        }
        self.f.write_str(" ")?;
        self.in_braces(&variant.fields, Self::field)
    }

    fn in_braces<T>(
        &mut self,
        items: &[T],
        write_item: fn(&mut Self, &T) -> fmt::Result,
    ) -> fmt::Result {
        if items.is_empty() {
            return self.f.write_str("{}");
        }
        self.f.write_str("{")?;
        self.open_braces += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.f.write_str(",")?;
            }
            self.space()?;
            write_item(self, item)?;
        }
        self.open_braces -= 1;
        if self.f.alternate() {
            self.f.write_str(",")?;
        }
        self.space()?;
        self.f.write_str("}")
    }

    /// Writes the space between items, or in the multi-line form a line break and the indentation.
    fn space(&mut self) -> fmt::Result {
        if !self.f.alternate() {
            return self.f.write_str(" ");
        }
        self.f.write_str("\n")?;
        (0..self.open_braces).try_for_each(|_| self.f.write_str("    "))
    }
}
