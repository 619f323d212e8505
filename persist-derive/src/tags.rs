//! The tags of an enum's variants: given ones, or Rust's discriminants.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, ExprUnary, Lit, UnOp, parse_quote};

use crate::attributes::{self, Errors, Tag};
use crate::format::Format;

pub(crate) struct Tags {
    /// The constants that hold the tags, and the check that no two are equal.
    pub(crate) items: TokenStream,
    /// Their names, in the order of the variants.
    pub(crate) names: Vec<Ident>,
}

pub(crate) fn parse(item: &DeriveInput, format: &Format, errors: &mut Errors) -> Tags {
    let Data::Enum(data) = &item.data else {
        return Tags { items: TokenStream::new(), names: Vec::new() };
    };
    let repr = integer_repr(&item.attrs);
    let mut items = TokenStream::new();
    let mut names = Vec::new();
    let mut known = Vec::new();
    let mut discriminant = Known { value: Some(-1) };
    for (index, variant) in data.variants.iter().enumerate() {
        let tag = attributes::tag_of_variant(&variant.attrs, format, errors);
        let written = variant.discriminant.as_ref().map(|(_, value)| value);
        discriminant = discriminant.next(written);
        let own = format_ident!("__PERSIST_DISCRIMINANT_{index}");
        let before =
            index.checked_sub(1).map(|before| format_ident!("__PERSIST_DISCRIMINANT_{before}"));
        let value = match (written, before) {
            (Some(value), _) => quote!(#value),
            (None, Some(before)) => quote!(#before + 1),
            (None, None) => quote!(0),
        };
        let name = format_ident!("__PERSIST_TAG_{index}");
        let tag_value = match &tag {
            Some(Tag { value, .. }) => quote!(#value),
            None => quote!({
                ::core::assert!(
                    #own as i128 >= i64::MIN as i128 && #own as i128 <= i64::MAX as i128,
                    "the discriminant of a variant does not fit an i64: give it a `tag`",
                );
                #own as i64
            }),
        };
        items.extend(quote! {
            #[allow(dead_code)]
            const #own: #repr = #value;
            #[allow(clippy::cast_possible_wrap, clippy::cast_lossless, clippy::cast_possible_truncation)]
            const #name: i64 = #tag_value;
        });
        names.push(name);
        known.push((
            tag.map_or(discriminant.value, |tag| Some(tag.value.into())),
            variant.ident.span(),
        ));
    }
    if !refuse_equal(&known, errors) {
        items.extend(assert_distinct(&names, &item.ident.to_string()));
    }
    Tags { items, names }
}

/// A discriminant, as far as it can be told without evaluating constants.
struct Known {
    value: Option<i128>,
}

impl Known {
    fn next(&self, written: Option<&Expr>) -> Self {
        let value = match written {
            Some(value) => literal(value),
            None => self.value.and_then(|value| value.checked_add(1)),
        };
        Self { value }
    }
}

fn literal(value: &Expr) -> Option<i128> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr)?.checked_neg(),
        _ => None,
    }
}

/// Points at both variants where it can be seen that their tags are equal. Says whether there were any.
fn refuse_equal(tags: &[(Option<i128>, Span)], errors: &mut Errors) -> bool {
    let mut seen: HashMap<i128, Span> = HashMap::new();
    let mut found = false;
    for &(value, span) in tags {
        let Some(value) = value else { continue };
        if let Some(&first) = seen.get(&value) {
            errors.add_at(first, format!("two variants have the tag {value}"));
            errors.add_at(span, format!("the other one with the tag {value}: give it another"));
            found = true;
        }
        seen.insert(value, span);
    }
    found
}

/// Where discriminants are expressions, only the compiler can tell whether two are equal.
fn assert_distinct(names: &[Ident], owner: &str) -> TokenStream {
    let message = format!("two variants of `{owner}` have the same tag: give one another `tag`");
    quote! {
        const _: () = {
            let tags: &[i64] = &[#(#names),*];
            let mut left = 0;
            while left < tags.len() {
                let mut right = left + 1;
                while right < tags.len() {
                    ::core::assert!(tags[left] != tags[right], #message);
                    right += 1;
                }
                left += 1;
            }
        };
    }
}

/// The type of the discriminants: the integer of `#[repr]`, or `isize`.
fn integer_repr(attributes: &[Attribute]) -> syn::Type {
    let mut repr = parse_quote!(isize);
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        // Errors in it are the compiler's to tell.
        let _ = attribute.parse_nested_meta(|meta| {
            let integers = [
                "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
                "isize",
            ];
            if let Some(ident) =
                meta.path.get_ident().filter(|ident| integers.iter().any(|name| ident == name))
            {
                repr = parse_quote!(#ident);
            } else if meta.input.peek(syn::token::Paren) {
                let skipped;
                syn::parenthesized!(skipped in meta.input);
                let _: TokenStream = skipped.parse()?;
            }
            Ok(())
        });
    }
    repr
}
