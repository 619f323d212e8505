//! Macros that implement the traits of keys and payloads for many types.

/// Implements all traits for types of which every value has the same number of bytes, from an expression for the bytes and
/// one for decoding.
macro_rules! fixed_width {
    ($($Type:ty, $shape:expr, $cmp:expr, |$value:ident| $encode:expr, |$source:ident| $decode:expr;)*) => {$(
        impl $crate::encoding::KeyEncode for $Type {
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

        impl<'de> $crate::encoding::KeyDecode<'de> for $Type {
            #[inline]
            fn decode_key(
                $source: &mut $crate::encoding::Source<'de>,
            ) -> Result<Self, $crate::encoding::DecodeError> {
                $decode
            }
        }

        $crate::encoding::model::impl_macros::same_in_payloads! { [] $Type; }
        impl $crate::encoding::SelfDelimiting for $Type {}
        impl $crate::encoding::StoreKey for $Type {}
    )*};
}

/// Implements the payload traits by the key traits, for types without parts that payloads encode differently.
macro_rules! same_in_payloads {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        $crate::encoding::model::impl_macros::encoded_as_in_keys!([$($generics)*] $Type;);

        impl<'de, $($generics)*> $crate::encoding::PayloadDecode<'de> for $Type
        where
            Self: $crate::encoding::KeyDecode<'de>,
        {
            #[inline]
            fn decode_payload(
                source: &mut $crate::encoding::Source<'de>,
            ) -> Result<Self, $crate::encoding::DecodeError> {
                <Self as $crate::encoding::KeyDecode>::decode_key(source)
            }
        }
    )*};
}

/// The encoding half of `same_in_payloads`, for types that borrow or can't be decoded.
macro_rules! encoded_as_in_keys {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        impl<$($generics)*> $crate::encoding::PayloadEncode for $Type
        where
            Self: $crate::encoding::KeyEncode,
        {
            const IS_EMPTY: bool = <Self as $crate::encoding::KeyEncode>::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut $crate::encoding::Sink<'_>) {
                $crate::encoding::KeyEncode::encode_key(self, sink);
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                $crate::encoding::KeyEncode::encoded_key_len(self)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn __join_payload(&self, joiner: &mut $crate::encoding::Joiner<'_, '_>) {
                $crate::encoding::KeyEncode::__join_key(self, joiner);
            }

            fn describe_payload(
                describer: &mut $crate::encoding::Describer,
            ) -> $crate::encoding::Descriptor {
                <Self as $crate::encoding::KeyEncode>::describe_key(describer)
            }
        }

        impl<$($generics)*> $crate::encoding::SelfDelimitingPayload for $Type where
            Self: $crate::encoding::SelfDelimiting
        {
        }
    )*};
}

pub(in crate::encoding) use {encoded_as_in_keys, fixed_width, same_in_payloads};
