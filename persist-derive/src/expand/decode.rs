//! The impls of `KeyDecode` and `PayloadDecode`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::generics;
use super::tags;
use crate::parse::format::Format;
use crate::parse::input::{Field, Input, Variant};

pub(crate) fn expand(input: &Input, format: &Format) -> TokenStream {
    let tags = tags::constants(input);
    let (private, decode) = (&input.private, format.decode());
    let header = header(input, format);
    let (source, de) = (source(), input.names.input_lifetime());
    let body =
        if input.tags.is_some() { enum_body(input, format) } else { struct_body(input, format) };
    quote! {
        #tags
        #header {
            #[inline]
            fn #decode(#source: &mut #private::Source<#de>)
                -> ::core::result::Result<Self, #private::DecodeError>
            {
                #private::Source::nested(#source, |#source| { #body })
            }
        }
    }
}

/// Generates an impl that compiles, for an item with mistakes.
pub(crate) fn stub(input: &Input, format: &Format) -> TokenStream {
    let (private, decode) = (&input.private, format.decode());
    let (header, de) = (header(input, format), input.names.input_lifetime());
    quote! {
        #header {
            fn #decode(_: &mut #private::Source<#de>)
                -> ::core::result::Result<Self, #private::DecodeError>
            {
                loop {}
            }
        }
    }
}

fn header(input: &Input, format: &Format) -> TokenStream {
    let (private, decode) = (&input.private, format.decode_trait());
    let de = input.names.input_lifetime();
    generics::header(input, &generics::for_decoding(input, format), &quote!(#private::#decode<#de>))
}

fn source() -> Ident {
    Ident::new("__source", Span::mixed_site())
}

fn struct_body(input: &Input, format: &Format) -> TokenStream {
    input.variants.iter().map(|variant| construct(input, variant, format)).collect()
}

fn enum_body(input: &Input, format: &Format) -> TokenStream {
    let (private, trait_, method) = (&input.private, format.decode_trait(), format.decode());
    let (source, name) = (source(), input.name());
    let at = Ident::new("__at", Span::mixed_site());
    let tag = Ident::new("__tag", Span::mixed_site());
    let names = input.tags.iter().flat_map(|tags| &tags.names);
    let arms = input.variants.iter().zip(names).map(|(variant, name)| {
        let construct = construct(input, variant, format);
        if variant.fields.is_empty() || input.variants.len() == 1 {
            return quote!(#name => { #construct });
        }
        quote!(#name => #private::in_own_frame!((#source), |(#source)| { #construct }),)
    });
    quote! {
        let #at = #private::Source::offset(#source);
        let #tag = <::core::primitive::i64 as #private::#trait_>::#method(#source)?;
        match #tag {
            #(#arms)*
            #tag => ::core::result::Result::Err(#private::unknown_tag(#name, #tag, #at)),
        }
    }
}

/// Generates a struct expression, whose fields are evaluated and therefore decoded in the order of their declaration.
fn construct(input: &Input, variant: &Variant, format: &Format) -> TokenStream {
    let (source, path) = (source(), &variant.path);
    let fields = variant.fields.iter().map(|field| {
        let member = &field.member;
        let value = match (field.attributes.is_written(), field.attributes.default) {
            (false, _) => field.default(),
            (true, None) => decode_field(field, variant, (input, format)),
            (true, Some(_)) => {
                let (private, default) = (&input.private, field.default());
                let decode = decode_field(field, variant, (input, format));
                quote! {
                    if #private::Source::remaining(#source) == 0 { #default } else { #decode }
                }
            }
        };
        quote!(#member: #value)
    });
    quote!(::core::result::Result::Ok(#path { #(#fields),* }))
}

fn decode_field(field: &Field, variant: &Variant, of: (&Input, &Format)) -> TokenStream {
    let (private, owner, name) = (&of.0.private, &variant.name, &field.name);
    let decode = field.decode(&source(), of);
    let value = Ident::new("__value", Span::mixed_site());
    let error = Ident::new("__error", Span::mixed_site());
    // In a build that isn't optimized, a `?` would take twice the stack space.
    quote! {
        match #decode {
            ::core::result::Result::Ok(#value) => #value,
            ::core::result::Result::Err(#error) => {
                return ::core::result::Result::Err(
                    #private::DecodeError::in_field(#error, #owner, #name),
                );
            }
        }
    }
}
