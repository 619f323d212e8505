struct Named<T>(T, String);

// KeyOrd

const _: () = {
    use __persist::NotProbed as _;
    use ::persist_core::__private as __persist;
    const _: fn() = __persist::Probe::<__persist::NotEncoded>::__persist_not_probed;
    #[automatically_derived]
    impl<T> ::core::cmp::PartialEq for Named<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
    {
        #[inline]
        fn eq(&self, __other: &Self) -> ::core::primitive::bool {
            ::core::matches!(__persist::Probe::<Self>::key_order(self, __other), ::core::cmp::Ordering::Equal)
        }
    }
    #[automatically_derived]
    impl<T> ::core::cmp::Eq for Named<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
    #[automatically_derived]
    impl<T> ::core::cmp::PartialOrd for Named<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
    {
        #[inline]
        fn partial_cmp(&self, __other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
            ::core::option::Option::Some(__persist::Probe::<Self>::key_order(self, __other))
        }
    }
    #[automatically_derived]
    impl<T> ::core::cmp::Ord for Named<T>
    where
        T: __persist::KeyEncode + __persist::SelfDelimiting,
    {
        #[inline]
        fn cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            __persist::Probe::<Self>::key_order(self, __other)
        }
    }
    #[automatically_derived]
    impl<T> __persist::OrderPreserving for Named<T> where T: __persist::KeyEncode + __persist::SelfDelimiting {}
};
