//! Reading the parts of attributes.

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Token, token};

use super::errors::Errors;

/// Calls `parse` for each part of each attribute called `name`.
///
/// After an error, the remaining parts are still parsed, so that one build reports all mistakes.
pub(crate) fn each(
    attributes: &[Attribute],
    name: &str,
    errors: &mut Errors,
    mut parse: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        let parsed = attribute.parse_nested_meta(|meta| {
            let rest = meta.input;
            parse(meta).or_else(|error| {
                errors.add(error);
                skip_part(rest)
            })
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
}

fn skip_part(rest: ParseStream<'_>) -> syn::Result<()> {
    while !rest.is_empty() && !rest.peek(Token![,]) {
        rest.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Fills `slot` with the parsed value. If the slot is full, the error points at both places.
pub(crate) fn once<T>(
    meta: &ParseNestedMeta<'_>,
    slot: &mut Option<(Span, T)>,
    parse: impl FnOnce(&ParseNestedMeta<'_>) -> syn::Result<T>,
) -> syn::Result<()> {
    let value = parse(meta)?;
    let span = meta.path.span();
    match slot.replace((span, value)) {
        None => Ok(()),
        Some((first, _)) => {
            let mut error = Error::new(span, format!("`{}` is given twice", name_of(meta)));
            error.combine(Error::new(first, "it is given here first"));
            Err(error)
        }
    }
}

/// Fills the slot of an attribute that has no value.
pub(crate) fn flag(meta: &ParseNestedMeta<'_>, slot: &mut Option<(Span, ())>) -> syn::Result<()> {
    once(meta, slot, |meta| {
        if meta.input.peek(Token![=]) || meta.input.peek(token::Paren) {
            return Err(meta.error(format!("`{0}` has no value: write `{0}`", name_of(meta))));
        }
        Ok(())
    })
}

/// Parses the value of an attribute, which is text in quotes.
pub(crate) fn quoted<T>(
    meta: &ParseNestedMeta<'_>,
    form: &str,
    parse: impl FnOnce(&LitStr) -> syn::Result<T>,
) -> syn::Result<T> {
    let expected = |span| Error::new(span, format!("expected `{form}`"));
    let value = meta.value().map_err(|_| expected(meta.path.span()))?;
    let text: LitStr = value.parse().map_err(|error| expected(error.span()))?;
    parse(&text).map_err(|_| expected(text.span()))
}

pub(crate) fn unknown(meta: &ParseNestedMeta<'_>, place: &str, known: &str) -> Error {
    let name = name_of(meta);
    meta.error(format!("there is no attribute `{name}` for {place}; known there: {known}"))
}

fn name_of(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.to_token_stream().to_string().replace(' ', "")
}
