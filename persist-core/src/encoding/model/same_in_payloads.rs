//! Types that are the same bytes in payloads as in keys because no part of them is a payload's own.

/// Writes the payload traits of a type from its key traits.
macro_rules! same_in_payloads {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        $crate::encoding::model::same_in_payloads::encoded_as_in_keys!([$($generics)*] $Type;);

        impl<'de, $($generics)*> $crate::PayloadDecode<'de> for $Type
        where
            Self: $crate::KeyDecode<'de>,
        {
            #[inline]
            fn decode_payload(
                source: &mut $crate::Source<'de>,
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
            fn encode_payload(&self, sink: &mut $crate::Sink<'_>) {
                $crate::KeyEncode::encode_key(self, sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                $crate::KeyEncode::encoded_key_len(self)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_payload(&self, joiner: &mut $crate::encoding::base::joiner::Joiner<'_, '_>) {
                $crate::KeyEncode::__join_key(self, joiner);
            }

            fn describe_payload(describer: &mut $crate::Describer) -> $crate::Descriptor {
                <Self as $crate::KeyEncode>::describe_key(describer)
            }
        }

        impl<$($generics)*> $crate::SelfDelimitingPayload for $Type where
            Self: $crate::SelfDelimiting
        {
        }
    )*};
}

pub(in crate::encoding) use {encoded_as_in_keys, same_in_payloads};

// What wraps a key type is a key type's own, in payloads too.
same_in_payloads! {
    [T] core::cmp::Reverse<T>;
    [T] crate::encoding::lex::wrapper::Lex<T>;
    [T] crate::encoding::wrappers::shortlex::Shortlex<T>;
    [F] crate::encoding::numbers::total::Total<F>;
    [A] crate::encoding::wrappers::fixed::Fixed<A>;
}
