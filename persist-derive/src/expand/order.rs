//! `#[key(ordered)]` and `KeyOrd`: types whose `Ord` is the order of their keys.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::field_checks;
use super::generics;
use super::tags;
use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};

/// The marker, and what makes sure of it: each field's type has it too, and tags sort as variants do.
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

/// The marker's impl, with the method that checks it.
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

/// `PartialEq`, `Eq`, `PartialOrd` and `Ord` from `key_cmp`, and the marker that follows from that.
pub(crate) fn key_ord(input: &Input, format: &Format) -> TokenStream {
    let (private, generics) = (&input.private, generics::for_encoding(input, format));
    let header = |of: TokenStream| generics::header(input, &generics, &of);
    let [partial_eq, eq, partial_ord, ord] = [
        header(quote!(::core::cmp::PartialEq)),
        header(quote!(::core::cmp::Eq)),
        header(quote!(::core::cmp::PartialOrd)),
        header(quote!(::core::cmp::Ord)),
    ];
    // With `ordered`, which is refused, the other derive has written it.
    let order_preserving = input.ordered.is_none().then(|| {
        let header = header(quote!(#private::OrderPreserving));
        quote!(#header {})
    });
    // That the type is no key, the marker says. The probe doesn't say it again.
    let other = Ident::new("__other", Span::mixed_site());
    let cmp = quote!(#private::Probe::<Self>::key_order(self, #other));
    quote! {
        use #private::NotProbed as _;
        // With this the import is used, whatever the type is.
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
