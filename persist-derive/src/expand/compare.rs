//! `key_cmp`: the order of the keys, without encoding.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};
use crate::parse::tags::Tags;

/// By tag between variants, field by field within one.
pub(crate) fn key_cmp(of: (&Input, &Format)) -> TokenStream {
    let other = Ident::new("__other", Span::mixed_site());
    let body = match (&of.0.variants[..], &of.0.tags) {
        ([], _) => quote!(match *self {}),
        (variants @ [_, _, ..], Some(tags)) => of_variants(variants, tags, &other, of),
        (variants, _) => variants.iter().map(|variant| of_one(variant, &other, of)).collect(),
    };
    quote! {
        #[inline]
        fn key_cmp(&self, #other: &Self) -> ::core::cmp::Ordering {
            #body
        }
    }
}

fn of_one(variant: &Variant, other: &Ident, of: (&Input, &Format)) -> TokenStream {
    let (left, right) = (variant.pattern("left"), variant.pattern("right"));
    let fields = fields(variant, of);
    quote!(match (self, #other) { (#left, #right) => { #fields ::core::cmp::Ordering::Equal } })
}

/// A match of both sides at once would take a time to compile that grows with the square of the variants.
fn of_variants(
    variants: &[Variant],
    tags: &Tags,
    other: &Ident,
    of: (&Input, &Format),
) -> TokenStream {
    let paths: Vec<&TokenStream> = variants.iter().map(|variant| &variant.path).collect();
    let names = &tags.names;
    let tag = |side| quote!(match #side { #(#paths { .. } => #names,)* });
    let (left_tag, right_tag) = (tag(quote!(self)), tag(quote!(#other)));
    let by_tag = unless_equal(&quote!(::core::cmp::Ord::cmp(&#left_tag, &#right_tag)));
    let has_fields = |variant: &&Variant| variant.written().next().is_some();
    let this = Ident::new("__this", Span::mixed_site());
    let arms: Vec<TokenStream> = variants
        .iter()
        .filter(has_fields)
        .map(|variant| {
            let (left, right) = (variant.pattern("left"), variant.pattern("right"));
            let (private, path, fields) = (&of.0.private, &variant.path, fields(variant, of));
            // No two variants have one tag, so that the other side is always of the same variant.
            quote! {
                #path { .. } => #private::in_own_frame!((self, #other), |(#this, #other)| {
                    let #left = #this else { return ::core::cmp::Ordering::Equal };
                    let #right = #other else { return ::core::cmp::Ordering::Equal };
                    #fields
                    ::core::cmp::Ordering::Equal
                }),
            }
        })
        .collect();
    let rest = (arms.len() < variants.len()).then(|| quote!(_ => ::core::cmp::Ordering::Equal,));
    let by_fields = if arms.is_empty() {
        quote!(::core::cmp::Ordering::Equal)
    } else {
        quote!(match self { #(#arms)* #rest })
    };
    quote!(#by_tag #by_fields)
}

/// Returns at the first field that differs.
fn fields(variant: &Variant, of: (&Input, &Format)) -> TokenStream {
    let sides = variant.bound("left").zip(variant.bound("right"));
    sides.map(|((field, left), (_, right))| unless_equal(&field.cmp(&left, &right, of))).collect()
}

fn unless_equal(cmp: &TokenStream) -> TokenStream {
    let order = Ident::new("__order", Span::mixed_site());
    quote! {
        match #cmp {
            ::core::cmp::Ordering::Equal => {}
            #order => return #order,
        }
    }
}
