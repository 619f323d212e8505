//! Spans of generated code, which determine where errors are shown and how names are resolved.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;
use syn::spanned::Spanned;

/// Moves tokens to another span.
///
/// The compiler shows an unmet bound of an associated function from the beginning to the end of the function's path. A path
/// that begins and ends with the spans of a type's first and last tokens therefore shows the type.
pub(crate) fn at(tokens: &TokenStream, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(place).collect()
}

/// A span for names that the derives introduce: a path such as `::core` is resolved in this crate's edition.
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

/// Returns a user's name for use in derived code: with the same meaning and place, but exempt from lints.
///
/// The user must not be warned when derived code uses a deprecated name.
pub(crate) fn unlinted(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(shown_at(ident.span()));
    ident
}

/// Exempts the names in a type from lints. A `$crate` keeps its span, since it is resolved by that.
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

/// The span of a type's last token.
pub(crate) fn end_of(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span())
}
