//! The tags of an enum's variants: given ones, or Rust's discriminants.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, ExprUnary, Lit, UnOp, parse_quote};

use crate::attributes::{self, Errors, Tag};
use crate::format::Format;

#[derive(Default)]
pub(crate) struct Tags {
    /// The constants that hold the tags, and the check that no two are equal.
    pub(crate) items: TokenStream,
    /// Their names, in the order of the variants.
    pub(crate) names: Vec<Ident>,
    /// The constants that hold the discriminants.
    discriminants: Vec<Ident>,
    known: Vec<KnownTag>,
}

/// What can be told of a variant's tag without evaluating constants.
struct KnownTag {
    discriminant: Option<i128>,
    tag: Option<i128>,
    /// Where an attribute gives the tag.
    given: Option<Span>,
    variant: Span,
}

pub(crate) fn parse(item: &DeriveInput, format: &Format, errors: &mut Errors) -> Tags {
    let Data::Enum(data) = &item.data else {
        return Tags::default();
    };
    let repr = integer_repr(&item.attrs);
    let mut tags = Tags::default();
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
        tags.items.extend(quote! {
            #[allow(dead_code)]
            const #own: #repr = #value;
            #[allow(clippy::cast_possible_wrap, clippy::cast_lossless, clippy::cast_possible_truncation)]
            const #name: i64 = #tag_value;
        });
        tags.names.push(name);
        tags.discriminants.push(own);
        tags.known.push(KnownTag {
            discriminant: discriminant.value,
            tag: tag.map_or(discriminant.value, |tag| Some(tag.value.into())),
            given: tag.map(|tag| tag.span),
            variant: variant.ident.span(),
        });
    }
    if !refuse_equal(&tags.known, errors) {
        tags.items.extend(assert_distinct(&tags.names, &item.ident.to_string()));
    }
    tags
}

impl Tags {
    /// Refuses tags that don't sort as `Ord` sorts the variants, which is by discriminant.
    pub(crate) fn refuse_other_order(&self, errors: &mut Errors) {
        for (index, later) in self.known.iter().enumerate() {
            for earlier in &self.known[..index] {
                if let (Some(left), Some(right), Some(left_tag), Some(right_tag)) =
                    (earlier.discriminant, later.discriminant, earlier.tag, later.tag)
                    && (left < right) != (left_tag < right_tag)
                {
                    let place = later.given.or(earlier.given).unwrap_or(later.variant);
                    errors.add_at(place, OTHER_ORDER);
                    return;
                }
            }
        }
    }

    /// The same where discriminants are expressions: only the compiler can tell their order.
    pub(crate) fn assert_order(&self) -> TokenStream {
        let Self { names, discriminants, .. } = self;
        if self.known.iter().all(|known| known.given.is_none()) {
            return TokenStream::new();
        }
        quote! {
            const _: () = {
                let tags: &[i64] = &[#(#names),*];
                let discriminants: &[i128] = &[#(#discriminants as i128),*];
                let mut left = 0;
                while left < tags.len() {
                    let mut right = left + 1;
                    while right < tags.len() {
                        let by_tag = tags[left] < tags[right];
                        let by_discriminant = discriminants[left] < discriminants[right];
                        ::core::assert!(by_tag == by_discriminant, #OTHER_ORDER);
                        right += 1;
                    }
                    left += 1;
                }
            };
        }
    }
}

const OTHER_ORDER: &str = "this tag contradicts `ordered`: `Ord` sorts variants by their discriminants, and the tags \
    sort otherwise; number them in one order, or take `#[derive(KeyOrd)]` in place of `ordered`";

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
fn refuse_equal(tags: &[KnownTag], errors: &mut Errors) -> bool {
    let mut seen: HashMap<i128, Span> = HashMap::new();
    let mut found = false;
    for &KnownTag { tag, variant: span, .. } in tags {
        let Some(value) = tag else { continue };
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
