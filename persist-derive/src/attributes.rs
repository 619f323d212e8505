//! `#[key(…)]` and `#[payload(…)]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitInt, LitStr, Path, Token, WherePredicate};

use crate::format::Format;

/// All errors of a type, so that one build shows them all.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn add_at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.add(Error::new(span, message));
    }

    pub(crate) fn into_inner(self) -> Option<Error> {
        self.0
    }
}

/// The attributes of a type.
pub(crate) struct TypeAttributes {
    /// The path of persist-core.
    pub(crate) krate: TokenStream,
    pub(crate) bound: Option<Vec<WherePredicate>>,
}

/// Where an attribute stands, for its error messages.
const TYPE: (&str, &str) = ("a type", "`crate = \"path\"` and `bound = \"…\"`");
const VARIANT: (&str, &str) = ("a variant", "`tag = n`");
const FIELD: (&str, &str) = ("a field", "`tail`");

pub(crate) fn of_type(
    attributes: &[Attribute],
    format: &Format,
    errors: &mut Errors,
) -> TypeAttributes {
    let mut krate: Option<Path> = None;
    let mut bound: Option<Punctuated<WherePredicate, Token![,]>> = None;
    each(attributes, format.attribute, errors, |meta| {
        if meta.path.is_ident("crate") {
            once(&meta, &mut krate, |text: LitStr| text.parse())
        } else if meta.path.is_ident("bound") {
            once(&meta, &mut bound, |text: LitStr| text.parse_with(Punctuated::parse_terminated))
        } else {
            Err(unknown(&meta, TYPE))
        }
    });
    let krate = krate.map_or_else(|| quote!(::persist_core), |path| quote!(#path));
    TypeAttributes { krate, bound: bound.map(|predicates| predicates.into_iter().collect()) }
}

/// The tag of a variant, whichever of the two attributes gives it.
pub(crate) fn tag_of_variant(
    attributes: &[Attribute],
    format: &Format,
    errors: &mut Errors,
) -> Option<Tag> {
    let mut own: Option<Tag> = None;
    each(attributes, format.attribute, errors, |meta| tag(&meta, &mut own));
    let mut other: Option<Tag> = None;
    // What else is wrong with the other attribute, its own derive says.
    each(attributes, format.other_attribute, &mut Errors::default(), |meta| tag(&meta, &mut other));
    if let (Some(own), Some(other)) = (&own, &other)
        && own.value != other.value
    {
        errors.add_at(own.span, "one tag serves keys and payloads, and these differ");
        errors.add_at(other.span, "the other tag of this variant");
    }
    own.or(other)
}

/// A tag as it is written.
pub(crate) struct Tag {
    pub(crate) value: i64,
    pub(crate) span: Span,
}

fn tag(meta: &ParseNestedMeta<'_>, tag: &mut Option<Tag>) -> syn::Result<()> {
    if !meta.path.is_ident("tag") {
        return Err(unknown(meta, VARIANT));
    }
    let value = meta.value()?;
    let minus: Option<Token![-]> = value.parse()?;
    let literal: LitInt = value.parse()?;
    let digits = format!("{}{}", minus.map_or("", |_| "-"), literal.base10_digits());
    let value = digits
        .parse()
        .map_err(|_| Error::new(literal.span(), "a tag is an i64: this one does not fit"))?;
    if tag.is_some() {
        return Err(meta.error("`tag` is given twice"));
    }
    *tag = Some(Tag { value, span: literal.span() });
    Ok(())
}

/// Whether a field is marked as the open end of its type.
pub(crate) fn is_tail(
    attributes: &[Attribute],
    format: &Format,
    errors: &mut Errors,
) -> Option<Span> {
    let mut tail = None;
    each(attributes, format.attribute, errors, |meta| {
        if !meta.path.is_ident("tail") {
            return Err(unknown(&meta, FIELD));
        }
        if tail.replace(meta.path.span()).is_some() {
            return Err(meta.error("`tail` is given twice"));
        }
        Ok(())
    });
    tail
}

/// Hands each part of each attribute of a name to `parse`.
fn each(
    attributes: &[Attribute],
    name: &str,
    errors: &mut Errors,
    mut parse: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        if let Err(error) = attribute.parse_nested_meta(&mut parse) {
            errors.add(error);
        }
    }
}

fn once<L: syn::parse::Parse, T>(
    meta: &ParseNestedMeta<'_>,
    slot: &mut Option<T>,
    convert: impl FnOnce(L) -> syn::Result<T>,
) -> syn::Result<()> {
    let value = convert(meta.value()?.parse()?)?;
    if slot.replace(value).is_some() {
        return Err(meta.error("this attribute is given twice"));
    }
    Ok(())
}

fn unknown(meta: &ParseNestedMeta<'_>, (place, known): (&str, &str)) -> Error {
    meta.error(format!("there is no such attribute for {place}; known there: {known}"))
}
