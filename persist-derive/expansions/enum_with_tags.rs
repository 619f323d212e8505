enum Mood {
    Calm,
    Happy {
        since: i64,
    },
    #[key(tag = 7)]
    Angry,
    Between(u8, u8) = MIDDLE,
}

// KeyEncode

const _: () = {
    use ::persist_core::__private as __persist;
    const __PERSIST_DISCRIMINANT_0: ::core::primitive::isize = 0;
    const __PERSIST_TAG_0: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_0 as ::core::primitive::i64;
    const __PERSIST_DISCRIMINANT_1: ::core::primitive::isize = __PERSIST_DISCRIMINANT_0.wrapping_add(1);
    const __PERSIST_TAG_1: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_1 as ::core::primitive::i64;
    const __PERSIST_DISCRIMINANT_2: ::core::primitive::isize = __PERSIST_DISCRIMINANT_1.wrapping_add(1);
    const __PERSIST_TAG_2: ::core::primitive::i64 = 7i64;
    const __PERSIST_DISCRIMINANT_3: ::core::primitive::isize = MIDDLE;
    const __PERSIST_TAG_3: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_3 as ::core::primitive::i64;
    const _: () = __persist::assert!(
        __PERSIST_DISCRIMINANT_3 as ::core::primitive::i128 >= ::core::primitive::i64::MIN as ::core::primitive::i128
            && __PERSIST_DISCRIMINANT_3 as ::core::primitive::i128
                <= ::core::primitive::i64::MAX as ::core::primitive::i128,
        "the discriminant of this variant does not fit an i64: give it a `tag`"
    );
    const __PERSIST_TAGS: &[::core::primitive::i64] =
        &[__PERSIST_TAG_0, __PERSIST_TAG_1, __PERSIST_TAG_2, __PERSIST_TAG_3];
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 1usize),
        "`Mood::Happy` has the tag of a variant before it: give one of them another `tag`"
    );
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 2usize),
        "`Mood::Angry` has the tag of a variant before it: give one of them another `tag`"
    );
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 3usize),
        "`Mood::Between` has the tag of a variant before it: give one of them another `tag`"
    );
    #[automatically_derived]
    impl __persist::KeyEncode for Mood {
        #[inline]
        fn encode_key(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::KeyEncode>::__join_key(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_key(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self::Calm {} => {
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_0, __joiner);
                }
                Self::Happy { .. } => __persist::in_own_frame!((self, __joiner), |(__this, __joiner)| {
                    let Self::Happy { since: __field0 } = __this else { return };
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_1, __joiner);
                    <i64 as __persist::KeyEncode>::__join_key(__field0, __joiner);
                }),
                Self::Angry {} => {
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_2, __joiner);
                }
                Self::Between { .. } => __persist::in_own_frame!((self, __joiner), |(__this, __joiner)| {
                    let Self::Between { 0: __field0, 1: __field1 } = __this else { return };
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_3, __joiner);
                    <u8 as __persist::KeyEncode>::__join_key(__field0, __joiner);
                    <u8 as __persist::KeyEncode>::__join_key(__field1, __joiner);
                }),
            }
        }
        #[inline]
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            match self {
                Self::Calm {} => {
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_0)
                }
                Self::Happy { .. } => __persist::in_own_frame!((self), |(__this)| {
                    let Self::Happy { since: __field0 } = __this else { return 0 };
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_1)
                        + <i64 as __persist::KeyEncode>::encoded_key_len(__field0)
                }),
                Self::Angry {} => {
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_2)
                }
                Self::Between { .. } => __persist::in_own_frame!((self), |(__this)| {
                    let Self::Between { 0: __field0, 1: __field1 } = __this else { return 0 };
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_3)
                        + <u8 as __persist::KeyEncode>::encoded_key_len(__field0)
                        + <u8 as __persist::KeyEncode>::encoded_key_len(__field1)
                }),
            }
        }
        #[inline]
        fn describe_key(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::enumeration::<Self>(
                __describer,
                "Mood",
                &[
                    ("Calm", __PERSIST_TAG_0, &[]),
                    ("Happy", __PERSIST_TAG_1, &[("since", <i64 as __persist::KeyEncode>::describe_key, false)]),
                    ("Angry", __PERSIST_TAG_2, &[]),
                    (
                        "Between",
                        __PERSIST_TAG_3,
                        &[
                            ("0", <u8 as __persist::KeyEncode>::describe_key, false),
                            ("1", <u8 as __persist::KeyEncode>::describe_key, false),
                        ],
                    ),
                ],
            )
        }
        #[inline]
        fn key_cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            match ::core::cmp::Ord::cmp(
                &match self {
                    Self::Calm { .. } => __PERSIST_TAG_0,
                    Self::Happy { .. } => __PERSIST_TAG_1,
                    Self::Angry { .. } => __PERSIST_TAG_2,
                    Self::Between { .. } => __PERSIST_TAG_3,
                },
                &match __other {
                    Self::Calm { .. } => __PERSIST_TAG_0,
                    Self::Happy { .. } => __PERSIST_TAG_1,
                    Self::Angry { .. } => __PERSIST_TAG_2,
                    Self::Between { .. } => __PERSIST_TAG_3,
                },
            ) {
                ::core::cmp::Ordering::Equal => {}
                __order => return __order,
            }
            match self {
                Self::Happy { .. } => __persist::in_own_frame!((self, __other), |(__this, __other)| {
                    let Self::Happy { since: __left0 } = __this else { return ::core::cmp::Ordering::Equal };
                    let Self::Happy { since: __right0 } = __other else { return ::core::cmp::Ordering::Equal };
                    match <i64 as __persist::KeyEncode>::key_cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    ::core::cmp::Ordering::Equal
                }),
                Self::Between { .. } => __persist::in_own_frame!((self, __other), |(__this, __other)| {
                    let Self::Between { 0: __left0, 1: __left1 } = __this else { return ::core::cmp::Ordering::Equal };
                    let Self::Between { 0: __right0, 1: __right1 } = __other else {
                        return ::core::cmp::Ordering::Equal;
                    };
                    match <u8 as __persist::KeyEncode>::key_cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <u8 as __persist::KeyEncode>::key_cmp(__left1, __right1) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    ::core::cmp::Ordering::Equal
                }),
                _ => ::core::cmp::Ordering::Equal,
            }
        }
        #[inline]
        fn __check_key_fields() {
            use __persist::NotProbed as _;
            __persist::Probe::<__persist::NotEncoded>::__persist_not_probed();
            __persist::Probe::<i64>::need_self_delimiting_key();
            __persist::Probe::<u8>::need_self_delimiting_key();
            __persist::Probe::<u8>::need_self_delimiting_key();
        }
    }
    #[automatically_derived]
    impl __persist::StoreKey for Mood {}
    #[automatically_derived]
    impl __persist::SelfDelimiting for Mood {}
    #[automatically_derived]
    impl<__persistArgument, __persistUse> __persist::KeyField<0usize, __persistArgument, __persistUse> for Mood
    where
        __persistArgument: __persist::Argument<Mood, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<Mood, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<Mood, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl __persist::KeyFields<1usize> for Mood {}
};

// KeyDecode

const _: () = {
    use ::persist_core::__private as __persist;
    const __PERSIST_DISCRIMINANT_0: ::core::primitive::isize = 0;
    const __PERSIST_TAG_0: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_0 as ::core::primitive::i64;
    const __PERSIST_DISCRIMINANT_1: ::core::primitive::isize = __PERSIST_DISCRIMINANT_0.wrapping_add(1);
    const __PERSIST_TAG_1: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_1 as ::core::primitive::i64;
    const __PERSIST_DISCRIMINANT_2: ::core::primitive::isize = __PERSIST_DISCRIMINANT_1.wrapping_add(1);
    const __PERSIST_TAG_2: ::core::primitive::i64 = 7i64;
    const __PERSIST_DISCRIMINANT_3: ::core::primitive::isize = MIDDLE;
    const __PERSIST_TAG_3: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_3 as ::core::primitive::i64;
    const _: () = __persist::assert!(
        __PERSIST_DISCRIMINANT_3 as ::core::primitive::i128 >= ::core::primitive::i64::MIN as ::core::primitive::i128
            && __PERSIST_DISCRIMINANT_3 as ::core::primitive::i128
                <= ::core::primitive::i64::MAX as ::core::primitive::i128,
        "the discriminant of this variant does not fit an i64: give it a `tag`"
    );
    const __PERSIST_TAGS: &[::core::primitive::i64] =
        &[__PERSIST_TAG_0, __PERSIST_TAG_1, __PERSIST_TAG_2, __PERSIST_TAG_3];
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 1usize),
        "`Mood::Happy` has the tag of a variant before it: give one of them another `tag`"
    );
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 2usize),
        "`Mood::Angry` has the tag of a variant before it: give one of them another `tag`"
    );
    const _: () = __persist::assert!(
        __persist::is_new_tag(__PERSIST_TAGS, 3usize),
        "`Mood::Between` has the tag of a variant before it: give one of them another `tag`"
    );
    #[automatically_derived]
    impl<'__persist_de> __persist::KeyDecode<'__persist_de> for Mood {
        #[inline]
        fn decode_key(
            __source: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            __persist::Source::nested(__source, |__source| {
                let __at = __persist::Source::offset(__source);
                let __tag = <::core::primitive::i64 as __persist::KeyDecode>::decode_key(__source)?;
                match __tag {
                    __PERSIST_TAG_0 => ::core::result::Result::Ok(Self::Calm {}),
                    __PERSIST_TAG_1 => __persist::in_own_frame!((__source), |(__source)| {
                        ::core::result::Result::Ok(Self::Happy {
                            since: match <i64 as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                                ::core::result::Result::Ok(__value) => __value,
                                ::core::result::Result::Err(__error) => {
                                    return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                        __error,
                                        "Mood::Happy",
                                        "since",
                                    ));
                                }
                            },
                        })
                    }),
                    __PERSIST_TAG_2 => ::core::result::Result::Ok(Self::Angry {}),
                    __PERSIST_TAG_3 => __persist::in_own_frame!((__source), |(__source)| {
                        ::core::result::Result::Ok(Self::Between {
                            0: match <u8 as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                                ::core::result::Result::Ok(__value) => __value,
                                ::core::result::Result::Err(__error) => {
                                    return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                        __error,
                                        "Mood::Between",
                                        "0",
                                    ));
                                }
                            },
                            1: match <u8 as __persist::KeyDecode<'__persist_de>>::decode_key(__source) {
                                ::core::result::Result::Ok(__value) => __value,
                                ::core::result::Result::Err(__error) => {
                                    return ::core::result::Result::Err(__persist::DecodeError::in_field(
                                        __error,
                                        "Mood::Between",
                                        "1",
                                    ));
                                }
                            },
                        })
                    }),
                    __tag => ::core::result::Result::Err(__persist::unknown_tag("Mood", __tag, __at)),
                }
            })
        }
    }
};
