//! The method that describes the shape of a type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};

pub(crate) fn describe(of: (&Input, &Format)) -> TokenStream {
    let (input, format) = of;
    let (private, method, name) = (&input.private, format.describe(), input.name());
    let describer = Ident::new("__describer", Span::mixed_site());
    let body = match &input.tags {
        None => {
            let fields = input.variants.iter().map(|variant| fields(variant, of));
            quote!(#private::Describer::structure::<Self>(#describer, #name, #(#fields)*))
        }
        Some(tags) => {
            let variants = input.variants.iter().zip(&tags.names).map(|(variant, tag)| {
                let (name, fields) = (&variant.own_name, fields(variant, of));
                quote!((#name, #tag, #fields))
            });
            quote!(#private::Describer::enumeration::<Self>(#describer, #name, &[#(#variants),*]))
        }
    };
    quote! {
        #[inline]
        fn #method(#describer: &mut #private::Describer) -> #private::Descriptor {
            #body
        }
    }
}

fn fields(variant: &Variant, of: (&Input, &Format)) -> TokenStream {
    let fields = variant.written().map(|field| {
        let (name, describe) = (&field.name, field.describe(of));
        let default = field.attributes.default.is_some();
        quote!((#name, #describe, #default))
    });
    quote!(&[#(#fields),*])
}
