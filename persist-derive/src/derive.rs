//! The three steps of a derive: parse the item, check it, expand it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::check;
use crate::check::{packed, static_borrows};
use crate::expand::{decode, encode, order};
use crate::parse::errors::Errors;
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
    /// Adds the mistakes that matter to this derive only.
    refuse: fn(&Input, &mut Errors),
    /// Generates the impl.
    expand: fn(&Input, &Format) -> TokenStream,
    /// Generates an impl that compiles, for an item with mistakes.
    stub: fn(&Input, &Format) -> TokenStream,
}

const ENCODE: Derive =
    Derive { refuse: packed::refuse, expand: encode::expand, stub: encode::stub };
const DECODE: Derive =
    Derive { refuse: static_borrows::refuse, expand: decode::expand, stub: decode::stub };

/// Expands to the impl, or to the errors and a stub.
///
/// The stub keeps the compiler from reporting a missing impl at every use of the type, so each mistake gives one message.
fn derive(item: TokenStream, format: &Format, derive: &Derive) -> TokenStream {
    let (item, unread) = match item::read(item) {
        Ok(read) => read,
        Err(error) => return error.to_compile_error(),
    };
    let (input, mut errors) = Input::parse(item, format);
    check::refuse(&input, &mut errors);
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
    // The `KeyEncode` of the type reports all other mistakes.
    let (item, _) = match item::read(item) {
        Ok(read) => read,
        Err(error) => return error.to_compile_error(),
    };
    let (input, _) = Input::parse(item, format);
    check::order::refuse_key_ord(&input, &mut errors);
    let expansion = scope(&input, &order::key_ord(&input, format));
    match errors.into_inner() {
        None => expansion,
        Some(errors) => with_errors(&errors, &expansion),
    }
}

/// Puts the items into a scope of their own, whose names are not visible outside.
///
/// Only lints that the user allows are allowed in it: an `allow` of a lint that the user forbids is an error.
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
