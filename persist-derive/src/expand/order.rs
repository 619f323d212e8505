//! `#[key(ordered)]` and `KeyOrd`: types whose `Ord` is the order of their keys.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::field_checks;
use super::generics;
use super::tags;
use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};

/// Generates the marker, with checks that each field's type has it too and that tags sort as the variants do.
pub(crate) fn ordered((input, format): (&Input, &Format)) -> Option<TokenStream> {
    input.ordered?;
    let fields = input.variants.iter().flat_map(Variant::written);
    let checks = fields.map(|field| field.need_order(input)).collect::<Vec<_>>();
    let tags = input.tags.as_ref().and_then(|tags| tags::assert_order(tags, &input.private));
    let check = field_checks::method(&format_ident!("__check_order_of_fields"), input, &checks);
    let marker = marker(input, format, check.as_ref());
    Some(quote! {
        #tags
        #marker
    })
}

/// Generates the marker's impl, with the method that contains the checks.
pub(crate) fn marker(input: &Input, format: &Format, check: Option<&TokenStream>) -> TokenStream {
    let private = &input.private;
    let generics = for_order(input, format);
    let header = generics::header(input, &generics, &quote!(#private::OrderPreserving));
    let span = input.ordered.unwrap_or_else(|| input.ident.span());
    quote_spanned!(span=> #header { #check })
}

fn for_order(input: &Input, format: &Format) -> syn::Generics {
    let private = &input.private;
    generics::for_encoding_with(input, format, &quote!(#private::OrderPreserving))
}

/// Generates `PartialEq`, `Eq`, `PartialOrd` and `Ord` from `key_cmp`, and the marker, which holds by construction.
pub(crate) fn key_ord(input: &Input, format: &Format) -> TokenStream {
    let (private, generics) = (&input.private, generics::for_encoding(input, format));
    let header = |of: TokenStream| generics::header(input, &generics, &of);
    let [partial_eq, eq, partial_ord, ord] = [
        header(quote!(::core::cmp::PartialEq)),
        header(quote!(::core::cmp::Eq)),
        header(quote!(::core::cmp::PartialOrd)),
        header(quote!(::core::cmp::Ord)),
    ];
    // With `ordered`, which is an error here, the derive of `KeyEncode` generates the marker.
    let order_preserving = input.ordered.is_none().then(|| {
        let header = header(quote!(#private::OrderPreserving));
        quote!(#header {})
    });
    // If the type isn't a key, the marker's impl reports it. The probe prevents a second message.
    let other = Ident::new("__other", Span::mixed_site());
    let cmp = quote!(#private::Probe::<Self>::key_order(self, #other));
    quote! {
        use #private::NotProbed as _;
        // This uses the import, so that it is never linted as unused.
        const _: fn() = #private::Probe::<#private::NotEncoded>::__persist_not_probed;
        #partial_eq {
            #[inline]
            fn eq(&self, #other: &Self) -> ::core::primitive::bool {
                ::core::matches!(#cmp, ::core::cmp::Ordering::Equal)
            }
        }
        #eq {}
        #partial_ord {
            #[inline]
            fn partial_cmp(&self, #other: &Self)
                -> ::core::option::Option<::core::cmp::Ordering>
            {
                ::core::option::Option::Some(#cmp)
            }
        }
        #ord {
            #[inline]
            fn cmp(&self, #other: &Self) -> ::core::cmp::Ordering {
                #cmp
            }
        }
        #order_preserving
    }
}
