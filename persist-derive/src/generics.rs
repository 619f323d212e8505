//! The bounds that impls put on a type's own parameters.

use quote::quote;
use syn::{GenericParam, Generics, Lifetime, WherePredicate, parse_quote};

use crate::format::Format;
use crate::input::Input;

/// Each type parameter can be encoded and followed by something.
pub(crate) fn for_encoding(input: &Input, format: &Format) -> Generics {
    let (private, encode, marker) = (&input.private, format.encode_trait(), format.marker());
    bounded(input, |parameter| parse_quote!(#parameter: #private::#encode + #private::#marker))
}

/// Each type parameter can be decoded, and each lifetime is outlived by that of the input.
pub(crate) fn for_decoding(input: &Input, format: &Format) -> Generics {
    let (private, decode) = (&input.private, format.decode_trait());
    let mut generics =
        bounded(input, |parameter| parse_quote!(#parameter: #private::#decode<'__de>));
    let lifetimes: Vec<Lifetime> =
        generics.lifetimes().map(|parameter| parameter.lifetime.clone()).collect();
    let mut input_lifetime: syn::LifetimeParam = parse_quote!('__de);
    input_lifetime.bounds.extend(lifetimes);
    generics.params.insert(0, GenericParam::Lifetime(input_lifetime));
    generics
}

fn bounded(input: &Input, bound: impl Fn(&syn::Ident) -> WherePredicate) -> Generics {
    let mut generics = input.generics.clone();
    let predicates: Vec<WherePredicate> = match &input.bound {
        Some(given) => given.clone(),
        None => generics.type_params().map(|parameter| bound(&parameter.ident)).collect(),
    };
    generics.make_where_clause().predicates.extend(predicates);
    generics
}

/// `impl<…>`, `Name<…>` and `where …` of an impl of `Trait` with these generics.
pub(crate) fn header(
    input: &Input,
    generics: &Generics,
    of: &proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    let (parameters, _, conditions) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    let ident = &input.ident;
    quote!(#[automatically_derived] impl #parameters #of for #ident #arguments #conditions)
}
