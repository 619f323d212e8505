//! Fields that borrow for `'static`, though decoded values borrow from the input.

use syn::{GenericArgument, Lifetime, PathArguments, PathSegment, Type};

use crate::parse::errors::Errors;
use crate::parse::input::{Input, Variant};
use crate::parse::types::type_arguments;

/// Types that borrow for the lifetime in their arguments.
const BORROWING: [&str; 2] = ["Cow", "KeyRef"];

/// Types that decode by the traits of their arguments. Nothing is known about other types.
const HOLDING: [&str; 14] = [
    "Arc", "BTreeMap", "BTreeSet", "Box", "HashMap", "HashSet", "Lex", "Option", "Rc", "Result",
    "Reverse", "Shortlex", "Vec", "VecDeque",
];

pub(crate) fn refuse(input: &Input, errors: &mut Errors) {
    let fields = input.variants.iter().flat_map(Variant::written);
    for field in fields.filter(|field| field.attributes.needs_own_traits()) {
        if let Some(lifetime) = borrowed_for_ever(&field.ty) {
            errors.add_at(
                lifetime.span(),
                "decoded values borrow from the input: use a lifetime parameter here, or an owned type",
            );
        }
    }
}

fn borrowed_for_ever(ty: &Type) -> Option<&Lifetime> {
    let is_static = |lifetime: &&Lifetime| lifetime.ident == "static";
    match ty {
        Type::Reference(reference) => {
            let own = reference.lifetime.as_ref().filter(is_static);
            own.or_else(|| borrowed_for_ever(&reference.elem))
        }
        Type::Slice(slice) => borrowed_for_ever(&slice.elem),
        Type::Array(array) => borrowed_for_ever(&array.elem),
        Type::Group(group) => borrowed_for_ever(&group.elem),
        Type::Paren(paren) => borrowed_for_ever(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed_for_ever),
        Type::Path(path) => {
            let segment = path.path.segments.last()?;
            if BORROWING.iter().any(|name| segment.ident == name) {
                lifetimes(segment).find(is_static)
            } else if HOLDING.iter().any(|name| segment.ident == name) {
                type_arguments(&segment.arguments).find_map(borrowed_for_ever)
            } else {
                None
            }
        }
        _ => None,
    }
}

fn lifetimes(segment: &PathSegment) -> impl Iterator<Item = &Lifetime> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    })
}
