//! Parse, validate, expand.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::attributes::Errors;
use crate::format::Format;
use crate::input::Input;
use crate::{decode, encode, order};

pub(crate) fn encode(item: DeriveInput, format: &Format) -> TokenStream {
    derive(item, format, encode::expand, encode::stub)
}

pub(crate) fn decode(item: DeriveInput, format: &Format) -> TokenStream {
    derive(item, format, decode::expand, decode::stub)
}

type Expand = fn(&Input, &Format) -> TokenStream;

/// After an error a stub stands in for the impl, so that each mistake gives one message and not one more for
/// every use of the type.
fn derive(item: DeriveInput, format: &Format, expand: Expand, stub: Expand) -> TokenStream {
    let (input, errors) = Input::parse(item, format);
    match errors {
        None => scope(&input, &expand(&input, format)),
        Some(errors) => with_errors(&errors, &scope(&input, &stub(&input, format))),
    }
}

pub(crate) fn key_ord(item: DeriveInput) -> TokenStream {
    let format = &Format::KEY;
    let mut errors = Errors::default();
    // What else is wrong with the type, its `KeyEncode` says.
    let (input, _) = Input::parse(item, format);
    order::refuse_key_ord(&input, &mut errors);
    let expansion = scope(&input, &order::key_ord(&input, format));
    match errors.into_inner() {
        None => expansion,
        Some(errors) => with_errors(&errors, &expansion),
    }
}

/// A scope of its own, whose names are not seen outside.
///
/// What is deprecated has been told where the field is. Paths may be longer than what is in scope; the rest is
/// about functions and traits that are there only to be checked.
fn scope(input: &Input, items: &TokenStream) -> TokenStream {
    let (krate, private) = (&input.krate, &input.private);
    quote! {
        #[allow(
            deprecated, unused_imports, unused_qualifications, clippy::multiple_bound_locations,
            clippy::needless_lifetimes
        )]
        const _: () = {
            use #krate::__private as #private;
            #items
        };
    }
}

fn with_errors(errors: &syn::Error, stub: &TokenStream) -> TokenStream {
    let errors = errors.to_compile_error();
    quote! { #errors #stub }
}
