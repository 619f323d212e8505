struct Attributes {
    #[key(lex)]
    name: Option<String>,
    #[key(desc)]
    time: u64,
    #[key(lex, desc)]
    latest: String,
    #[key(fixed)]
    hash: [u8; 32],
    #[key(skip)]
    cached: Cache,
    #[key(with = "Codec", tail)]
    rest: Rest,
}

// KeyEncode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl __persist::KeyEncode for Attributes {
        const IS_EMPTY: ::core::primitive::bool = <__persist::Lexed as __persist::EncodeWith<Option<String>>>::IS_EMPTY
            && <__persist::Descending<__persist::Plain> as __persist::EncodeWith<u64>>::IS_EMPTY
            && <__persist::Descending<__persist::Lexed> as __persist::EncodeWith<String>>::IS_EMPTY
            && <__persist::WithoutLength as __persist::EncodeWith<[u8; 32]>>::IS_EMPTY
            && <Codec as __persist::EncodeWith<Rest>>::IS_EMPTY;
        #[inline]
        fn encode_key(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::KeyEncode>::__join_key(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_key(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self { name: __field0, time: __field1, latest: __field2, hash: __field3, rest: __field4, .. } => {
                    __persist::Joiner::write(__joiner, |__sink| {
                        <__persist::Lexed as __persist::EncodeWith<Option<String>>>::encode(__field0, __sink)
                    });
                    __persist::Joiner::write(__joiner, |__sink| {
                        <__persist::Descending<__persist::Plain> as __persist::EncodeWith<u64>>::encode(
                            __field1, __sink,
                        )
                    });
                    __persist::Joiner::write(__joiner, |__sink| {
                        <__persist::Descending<__persist::Lexed> as __persist::EncodeWith<String>>::encode(
                            __field2, __sink,
                        )
                    });
                    __persist::Joiner::write(__joiner, |__sink| {
                        <__persist::WithoutLength as __persist::EncodeWith<[u8; 32]>>::encode(__field3, __sink)
                    });
                    __persist::Joiner::write(__joiner, |__sink| {
                        <Codec as __persist::EncodeWith<Rest>>::encode(__field4, __sink)
                    });
                }
            }
        }
        #[inline]
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            match self {
                Self { name: __field0, time: __field1, latest: __field2, hash: __field3, rest: __field4, .. } => {
                    0 + <__persist::Lexed as __persist::EncodeWith<Option<String>>>::encoded_len(__field0)
                        + <__persist::Descending<__persist::Plain> as __persist::EncodeWith<u64>>::encoded_len(__field1)
                        + <__persist::Descending<__persist::Lexed> as __persist::EncodeWith<String>>::encoded_len(
                            __field2,
                        )
                        + <__persist::WithoutLength as __persist::EncodeWith<[u8; 32]>>::encoded_len(__field3)
                        + <Codec as __persist::EncodeWith<Rest>>::encoded_len(__field4)
                }
            }
        }
        #[inline]
        fn describe_key(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::structure::<Self>(
                __describer,
                "Attributes",
                &[
                    ("name", <__persist::Lexed as __persist::EncodeWith<Option<String>>>::describe, false),
                    ("time", <__persist::Descending<__persist::Plain> as __persist::EncodeWith<u64>>::describe, false),
                    (
                        "latest",
                        <__persist::Descending<__persist::Lexed> as __persist::EncodeWith<String>>::describe,
                        false,
                    ),
                    ("hash", <__persist::WithoutLength as __persist::EncodeWith<[u8; 32]>>::describe, false),
                    ("rest", <Codec as __persist::EncodeWith<Rest>>::describe, false),
                ],
            )
        }
        #[inline]
        fn key_cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            match (self, __other) {
                (
                    Self { name: __left0, time: __left1, latest: __left2, hash: __left3, rest: __left4, .. },
                    Self { name: __right0, time: __right1, latest: __right2, hash: __right3, rest: __right4, .. },
                ) => {
                    match <__persist::Lexed as __persist::EncodeWith<Option<String>>>::cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <__persist::Descending<__persist::Plain> as __persist::EncodeWith<u64>>::cmp(
                        __left1, __right1,
                    ) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <__persist::Descending<__persist::Lexed> as __persist::EncodeWith<String>>::cmp(
                        __left2, __right2,
                    ) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <__persist::WithoutLength as __persist::EncodeWith<[u8; 32]>>::cmp(__left3, __right3) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <Codec as __persist::EncodeWith<Rest>>::cmp(__left4, __right4) {
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
            __persist::ProbeWith::<__persist::Lexed, Option<String>>::need_self_delimiting_with();
            __persist::ProbeWith::<__persist::Descending<__persist::Plain>, u64>::need_self_delimiting_with();
            __persist::ProbeWith::<__persist::Descending<__persist::Lexed>, String>::need_self_delimiting_with();
            __persist::ProbeWith::<__persist::WithoutLength, [u8; 32]>::need_self_delimiting_with();
        }
    }
    #[automatically_derived]
    impl __persist::StoreKey for Attributes {}
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<0usize, __persistArgument, __persistUse> for Attributes
    where
        __persistArgument: __persist::Argument<Option<String>, __persist::Lexed, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<Option<String>, __persist::Lexed, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<Option<String>, __persist::Lexed, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<1usize, __persistArgument, __persistUse> for Attributes
    where
        __persistArgument: __persist::Argument<u64, __persist::Descending<__persist::Plain>, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool = <__persistArgument as __persist::Argument<
            u64,
            __persist::Descending<__persist::Plain>,
            __persistUse,
        >>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            < __persistArgument as __persist :: Argument < u64 , __persist :: Descending < __persist :: Plain > , __persistUse > > :: encode_argument (__value , __sink) ;
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<2usize, __persistArgument, __persistUse> for Attributes
    where
        __persistArgument: __persist::Argument<String, __persist::Descending<__persist::Lexed>, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool = <__persistArgument as __persist::Argument<
            String,
            __persist::Descending<__persist::Lexed>,
            __persistUse,
        >>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            < __persistArgument as __persist :: Argument < String , __persist :: Descending < __persist :: Lexed > , __persistUse > > :: encode_argument (__value , __sink) ;
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<3usize, __persistArgument, __persistUse> for Attributes
    where
        __persistArgument: __persist::Argument<[u8; 32], __persist::WithoutLength, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<[u8; 32], __persist::WithoutLength, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            < __persistArgument as __persist :: Argument < [u8 ; 32] , __persist :: WithoutLength , __persistUse > > :: encode_argument (__value , __sink) ;
        }
    }
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<4usize, __persistArgument, __persistUse> for Attributes
    where
        __persistArgument: __persist::Argument<Rest, Codec, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<Rest, Codec, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<Rest, Codec, __persistUse>>::encode_argument(__value, __sink);
        }
    }
    #[automatically_derived]
    impl __persist::KeyFields<5usize> for Attributes {}
};

// KeyDecode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__persist_de> __persist::KeyDecode<'__persist_de> for Attributes {
        #[inline]
        fn decode_key(
            __source: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                ::core::result::Result::Ok(
                    Self {
                        name: match <__persist::Lexed as __persist::DecodeWith<'__persist_de, Option<String>>>::decode(
                            __source,
                        ) {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error,
                                    "Attributes",
                                    "name",
                                ));
                            }
                        },
                        time: match <__persist::Descending<__persist::Plain> as __persist::DecodeWith<
                            '__persist_de,
                            u64,
                        >>::decode(__source)
                        {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error,
                                    "Attributes",
                                    "time",
                                ));
                            }
                        },
                        latest: match <__persist::Descending<__persist::Lexed> as __persist::DecodeWith<
                            '__persist_de,
                            String,
                        >>::decode(__source)
                        {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error,
                                    "Attributes",
                                    "latest",
                                ));
                            }
                        },
                        hash: match <__persist::WithoutLength as __persist::DecodeWith<'__persist_de, [u8; 32]>>::decode(
                            __source,
                        ) {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error,
                                    "Attributes",
                                    "hash",
                                ));
                            }
                        },
                        cached: <Cache as ::core::default::Default>::default(),
                        rest: match <Codec as __persist::DecodeWith<'__persist_de, Rest>>::decode(__source) {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => {
                                return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                    __error,
                                    "Attributes",
                                    "rest",
                                ));
                            }
                        },
                    },
                )
            })
        }
    }
};
