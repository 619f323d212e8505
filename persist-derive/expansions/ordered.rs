#[key(ordered)]
enum Claimed<T> {
    First(#[key(lex)] String, T),
    #[key(tag = 9)]
    Last = LAST,
}

// KeyEncode

const _: () = {
    use ::persist_core::__private as __persist;
    const __PERSIST_DISCRIMINANT_0: ::core::primitive::isize = 0;
    const __PERSIST_TAG_0: ::core::primitive::i64 = __PERSIST_DISCRIMINANT_0 as ::core::primitive::i64;
    const __PERSIST_DISCRIMINANT_1: ::core::primitive::isize = LAST;
    const __PERSIST_TAG_1: ::core::primitive::i64 = 9i64;
    #[automatically_derived]
    impl<T> __persist::KeyEncode for Claimed<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
    {
        #[inline]
        fn encode_key(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::KeyEncode>::__join_key(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_key(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self::First { .. } => __persist::in_own_frame!((self, __joiner), |(__this, __joiner)| {
                    let Self::First { 0: __field0, 1: __field1 } = __this else { return };
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_0, __joiner);
                    __persist::Joiner::write(__joiner, |__sink| {
                        <__persist::Lexed as __persist::EncodeWith<String>>::encode(__field0, __sink)
                    });
                    <T as __persist::KeyEncode>::__join_key(__field1, __joiner);
                }),
                Self::Last {} => {
                    <::core::primitive::i64 as __persist::KeyEncode>::__join_key(&__PERSIST_TAG_1, __joiner);
                }
            }
        }
        #[inline]
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            match self {
                Self::First { .. } => __persist::in_own_frame!((self), |(__this)| {
                    let Self::First { 0: __field0, 1: __field1 } = __this else { return 0 };
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_0)
                        + <__persist::Lexed as __persist::EncodeWith<String>>::encoded_len(__field0)
                        + <T as __persist::KeyEncode>::encoded_key_len(__field1)
                }),
                Self::Last {} => {
                    0 + <::core::primitive::i64 as __persist::KeyEncode>::encoded_key_len(&__PERSIST_TAG_1)
                }
            }
        }
        #[inline]
        fn describe_key(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::enumeration::<Self>(
                __describer,
                "Claimed",
                &[
                    (
                        "First",
                        __PERSIST_TAG_0,
                        &[
                            ("0", <__persist::Lexed as __persist::EncodeWith<String>>::describe, false),
                            ("1", <T as __persist::KeyEncode>::describe_key, false),
                        ],
                    ),
                    ("Last", __PERSIST_TAG_1, &[]),
                ],
            )
        }
        #[inline]
        fn key_cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            match ::core::cmp::Ord::cmp(
                &match self {
                    Self::First { .. } => __PERSIST_TAG_0,
                    Self::Last { .. } => __PERSIST_TAG_1,
                },
                &match __other {
                    Self::First { .. } => __PERSIST_TAG_0,
                    Self::Last { .. } => __PERSIST_TAG_1,
                },
            ) {
                ::core::cmp::Ordering::Equal => {}
                __order => return __order,
            }
            match self {
                Self::First { .. } => __persist::in_own_frame!((self, __other), |(__this, __other)| {
                    let Self::First { 0: __left0, 1: __left1 } = __this else { return ::core::cmp::Ordering::Equal };
                    let Self::First { 0: __right0, 1: __right1 } = __other else { return ::core::cmp::Ordering::Equal };
                    match <__persist::Lexed as __persist::EncodeWith<String>>::cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <T as __persist::KeyEncode>::key_cmp(__left1, __right1) {
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
            __persist::ProbeWith::<__persist::Lexed, String>::need_self_delimiting_with();
            __persist::Probe::<T>::need_self_delimiting_key();
        }
    }
    #[automatically_derived]
    impl<T> __persist::StoreKey for Claimed<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
    #[automatically_derived]
    impl<T> __persist::SelfDelimiting for Claimed<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
    const _: () = __persist::assert!(
        __persist::tags_sort_as_discriminants(
            &[__PERSIST_TAG_0, __PERSIST_TAG_1],
            &[
                (__PERSIST_DISCRIMINANT_0 as ::core::primitive::i128).cast_unsigned() ^ (1 << 127),
                (__PERSIST_DISCRIMINANT_1 as ::core::primitive::i128).cast_unsigned() ^ (1 << 127)
            ]
        ),
        "this tag contradicts `ordered`: `Ord` sorts variants by their discriminants, and the tags sort otherwise; number them in one order, or take `#[derive(KeyOrd)]` in place of `ordered`"
    );
    #[automatically_derived]
    impl<T> __persist::OrderPreserving for Claimed<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting + __persist::OrderPreserving,
    {
        #[inline]
        fn __check_order_of_fields() {
            use __persist::NotProbed as _;
            __persist::Probe::<__persist::NotEncoded>::__persist_not_probed();
            __persist::ProbeLex::<String>::need_order();
            __persist::Probe::<T>::need_order();
        }
    }
    #[automatically_derived]
    impl<T, __persistArgument, __persistUse> __persist::KeyField<0usize, __persistArgument, __persistUse> for Claimed<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
        __persistArgument: __persist::Argument<Claimed<T>, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<Claimed<T>, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<Claimed<T>, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl<T> __persist::KeyFields<1usize> for Claimed<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
};
