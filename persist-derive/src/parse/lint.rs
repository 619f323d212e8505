//! The lints that the user allows on an item.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Field};

/// Returns the user's `allow` and `expect` attributes of the type, its variants and fields, as `allow`.
///
/// Derived code is outside of the type, where these attributes have no effect, and names the types of its fields. If the user
/// allows the use of a deprecated type in a field, for example, derived code may use it too.
pub(crate) fn allowed(item: &DeriveInput) -> TokenStream {
    let fields: Vec<&Field> = match &item.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    let variants = match &item.data {
        Data::Enum(data) => data.variants.iter().collect(),
        _ => Vec::new(),
    };
    let of_variants = variants.iter().flat_map(|variant| &variant.attrs);
    let of_fields = fields.iter().flat_map(|field| &field.attrs);
    let attributes = item.attrs.iter().chain(of_variants).chain(of_fields);
    let allowed = attributes.filter_map(|attribute| {
        let is_allowed = ["allow", "expect"].iter().any(|name| attribute.path().is_ident(name));
        let list = attribute.meta.require_list().ok().filter(|_| is_allowed)?;
        let lints = &list.tokens;
        Some(quote!(#[allow(#lints)]))
    });
    allowed.collect()
}

pub(crate) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"))
}
