//! `SelfDelimiting` and `SelfDelimitingPayload`, and the checks that every field but the last has them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Type, TypePath, TypeReference, parse_quote};

use super::field_checks;
use super::generics;
use crate::parse::field_attributes::{FieldAttributes, Way};
use crate::parse::format::Format;
use crate::parse::input::{Field, Input};
use crate::parse::types::type_arguments;

/// Generates the method in which the compiler checks that fields delimit themselves.
pub(crate) fn check((input, format): (&Input, &Format)) -> Option<TokenStream> {
    let checks = input.variants.iter().flat_map(|variant| {
        let last = variant.written().count().saturating_sub(1);
        let fields = variant.written().enumerate();
        let asked = fields.filter(move |&(index, field)| {
            index < last || matches!(end_of(field, (input, format)), End::Checked)
        });
        asked.map(|(_, field)| field.need_self_delimiting((input, format)))
    });
    field_checks::method(&format.check_delimiting(), input, &checks.collect::<Vec<_>>())
}

/// Generates the marker's impl, unless the type has an open end.
pub(crate) fn marker(input: &Input, format: &Format) -> TokenStream {
    let ends: Vec<End> = input
        .variants
        .iter()
        .filter_map(|variant| variant.written().last())
        .map(|field| end_of(field, (input, format)))
        .collect();
    if ends.iter().any(|end| matches!(end, End::Open)) {
        return TokenStream::new();
    }
    let (private, marker) = (&input.private, format.marker());
    let mut generics = generics::for_encoding(input, format);
    let conditions = &mut generics.make_where_clause().predicates;
    // A bound with a lifetime of its own may be unmet. Without the lifetime, the compiler would report an unmet bound.
    let lifetime = input.names.lifetime("any");
    let mut uses_same = false;
    for end in ends {
        match end {
            End::ByName(ty) => {
                conditions.push(parse_quote!(for<#lifetime> #ty: #private::#marker));
            }
            End::UnlessItself { ty, open } => {
                uses_same = true;
                let (itself, end) = (generics::itself(input), format.end());
                conditions.push(parse_quote! {
                    for<#lifetime> #private::End<{ #private::Same::<#itself, #open>::IS_SAME }, #ty>:
                        #private::#end
                });
            }
            End::Checked | End::Open => {}
        }
    }
    let header = generics::header(input, &generics, &quote!(#private::#marker));
    let import = uses_same.then(|| {
        quote! {
            use #private::NotSame as _;
            // This uses the import, so that it is never linted as unused.
            const _: () = #private::Same::<(), #private::NotEncoded>::__PERSIST_NOT_SAME;
        }
    });
    quote! {
        #import
        #header {}
    }
}

/// Whether a last field delimits itself.
enum End<'a> {
    /// The compiler checks that it does.
    Checked,
    /// Its type has the name of an open type. A bound on the marker's impl lets the compiler decide.
    ByName(&'a Type),
    /// Like `ByName`, but the type of that name may be the derived type itself, for which the bound would overflow.
    UnlessItself { ty: &'a Type, open: &'a Type },
    /// It does not: it is marked as open, or a stored value may end before it.
    Open,
}

fn end_of<'a>(field: &'a Field, (input, format): (&Input, &Format)) -> End<'a> {
    let FieldAttributes { way, tail, default, is_delimited, .. } = &field.attributes;
    if tail.is_some() || default.is_some() {
        return End::Open;
    }
    if *is_delimited || !matches!(way, Way::Own) {
        return End::Checked;
    }
    let ty = &field.ty;
    let Some((open, path)) = named_as_open(ty, format) else { return End::Checked };
    let is_own_name = path.path.segments.last().is_some_and(|last| last.ident == input.ident);
    let first = path.path.segments.first().map(|first| first.ident.to_string());
    let is_generic = !input.generics.params.is_empty();
    match first.as_deref() {
        _ if !is_own_name => End::ByName(ty),
        _ if path.path.segments.len() == 1 => End::Checked,
        _ if !is_generic => End::UnlessItself { ty, open },
        // `Same` can't compare types with parameters. A path within the crate refers to the type itself.
        Some("crate" | "self" | "super") => End::Checked,
        _ => End::ByName(ty),
    }
}

/// Returns the last part of a type if it has the name of an open type.
fn named_as_open<'a>(ty: &'a Type, format: &Format) -> Option<(&'a Type, &'a TypePath)> {
    match ty {
        Type::Reference(TypeReference { elem, .. }) => named_as_open(elem, format),
        Type::Group(group) => named_as_open(&group.elem, format),
        Type::Paren(paren) => named_as_open(&paren.elem, format),
        Type::Path(path) => path.path.segments.last().and_then(|segment| {
            let is_named = |names: &[&str]| names.iter().any(|name| segment.ident == name);
            if is_named(format.open_types) {
                Some((ty, path))
            } else if is_named(&["Option", "Box"]) {
                let arguments = &segment.arguments;
                type_arguments(arguments).find_map(|argument| named_as_open(argument, format))
            } else {
                None
            }
        }),
        _ => None,
    }
}
