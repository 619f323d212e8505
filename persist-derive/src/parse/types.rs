//! Properties of types that their tokens show.

use syn::{GenericArgument, PathArguments, Type};

/// Whether a type is `PhantomData<T>`, which can be encoded for every `T`.
pub(crate) fn is_phantom(ty: &Type) -> bool {
    match ty {
        // A `$T:ty` of a macro.
        Type::Group(group) => is_phantom(&group.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|segment| segment.ident == "PhantomData")
        }
        _ => false,
    }
}

/// Returns the types among the arguments of a path.
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
