//! Reading the item that a derive is put on from its tokens.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DataStruct, DeriveInput, Error, Fields, Generics, Token, parse2};

/// Reads the item. If it can't be read as a whole, returns the parts that a stub needs, and the error.
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

/// Replaces syn's message about an expression that it can't parse, such as a complicated array length.
///
/// The message names syn's feature `full`. The derives don't enable it, since it makes syn slower to compile, and users can't
/// change that.
fn in_own_words(error: Error) -> Error {
    if error.to_string().starts_with("unsupported expression") {
        Error::new(
            error.span(),
            "derives can't parse this expression: use a constant for the length",
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
