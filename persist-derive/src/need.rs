//! Functions that ask for something of field types.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Generics;

use crate::generics;
use crate::input::Input;
use crate::span::at;

/// A function in which each of `checks` stands.
///
/// Bounds on field types would make recursive types overflow, so impls have none, and a function beside them is
/// what the compiler checks.
pub(crate) fn function(
    name: &str,
    input: &Input,
    generics: &Generics,
    checks: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let (private, itself) = (&input.private, generics::itself(input));
    let (parameters, _, conditions) = generics.split_for_impl();
    let name = format_ident!("{name}");
    // The argument brings what the type implies of its parameters: that `T` outlives the `'a` of a `&'a T`.
    let function = quote! {
        fn #name #parameters (_: &#itself) #conditions {
            use #private::NotProbed as _;
            #(#checks)*
        }
    };
    spell_out_self(function, &itself)
}

/// Writes the type's name for `Self`, which means nothing outside of its impls.
pub(crate) fn spell_out_self(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
    let spell = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => at(itself, ident.span()),
        TokenTree::Group(group) => {
            let inner = spell_out_self(group.stream(), itself);
            let mut spelled = Group::new(group.delimiter(), inner);
            spelled.set_span(group.span());
            TokenTree::Group(spelled).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(spell).collect()
}
