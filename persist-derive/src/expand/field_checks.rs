//! Methods in which the compiler checks the types of fields.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::parse::input::Input;

/// A method with these checks, which nothing calls.
///
/// Bounds on field types would make recursive types overflow the trait solver. So impls have none, and ask in the body of
/// a method, where the bounds of the impl hold.
pub(crate) fn method(name: &Ident, input: &Input, checks: &[TokenStream]) -> Option<TokenStream> {
    let private = &input.private;
    (!checks.is_empty()).then(|| {
        quote! {
            #[inline]
            fn #name() {
                use #private::NotProbed as _;
                // With this the import is used, whatever the fields are.
                #private::Probe::<#private::NotEncoded>::__persist_not_probed();
                #(#checks)*
            }
        }
    })
}
