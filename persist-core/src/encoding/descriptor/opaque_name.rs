//! The names in opaque descriptors.

use alloc::string::String;
use alloc::vec::Vec;

/// Returns the name of a type with its parameters, without modules.
pub(in crate::encoding) fn opaque_name_of<T: ?Sized>() -> String {
    without_modules(core::any::type_name::<T>())
}

/// Removes the modules from a path: `a::Scaled<100>` becomes `Scaled<100>`.
///
/// Parameters are kept, since types with different parameters can write different bytes.
fn without_modules(path: &str) -> String {
    // Only some versions of the compiler include lifetimes, which don't affect the bytes.
    let path = path.replace("<'_>", "").replace("'_, ", "").replace("'_ ", "");
    let mut name = String::new();
    // The positions in `name` where the current path and the enclosing paths begin.
    let (mut start, mut around) = (0, Vec::new());
    for c in path.chars() {
        name.push(c);
        match c {
            ':' if name.ends_with("::") => name.truncate(start),
            '<' | '(' | '[' => {
                around.push(start);
                start = name.len();
            }
            '>' if name.ends_with("->") => start = name.len(),
            '>' | ')' | ']' => start = around.pop().unwrap_or(0),
            ' ' | ',' | ';' | '&' | '*' => start = name.len(),
            _ => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::without_modules;

    #[test]
    fn modules_are_left_out_and_parameters_are_not() {
        for (path, name) in [
            ("u8", "u8"),
            ("a::b::Scaled<100>", "Scaled<100>"),
            ("a::Pair<b::C, alloc::vec::Vec<d::E>>", "Pair<C, Vec<E>>"),
            ("a::Of<[b::C; 3]>", "Of<[C; 3]>"),
            ("a::Of<(b::C, &d::E)>", "Of<(C, &E)>"),
            ("a::Of<*const b::C>", "Of<*const C>"),
            ("a::Of<fn(b::C) -> d::E>", "Of<fn(C) -> E>"),
            ("a::Of<dyn b::C<Item = d::E> + f::G>", "Of<dyn C<Item = E> + G>"),
            ("a::main::{{closure}}::Local", "Local"),
            ("<a::B<c::D> as e::F>::method::Local<g::H>", "Local<H>"),
        ] {
            assert_eq!(without_modules(path), name);
        }
    }

    #[test]
    fn lifetimes_make_no_difference() {
        for path in ["a::Of<b::C<'_>, &'_ str>", "a::Of<b::C, &str>", "a::Of<'_, b::C, &str>"] {
            assert_eq!(without_modules(path), "Of<C, &str>");
        }
    }

    #[test]
    fn brackets_as_constants_are_no_brackets_to_count_on() {
        for path in ["a::Of<'>'>", "a::Of<'<'>", "a::Of<']', ')', '>'>"] {
            assert_eq!(without_modules(path), path.replace("a::", ""));
        }
    }
}
