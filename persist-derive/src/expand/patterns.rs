//! Patterns that bind the fields of a variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::parse::input::{Field, Variant};

impl Variant {
    /// Returns the encoded fields, each with the name that [`pattern`](Self::pattern) binds it to.
    pub(crate) fn bound(&self, prefix: &str) -> impl Iterator<Item = (&Field, Ident)> {
        let bind = move |(index, field)| (field, local(prefix, index));
        self.written().enumerate().map(bind)
    }

    /// Returns a pattern that binds each encoded field to its own name: `Self::A { x: prefix0, 1: prefix1, .. }`.
    pub(crate) fn pattern(&self, prefix: &str) -> TokenStream {
        let path = &self.path;
        let bindings =
            self.bound(prefix).map(|(Field { member, .. }, name)| quote!(#member: #name));
        let rest = (self.written().count() < self.fields.len()).then(|| quote!(..));
        quote!(#path { #(#bindings,)* #rest })
    }
}

/// Returns a hygienic local name, which user code can neither refer to nor shadow.
fn local(prefix: &str, index: usize) -> Ident {
    format_ident!("__{prefix}{index}", span = Span::mixed_site())
}
