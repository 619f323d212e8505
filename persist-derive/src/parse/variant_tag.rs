//! `#[key(tag = n)]` and `#[payload(tag = n)]` on variants.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, ExprUnary, Lit, Token, UnOp};

use super::attributes::{each, once, unknown};
use super::errors::Errors;
use super::format::Format;

/// A tag and the place where it is written.
#[derive(Clone, Copy)]
pub(crate) struct GivenTag {
    pub(crate) value: i64,
    pub(crate) span: Span,
}

/// Returns the tag of a variant from either of the two attributes.
pub(crate) fn of_variant(attributes: &[Attribute], errors: &mut Errors) -> Option<GivenTag> {
    let [key, payload] =
        [Format::KEY, Format::PAYLOAD].map(|format| tag(attributes, format.attribute, errors));
    if let (Some(key), Some(payload)) = (&key, &payload)
        && key.value != payload.value
    {
        errors.add_at(key.span, "one tag serves keys and payloads, and these differ");
        errors.add_at(payload.span, "the other tag of this variant");
    }
    key.or(payload)
}

fn tag(attributes: &[Attribute], attribute: &str, errors: &mut Errors) -> Option<GivenTag> {
    let mut tag = None;
    each(attributes, attribute, errors, |meta| {
        if meta.path.is_ident("tag") {
            once(&meta, &mut tag, parse)
        } else {
            Err(unknown(&meta, "a variant", "`tag = n`"))
        }
    });
    tag.map(|(_, tag)| tag)
}

const EXPECTED: &str =
    "expected `tag = n` with a literal; a constant can be the variant's discriminant instead";

fn parse(meta: &ParseNestedMeta<'_>) -> syn::Result<GivenTag> {
    let value = meta.value().map_err(|_| Error::new(meta.path.span(), EXPECTED))?;
    let expr: Expr = value.parse().map_err(|error| Error::new(error.span(), EXPECTED))?;
    if !value.is_empty() && !value.peek(Token![,]) {
        return Err(value.error(EXPECTED));
    }
    integer(&expr)
}

/// Returns the value of an integer literal, which macros may have put into invisible groups.
fn integer(expr: &Expr) -> syn::Result<GivenTag> {
    let (expr, minus) = match enclosed(expr) {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (enclosed(expr), "-"),
        expr => (expr, ""),
    };
    let Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) = expr else {
        return Err(Error::new_spanned(expr, EXPECTED));
    };
    let span = literal.span();
    if !matches!(literal.suffix(), "" | "i64") {
        return Err(Error::new(span, "a tag is an i64: leave the suffix out"));
    }
    let value = format!("{minus}{}", literal.base10_digits())
        .parse()
        .map_err(|_| Error::new(span, "a tag is an i64: this one does not fit"))?;
    Ok(GivenTag { value, span })
}

/// Removes parentheses and the invisible groups of macros.
fn enclosed(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => enclosed(&group.expr),
        Expr::Paren(paren) => enclosed(&paren.expr),
        other => other,
    }
}
