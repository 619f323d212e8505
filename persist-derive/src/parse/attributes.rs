//! `#[key(…)]` and `#[payload(…)]` on types, and what all attributes share.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Path, Token, WherePredicate, token};

use crate::parse::format::Format;

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
    /// What a derive for decoding has in place of `bound`.
    pub(crate) decode_bound: Option<Vec<WherePredicate>>,
    /// Where it claims that its `Ord` is the order of its keys.
    pub(crate) ordered: Option<Span>,
}

/// What the attributes of a type say for a format. What is wrong with those of the other one is told too: it may
/// have no derive of its own that would.
pub(crate) fn of_type(
    attributes: &[Attribute],
    format: &Format,
    errors: &mut Errors,
) -> TypeAttributes {
    let own = parse_of_type(attributes, format, errors);
    parse_of_type(attributes, &format.other(), errors);
    own
}

fn parse_of_type(attributes: &[Attribute], format: &Format, errors: &mut Errors) -> TypeAttributes {
    let mut krate: Option<(Span, Path)> = None;
    let (mut bound, mut decode_bound) = (None, None);
    let mut ordered: Option<(Span, ())> = None;
    each(attributes, format.attribute, errors, |meta| {
        if meta.path.is_ident("crate") {
            once(&meta, &mut krate, path_of_crate)
        } else if meta.path.is_ident("bound") {
            once(&meta, &mut bound, |meta| predicates(meta, "bound = \"T: Trait\""))
        } else if meta.path.is_ident("decode_bound") {
            once(&meta, &mut decode_bound, |meta| predicates(meta, "decode_bound = \"T: Trait\""))
        } else if format.is_key && meta.path.is_ident("ordered") {
            flag(&meta, &mut ordered)
        } else {
            let ordered = if format.is_key { ", `ordered`" } else { "" };
            let known = format!(
                "`crate = \"path\"`, `bound = \"T: Trait\"`, `decode_bound = \"T: Trait\"`{ordered}"
            );
            Err(unknown(&meta, "a type", &known))
        }
    });
    TypeAttributes {
        krate: krate.map_or_else(|| quote!(::persist_core), |(_, path)| quote!(#path)),
        bound: bound.map(|(_, predicates)| predicates),
        decode_bound: decode_bound.map(|(_, predicates)| predicates),
        ordered: ordered.map(|(span, ())| span),
    }
}

/// The path of persist-core, in quotes or without. Only without can it begin with the `$crate` of a macro.
fn path_of_crate(meta: &ParseNestedMeta<'_>) -> syn::Result<Path> {
    if meta.input.peek(Token![=]) && !meta.input.peek2(LitStr) {
        let value = meta.value()?;
        let at = value.span();
        return value
            .call(Path::parse_mod_style)
            .map_err(|_| Error::new(at, format!("expected `{CRATE_FORM}`")));
    }
    quoted(meta, CRATE_FORM, LitStr::parse)
}

const CRATE_FORM: &str = "crate = \"path\"";

fn predicates(meta: &ParseNestedMeta<'_>, form: &str) -> syn::Result<Vec<WherePredicate>> {
    let parse = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
    quoted(meta, form, |text| Ok(text.parse_with(parse)?.into_iter().collect()))
}

/// Hands each part of each attribute of a name to `parse`. After an error the parts that follow are still
/// looked at.
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

/// Fills a slot with what `parse` reads. If it is full, the error points at both places.
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

/// What an attribute is set to, as a text in quotes.
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
