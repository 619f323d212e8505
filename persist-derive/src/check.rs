//! What is wrong with a type as a whole, and what has to be asked of its fields' types.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{
    Error, GenericArgument, Generics, PathArguments, Type, TypeArray, TypeReference, TypeSlice,
};

use crate::attributes::Errors;
use crate::field::at;
use crate::format::Format;
use crate::generics;
use crate::input::{Field, Input, Variant};
use crate::order;
use crate::way::{FieldAttributes, Way};

pub(crate) fn input(input: &Input, errors: &mut Errors) {
    for variant in &input.variants {
        variant_of(variant, errors);
    }
    order::refuse(input, errors);
}

fn variant_of(variant: &Variant, errors: &mut Errors) {
    let last = variant.written().last().map(|field| &field.name);
    let mut default_before = None;
    for field in variant.written() {
        let FieldAttributes { tail, default, is_lex, is_foreign, .. } = field.attributes;
        if let Some(span) = tail
            && last != Some(&field.name)
        {
            errors.add_at(
                span,
                "only the last field can be the tail: nothing could be found behind it",
            );
        }
        if default.is_some() {
            default_before = default;
        } else if let Some(span) = default_before.take() {
            errors.add_at(
                span,
                format!(
                    "a stored value that ends before this field would lack `{}` too: make that `default` as well, \
                     or move this field to the end",
                    field.name,
                ),
            );
        }
        if !is_lex && !is_foreign && has_zero_width_elements(&field.ty) {
            let message =
                "a count of elements without bytes can't be read back: store the count itself";
            errors.add(Error::new_spanned(&field.ty, message));
        }
    }
}

/// The marker's impl, and a function that asks for it where it must be had.
pub(crate) fn delimiting(input: &Input, format: &Format) -> TokenStream {
    let checks = input.variants.iter().flat_map(|variant| {
        let last = variant.written().count().saturating_sub(1);
        let fields = variant.written().enumerate();
        let asked = fields
            .filter(move |&(index, field)| index < last || end_of(field, format) == End::Checked);
        asked.map(|(_, field)| field.need_self_delimiting((input, format)))
    });
    let generics = generics::for_encoding(input, format);
    let function = function("__persist_fields_delimit_themselves", input, &generics, checks);
    let marker = marker(input, format);
    quote!(#function #marker)
}

/// A function that asks for something of field types.
///
/// Bounds on field types would make recursive types overflow, so impls have none, and a function beside them is
/// what the compiler checks.
pub(crate) fn function(
    name: &str,
    input: &Input,
    generics: &Generics,
    checks: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let (private, ident) = (&input.private, &input.ident);
    let (parameters, _, conditions) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    let name = format_ident!("{name}");
    // The argument brings what the type implies of its parameters: that `T` outlives the `'a` of a `&'a T`.
    let function = quote! {
        fn #name #parameters (_: &#ident #arguments) #conditions {
            use #private::NotProbed as _;
            #(#checks)*
        }
    };
    spell_out_self(function, &quote!(#ident #arguments))
}

/// Writes the type's name for `Self`, which means nothing outside of its impls.
fn spell_out_self(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
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

fn marker(input: &Input, format: &Format) -> TokenStream {
    let ends: Vec<&Field> =
        input.variants.iter().filter_map(|variant| variant.written().last()).collect();
    if ends.iter().any(|field| end_of(field, format) == End::Open) {
        return TokenStream::new();
    }
    let (private, ident, marker) = (&input.private, &input.ident, format.marker());
    let mut generics = generics::for_encoding(input, format);
    let conditions = &mut generics.make_where_clause().predicates;
    for Field { ty, .. } in ends.iter().filter(|field| end_of(field, format) == End::ByName) {
        // With a lifetime of its own the bound may be one that doesn't hold.
        conditions.push(syn::parse_quote!(for<'__persist> #ty: #private::#marker));
    }
    let (parameters, _, conditions) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #private::#marker for #ident #arguments #conditions {}
    }
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

fn end_of(field: &Field, format: &Format) -> End {
    let FieldAttributes { way, tail, default, .. } = &field.attributes;
    if tail.is_some() || default.is_some() {
        End::Open
    } else if matches!(way, Way::Own) && is_named_open(&field.ty, format) {
        End::ByName
    } else {
        End::Checked
    }
}

fn is_named_open(ty: &Type, format: &Format) -> bool {
    match ty {
        Type::Reference(TypeReference { elem, .. }) => is_named_open(elem, format),
        Type::Group(group) => is_named_open(&group.elem, format),
        Type::Paren(paren) => is_named_open(&paren.elem, format),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            format.open_types.iter().any(|name| segment.ident == name)
                || ["Option", "Box"].iter().any(|name| segment.ident == name)
                    && type_arguments(&segment.arguments).any(|ty| is_named_open(ty, format))
        }),
        _ => false,
    }
}

fn has_zero_width_elements(ty: &Type) -> bool {
    let is_unit = |ty: &Type| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    match ty {
        Type::Slice(TypeSlice { elem, .. }) | Type::Array(TypeArray { elem, .. }) => is_unit(elem),
        Type::Reference(TypeReference { elem, .. }) => has_zero_width_elements(elem),
        Type::Group(group) => has_zero_width_elements(&group.elem),
        Type::Paren(paren) => has_zero_width_elements(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            let counted = ["Vec", "VecDeque"].iter().any(|name| segment.ident == name);
            type_arguments(&segment.arguments)
                .any(|ty| counted && is_unit(ty) || has_zero_width_elements(ty))
        }),
        _ => false,
    }
}

fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
