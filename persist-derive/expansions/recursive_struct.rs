struct Chain<T> {
    value: T,
    next: Option<Box<Self>>,
}

// KeyEncode

const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<T> __persist::KeyEncode for Chain<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
    {
        const IS_EMPTY: ::core::primitive::bool =
            <T as __persist::KeyEncode>::IS_EMPTY && <Option<Box<Self>> as __persist::KeyEncode>::IS_EMPTY;
        #[inline]
        fn encode_key(&self, __sink: &mut __persist::Sink<'_>) {
            let mut __joiner = __persist::Joiner::new(__sink);
            <Self as __persist::KeyEncode>::__join_key(self, &mut __joiner);
            __persist::Joiner::finish(__joiner);
        }
        #[inline]
        fn __join_key(&self, __joiner: &mut __persist::Joiner<'_, '_>) {
            match self {
                Self { value: __field0, next: __field1 } => {
                    <T as __persist::KeyEncode>::__join_key(__field0, __joiner);
                    <Option<Box<Self>> as __persist::KeyEncode>::__join_key(__field1, __joiner);
                }
            }
        }
        #[inline]
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            match self {
                Self { value: __field0, next: __field1 } => {
                    0 + <T as __persist::KeyEncode>::encoded_key_len(__field0)
                        + <Option<Box<Self>> as __persist::KeyEncode>::encoded_key_len(__field1)
                }
            }
        }
        #[inline]
        fn describe_key(__describer: &mut __persist::Describer) -> __persist::Descriptor {
            __persist::Describer::structure::<Self>(
                __describer,
                "Chain",
                &[
                    ("value", <T as __persist::KeyEncode>::describe_key, false),
                    ("next", <Option<Box<Self>> as __persist::KeyEncode>::describe_key, false),
                ],
            )
        }
        #[inline]
        fn key_cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            match (self, __other) {
                (Self { value: __left0, next: __left1 }, Self { value: __right0, next: __right1 }) => {
                    match <T as __persist::KeyEncode>::key_cmp(__left0, __right0) {
                        ::core::cmp::Ordering::Equal => {}
                        __order => return __order,
                    }
                    match <Option<Box<Self>> as __persist::KeyEncode>::key_cmp(__left1, __right1) {
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
            __persist::Probe::<T>::need_self_delimiting_key();
            __persist::Probe::<Option<Box<Self>>>::need_self_delimiting_key();
        }
    }
    #[automatically_derived]
    impl<T> __persist::StoreKey for Chain<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
    #[automatically_derived]
    impl<T> __persist::SelfDelimiting for Chain<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
    #[automatically_derived]
    impl<T, __persistArgument, __persistUse> __persist::KeyField<0usize, __persistArgument, __persistUse> for Chain<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
        __persistArgument: __persist::Argument<T, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool =
            <__persistArgument as __persist::Argument<T, __persist::Plain, __persistUse>>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            <__persistArgument as __persist::Argument<T, __persist::Plain, __persistUse>>::encode_argument(
                __value, __sink,
            );
        }
    }
    #[automatically_derived]
    impl<T, __persistArgument, __persistUse> __persist::KeyField<1usize, __persistArgument, __persistUse> for Chain<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
        __persistArgument: __persist::Argument<Option<Box<Self>>, __persist::Plain, __persistUse>,
    {
        const IS_DESCENDING: ::core::primitive::bool = <__persistArgument as __persist::Argument<
            Option<Box<Self>>,
            __persist::Plain,
            __persistUse,
        >>::IS_DESCENDING;
        fn encode_field(__value: &__persistArgument, __sink: &mut __persist::Sink<'_>) {
            < __persistArgument as __persist :: Argument < Option < Box < Self > > , __persist :: Plain , __persistUse > > :: encode_argument (__value , __sink) ;
        }
    }
    #[automatically_derived]
    impl<T> __persist::KeyFields<2usize> for Chain<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
};
