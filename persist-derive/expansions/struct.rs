struct MessageKey {
    channel: String,
    epoch: i64,
    seq: u64,
}

// KeyEncode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl __persist::KeyEncode for MessageKey {
        const IS_EMPTY: ::core::primitive::bool = <String as __persist::KeyEncode>::IS_EMPTY
            && <i64 as __persist::KeyEncode>::IS_EMPTY
            && <u64 as __persist::KeyEncode>::IS_EMPTY;
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
        #[inline]
        fn __check_key_fields() {
            use __persist::NotProbed as _;
            __persist::Probe::<__persist::NotEncoded>::__persist_not_probed();
            __persist::Probe::<String>::need_self_delimiting_key();
            __persist::Probe::<i64>::need_self_delimiting_key();
            __persist::Probe::<u64>::need_self_delimiting_key();
        }
    }
    #[automatically_derived]
    impl __persist::StoreKey for MessageKey {}
    #[automatically_derived]
    impl __persist::SelfDelimiting for MessageKey {}
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<0usize, __persistArgument, __persistUse> for MessageKey
    where
        __persistArgument: __persist::Argument<String, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<String, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<String, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<1usize, __persistArgument, __persistUse> for MessageKey
    where
        __persistArgument: __persist::Argument<i64, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<i64, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<i64, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<2usize, __persistArgument, __persistUse> for MessageKey
    where
        __persistArgument: __persist::Argument<u64, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<u64, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<u64, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl __persist::KeyFields<3usize> for MessageKey {}
};

// KeyDecode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__persist_de> __persist::KeyDecode<'__persist_de> for MessageKey {
        #[inline]
        fn decode_key(
            __source: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                ::core::result::Result::Ok(Self {
                    channel: match <String as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error,
                                "MessageKey",
                                "channel",
                            ));
                        }
                    },
                    epoch: match <i64 as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error,
                                "MessageKey",
                                "epoch",
                            ));
                        }
                    },
                    seq: match <u64 as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error,
                                "MessageKey",
                                "seq",
                            ));
                        }
                    },
                })
            })
        }
    }
};
