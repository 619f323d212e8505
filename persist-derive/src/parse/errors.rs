//! The errors of one derive, collected.

use proc_macro2::Span;
use syn::Error;

/// All errors of a derive, so that one build reports them all.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn add_at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.add(Error::new(span, message));
    }

    pub(crate) fn into_inner(self) -> Option<Error> {
        self.0
    }
}
