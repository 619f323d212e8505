//! The impls of `KeyField`, by which values are given for the fields of a key in prefixes and ranges.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{GenericParam, Generics, parse_quote};

use super::generics;
use crate::parse::field_attributes::Way;
use crate::parse::format::Format;
use crate::parse::input::{Field, Input};

/// The largest number of fields for which values can be given.
const MOST_FIELDS: usize = 8;

/// Generates an impl for each field of a struct. An enum is one field, which is given as a whole.
pub(crate) fn expand(input: &Input, format: &Format) -> TokenStream {
    let private = &input.private;
    let fields: Vec<&Field> = match &input.variants[..] {
        [variant] if input.tags.is_none() => variant.written().collect(),
        _ => Vec::new(),
    };
    let itself = generics::itself(input);
    let plain = quote!(#private::Plain);
    let fields: Vec<(TokenStream, TokenStream)> = if fields.is_empty() {
        vec![(itself, plain)]
    } else {
        let of = |field: &&Field| {
            let ty = &field.ty;
            match &field.attributes.way {
                Way::Codec(codec) => (quote!(#ty), codec.clone()),
                _ => (quote!(#ty), plain.clone()),
            }
        };
        fields.iter().map(of).collect()
    };
    if fields.len() > MOST_FIELDS {
        return TokenStream::new();
    }
    let generics = generics::for_encoding(input, format);
    let len = fields.len();
    let count = generics::header(input, &generics, &quote!(#private::KeyFields<#len>));
    let each = fields
        .iter()
        .enumerate()
        .map(|(index, (ty, codec))| field(input, &generics, index, ty, codec));
    quote! {
        #(#each)*
        #count {}
    }
}

fn field(
    input: &Input,
    generics: &Generics,
    index: usize,
    ty: &TokenStream,
    codec: &TokenStream,
) -> TokenStream {
    let private = &input.private;
    let (argument, usage) = (input.names.parameter("Argument"), input.names.parameter("Use"));
    let mut generics = generics.clone();
    let parameters: [GenericParam; 2] = [parse_quote!(#argument), parse_quote!(#usage)];
    generics.params.extend(parameters);
    let of = quote!(#private::Argument<#ty, #codec, #usage>);
    generics.make_where_clause().predicates.push(parse_quote!(#argument: #of));
    let header =
        generics::header(input, &generics, &quote!(#private::KeyField<#index, #argument, #usage>));
    let [value, sink] = ["__value", "__sink"].map(|name| Ident::new(name, Span::mixed_site()));
    quote! {
        #header {
            const IS_DESCENDING: ::core::primitive::bool = <#argument as #of>::IS_DESCENDING;

            fn encode_field(#value: &#argument, #sink: &mut #private::Sink<'_>) {
                <#argument as #of>::encode_argument(#value, #sink);
            }
        }
    }
}
