//! What something may follow: the marker of a type, and what is asked of its fields for it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Type, TypeReference};

use crate::check::type_arguments;
use crate::format::Format;
use crate::generics;
use crate::input::{Field, Input};
use crate::need;
use crate::way::{FieldAttributes, Way};

/// The marker's impl, and a function that asks for it where it must be had.
pub(crate) fn expand(input: &Input, format: &Format) -> TokenStream {
    let checks = input.variants.iter().flat_map(|variant| {
        let last = variant.written().count().saturating_sub(1);
        let fields = variant.written().enumerate();
        let asked = fields.filter(move |&(index, field)| {
            index < last || end_of(field, (input, format)) == End::Checked
        });
        asked.map(|(_, field)| field.need_self_delimiting((input, format)))
    });
    let generics = generics::for_encoding(input, format);
    let function = need::function("__persist_fields_delimit_themselves", input, &generics, checks);
    let marker = marker(input, format);
    quote!(#function #marker)
}

fn marker(input: &Input, format: &Format) -> TokenStream {
    let ends: Vec<&Field> =
        input.variants.iter().filter_map(|variant| variant.written().last()).collect();
    if ends.iter().any(|field| end_of(field, (input, format)) == End::Open) {
        return TokenStream::new();
    }
    let (private, marker) = (&input.private, format.marker());
    let mut generics = generics::for_encoding(input, format);
    let conditions = &mut generics.make_where_clause().predicates;
    for Field { ty, .. } in
        ends.iter().filter(|field| end_of(field, (input, format)) == End::ByName)
    {
        // With a lifetime of its own the bound may be one that doesn't hold.
        conditions.push(syn::parse_quote!(for<'__persist> #ty: #private::#marker));
    }
    let header = generics::header(input, &generics, &quote!(#private::#marker));
    quote!(#header {})
}

/// How a last field ends.
#[derive(PartialEq, Eq)]
enum End {
    /// It is asked to delimit itself.
    Checked,
    /// It has the name of an open type: the compiler decides whether it is.
    ByName,
    /// It is marked as open, or a stored value may end before it.
    Open,
}

fn end_of(field: &Field, of: (&Input, &Format)) -> End {
    let FieldAttributes { way, tail, default, .. } = &field.attributes;
    if tail.is_some() || default.is_some() {
        End::Open
    } else if matches!(way, Way::Own) && is_named_open(&field.ty, of) {
        End::ByName
    } else {
        End::Checked
    }
}

fn is_named_open(ty: &Type, of: (&Input, &Format)) -> bool {
    match ty {
        Type::Reference(TypeReference { elem, .. }) => is_named_open(elem, of),
        Type::Group(group) => is_named_open(&group.elem, of),
        Type::Paren(paren) => is_named_open(&paren.elem, of),
        // A type that is itself called so would ask for its own marker.
        Type::Path(path)
            if path.path.segments.len() == 1 && path.path.segments[0].ident == of.0.ident =>
        {
            false
        }
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            of.1.open_types.iter().any(|name| segment.ident == name)
                || ["Option", "Box"].iter().any(|name| segment.ident == name)
                    && type_arguments(&segment.arguments).any(|ty| is_named_open(ty, of))
        }),
        _ => false,
    }
}
