//! Resolving the references in a descriptor.

use alloc::collections::BTreeMap;
use alloc::vec;
use core::ptr;

use crate::encoding::descriptor::shape::Descriptor;

/// The nearest enclosing type of every reference and every type in a descriptor, by their addresses.
pub(super) struct Enclosing<'d>(BTreeMap<*const Descriptor, Option<&'d Descriptor>>);

impl<'d> Enclosing<'d> {
    pub(super) fn of(root: &'d Descriptor) -> Self {
        let mut enclosing = BTreeMap::new();
        // A list instead of recursion, since a manually built descriptor may be deep.
        let mut pending = vec![(root, None)];
        while let Some((shape, around)) = pending.pop() {
            match shape {
                Descriptor::Opt(inner)
                | Descriptor::Seq(inner)
                | Descriptor::Set(inner)
                | Descriptor::Lex(inner)
                | Descriptor::Desc(inner) => pending.push((inner, around)),
                Descriptor::Res(first, second) | Descriptor::Map(first, second) => {
                    pending.extend([(&**first, around), (&**second, around)]);
                }
                Descriptor::Tuple(parts) => pending.extend(parts.iter().map(|part| (part, around))),
                Descriptor::Struct { fields, .. } => {
                    enclosing.insert(ptr::from_ref(shape), around);
                    pending.extend(fields.iter().map(|field| (&field.shape, Some(shape))));
                }
                Descriptor::Enum { variants, .. } => {
                    enclosing.insert(ptr::from_ref(shape), around);
                    let fields = variants.iter().flat_map(|variant| &variant.fields);
                    pending.extend(fields.map(|field| (&field.shape, Some(shape))));
                }
                Descriptor::Ref { .. } => {
                    enclosing.insert(ptr::from_ref(shape), around);
                }
                _ => {}
            }
        }
        Self(enclosing)
    }

    /// Returns the target of a reference, or `shape` itself if it isn't a reference. Returns `None` if a reference names no
    /// enclosing type.
    pub(super) fn resolve(&self, shape: &'d Descriptor) -> Option<&'d Descriptor> {
        let Descriptor::Ref { name, outer } = shape else { return Some(shape) };
        let mut nearer = 0;
        let mut around = self.around(shape);
        while let Some(candidate) = around {
            if type_name(candidate) == Some(name) {
                if nearer == *outer {
                    return Some(candidate);
                }
                nearer += 1;
            }
            around = self.around(candidate);
        }
        None
    }

    fn around(&self, shape: &'d Descriptor) -> Option<&'d Descriptor> {
        self.0.get(&ptr::from_ref(shape)).copied().flatten()
    }
}

/// Returns the name of a struct or enum.
pub(super) fn type_name(shape: &Descriptor) -> Option<&str> {
    match shape {
        Descriptor::Struct { name, .. } | Descriptor::Enum { name, .. } => Some(name),
        _ => None,
    }
}
