//! `KeyEncode` and `PayloadEncode`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::delimiting;
use crate::describe;
use crate::format::Format;
use crate::generics;
use crate::input::{Input, Variant};
use crate::order;

pub(crate) fn expand(input: &Input, format: &Format) -> TokenStream {
    let tags = input.tags.as_ref().map(|tags| &tags.items);
    let of = (input, format);
    let methods = [encode(of), encoded_len(of), describe::describe(of)];
    let key_cmp = format.is_key.then(|| key_cmp(of));
    let header = header(input, format);
    let store_key = store_key(input, format);
    let delimiting = delimiting::expand(input, format);
    let ordered = order::ordered(of);
    quote! {
        #tags
        #header {
            #(#methods)*
            #key_cmp
        }
        #store_key
        #delimiting
        #ordered
    }
}

/// The impl that stands in for one that couldn't be written.
pub(crate) fn stub(input: &Input, format: &Format) -> TokenStream {
    let private = &input.private;
    let (encode, encoded_len, marker) = (format.encode(), format.encoded_len(), format.marker());
    let header = header(input, format);
    let marker =
        generics::header(input, &generics::for_encoding(input, format), &quote!(#private::#marker));
    let store_key = store_key(input, format);
    let ordered = input.ordered.map(|_| order::marker(input, format));
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
        quote!({ #tag #(#fields)* })
    });
    quote! {
        #[inline]
        fn #method(&self, #sink: &mut #private::Sink<'_>) {
            let mut #joiner = #private::Joiner::new(#sink);
            <Self as #private::#trait_>::#join(self, &mut #joiner);
            #private::Joiner::finish(#joiner);
        }

        #[allow(unused_variables)]
        #[inline]
        fn #join(&self, #joiner: &mut #private::Joiner<'_, '_>) {
            #body
        }
    }
}

fn encoded_len(of: (&Input, &Format)) -> TokenStream {
    let (input, format) = of;
    let (private, trait_, method) = (&input.private, format.encode_trait(), format.encoded_len());
    let body = for_each_variant(input, |variant, tag| {
        let tag =
            tag.map(|tag| quote!(+ <::core::primitive::i64 as #private::#trait_>::#method(&#tag)));
        let fields = variant.bound("field").map(|(field, value)| field.encoded_len(&value, of));
        quote!(0 #tag #(+ #fields)*)
    });
    quote! {
        #[inline]
        fn #method(&self) -> ::core::primitive::usize {
            #body
        }
    }
}

/// `match self`, with an arm for each variant.
fn for_each_variant(
    input: &Input,
    arm: impl Fn(&Variant, Option<&Ident>) -> TokenStream,
) -> TokenStream {
    let arms = input.variants.iter().enumerate().map(|(index, variant)| {
        let pattern = variant.pattern("field");
        let arm = arm(variant, input.tags.as_ref().map(|tags| &tags.names[index]));
        quote!(#pattern => #arm,)
    });
    if input.variants.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#arms)* })
    }
}

/// Field by field within a variant, by tag between variants.
fn key_cmp(of: (&Input, &Format)) -> TokenStream {
    let input = of.0;
    let other = Ident::new("__other", Span::mixed_site());
    let order = Ident::new("__order", Span::mixed_site());
    let arms = input.variants.iter().map(|variant| {
        let (left, right) = (variant.pattern("left"), variant.pattern("right"));
        let sides = variant.bound("left").zip(variant.bound("right"));
        let fields = sides.map(|((field, left), (_, right))| {
            let cmp = field.cmp(&left, &right, of);
            quote! {
                let #order = #cmp;
                if !::core::matches!(#order, ::core::cmp::Ordering::Equal) {
                    return #order;
                }
            }
        });
        quote!((#left, #right) => { #(#fields)* ::core::cmp::Ordering::Equal })
    });
    let by_tag = input.tags.as_ref().filter(|_| input.variants.len() > 1).map(|tags| {
        let names = &tags.names;
        let paths: Vec<&TokenStream> = input.variants.iter().map(|variant| &variant.path).collect();
        let tag = |side: TokenStream| quote!(match #side { #(#paths { .. } => #names,)* });
        let (left, right) = (tag(quote!(self)), tag(quote!(#other)));
        quote!(_ => ::core::cmp::Ord::cmp(&#left, &#right))
    });
    let body = if input.variants.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match (self, #other) { #(#arms)* #by_tag })
    };
    quote! {
        #[inline]
        fn key_cmp(&self, #other: &Self) -> ::core::cmp::Ordering {
            #body
        }
    }
}
