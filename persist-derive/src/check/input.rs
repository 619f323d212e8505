//! What can be seen to be wrong with a type as a whole.

use syn::{Error, GenericArgument, PathArguments, Type, TypeArray, TypeReference, TypeSlice};

use crate::expand::order;
use crate::parse::attributes::Errors;
use crate::parse::field_attributes::FieldAttributes;
use crate::parse::input::{Input, Variant};

pub(crate) fn input(input: &Input, errors: &mut Errors) {
    for variant in &input.variants {
        variant_of(variant, errors);
    }
    order::refuse(input, errors);
}

/// What encoding borrows and can't in a packed type.
pub(crate) fn packed(input: &Input, errors: &mut Errors) {
    let mut fields = input.variants.iter().flat_map(Variant::written);
    if let Some(span) = input.repr.packed
        && !fields.all(|field| is_of_bytes(&field.ty))
    {
        errors.add_at(
            span,
            "encoding borrows the fields, and in a packed type only those of single bytes can be: derive it for a \
             type that isn't packed, and convert",
        );
    }
}

/// Whether a type is seen to be of single bytes, which can be borrowed wherever they are.
fn is_of_bytes(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_of_bytes(&array.elem),
        Type::Group(group) => is_of_bytes(&group.elem),
        Type::Paren(paren) => is_of_bytes(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_of_bytes),
        Type::Path(path) => ["u8", "i8", "bool"].iter().any(|name| path.path.is_ident(name)),
        _ => false,
    }
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

/// Whether a type counts elements that have no bytes, as far as names tell.
fn has_zero_width_elements(ty: &Type) -> bool {
    match ty {
        Type::Slice(TypeSlice { elem, .. }) | Type::Array(TypeArray { elem, .. }) => {
            is_unit(elem) || has_zero_width_elements(elem)
        }
        Type::Reference(TypeReference { elem, .. }) => has_zero_width_elements(elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(has_zero_width_elements),
        Type::Group(group) => has_zero_width_elements(&group.elem),
        Type::Paren(paren) => has_zero_width_elements(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            // `Lex` marks each element, and `PhantomData` has none.
            let is_named = |names: &[&str]| names.iter().any(|name| segment.ident == name);
            let is_counted = is_named(&["Vec", "VecDeque", "BTreeSet", "HashSet"]);
            !is_named(&["Lex", "PhantomData"])
                && type_arguments(&segment.arguments)
                    .any(|ty| is_counted && is_unit(ty) || has_zero_width_elements(ty))
        }),
        _ => false,
    }
}

fn is_unit(ty: &Type) -> bool {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().all(is_unit),
        Type::Group(group) => is_unit(&group.elem),
        Type::Paren(paren) => is_unit(&paren.elem),
        ty => is_phantom(ty),
    }
}

/// `PhantomData<T>`, which is written whatever `T` is.
pub(crate) fn is_phantom(ty: &Type) -> bool {
    match ty {
        // From a `$T:ty` of a macro.
        Type::Group(group) => is_phantom(&group.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|segment| segment.ident == "PhantomData")
        }
        _ => false,
    }
}

/// The types among the arguments of a path.
pub(crate) fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
