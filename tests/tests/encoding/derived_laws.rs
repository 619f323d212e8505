//! The laws of the format for derived types: about a hundred shapes, with and without attributes.
//!
//! `persist_tests::laws` describes the laws and the number of values. A shape is exempt from a law if it is in a module
//! whose name says so.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};
use persist_tests::adversarial::derived::{
    borrowing, codecs, containers, descending, enums, fixed, generics, growing, lexical, ordered,
    places, recursive, runs, skipped, structs, tails, wrapped,
};
use persist_tests::laws::{
    borrows_as_its_owner_decodes, every, laws, laws_of_a_growing_payload, laws_of_a_key,
    laws_of_an_open_payload, laws_of_an_open_type, ord_is_key_order,
};

mod all_laws_hold_for {
    use super::*;

    every! { laws:
        unit_struct: structs::Nothing;
        struct_with_empty_braces: structs::NoFields;
        struct_with_empty_parentheses: structs::NoParts;
        struct_of_one_text: structs::OneText;
        struct_of_one_number: structs::OneNumber;
        struct_of_units: structs::OfUnits;
        struct_of_many_fields: structs::Wide;
        tuple_struct_of_many_fields: structs::WideTuple;
        bool_in_every_place: places::Bools;
        char_in_every_place: places::Chars;
        u8_in_every_place: places::U8s;
        u16_in_every_place: places::U16s;
        u32_in_every_place: places::U32s;
        u64_in_every_place: places::U64s;
        u128_in_every_place: places::U128s;
        usize_in_every_place: places::Usizes;
        i8_in_every_place: places::I8s;
        i16_in_every_place: places::I16s;
        i32_in_every_place: places::I32s;
        i64_in_every_place: places::I64s;
        i128_in_every_place: places::I128s;
        isize_in_every_place: places::Isizes;
        f32_in_every_place: places::F32s;
        f64_in_every_place: places::F64s;
        run_of_unsigned_numbers: runs::Unsigned;
        run_of_signed_numbers: runs::SignedRun;
        run_of_every_primitive: runs::Mixed;
        runs_around_text: runs::AroundText;
        runs_in_variants: runs::InVariants;
        runs_with_arrays: runs::WithArrays;
        runs_behind_pointers: runs::BehindPointers;
        runs_of_structs: runs::OfStructs;
        run_of_twenty: runs::Twenty;
        runs_of_types_with_other_names: runs::Aliased;
        pointers: containers::Pointers;
        sequences_of_one_width: containers::Sequences;
        sequences_of_text: containers::Texts;
        options: containers::Options;
        tuples: containers::Tuples;
        containers_of_derived_types: containers::OfDerived;
        enum_of_structs_of_enums: containers::Layers;
        mixed_variants: enums::Mixture;
        single_variant: enums::Single;
        single_unit_variant: enums::SingleUnit;
        discriminants_with_gaps: enums::Gaps;
        negative_discriminants: enums::Negative;
        discriminants_beside_fields: enums::Numbered;
        tags_out_of_order: enums::Tagged;
        tags_in_place_of_huge_discriminants: enums::Huge;
        twenty_variants: enums::Many;
        parameter: generics::Versioned<String>;
        parameter_that_is_an_enum: generics::Versioned<Option<enums::Tagged>>;
        two_parameters: generics::Between<String, (u8, Vec<u8>)>;
        three_parameters: generics::OneOf<u8, String, structs::OneText>;
        constant_parameters: generics::Grid<u16, 2, 3>;
        constant_parameters_of_zero: generics::Grid<String, 0, 1>;
        bounds_and_defaults: generics::Bounded<u64>;
        phantom_parameter: generics::Id<generics::User>;
        given_bounds: generics::OfFamily<generics::Words>;
        recursion_by_option: recursive::Chain;
        recursion_by_vector: recursive::Rose;
        recursion_of_a_generic_type: recursive::Sparse<String>;
        recursion_of_two_types: recursive::Folder;
        recursion_of_two_types_from_the_other: recursive::Entry;
        recursion_of_an_enum: recursive::Term;
        fixed_sizes: fixed::FixedSizes;
        fixed_of_a_constant_parameter: fixed::FixedOf<5>;
        fixed_of_sixty_four: fixed::FixedOf<64>;
        fixed_of_more: fixed::FixedOf<65>;
        fixed_in_variants: fixed::FixedVariants;
        codecs: codecs::ByCodecs;
        inside_lex: wrapped::InLex;
        inside_reverse: wrapped::InReverse;
        inside_shortlex_total_and_fixed: wrapped::InOthers;
        owned_lines: borrowing::OwnedLines;
        owned_notice: borrowing::owned::Notice;
        vector_of_runs: Vec<runs::Mixed>;
        option_of_a_recursive_type: Option<recursive::Chain>;
        array_of_enums: [enums::Mixture; 2];
    }
}

/// Skipped fields don't count for equality, nor in the comparison after a round trip.
mod all_laws_except_for_skipped_fields_hold_for {
    use super::*;

    every! { laws:
        some_fields: skipped::SkipsSome;
        all_fields: skipped::SkipsAll;
        fields_of_variants: skipped::SkipVariants;
    }

    #[test]
    fn skipped_field_is_read_as_its_default() {
        let value = skipped::SkipsSome {
            first: "f".into(),
            id: 1,
            middle: Some(2),
            text: "t".into(),
            last: 3.0,
        };
        let key = value.to_key().decode::<skipped::SkipsSome>().unwrap();
        let payload = value.to_payload().decode::<skipped::SkipsSome>().unwrap();
        for read in [key, payload] {
            assert_eq!((read.first.as_str(), read.middle, read.last), ("", None, 0.0));
            assert_eq!((read.id, read.text.as_str()), (1, "t"));
        }
    }
}

/// `lex` and `desc` are for keys only, so these types are keys only.
mod all_laws_of_keys_hold_for {
    use super::*;

    every! { laws_of_a_key:
        lex_text: lexical::LexText;
        lex_bytes: lexical::LexBytes;
        lex_sequences: lexical::LexSequences;
        lex_sequences_of_derived_types: lexical::LexDerived;
        lex_within_options_and_pointers: lexical::LexWithin;
        lex_in_variants: lexical::LexVariants;
        lex_of_a_parameter: lexical::LexOf<enums::Tagged>;
        desc_numbers: descending::DescNumbers;
        desc_text: descending::DescText;
        desc_compounds: descending::DescCompounds;
        desc_fixed: descending::DescFixed;
        desc_in_variants: descending::DescVariants;
        desc_of_desc: descending::DescOfDesc<Option<String>>;
        runs_up_and_down: runs::UpAndDown;
        desc_codecs: codecs::DescByCodecs;
        owned_escaped: borrowing::OwnedEscaped;
        claimed_order: ordered::Claimed;
        claimed_order_of_variants: ordered::ClaimedVariants;
        claimed_order_of_a_generic_type: ordered::ClaimedOf<ordered::ClaimedVariants>;
        made_order: ordered::Made<recursive::Term>;
        made_order_of_variants: ordered::MadeVariants;
    }
}

mod all_laws_but_delimiting_hold_for {
    use super::*;

    every! { laws_of_an_open_type:
        key_last: tails::KeyLast;
        tail_last: tails::TailLast;
        option_of_key_last: tails::MaybeKeyLast;
        key_last_in_a_variant: tails::KeyInOne;
        open_codec_last: codecs::OpenByCodec;
        open_codec_last_in_a_variant: codecs::CodecVariants;
    }

    every! { laws_of_an_open_payload:
        payload_last: tails::PayloadLast;
    }
}

mod all_laws_but_delimiting_and_canonical_form_hold_for {
    use super::*;

    every! { laws_of_a_growing_payload:
        one_default: growing::GrownOnce;
        two_defaults: growing::GrownTwice;
        defaults_alone: growing::AllGrown;
        defaults_in_variants: growing::GrownVariants;
        defaults_of_the_last_field: growing::GrownInside;
    }
}

mod ord_is_the_order_of_the_bytes_for {
    use super::*;

    every! { ord_is_key_order:
        claimed_order: ordered::Claimed;
        claimed_order_of_variants: ordered::ClaimedVariants;
        claimed_order_of_a_generic_type: ordered::ClaimedOf<ordered::ClaimedVariants>;
        claimed_order_of_made_order: ordered::ClaimedOf<ordered::MadeVariants>;
        made_order: ordered::Made<recursive::Term>;
        made_order_of_variants: ordered::MadeVariants;
    }
}

mod what_borrows_decodes_as_its_owner_does {
    use super::*;

    #[test]
    fn in_a_struct() {
        borrows_as_its_owner_decodes!(borrowing::Lines<'_>, borrowing::OwnedLines);
    }

    #[test]
    fn with_lifetimes_and_parameters() {
        borrows_as_its_owner_decodes!(
            borrowing::Mingled<'_, '_, Option<u8>>,
            borrowing::OwnedMingled<Option<u8>>
        );
        borrows_as_its_owner_decodes!(
            borrowing::Mingled<'_, '_, &str>,
            borrowing::OwnedMingled<String>
        );
    }

    #[test]
    fn where_bytes_are_escaped_or_flipped() {
        borrows_as_its_owner_decodes!(key borrowing::Escaped<'_>, borrowing::OwnedEscaped);
    }

    #[test]
    fn in_variants() {
        borrows_as_its_owner_decodes!(borrowing::Notice<'_>, borrowing::owned::Notice);
    }
}
