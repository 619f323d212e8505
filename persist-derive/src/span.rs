//! Where errors about generated code are shown.

use proc_macro2::{Span, TokenStream, TokenTree};
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

/// The place of a type's last token.
pub(crate) fn end_of(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span())
}
