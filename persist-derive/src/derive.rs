//! Parse, validate, expand.

use proc_macro2::TokenStream;
use quote::quote;

use crate::check::input as check;
use crate::check::static_borrows;
use crate::expand::{decode, encode, order};
use crate::parse::attributes::Errors;
use crate::parse::format::Format;
use crate::parse::input::Input;
use crate::parse::item;

pub(crate) fn encode(item: TokenStream, format: &Format) -> TokenStream {
    derive(item, format, &ENCODE)
}

pub(crate) fn decode(item: TokenStream, format: &Format) -> TokenStream {
    derive(item, format, &DECODE)
}

struct Derive {
    /// What is wrong for this derive, and not for others.
    refuse: fn(&Input, &mut Errors),
    expand: fn(&Input, &Format) -> TokenStream,
    stub: fn(&Input, &Format) -> TokenStream,
}

const ENCODE: Derive = Derive { refuse: check::packed, expand: encode::expand, stub: encode::stub };
const DECODE: Derive =
    Derive { refuse: static_borrows::refuse_static, expand: decode::expand, stub: decode::stub };

/// After an error a stub stands in for the impl, so that each mistake gives one message and not one more for
/// every use of the type.
fn derive(item: TokenStream, format: &Format, derive: &Derive) -> TokenStream {
    let (item, unread) = match item::read(item) {
        Ok(read) => read,
        Err(error) => return error.to_compile_error(),
    };
    let (input, mut errors) = Input::parse(item, format);
    (derive.refuse)(&input, &mut errors);
    if let Some(error) = unread {
        errors.add(error);
    }
    match errors.into_inner() {
        None => scope(&input, &(derive.expand)(&input, format)),
        Some(errors) => with_errors(&errors, &scope(&input, &(derive.stub)(&input, format))),
    }
}

pub(crate) fn key_ord(item: TokenStream) -> TokenStream {
    let format = &Format::KEY;
    let mut errors = Errors::default();
    // What can't be read and what else is wrong with the type, its `KeyEncode` says.
    let (item, _) = match item::read(item) {
        Ok(read) => read,
        Err(error) => return error.to_compile_error(),
    };
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
/// It allows no lint that the user doesn't: an `allow` of a lint that the user forbids is an error.
fn scope(input: &Input, items: &TokenStream) -> TokenStream {
    let Input { krate, private, allowed, .. } = input;
    quote! {
        #allowed
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
