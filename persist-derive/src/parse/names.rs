//! Names of the items in generated code.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::Lifetime;

/// Creates names with a prefix that no name in the user's item begins with.
///
/// Local variables are hygienic and don't need the prefix. Items, constants and lifetimes are not hygienic.
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn unknown_to(item: &impl ToTokens) -> Self {
        let item = item.to_token_stream();
        let mut prefix = String::from("__persist");
        let mut attempts = 0;
        while begins_a_name(&item, &prefix) {
            attempts += 1;
            prefix = format!("__persist{attempts}x");
        }
        Self { prefix }
    }

    /// The module of persist-core's helpers for derives.
    pub(crate) fn private(&self) -> Ident {
        format_ident!("{}", self.prefix)
    }

    /// The lifetime of the input that is decoded.
    pub(crate) fn input_lifetime(&self) -> Lifetime {
        self.lifetime("de")
    }

    pub(crate) fn lifetime(&self, name: &str) -> Lifetime {
        Lifetime::new(&format!("'{}_{name}", self.prefix), proc_macro2::Span::call_site())
    }

    /// A type parameter of an impl.
    pub(crate) fn parameter(&self, name: &str) -> Ident {
        format_ident!("{}{name}", self.prefix)
    }

    pub(crate) fn constant(&self, name: &str) -> Ident {
        format_ident!("{}_{name}", self.prefix.to_uppercase())
    }
}

fn begins_a_name(tokens: &TokenStream, prefix: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => {
            let name = ident.to_string().to_lowercase();
            name.trim_start_matches("r#").starts_with(prefix)
        }
        TokenTree::Group(group) => begins_a_name(&group.stream(), prefix),
        // Quoted types, as in `with = "Type"`, contain names too.
        TokenTree::Literal(literal) => literal.to_string().to_lowercase().contains(prefix),
        TokenTree::Punct(_) => false,
    })
}
