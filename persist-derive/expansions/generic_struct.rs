struct Page<'a, T, const N: usize>
where
    T: Clone,
{
    title: &'a str,
    items: Vec<T>,
    hash: [u8; N],
}

// PayloadEncode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'a, T, const N: usize> __persist::PayloadEncode for Page<'a, T, { N }>
    where
        T: Clone,
        T: __persist::PayloadEncode + __persist::SelfDelimitingPayload,
    {
        const IS_EMPTY: ::core::primitive::bool = <&'a str as __persist::PayloadEncode>::IS_EMPTY
            && <Vec<T> as __persist::PayloadEncode>::IS_EMPTY
            && <[u8; N] as __persist::PayloadEncode>::IS_EMPTY;
        #[inline]
        fn encode_payload(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::PayloadEncode>::__join_payload(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_payload(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self { title: __field0, items: __field1, hash: __field2 } => {
                    <&'a str as __persist::PayloadEncode>::__join_payload(__field0, __joiner);
                    <Vec<T> as __persist::PayloadEncode>::__join_payload(__field1, __joiner);
                    <[u8; N] as __persist::PayloadEncode>::__join_payload(__field2, __joiner);
                }
            }
        }
        #[inline]
        fn encoded_payload_len(&self) -> ::core::primitive::usize {
            match self {
                Self { title: __field0, items: __field1, hash: __field2 } => {
                    0 + <&'a str as __persist::PayloadEncode>::encoded_payload_len(__field0)
                        + <Vec<T> as __persist::PayloadEncode>::encoded_payload_len(__field1)
                        + <[u8; N] as __persist::PayloadEncode>::encoded_payload_len(__field2)
                }
            }
        }
        #[inline]
        fn describe_payload(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::structure::<Self>(
                __describer,
                "Page",
                &[
                    ("title", <&'a str as __persist::PayloadEncode>::describe_payload, false),
                    ("items", <Vec<T> as __persist::PayloadEncode>::describe_payload, false),
                    ("hash", <[u8; N] as __persist::PayloadEncode>::describe_payload, false),
                ],
            )
        }
        #[inline]
        fn __check_payload_fields() {
            use __persist::NotProbed as _;
            __persist::Probe::<__persist::NotEncoded>::__persist_not_probed();
            __persist::Probe::<&'a str>::need_self_delimiting_payload();
            __persist::Probe::<Vec<T>>::need_self_delimiting_payload();
            __persist::Probe::<[u8; N]>::need_self_delimiting_payload();
        }
    }
    #[automatically_derived]
    impl<'a, T, const N: usize> __persist::SelfDelimitingPayload for Page<'a, T, { N }>
    where
        T: Clone,
        T: __persist::PayloadEncode + __persist::SelfDelimitingPayload,
    {
    }
};

// PayloadDecode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__persist_de: 'a, 'a, T, const N: usize> __persist::PayloadDecode<'__persist_de> for Page<'a, T, { N }>
    where
        T: Clone,
        T: __persist::PayloadDecode<'__persist_de>,
    {
        #[inline]
        fn decode_payload(
            __source: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                ::core::result::Result::Ok(Self {
                    title: match <&'a str as __persist::PayloadDecode<'__persist_de>>::decode_payload(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error, "Page", "title",
                            ));
                        }
                    },
                    items: match <Vec<T> as __persist::PayloadDecode<'__persist_de>>::decode_payload(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error, "Page", "items",
                            ));
                        }
                    },
                    hash: match <[u8; N] as __persist::PayloadDecode<'__persist_de>>::decode_payload(__source) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__error) => {
                            return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                __error, "Page", "hash",
                            ));
                        }
                    },
                })
            })
        }
    }
};
