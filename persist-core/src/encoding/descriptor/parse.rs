//! Parsing the text form of descriptors.

pub(in crate::encoding) mod error;
mod tokens;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

use super::shape::{Descriptor, FieldDescriptor, VariantDescriptor};
use crate::encoding::base::source::MAX_DEPTH;
use error::ParseDescriptorError;
use tokens::{Parsed, Tokens, in_quotes};

/// Parses the text form. White space between words and signs is optional, and so is a comma after the last item of a tuple or
/// in braces.
///
/// Parsing is strict. It rejects words and signs out of place, two fields or variants of the same name, two variants with the
/// same tag, a field without `default` after a field with it, a `ref` that names no enclosing type, and nesting deeper than
/// [`MAX_DEPTH`]. It does not check more than that: `lex(bool)`, a `key` in the middle, a `seq(())` and a struct that contains
/// itself endlessly are accepted, although no type has such a shape.
impl FromStr for Descriptor {
    type Err = ParseDescriptorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parser = Parser { tokens: Tokens::new(text), depth: 0, enclosing: Vec::new() };
        let shape = parser.shape()?;
        parser.tokens.end()?;
        Ok(shape)
    }
}

/// The shapes whose text is one word.
const ONE_WORD: [Descriptor; 25] = [
    Descriptor::Str,
    Descriptor::Bytes,
    Descriptor::Bool,
    Descriptor::U8,
    Descriptor::U16,
    Descriptor::U32,
    Descriptor::U64,
    Descriptor::U128,
    Descriptor::I8,
    Descriptor::I16,
    Descriptor::I32,
    Descriptor::I64,
    Descriptor::I128,
    Descriptor::F32,
    Descriptor::F64,
    Descriptor::Char,
    Descriptor::Key,
    Descriptor::Duration,
    Descriptor::Time,
    Descriptor::Date,
    Descriptor::Ip,
    Descriptor::Ipv4,
    Descriptor::Ipv6,
    Descriptor::Socket,
    Descriptor::Uuid,
];

struct Parser<'t> {
    tokens: Tokens<'t>,
    depth: usize,
    /// The names of the enclosing types, outermost first.
    enclosing: Vec<&'t str>,
}

impl<'t> Parser<'t> {
    fn shape(&mut self) -> Parsed<Descriptor> {
        self.shape_in(false)
    }

    /// Parses a shape. Directly in a `lex`, bytes and a sequence of `u8` are different shapes.
    fn shape_in(&mut self, under_lex: bool) -> Parsed<Descriptor> {
        let start = self.tokens.start();
        if self.tokens.next_is('(') {
            return self.nested(start, Self::tuple);
        }
        let word = self.tokens.word("a type")?;
        if let Some(leaf) = ONE_WORD.into_iter().find(|leaf| leaf.word() == word) {
            return Ok(leaf);
        }
        match word {
            "fixed" => self.in_parens(|parser| {
                parser.tokens.number("a number of bytes").map(Descriptor::Fixed)
            }),
            "opaque" => self.in_parens(|parser| parser.tokens.quoted().map(Descriptor::Opaque)),
            "ref" => self.in_parens(Self::reference),
            _ => self.nested(start, |parser| parser.compound(word, start, under_lex)),
        }
    }

    /// Parses the rest of a shape that contains others, after its first word.
    fn compound(&mut self, word: &'t str, start: usize, under_lex: bool) -> Parsed<Descriptor> {
        match word {
            "opt" => self.in_parens(|parser| Ok(Descriptor::Opt(Box::new(parser.shape()?)))),
            "seq" if under_lex => {
                self.in_parens(|parser| Ok(Descriptor::Seq(Box::new(parser.shape()?))))
            }
            "seq" => self.in_parens(|parser| Ok(Descriptor::seq(parser.shape()?))),
            "set" => self.in_parens(|parser| Ok(Descriptor::Set(Box::new(parser.shape()?)))),
            "lex" => self.in_parens(|parser| Ok(Descriptor::Lex(Box::new(parser.shape_in(true)?)))),
            "desc" => self.in_parens(|parser| Ok(Descriptor::Desc(Box::new(parser.shape()?)))),
            "res" => self.in_parens(|parser| {
                let (value, error) = parser.two_shapes()?;
                Ok(Descriptor::Res(value, error))
            }),
            "map" => self.in_parens(|parser| {
                let (key, value) = parser.two_shapes()?;
                Ok(Descriptor::Map(key, value))
            }),
            "struct" => self.within_type(|parser, name| {
                Ok(Descriptor::Struct { name, fields: parser.fields()? })
            }),
            "enum" => self.within_type(|parser, name| {
                Ok(Descriptor::Enum { name, variants: parser.variants()? })
            }),
            _ => Err(ParseDescriptorError::new(known_words(), in_quotes(word), start)),
        }
    }

    fn two_shapes(&mut self) -> Parsed<(Box<Descriptor>, Box<Descriptor>)> {
        let first = self.shape()?;
        self.tokens.need(',')?;
        Ok((Box::new(first), Box::new(self.shape()?)))
    }

    fn tuple(&mut self) -> Parsed<Descriptor> {
        let mut parts = Vec::new();
        self.items('(', ')', |parser| {
            parts.push(parser.shape()?);
            // Without the comma it would be a shape in parentheses, which the grammar doesn't have.
            if parts.len() == 1 && !parser.tokens.next_is(',') {
                return Err(parser.tokens.expected("`,`"));
            }
            Ok(())
        })?;
        Ok(Descriptor::Tuple(parts))
    }

    fn reference(&mut self) -> Parsed<Descriptor> {
        const ENCLOSING: &str = "the name of a type around";
        let start = self.tokens.start();
        let name = self.tokens.word(ENCLOSING)?;
        let of_this_name = self.enclosing.iter().filter(|enclosing| **enclosing == name).count();
        if of_this_name == 0 {
            return Err(ParseDescriptorError::new(ENCLOSING, in_quotes(name), start));
        }
        let mut outer = 0;
        if self.tokens.eat(',') {
            let start = self.tokens.start();
            outer = self.tokens.number("a number")?;
            if outer >= of_this_name {
                let expected =
                    format!("a number below {of_this_name}, the types around of this name,");
                return Err(ParseDescriptorError::new(expected, format!("`{outer}`"), start));
            }
        }
        Ok(Descriptor::Ref { name: name.to_owned(), outer })
    }

    /// Parses a type's name, and then the type's contents with that name among the enclosing types.
    fn within_type(
        &mut self,
        parse: impl FnOnce(&mut Self, String) -> Parsed<Descriptor>,
    ) -> Parsed<Descriptor> {
        let name = self.tokens.word("the name of the type")?;
        self.enclosing.push(name);
        let shape = parse(self, name.to_owned())?;
        self.enclosing.pop();
        Ok(shape)
    }

    fn fields(&mut self) -> Parsed<Vec<FieldDescriptor>> {
        let mut fields: Vec<FieldDescriptor> = Vec::new();
        let mut names = BTreeSet::new();
        self.items('{', '}', |parser| {
            let name =
                parser.new_name("a field's name", "a name that no field before has", &mut names)?;
            parser.tokens.need(':')?;
            let shape = parser.shape()?;
            let default = parser.tokens.eat('=');
            if default {
                parser.default()?;
            } else if fields.last().is_some_and(|before| before.default) {
                return Err(parser.tokens.expected("`= default`, as the field before has it,"));
            }
            fields.push(FieldDescriptor { name, shape, default });
            Ok(())
        })?;
        Ok(fields)
    }

    /// Parses the word after the `=` of a field.
    fn default(&mut self) -> Parsed<()> {
        const DEFAULT: &str = "`default`";
        let start = self.tokens.start();
        match self.tokens.word(DEFAULT)? {
            "default" => Ok(()),
            word => Err(ParseDescriptorError::new(DEFAULT, in_quotes(word), start)),
        }
    }

    fn variants(&mut self) -> Parsed<Vec<VariantDescriptor>> {
        let mut variants = Vec::new();
        let (mut names, mut tags) = (BTreeSet::new(), BTreeSet::new());
        self.items('{', '}', |parser| {
            let name = parser.new_name(
                "a variant's name",
                "a name that no variant before has",
                &mut names,
            )?;
            parser.tokens.need('=')?;
            let start = parser.tokens.start();
            let tag = parser.tokens.number("a tag, which is an i64,")?;
            if !tags.insert(tag) {
                return Err(ParseDescriptorError::new(
                    "a tag that no variant before has",
                    format!("`{tag}`"),
                    start,
                ));
            }
            let fields = if parser.tokens.next_is('{') { parser.fields()? } else { Vec::new() };
            variants.push(VariantDescriptor { name, tag, fields });
            Ok(())
        })?;
        Ok(variants)
    }

    fn new_name(
        &mut self,
        expected: &'static str,
        expected_new: &'static str,
        names: &mut BTreeSet<&'t str>,
    ) -> Parsed<String> {
        let start = self.tokens.start();
        let name = self.tokens.word(expected)?;
        if names.insert(name) {
            Ok(name.to_owned())
        } else {
            Err(ParseDescriptorError::new(expected_new, in_quotes(name), start))
        }
    }

    /// Parses items between two signs, separated by commas, with an optional comma after the last item.
    fn items(
        &mut self,
        open: char,
        close: char,
        mut parse: impl FnMut(&mut Self) -> Parsed<()>,
    ) -> Parsed<()> {
        self.tokens.need(open)?;
        while !self.tokens.eat(close) {
            parse(self)?;
            if !self.tokens.eat(',') && !self.tokens.next_is(close) {
                return Err(self.tokens.expected(format!("`,` or `{close}`")));
            }
        }
        Ok(())
    }

    fn in_parens<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.tokens.need('(')?;
        let parsed = parse(self)?;
        self.tokens.need(')')?;
        Ok(parsed)
    }

    fn nested<T>(&mut self, start: usize, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            let expected = format!("nesting of at most {MAX_DEPTH} levels");
            return Err(ParseDescriptorError::new(expected, "a deeper one", start));
        }
        self.depth += 1;
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }
}

/// Lists the words that can begin a type, for error messages.
#[cold]
fn known_words() -> String {
    let leaves = ONE_WORD.map(|leaf| leaf.word()).join(", ");
    format!(
        "a type ({leaves}, opt, res, seq, map, set, lex, desc, fixed, opaque, ref, struct, enum or a tuple)"
    )
}
