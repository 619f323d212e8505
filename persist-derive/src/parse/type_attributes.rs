//! `#[key(…)]` and `#[payload(…)]` on types.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, LitStr, Path, Token, WherePredicate};

use super::attributes::{each, flag, once, quoted, unknown};
use super::errors::Errors;
use super::format::Format;

/// The attributes of a type.
pub(crate) struct TypeAttributes {
    /// The path of persist-core.
    pub(crate) krate: TokenStream,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    /// Replaces `bound` in a derive for decoding.
    pub(crate) decode_bound: Option<Vec<WherePredicate>>,
    /// The place of the attribute `ordered`.
    pub(crate) ordered: Option<Span>,
}

/// Parses the attributes of a type for a format.
///
/// Mistakes in the attributes of the other format are reported too, since the type may have no derive for that format.
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

/// Parses the path of persist-core, with or without quotes. Without quotes it can begin with the `$crate` of a macro.
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
