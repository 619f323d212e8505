//! Patterns that bind the fields of a variant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::parse::input::{Field, Variant};

impl Variant {
    /// The fields that are written, each with the name that [`pattern`](Self::pattern) gives it.
    pub(crate) fn bound(&self, prefix: &str) -> impl Iterator<Item = (&Field, Ident)> {
        let bind = move |(index, field)| (field, local(prefix, index));
        self.written().enumerate().map(bind)
    }

    /// Binds each written field to a name of its own: `Self::A { x: prefix0, 1: prefix1, .. }`.
    pub(crate) fn pattern(&self, prefix: &str) -> TokenStream {
        let path = &self.path;
        let bindings =
            self.bound(prefix).map(|(Field { member, .. }, name)| quote!(#member: #name));
        let rest = (self.written().count() < self.fields.len()).then(|| quote!(..));
        quote!(#path { #(#bindings,)* #rest })
    }
}

/// A local name that no user's code can mean or shadow.
fn local(prefix: &str, index: usize) -> Ident {
    format_ident!("__{prefix}{index}", span = Span::mixed_site())
}
