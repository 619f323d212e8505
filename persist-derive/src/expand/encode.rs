//! The impls of `KeyEncode` and `PayloadEncode`, and of the markers that come with them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::compare;
use super::delimiting;
use super::describe;
use super::generics;
use super::key_fields;
use super::order;
use super::tags;
use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};

pub(crate) fn expand(input: &Input, format: &Format) -> TokenStream {
    let tags = tags::constants(input);
    let of = (input, format);
    let is_empty = is_empty(of);
    let methods = [encode(of), encoded_len(of), describe::describe(of)];
    let key_cmp = format.is_key.then(|| compare::key_cmp(of));
    let header = header(input, format);
    let store_key = store_key(input, format);
    let check = delimiting::check(of);
    let delimiting = delimiting::marker(input, format);
    let ordered = order::ordered(of);
    let key_fields = format.is_key.then(|| key_fields::expand(input, format));
    quote! {
        #tags
        #header {
            #is_empty
            #(#methods)*
            #key_cmp
            #check
        }
        #store_key
        #delimiting
        #ordered
        #key_fields
    }
}

/// Generates impls that compile, for an item with mistakes.
pub(crate) fn stub(input: &Input, format: &Format) -> TokenStream {
    let private = &input.private;
    let (encode, encoded_len, marker) = (format.encode(), format.encoded_len(), format.marker());
    let header = header(input, format);
    let marker =
        generics::header(input, &generics::for_encoding(input, format), &quote!(#private::#marker));
    let store_key = store_key(input, format);
    let ordered = input.ordered.map(|_| order::marker(input, format, None));
    let key_cmp = format.is_key.then(|| {
        quote!(
            fn key_cmp(&self, _: &Self) -> ::core::cmp::Ordering {
                loop {}
            }
        )
    });
    quote! {
        #header {
            fn #encode(&self, _: &mut #private::Sink<'_>) { loop {} }
            fn #encoded_len(&self) -> ::core::primitive::usize { loop {} }
            #key_cmp
        }
        #marker {}
        #store_key
        #ordered
    }
}

fn header(input: &Input, format: &Format) -> TokenStream {
    let (private, encode) = (&input.private, format.encode_trait());
    generics::header(input, &generics::for_encoding(input, format), &quote!(#private::#encode))
}

fn store_key(input: &Input, format: &Format) -> Option<TokenStream> {
    let private = &input.private;
    let header = generics::header(
        input,
        &generics::for_encoding(input, format),
        &quote!(#private::StoreKey),
    );
    format.is_key.then(|| quote!(#header {}))
}

fn encode(of: (&Input, &Format)) -> TokenStream {
    let (input, format) = of;
    let (private, method, join) = (&input.private, format.encode(), format.join());
    let trait_ = format.encode_trait();
    let sink = Ident::new("__sink", Span::mixed_site());
    let joiner = Ident::new("__joiner", Span::mixed_site());
    let body = for_each_variant(input, |variant, tag| {
        let tag = tag.map(
            |tag| quote!(<::core::primitive::i64 as #private::#trait_>::#join(&#tag, #joiner);),
        );
        let fields = variant.bound("field").map(|(field, value)| field.encode(&value, &joiner, of));
        Arm { argument: Some(&joiner), otherwise: quote!(), body: quote!(#tag #(#fields)*) }
    });
    quote! {
        #[inline]
        fn #method(&self, #sink: &mut #private::Sink<'_>) {
            let mut #joiner = #private::Joiner::new(#sink);
            <Self as #private::#trait_>::#join(self, &mut #joiner);
            #private::Joiner::finish(#joiner);
        }

        #[inline]
        fn #join(&self, #joiner: &mut #private::Joiner<'_, '_>) {
            #body
        }
    }
}

/// Generates `IS_EMPTY` for a struct: it is true if no field has any bytes. An enum always has its tag.
fn is_empty(of: (&Input, &Format)) -> Option<TokenStream> {
    let (input, _) = of;
    let [variant] = &input.variants[..] else { return None };
    if input.tags.is_some() {
        return None;
    }
    let mut fields = variant.written().map(|field| field.is_empty(of));
    let first = fields.next().unwrap_or_else(|| quote!(true));
    Some(quote!(const IS_EMPTY: ::core::primitive::bool = #first #(&& #fields)*;))
}

fn encoded_len(of: (&Input, &Format)) -> TokenStream {
    let (input, format) = of;
    let (private, trait_, method) = (&input.private, format.encode_trait(), format.encoded_len());
    let body = for_each_variant(input, |variant, tag| {
        let tag =
            tag.map(|tag| quote!(+ <::core::primitive::i64 as #private::#trait_>::#method(&#tag)));
        let fields = variant.bound("field").map(|(field, value)| field.encoded_len(&value, of));
        Arm { argument: None, otherwise: quote!(0), body: quote!(0 #tag #(+ #fields)*) }
    });
    quote! {
        #[inline]
        fn #method(&self) -> ::core::primitive::usize {
            #body
        }
    }
}

/// The code for one variant.
struct Arm<'a> {
    /// A local variable that the body needs besides the value.
    argument: Option<&'a Ident>,
    /// The value to return for other variants. The code is never reached, but the compiler needs it.
    otherwise: TokenStream,
    body: TokenStream,
}

/// Generates `match self` with an arm for each variant.
fn for_each_variant<'a>(
    input: &Input,
    arm: impl Fn(&Variant, Option<&Ident>) -> Arm<'a>,
) -> TokenStream {
    let private = &input.private;
    let this = Ident::new("__this", Span::mixed_site());
    let arms = input.variants.iter().enumerate().map(|(index, variant)| {
        let Arm { argument, otherwise, body } =
            arm(variant, input.tags.as_ref().map(|tags| &tags.names[index]));
        let pattern = variant.pattern("field");
        if variant.written().next().is_none() || input.variants.len() == 1 {
            return quote!(#pattern => { #body });
        }
        let path = &variant.path;
        let argument = argument.as_slice();
        quote! {
            #path { .. } => #private::in_own_frame!((self #(, #argument)*), |(#this #(, #argument)*)| {
                let #pattern = #this else { return #otherwise };
                #body
            }),
        }
    });
    if input.variants.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#arms)* })
    }
}
