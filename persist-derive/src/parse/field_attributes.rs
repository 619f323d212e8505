//! `#[key(…)]` and `#[payload(…)]` on fields.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Type};

use super::attributes::{each, flag, once, quoted, unknown};
use super::errors::Errors;
use super::format::Format;
use super::span::{at, end_of};

/// How a field is encoded.
pub(crate) enum Way {
    /// By its type's own traits.
    Own,
    /// By a codec, the user's or one of persist-core.
    Codec(TokenStream),
    /// Not at all; it is decoded as its `Default`.
    Skipped,
}

/// The meaning of a field's attributes.
pub(crate) struct FieldAttributes {
    pub(crate) way: Way,
    /// Whether the codec is `Lexed`, which can keep the order of `Ord`.
    pub(crate) is_lex: bool,
    /// The place of `tail`, which marks the open end of a type.
    pub(crate) tail: Option<Span>,
    /// Whether `delimited` states that the field's type delimits itself, despite its name.
    pub(crate) is_delimited: bool,
    /// The place of `default`: a stored value may end before the field.
    pub(crate) default: Option<Span>,
    /// Whether the codec is the user's, which needs no trait of the field's type.
    pub(crate) is_foreign: bool,
    /// The attribute, if any, by which the field sorts differently from its type's `Ord`.
    pub(crate) reordered: Option<(&'static str, Span)>,
}

impl FieldAttributes {
    pub(crate) fn is_written(&self) -> bool {
        !matches!(self.way, Way::Skipped)
    }

    /// Whether the field may be decoded as its `Default`.
    pub(crate) fn is_defaulted(&self) -> bool {
        self.default.is_some() || !self.is_written()
    }

    /// Whether the type's own traits are called, directly or by a codec of persist-core.
    pub(crate) fn needs_own_traits(&self) -> bool {
        self.is_written() && !self.is_foreign
    }
}

/// The attributes that a field has, each with its place.
#[derive(Default)]
struct Written {
    lex: Option<(Span, ())>,
    desc: Option<(Span, ())>,
    fixed: Option<(Span, ())>,
    with: Option<(Span, Type)>,
    skip: Option<(Span, ())>,
    tail: Option<(Span, ())>,
    delimited: Option<(Span, ())>,
    default: Option<(Span, ())>,
}

/// Pairs of attributes that contradict each other, with the reason.
const CLASHES: [(&str, &str, &str); 15] = [
    ("skip", "lex", "a skipped field is not encoded"),
    ("skip", "desc", "a skipped field is not encoded"),
    ("skip", "fixed", "a skipped field is not encoded"),
    ("skip", "with", "a skipped field is not encoded"),
    ("skip", "tail", "a skipped field is not encoded"),
    ("skip", "default", "a skipped field is always decoded as its default"),
    ("lex", "fixed", "a `fixed` field has no terminator"),
    ("lex", "with", "`with` alone determines the encoding"),
    ("fixed", "with", "`with` alone determines the encoding"),
    ("lex", "tail", "a `lex` field delimits itself"),
    ("fixed", "tail", "a `fixed` field delimits itself"),
    ("desc", "tail", "only a type that delimits itself can be descending"),
    ("delimited", "tail", "a tail takes all remaining bytes"),
    ("delimited", "default", "a stored value may end before the field"),
    ("skip", "delimited", "a skipped field is not encoded"),
];

/// Parses the attributes of a field for a format. Mistakes in the attributes of the other format are reported too.
pub(crate) fn of_field(
    attributes: &[Attribute],
    format: &Format,
    private: &TokenStream,
    ty: &Type,
    errors: &mut Errors,
) -> FieldAttributes {
    let [own, _] = [format, &format.other()].map(|format| {
        let written = parse(attributes, format, errors);
        refuse_clashes(&written, errors);
        written
    });
    own.interpret(private, ty)
}

fn parse(attributes: &[Attribute], format: &Format, errors: &mut Errors) -> Written {
    let mut written = Written::default();
    each(attributes, format.attribute, errors, |meta| {
        let flag = |slot| flag(&meta, slot);
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match (&*name, format.is_key) {
            ("lex", true) => flag(&mut written.lex),
            ("desc", true) => flag(&mut written.desc),
            ("default", false) => flag(&mut written.default),
            ("fixed", _) => flag(&mut written.fixed),
            ("skip", _) => flag(&mut written.skip),
            ("tail", _) => flag(&mut written.tail),
            ("delimited", _) => flag(&mut written.delimited),
            ("with", _) => once(&meta, &mut written.with, |meta| {
                // The type gets the span of the text, so that errors about the type point at the text.
                quoted(meta, "with = \"Type\"", LitStr::parse)
            }),
            ("lex" | "desc", false) => Err(meta.error(format!(
                "`{name}` is about the order of keys, and payloads have none: leave it out"
            ))),
            ("default", true) => {
                Err(meta.error("a key can't end early: `default` is for fields of payloads"))
            }
            _ => Err(unknown(&meta, "a field", format.field_attributes)),
        }
    });
    written
}

fn refuse_clashes(written: &Written, errors: &mut Errors) {
    let place = |name: &str| match name {
        "lex" => written.lex.map(|(span, ())| span),
        "desc" => written.desc.map(|(span, ())| span),
        "fixed" => written.fixed.map(|(span, ())| span),
        "with" => written.with.as_ref().map(|(span, _)| *span),
        "skip" => written.skip.map(|(span, ())| span),
        "tail" => written.tail.map(|(span, ())| span),
        "delimited" => written.delimited.map(|(span, ())| span),
        _ => written.default.map(|(span, ())| span),
    };
    for (left, right, why) in CLASHES {
        if let (Some(left_place), Some(right_place)) = (place(left), place(right)) {
            let mut error =
                Error::new(left_place, format!("`{left}` clashes with `{right}`: {why}"));
            error.combine(Error::new(right_place, format!("`{right}` clashes with `{left}`")));
            errors.add(error);
        }
    }
}

impl Written {
    fn interpret(self, private: &TokenStream, ty: &Type) -> FieldAttributes {
        // The compiler shows an unmet bound of a codec at the field's type.
        let (private, end) = (at(private, ty.span()), end_of(ty));
        let Self { lex, desc, fixed, with, skip, tail, delimited, default } = self;
        let written = |attribute: Option<(Span, ())>| attribute.map(|(span, ())| span);
        let reordered = [("skip", written(skip)), ("desc", written(desc))]
            .into_iter()
            .chain([("with", with.as_ref().map(|(span, _)| *span))])
            .find_map(|(name, span)| Some((name, span?)));
        let named = match (&with, lex, fixed) {
            (Some((_, ty)), ..) => Some(quote!(#ty)),
            (_, Some(_), _) => Some(quote_spanned!(end=> #private::Lexed)),
            (.., Some(_)) => Some(quote_spanned!(end=> #private::WithoutLength)),
            _ => None,
        };
        let way = match (skip, desc, named) {
            (Some(_), ..) => Way::Skipped,
            (None, Some(_), named) => {
                let inner = named.unwrap_or_else(|| quote_spanned!(end=> #private::Plain));
                Way::Codec(quote_spanned!(end=> #private::Descending<#inner>))
            }
            (None, None, Some(codec)) => Way::Codec(codec),
            (None, None, None) => Way::Own,
        };
        FieldAttributes {
            way,
            is_lex: lex.is_some(),
            is_foreign: with.is_some(),
            tail: written(tail),
            is_delimited: delimited.is_some(),
            default: written(default),
            reordered,
        }
    }
}
