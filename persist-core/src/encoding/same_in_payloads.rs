//! Types that are the same bytes in payloads as in keys because no part of them is a payload's own.

/// Writes the payload traits of a type from its key traits.
macro_rules! same_in_payloads {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        $crate::encoding::same_in_payloads::encoded_as_in_keys!([$($generics)*] $Type;);

        impl<'de, $($generics)*> $crate::PayloadDecode<'de> for $Type
        where
            Self: $crate::KeyDecode<'de>,
        {
            #[inline]
            fn decode_payload(
                source: &mut $crate::encoding::Source<'de>,
            ) -> Result<Self, $crate::DecodeError> {
                <Self as $crate::KeyDecode>::decode_key(source)
            }
        }
    )*};
}

/// The half of `same_in_payloads` for types that can't be decoded, or that borrow.
macro_rules! encoded_as_in_keys {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        impl<$($generics)*> $crate::PayloadEncode for $Type
        where
            Self: $crate::KeyEncode,
        {
            const IS_EMPTY: bool = <Self as $crate::KeyEncode>::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut $crate::encoding::Sink<'_>) {
                $crate::KeyEncode::encode_key(self, sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                $crate::KeyEncode::encoded_key_len(self)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_payload(&self, joiner: &mut $crate::encoding::Joiner<'_, '_>) {
                $crate::KeyEncode::__join_key(self, joiner);
            }

            fn describe_payload(describer: &mut $crate::encoding::Describer) -> $crate::encoding::Descriptor {
                <Self as $crate::KeyEncode>::describe_key(describer)
            }
        }

        impl<$($generics)*> $crate::encoding::SelfDelimitingPayload for $Type where
            Self: $crate::encoding::SelfDelimiting
        {
        }
    )*};
}

pub(super) use {encoded_as_in_keys, same_in_payloads};

// What wraps a key type is a key type's own, in payloads too.
same_in_payloads! {
    [T] core::cmp::Reverse<T>;
    [T] super::Lex<T>;
    [T] super::Shortlex<T>;
    [F] super::Total<F>;
    [A] super::Fixed<A>;
}
