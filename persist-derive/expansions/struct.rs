struct MessageKey {
    channel: String,
    epoch: i64,
    seq: u64,
}

// KeyEncode

#[allow(
    deprecated,
    unused_imports,
    unused_qualifications,
    clippy::multiple_bound_locations,
    clippy::needless_lifetimes
)]
const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl __persist::KeyEncode for MessageKey {
        #[inline]
        fn encode_key(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::KeyEncode>::__join_key(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_key(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self { channel: __field0, epoch: __field1, seq: __field2 } => {
                    <String as __persist::KeyEncode>::__join_key(__field0, __joiner);
                    <i64 as __persist::KeyEncode>::__join_key(__field1, __joiner);
                    <u64 as __persist::KeyEncode>::__join_key(__field2, __joiner);
                }
            }
        }
        #[inline]
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            match self {
                Self { channel: __field0, epoch: __field1, seq: __field2 } => {
                    0 + <String as __persist::KeyEncode>::encoded_key_len(__field0)
                        + <i64 as __persist::KeyEncode>::encoded_key_len(__field1)
                        + <u64 as __persist::KeyEncode>::encoded_key_len(__field2)
                }
            }
        }
        #[inline]
        fn describe_key(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::structure::<Self>(
                __describer,
                "MessageKey",
                &[
                    ("channel", <String as __persist::KeyEncode>::describe_key, false),
                    ("epoch", <i64 as __persist::KeyEncode>::describe_key, false),
                    ("seq", <u64 as __persist::KeyEncode>::describe_key, false),
                ],
            )
        }
        #[inline]
        fn key_cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            match (self, __other) {
                (
                    Self { channel: __left0, epoch: __left1, seq: __left2 },
                    Self { channel: __right0, epoch: __right1, seq: __right2 },
                ) => {
                    match <String as __persist::KeyEncode>::key_cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <i64 as __persist::KeyEncode>::key_cmp(__left1, __right1) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <u64 as __persist::KeyEncode>::key_cmp(__left2, __right2) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    ::core::cmp::Ordering::Equal
                }
            }
        }
    }
    #[automatically_derived]
    impl __persist::StoreKey for MessageKey {}
    fn __persist_fields_delimit_themselves(_: &MessageKey) {
        use __persist::NotProbed as _;
        __persist::Probe::<String>::need_self_delimiting_key();
        __persist::Probe::<i64>::need_self_delimiting_key();
        __persist::Probe::<u64>::need_self_delimiting_key();
    }
    #[automatically_derived]
    impl __persist::SelfDelimiting for MessageKey {}
};

// KeyDecode

#[allow(
    deprecated,
    unused_imports,
    unused_qualifications,
    clippy::multiple_bound_locations,
    clippy::needless_lifetimes
)]
const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__de> __persist::KeyDecode<'__de> for MessageKey {
        #[inline]
        fn decode_key(__source: &mut __persist::Source<'__de>) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                ::core::result::Result::Ok(Self {
                    channel: __persist::in_field(
                        <String as __persist::KeyDecode<'__de>>::decode_key(__source),
                        "MessageKey",
                        "channel",
                    )?,
                    epoch: __persist::in_field(
                        <i64 as __persist::KeyDecode<'__de>>::decode_key(__source),
                        "MessageKey",
                        "epoch",
                    )?,
                    seq: __persist::in_field(
                        <u64 as __persist::KeyDecode<'__de>>::decode_key(__source),
                        "MessageKey",
                        "seq",
                    )?,
                })
            })
        }
    }
};
