//! Where errors about generated code are shown.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;
use syn::spanned::Spanned;

/// The same tokens at another place. An unmet bound of an associated function is shown from where its path
/// begins to where it ends, so that a path from the type's begin to its end shows the type.
pub(crate) fn at(tokens: &TokenStream, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(place).collect()
}

/// A span for names of the derives' own: a path such as `::core` means there what it does in their edition.
///
/// ```edition2015
/// extern crate persist_core;
///
/// #[derive(persist_core::KeyEncode, persist_core::KeyDecode)]
/// struct Sample {
///     id: u8,
///     #[key(skip)]
///     cached: u8,
/// }
///
/// #[derive(persist_core::KeyEncode, persist_core::KeyOrd)]
/// enum Distinct {
///     First = FIRST,
///     #[key(tag = 9)]
///     Second,
/// }
///
/// #[derive(persist_core::KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
/// #[key(ordered)]
/// enum Ordered {
///     First = FIRST,
///     #[key(tag = 9)]
///     Second,
/// }
///
/// const FIRST: isize = 7;
/// ```
pub(crate) fn shown_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A name of the user's as a name in derived code: it means the same, is shown at the same place, and isn't linted, since
/// the use of what is deprecated is the derive's and not the user's.
pub(crate) fn unlinted(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(shown_at(ident.span()));
    ident
}

/// A type of the same kind. A `$crate` keeps its place, by which it is resolved.
pub(crate) fn unlinted_type(ty: &Type) -> Type {
    fn unlinted_tokens(tokens: TokenStream) -> TokenStream {
        let unlint = |mut token| {
            match &mut token {
                TokenTree::Ident(ident) if ident == "$crate" => {}
                TokenTree::Group(group) => {
                    let inner = unlinted_tokens(group.stream());
                    let span = shown_at(group.span());
                    *group = Group::new(group.delimiter(), inner);
                    group.set_span(span);
                }
                other => other.set_span(shown_at(other.span())),
            }
            token
        };
        tokens.into_iter().map(unlint).collect()
    }
    syn::parse2(unlinted_tokens(ty.to_token_stream())).unwrap_or_else(|_| ty.clone())
}

/// The place of a type's last token.
pub(crate) fn end_of(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span())
}
