//! The types that `Lex` can encode.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::traits::LexEncode;
use crate::encoding::base::counted::entry_by_entry;
use crate::encoding::base::sink::Sink;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::key_traits::KeyEncode;
use crate::encoding::model::markers::SelfDelimiting;

impl LexEncode for str {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        self.as_bytes().encode_lex(sink);
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        self.as_bytes().encode_lex_beginning(sink);
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        self.as_bytes().encoded_lex_len()
    }

    #[inline]
    fn lex_cmp(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn describe_lex(_: &mut Describer) -> Descriptor {
        Descriptor::Lex(Descriptor::Str.into())
    }
}

// The element's type decides how a sequence is written: bytes are escaped, and other elements are preceded by `01`.
impl<T: SelfDelimiting> LexEncode for [T] {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        T::__encode_lex_elements(self, sink);
        sink.write(T::__lex_end());
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        T::__encode_lex_elements(self, sink);
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        T::__encoded_lex_elements_len(self) + T::__lex_end().len()
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        T::__cmp_key_elements(self, other)
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        T::__describe_lex_elements(describer)
    }
}

impl<T: SelfDelimiting> LexEncode for VecDeque<T> {
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        self.encode_lex_beginning(sink);
        sink.write(T::__lex_end());
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        let (front, back) = self.as_slices();
        T::__encode_lex_elements(front, sink);
        T::__encode_lex_elements(back, sink);
    }

    fn encoded_lex_len(&self) -> usize {
        let (front, back) = self.as_slices();
        T::__encoded_lex_elements_len(front)
            + T::__encoded_lex_elements_len(back)
            + T::__lex_end().len()
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        entry_by_entry(self.iter(), other.iter(), KeyEncode::key_cmp)
            .then(self.len().cmp(&other.len()))
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        T::__describe_lex_elements(describer)
    }
}

impl<T: LexEncode> LexEncode for Option<T> {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        match self {
            None => sink.write(&[0]),
            Some(value) => {
                sink.write(&[1]);
                value.encode_lex(sink);
            }
        }
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        match self {
            None => sink.write(&[0]),
            Some(value) => {
                sink.write(&[1]);
                value.encode_lex_beginning(sink);
            }
        }
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        1 + self.as_ref().map_or(0, LexEncode::encoded_lex_len)
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(left), Some(right)) => left.lex_cmp(right),
            _ => self.is_some().cmp(&other.is_some()),
        }
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        Descriptor::Opt(T::describe_lex(describer).into())
    }
}

/// Implements `LexEncode` for types by encoding another type that they contain.
macro_rules! written_as {
    ($([$($generics:tt)*] $Owner:ty, $Target:ty, |$owner:ident| $target:expr;)*) => {$(
        impl<$($generics)*> LexEncode for $Owner {
            #[inline]
            fn encode_lex(&self, sink: &mut Sink<'_>) {
                let $owner = self;
                $target.encode_lex(sink);
            }

            fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
                let $owner = self;
                $target.encode_lex_beginning(sink);
            }

            #[inline]
            fn encoded_lex_len(&self) -> usize {
                let $owner = self;
                $target.encoded_lex_len()
            }

            #[inline]
            fn lex_cmp(&self, other: &Self) -> Ordering {
                let target: fn(&Self) -> &$Target = |$owner| $target;
                target(self).lex_cmp(target(other))
            }

            fn describe_lex(describer: &mut Describer) -> Descriptor {
                <$Target>::describe_lex(describer)
            }
        }
    )*};
}

written_as! {
    [] String, str, |text| text.as_str();
    [T: SelfDelimiting] Vec<T>, [T], |elements| elements.as_slice();
    [T: SelfDelimiting, const N: usize] [T; N], [T], |elements| elements.as_slice();
    [T: LexEncode + ?Sized] &T, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Box<T>, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Rc<T>, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Arc<T>, T, |pointer| &**pointer;
    [T: LexEncode + ToOwned + ?Sized] Cow<'_, T>, T, |pointer| &**pointer;
}

#[cfg(feature = "bytes")]
pub(in crate::encoding) use written_as;
