//! The bounds that impls put on a type's own parameters.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{
    GenericParam, Generics, Lifetime, LifetimeParam, PredicateType, Token, Type, TypeParamBound,
    WherePredicate, parse_quote,
};

use crate::parse::field_attributes::Way;
use crate::parse::format::Format;
use crate::parse::input::{Field, Input};
use crate::parse::types::{is_phantom, type_arguments};

/// Bounds each type parameter by the encoding trait and, unless it occurs only at an open end, by the marker.
pub(crate) fn for_encoding(input: &Input, format: &Format) -> Generics {
    for_encoding_with(input, format, &TokenStream::new())
}

/// Like [`for_encoding`], with the additional bound `besides`.
///
/// If the attribute `bound` replaces the bounds, `besides` applies to each type that `bound` requires to be encodable.
pub(crate) fn for_encoding_with(input: &Input, format: &Format, besides: &TokenStream) -> Generics {
    let (private, encode, marker) = (&input.private, format.encode_trait(), format.marker());
    if let Some(given) = &input.bound {
        let encoded = given.iter().filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(predicate),
            _ => None,
        });
        let encoded = encoded.filter(|predicate| names(&predicate.bounds, &[&encode, &marker]));
        let besides = encoded.filter(|_| !besides.is_empty()).map(|predicate| -> WherePredicate {
            let PredicateType { lifetimes, bounded_ty, .. } = predicate;
            parse_quote!(#lifetimes #bounded_ty: #besides)
        });
        return with_predicates(&input.generics, given.iter().cloned().chain(besides));
    }
    bounded(input, |parameter, used| {
        let marker = used.followed.then(|| quote!(+ #private::#marker));
        let bound = quote!(#private::#encode #marker + #besides);
        used.written.then(|| parse_quote!(#parameter: #bound)).into_iter().collect()
    })
}

/// Whether the bounds contain one of these traits.
fn names(bounds: &Punctuated<TypeParamBound, Token![+]>, traits: &[&Ident]) -> bool {
    bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let name = bound.path.segments.last().map(|segment| &segment.ident);
            name.is_some_and(|name| traits.contains(&name))
        }
        _ => false,
    })
}

/// Bounds each type parameter by the decoding trait, and adds the lifetime of the input, which outlives all others.
pub(crate) fn for_decoding(input: &Input, format: &Format) -> Generics {
    let (private, decode) = (&input.private, format.decode_trait());
    let de = input.names.input_lifetime();
    let mut generics = match &input.decode_bound {
        Some(given) => with_predicates(&input.generics, given.iter().cloned()),
        None => bounded(input, |parameter, used| {
            let decoded = used.written.then(|| parse_quote!(#parameter: #private::#decode<#de>));
            let defaulted =
                used.defaulted.then(|| parse_quote!(#parameter: ::core::default::Default));
            decoded.into_iter().chain(defaulted).collect()
        }),
    };
    let lifetimes: Vec<Lifetime> =
        generics.lifetimes().map(|parameter| parameter.lifetime.clone()).collect();
    let mut input_lifetime = LifetimeParam::new(de);
    input_lifetime.bounds.extend(lifetimes);
    generics.params.insert(0, GenericParam::Lifetime(input_lifetime));
    generics
}

fn bounded(input: &Input, bounds: impl Fn(&Ident, &Use) -> Vec<WherePredicate>) -> Generics {
    let parameters = input.generics.type_params().map(|parameter| &parameter.ident);
    let predicates = parameters.flat_map(|ident| bounds(ident, &Use::of(ident, input)));
    with_predicates(&input.generics, predicates)
}

fn with_predicates(
    generics: &Generics,
    predicates: impl Iterator<Item = WherePredicate>,
) -> Generics {
    let mut generics = generics.clone();
    generics.make_where_clause().predicates.extend(predicates);
    generics
}

/// How the fields use a type parameter.
#[derive(Default)]
struct Use {
    /// It occurs in a field that is encoded by its own traits, directly or by a codec of persist-core.
    written: bool,
    /// Other bytes may follow it in such a field.
    followed: bool,
    /// It occurs in a field that may be decoded as its default.
    defaulted: bool,
}

impl Use {
    fn of(parameter: &Ident, input: &Input) -> Self {
        let mut found = Self::default();
        for variant in &input.variants {
            let written = variant.written().count();
            let mut index = 0;
            for Field { ty, attributes, .. } in &variant.fields {
                index += usize::from(attributes.is_written());
                // `PhantomData<T>` needs no bound on `T`.
                if is_phantom(ty) || !mentions(&ty.to_token_stream(), parameter) {
                    continue;
                }
                found.defaulted |= attributes.is_defaulted();
                if attributes.needs_own_traits() {
                    let is_marked = attributes.tail.is_some() || attributes.default.is_some();
                    let is_open_end =
                        index == written && is_marked && matches!(attributes.way, Way::Own);
                    found.written = true;
                    found.followed |= !is_open_end || may_follow(parameter, ty);
                }
            }
        }
        found
    }
}

/// Whether the encoding of `ty` may have further bytes after the parameter's bytes.
fn may_follow(parameter: &Ident, ty: &Type) -> bool {
    match ty {
        Type::Group(group) => may_follow(parameter, &group.elem),
        Type::Paren(paren) => may_follow(parameter, &paren.elem),
        Type::Reference(reference) => may_follow(parameter, &reference.elem),
        Type::Tuple(tuple) => {
            let last = tuple.elems.len().saturating_sub(1);
            tuple.elems.iter().enumerate().any(|(index, ty)| {
                let is_mentioned = mentions(&ty.to_token_stream(), parameter);
                is_mentioned && (index < last || may_follow(parameter, ty))
            })
        }
        Type::Path(path) if path.path.is_ident(parameter) => false,
        Type::Path(path) => path.path.segments.last().is_none_or(|segment| {
            let ends_in_its_arguments = ENDING.iter().any(|name| segment.ident == name);
            !ends_in_its_arguments
                || type_arguments(&segment.arguments).any(|ty| {
                    mentions(&ty.to_token_stream(), parameter) && may_follow(parameter, ty)
                })
        }),
        _ => true,
    }
}

/// Types whose bytes end with the bytes of an argument.
const ENDING: [&str; 8] = ["Arc", "Box", "Cow", "Option", "Rc", "Result", "Saturating", "Wrapping"];

fn mentions(tokens: &TokenStream, parameter: &Ident) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *parameter,
        TokenTree::Group(group) => mentions(&group.stream(), parameter),
        _ => false,
    })
}

/// Returns the header of an impl: `impl<…> Trait for Name<…> where …`.
pub(crate) fn header(input: &Input, generics: &Generics, of: &TokenStream) -> TokenStream {
    let (parameters, _, conditions) = generics.split_for_impl();
    let itself = itself(input);
    quote!(#[automatically_derived] impl #parameters #of for #itself #conditions)
}

/// Returns the type with its own parameters as arguments.
///
/// Const parameters are put into braces, since a type may have the same name.
pub(crate) fn itself(input: &Input) -> TokenStream {
    let Generics { lt_token, gt_token, params, .. } = &input.generics;
    let arguments = params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
        GenericParam::Type(ty) => ty.ident.to_token_stream(),
        GenericParam::Const(constant) => {
            let ident = &constant.ident;
            quote!({ #ident })
        }
    });
    let ident = &input.ident;
    // The user's own brackets give the whole the span of the type.
    quote!(#ident #lt_token #(#arguments),* #gt_token)
}
