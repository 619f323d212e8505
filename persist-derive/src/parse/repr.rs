//! The parts of `#[repr(…)]` that matter to the derives.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Attribute, parenthesized, token};

pub(crate) struct Repr {
    /// The type of the discriminants.
    pub(crate) integer: Ident,
    /// The place of `packed`. Fields of a packed type may be misaligned, so they can't be borrowed.
    pub(crate) packed: Option<Span>,
}

impl Repr {
    pub(crate) fn parse(attributes: &[Attribute]) -> Self {
        let mut repr = Self { integer: format_ident!("isize"), packed: None };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
            // The compiler reports errors in this attribute.
            let _ = attribute.parse_nested_meta(|meta| {
                if let Some(ident) = meta.path.get_ident().filter(|ident| is_integer(ident)) {
                    repr.integer = ident.clone();
                } else if meta.path.is_ident("packed") {
                    repr.packed = Some(meta.path.span());
                }
                if meta.input.peek(token::Paren) {
                    let skipped;
                    parenthesized!(skipped in meta.input);
                    let _: TokenStream = skipped.parse()?;
                }
                Ok(())
            });
        }
        repr
    }
}

fn is_integer(ident: &Ident) -> bool {
    let integers =
        ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
    integers.iter().any(|name| ident == name)
}
