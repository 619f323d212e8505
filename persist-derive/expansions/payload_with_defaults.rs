struct Message {
    sender: String,
    #[payload(skip)]
    cached: Cache,
    #[payload(default)]
    retries: u64,
}

// PayloadEncode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl __persist::PayloadEncode for Message {
        const IS_EMPTY: ::core::primitive::bool =
            <String as __persist::PayloadEncode>::IS_EMPTY && <u64 as __persist::PayloadEncode>::IS_EMPTY;
        #[inline]
        fn encode_payload(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::PayloadEncode>::__join_payload(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_payload(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self { sender: __field0, retries: __field1, .. } => {
                    <String as __persist::PayloadEncode>::__join_payload(__field0, __joiner);
                    <u64 as __persist::PayloadEncode>::__join_payload(__field1, __joiner);
                }
            }
        }
        #[inline]
        fn encoded_payload_len(&self) -> ::core::primitive::usize {
            match self {
                Self { sender: __field0, retries: __field1, .. } => {
                    0 + <String as __persist::PayloadEncode>::encoded_payload_len(__field0)
                        + <u64 as __persist::PayloadEncode>::encoded_payload_len(__field1)
                }
            }
        }
        #[inline]
        fn describe_payload(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::structure::<Self>(
                __describer,
                "Message",
                &[
                    ("sender", <String as __persist::PayloadEncode>::describe_payload, false),
                    ("retries", <u64 as __persist::PayloadEncode>::describe_payload, true),
                ],
            )
        }
        #[inline]
        fn __check_payload_fields() {
            use __persist::NotProbed as _;
            __persist::Probe::<__persist::NotEncoded>::__persist_not_probed();
            __persist::Probe::<String>::need_self_delimiting_payload();
        }
    }
};

// PayloadDecode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__persist_de> __persist::PayloadDecode<'__persist_de> for Message {
        #[inline]
        fn decode_payload(
            __source: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                ::core::result::Result::Ok(Self {
                    sender: match <String as __persist::PayloadDecode<'__persist_de>>::decode_payload(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error, "Message", "sender",
                            ));
                        }
                    },
                    cached: <Cache as ::core::default::Default>::default(),
                    retries: if __persist::Source::remaining(__source) == 0 {
                        <u64 as ::core::default::Default>::default()
                    } else {
                        match <u64 as __persist::PayloadDecode<'__persist_de>>::decode_payload(__source) {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error, "Message", "retries",
                                ));
                            }
                        }
                    },
                })
            })
        }
    }
};
