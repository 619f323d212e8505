//! Derives and macros in code that forbids lints: an `allow` in generated code would be an error there.
//!
//! `cargo clippy` checks the lints of Clippy, and the compiler all others.

mod tests {
    /// Every lint of the compiler that can apply to types and calls, and the groups of Clippy.
    mod forbidding {
        #![forbid(
            warnings,
            deprecated,
            unused,
            nonstandard_style,
            refining_impl_trait,
            absolute_paths_not_starting_with_crate,
            ambiguous_negative_literals,
            closure_returning_async_block,
            deprecated_in_future,
            deprecated_safe_2024,
            deref_into_dyn_supertrait,
            edition_2024_expr_fragment_specifier,
            elided_lifetimes_in_paths,
            explicit_outlives_requirements,
            ffi_unwind_calls,
            if_let_rescope,
            impl_trait_overcaptures,
            impl_trait_redundant_captures,
            keyword_idents_2018,
            keyword_idents_2024,
            let_underscore_drop,
            macro_use_extern_crate,
            meta_variable_misuse,
            missing_copy_implementations,
            missing_debug_implementations,
            missing_docs,
            missing_unsafe_on_extern,
            redundant_imports,
            redundant_lifetimes,
            rust_2021_incompatible_closure_captures,
            rust_2021_incompatible_or_patterns,
            rust_2021_prelude_collisions,
            rust_2024_incompatible_pat,
            rust_2024_prelude_collisions,
            single_use_lifetimes,
            tail_expr_drop_order,
            trivial_casts,
            trivial_numeric_casts,
            unit_bindings,
            unnameable_types,
            unreachable_pub,
            unsafe_attr_outside_unsafe,
            unsafe_code,
            unsafe_op_in_unsafe_fn,
            unused_extern_crates,
            unused_import_braces,
            unused_lifetimes,
            unused_macro_rules,
            unused_qualifications,
            unused_results,
            variant_size_differences
        )]
        #![forbid(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]

        use std::collections::BTreeMap;
        use std::marker::PhantomData;

        use persist_core::{
            Key, KeyDecode, KeyEncode, KeyOrd, Payload, PayloadDecode, PayloadEncode,
        };

        /// Every attribute of fields, and a deprecated field.
        #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Clone, Debug)]
        pub(super) struct Fields<'a, T, const N: usize>
        where
            T: Clone,
        {
            /// Borrowed text.
            pub(super) text: &'a str,
            /// Text in dictionary order.
            #[key(lex)]
            pub(super) name: String,
            /// A type that is named by its path although it is in scope.
            #[key(desc, fixed)]
            #[payload(fixed)]
            pub(super) hash: [u8; N],
            /// A generic field.
            pub(super) value: T,
            /// A recursive field.
            pub(super) inner: Option<Box<Self>>,
            /// A map.
            pub(super) map: BTreeMap<u8, Vec<T>>,
            /// A field without bytes.
            pub(super) phantom: PhantomData<T>,
            /// A deprecated field.
            #[deprecated]
            pub(super) old: u8,
            /// A field that isn't in keys.
            #[key(skip)]
            #[payload(skip)]
            pub(super) note: String,
        }

        /// Variants of every kind, and a deprecated one.
        #[derive(
            KeyEncode,
            KeyDecode,
            PayloadEncode,
            PayloadDecode,
            Clone,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
        )]
        #[key(ordered)]
        pub(super) enum Variants {
            /// A variant without fields, whose tag is a constant.
            First = super::SEVEN,
            /// A tag.
            #[key(tag = 100)]
            Second,
            /// A deprecated variant.
            #[deprecated]
            Third = 200,
        }

        /// Variants with fields.
        #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Clone, Debug)]
        pub(super) enum WithFields<T> {
            /// A variant with named fields.
            Named {
                /// A number.
                number: u64,
                /// A deprecated one.
                #[deprecated]
                old: T,
            },
            /// A variant with unnamed fields.
            Unnamed(u8, T),
            /// A variant with one field.
            #[deprecated]
            One(Box<Self>),
            /// A variant without fields.
            Unit,
        }

        /// A deprecated type.
        #[deprecated]
        #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Clone, Debug)]
        pub(super) struct Old<T>(pub(super) T);

        /// Types without fields.
        #[derive(
            KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Clone, Copy, Debug,
        )]
        pub(super) struct Unit;

        /// A type without values.
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Clone, Copy, Debug)]
        pub(super) enum Never {}

        /// A type with an open end.
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Clone, Debug)]
        pub(super) struct Open {
            /// The rest of the input.
            pub(super) rest: Option<Key>,
        }

        /// Calls the macros with no part, one part and several parts.
        pub(super) fn keys() -> [Key; 3] {
            [persist_core::key!(), persist_core::key!("a"), persist_core::key!("a", 7u64, Unit)]
        }

        /// The same for payloads.
        pub(super) fn payloads() -> [Payload; 3] {
            [
                persist_core::payload!(),
                persist_core::payload!("a"),
                persist_core::payload!("a", 7u64, Unit),
            ]
        }
    }

    /// A type that names itself, which Clippy's nursery would forbid.
    #[forbid(warnings, deprecated)]
    mod named {
        use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

        #[deprecated]
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        pub(super) struct OldChain {
            pub(super) next: Option<Box<OldChain>>,
        }
    }

    const SEVEN: isize = 7;

    use forbidding::{Fields, Never, Open, Unit, Variants, WithFields};
    use persist_core::{
        Key, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode, key, payload,
    };

    fn round_trips<T>(value: &T)
    where
        T: KeyEncode + PayloadEncode + for<'a> KeyDecode<'a> + for<'a> PayloadDecode<'a>,
    {
        let key = value.to_key();
        assert_eq!(key.decode::<T>().unwrap().to_key(), key);
        let payload = value.to_payload();
        assert_eq!(payload.decode::<T>().unwrap().to_payload(), payload);
    }

    #[test]
    #[allow(deprecated)]
    fn derives_under_forbidden_lints_encode_and_decode() {
        let fields = Fields::<'_, u8, 2> {
            text: "t",
            name: "n".into(),
            hash: [1, 2],
            value: 3,
            inner: None,
            map: [(1, vec![2])].into(),
            phantom: std::marker::PhantomData,
            old: 4,
            note: String::new(),
        };
        let key = fields.to_key();
        let decoded: Fields<'_, u8, 2> = key.decode().unwrap();
        assert_eq!((decoded.old, decoded.note), (4, String::new()));
        round_trips(&Variants::Third);
        round_trips(&WithFields::Named { number: 7, old: 8u8 });
        round_trips(&WithFields::One(Box::new(WithFields::Unnamed(7, 8u8))));
        round_trips(&forbidding::Old(7u8));
        let chain = named::OldChain { next: None };
        round_trips(&named::OldChain { next: Some(Box::new(chain)) });
        round_trips(&Unit);
        round_trips(&Open { rest: Some(key!("rest")) });
        assert!(key!(0i64).decode::<Never>().is_err());
        is_ordered::<Variants>();
    }

    fn is_ordered<T: OrderPreserving>() {}

    #[test]
    fn macros_under_forbidden_lints_join_their_parts() {
        assert_eq!(forbidding::keys().map(|key| key.len()), [0, 3, 11]);
        assert_eq!(forbidding::payloads().map(|payload| payload.len()), [0, 3, 11]);
        assert_eq!([key!(), key!(,)], [Key::new(), Key::new()]);
        assert!(payload!().is_empty());
    }
}
