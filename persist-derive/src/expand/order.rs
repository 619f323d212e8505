//! `#[key(ordered)]` and `KeyOrd`: types whose `Ord` is the order of their keys.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::expand::field_checks;
use crate::expand::generics;
use crate::parse::attributes::Errors;
use crate::parse::format::Format;
use crate::parse::input::{Input, Variant};

/// What contradicts the claim that `Ord` is the order of the keys and can be seen without types.
pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    if input.ordered.is_none() {
        return;
    }
    for field in input.variants.iter().flat_map(|variant| &variant.fields) {
        if let Some((attribute, span)) = field.attributes.reordered {
            let why = match attribute {
                "skip" => "`Ord` compares it and the key doesn't have it",
                "desc" => "the key has it in the other direction than `Ord`",
                _ => "nothing is known of the order that it writes",
            };
            errors.add_at(
                span,
                format!(
                    "`{attribute}` on `{}` contradicts `ordered`: {why}; leave one of the two out, or take \
                     `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`",
                    field.name,
                ),
            );
        }
    }
    if let Some(tags) = &input.tags {
        tags.refuse_other_order(errors);
    }
}

/// The marker, and what makes sure of it: each field's type has it too, and tags sort as variants do.
pub(crate) fn ordered((input, format): (&Input, &Format)) -> Option<TokenStream> {
    input.ordered?;
    let fields = input.variants.iter().flat_map(Variant::written);
    let checks = fields.map(|field| field.need_order(input)).collect::<Vec<_>>();
    let tags = input.tags.as_ref().map(|tags| tags.assert_order(&input.private));
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

/// What is wrong with `KeyOrd` on a type. All else its `KeyEncode` says.
pub(crate) fn refuse_key_ord(input: &Input, errors: &mut Errors) {
    if let Some(span) = input.ordered {
        errors.add_at(
            span,
            "`KeyOrd` makes the order of the keys that of `Ord`: leave `ordered` out",
        );
    }
}
