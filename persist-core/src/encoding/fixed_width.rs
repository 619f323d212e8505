//! Types of which every value has the same number of bytes.

/// A value of fixed width: how it becomes `N` bytes, and how it is read back. Everything else about
/// such types is the same.
macro_rules! fixed_width {
    ($($Type:ty, $shape:expr, $cmp:expr, |$value:ident| $encode:expr, |$source:ident| $decode:expr;)*) => {$(
        impl $crate::KeyEncode for $Type {
            #[inline]
            fn encode_key(&self, sink: &mut $crate::encoding::Sink<'_>) {
                let $value = *self;
                sink.write(&$encode);
            }

            #[inline]
            fn encoded_key_len(&self) -> usize {
                let $value = *self;
                $encode.len()
            }

            #[inline]
            fn key_cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                $cmp(self, other)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_key(&self, joiner: &mut $crate::encoding::Joiner<'_, '_>) {
                let $value = *self;
                joiner.put($encode);
            }

            fn describe_key(_: &mut $crate::encoding::Describer) -> $crate::encoding::Descriptor {
                $shape
            }
        }

        impl<'de> $crate::KeyDecode<'de> for $Type {
            #[inline]
            fn decode_key($source: &mut $crate::encoding::Source<'de>) -> Result<Self, $crate::DecodeError> {
                $decode
            }
        }

        $crate::encoding::same_in_payloads::same_in_payloads! { [] $Type; }
        impl $crate::encoding::SelfDelimiting for $Type {}
        impl $crate::StoreKey for $Type {}
    )*};
}

pub(super) use fixed_width;
