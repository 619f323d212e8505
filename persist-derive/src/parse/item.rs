//! The item that a derive is put on, read from tokens.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DataStruct, DeriveInput, Error, Fields, Generics, Token, parse2};

/// The item, or where it can't be read all that a stub needs of it, and what can't be read.
pub(crate) fn read(item: TokenStream) -> syn::Result<(DeriveInput, Option<Error>)> {
    match parse2(item.clone()) {
        Ok(item) => Ok((item, None)),
        Err(error) => {
            let error = in_own_words(error);
            match parse2(item) {
                Ok(Head(item)) => Ok((item, Some(error))),
                Err(_) => Err(error),
            }
        }
    }
}

/// Of the lengths of arrays syn reads the simpler ones. The rest of the language is a feature that makes it slower to
/// build, and whose name would help no one here.
fn in_own_words(error: Error) -> Error {
    if error.to_string().starts_with("unsupported expression") {
        Error::new(
            error.span(),
            "derives don't read expressions such as this one: name this length by a constant",
        )
    } else {
        error
    }
}

/// An item without its fields.
struct Head(DeriveInput);

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let _keyword = input.call(Ident::parse_any)?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse()?;
        if generics.where_clause.is_none() {
            let _fields: TokenTree = input.parse()?;
            generics.where_clause = input.parse()?;
        }
        let _rest: TokenStream = input.parse()?;
        let fields = Fields::Unit;
        let data =
            DataStruct { struct_token: <Token![struct]>::default(), fields, semi_token: None };
        Ok(Self(DeriveInput { attrs, vis, ident, generics, data: Data::Struct(data) }))
    }
}
