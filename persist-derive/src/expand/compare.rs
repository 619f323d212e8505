//! The method `key_cmp`, which compares two values as their keys sort.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};
use crate::parse::tags::Tags;

/// Generates `key_cmp`, which compares tags first, and fields if the variants are equal.
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

/// Compares the tags and then matches one side at a time.
///
/// A match on a pair of enums would take the compiler a time that grows with the square of the number of variants.
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
            // The tags are equal and no two variants share a tag, so both sides are this variant: the `else` is never taken.
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

/// Generates code that returns at the first pair of fields that differ.
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
