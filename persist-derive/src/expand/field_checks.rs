//! Methods in which the compiler checks the types of fields.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::parse::input::Input;

/// Generates a method that contains these checks and is never called.
///
/// Bounds on field types would make recursive types overflow the trait solver. So the impls have no such bounds. The checks
/// are in the body of a method instead, where the bounds of the impl already hold.
pub(crate) fn method(name: &Ident, input: &Input, checks: &[TokenStream]) -> Option<TokenStream> {
    let private = &input.private;
    (!checks.is_empty()).then(|| {
        quote! {
            #[inline]
            fn #name() {
                use #private::NotProbed as _;
                // This uses the import, so that it is never linted as unused.
                #private::Probe::<#private::NotEncoded>::__persist_not_probed();
                #(#checks)*
            }
        }
    })
}
