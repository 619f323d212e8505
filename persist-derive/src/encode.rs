//! `KeyEncode` and `PayloadEncode`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::compare;
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
    let key_cmp = format.is_key.then(|| compare::key_cmp(of));
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
