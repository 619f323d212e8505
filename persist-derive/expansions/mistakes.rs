#[key(renamed)]
struct Wrong<T> {
    #[key(skip, lex)]
    first: T,
    second: Vec<()>,
}

// KeyEncode

::core::compile_error! { "there is no attribute `renamed` for a type; known there: `crate = \"path\"`, `bound = \"T: Trait\"`, `decode_bound = \"T: Trait\"`, `ordered`" }
::core::compile_error! { "`skip` clashes with `lex`: a skipped field is not encoded" }
::core::compile_error! { "`lex` clashes with `skip`" }
::core::compile_error! { "a count of elements without bytes can't be read back: store the count itself" }
const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<T> __persist::KeyEncode for Wrong<T> {
        fn encode_key(&self, _: &mut __persist::Sink<'_>) {
            loop {}
        }
        fn encoded_key_len(&self) -> ::core::primitive::usize {
            loop {}
        }
        fn key_cmp(&self, _: &Self) -> ::core::cmp::Ordering {
            loop {}
        }
    }
    #[automatically_derived]
    impl<T> __persist::SelfDelimiting for Wrong<T> {}
    #[automatically_derived]
    impl<T> __persist::StoreKey for Wrong<T> {}
};

// KeyDecode

::core::compile_error! { "there is no attribute `renamed` for a type; known there: `crate = \"path\"`, `bound = \"T: Trait\"`, `decode_bound = \"T: Trait\"`, `ordered`" }
::core::compile_error! { "`skip` clashes with `lex`: a skipped field is not encoded" }
::core::compile_error! { "`lex` clashes with `skip`" }
::core::compile_error! { "a count of elements without bytes can't be read back: store the count itself" }
const _: () = {
    use ::persist_core::__private as __persist;
    #[automatically_derived]
    impl<'__persist_de, T> __persist::KeyDecode<'__persist_de> for Wrong<T>
    where
        T: ::core::default::Default,
    {
        fn decode_key(
            _: &mut __persist::Source<'__persist_de>,
        ) -> ::core::result::Result<Self, __persist::DecodeError> {
            loop {}
        }
    }
};

// KeyOrd

const _: () = {
    use __persist::NotProbed as _;
    use ::persist_core::__private as __persist;
    const _: fn() = __persist::Probe::<__persist::NotEncoded>::__persist_not_probed;
    #[automatically_derived]
    impl<T> ::core::cmp::PartialEq for Wrong<T> {
        #[inline]
        fn eq(&self, __other: &Self) -> ::core::primitive::bool {
            ::core::matches!(__persist::Probe::<Self>::key_order(self, __other), ::core::cmp::Ordering::Equal)
        }
    }
    #[automatically_derived]
    impl<T> ::core::cmp::Eq for Wrong<T> {}
    #[automatically_derived]
    impl<T> ::core::cmp::PartialOrd for Wrong<T> {
        #[inline]
        fn partial_cmp(&self, __other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
            ::core::option::Option::Some(__persist::Probe::<Self>::key_order(self, __other))
        }
    }
    #[automatically_derived]
    impl<T> ::core::cmp::Ord for Wrong<T> {
        #[inline]
        fn cmp(&self, __other: &Self) -> ::core::cmp::Ordering {
            __persist::Probe::<Self>::key_order(self, __other)
        }
    }
    #[automatically_derived]
    impl<T> __persist::OrderPreserving for Wrong<T> {}
};
