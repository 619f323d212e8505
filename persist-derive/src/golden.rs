//! Compares the generated code for some items with the files in `expansions/`, so that a review shows every change of it.
//!
//! `PERSIST_BLESS=1 cargo test -p persist-derive` rewrites the files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::quote;

use crate::derive;
use crate::parse::format::Format;

struct Derive {
    name: &'static str,
    expand: fn(TokenStream) -> TokenStream,
}

const KEY_ENCODE: Derive =
    Derive { name: "KeyEncode", expand: |item| derive::encode(item, &Format::KEY) };
const KEY_DECODE: Derive =
    Derive { name: "KeyDecode", expand: |item| derive::decode(item, &Format::KEY) };
const KEY_ORD: Derive = Derive { name: "KeyOrd", expand: derive::key_ord };
const PAYLOAD_ENCODE: Derive =
    Derive { name: "PayloadEncode", expand: |item| derive::encode(item, &Format::PAYLOAD) };
const PAYLOAD_DECODE: Derive =
    Derive { name: "PayloadDecode", expand: |item| derive::decode(item, &Format::PAYLOAD) };

/// Compares the expansions of an item with the file of that name, or rewrites the file.
fn expands_as(name: &str, derives: &[Derive], item: &TokenStream) {
    let mut text = item.to_string();
    for Derive { name, expand } in derives {
        write!(text, "\n\n// {name}\n\n{}", expand(item.clone())).expect("a string takes all");
    }
    let expanded = formatted(&text);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("expansions").join(name);
    let path = path.with_extension("rs");
    if env::var_os("PERSIST_BLESS").is_some() {
        fs::write(&path, expanded).expect("the file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(expanded.lines()).position(|(left, right)| left != right);
    assert!(
        expected == expanded,
        "the expansion differs from {} at line {}:\n{expanded}\n\
         if that is meant: PERSIST_BLESS=1 cargo test -p persist-derive",
        path.display(),
        differs.map_or_else(|| expected.lines().count(), |line| line + 1),
    );
}

fn formatted(text: &str) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=120"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is installed: `rustup component add rustfmt`");
    let mut input = rustfmt.stdin.take().expect("its input is a pipe");
    input.write_all(text.as_bytes()).expect("rustfmt reads it all");
    drop(input);
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    assert!(output.status.success(), "rustfmt refuses the expansion:\n{text}");
    String::from_utf8(output.stdout).expect("rustfmt writes text")
}

#[test]
fn a_struct_of_text_and_numbers() {
    let item = quote! {
        struct MessageKey {
            channel: String,
            epoch: i64,
            seq: u64,
        }
    };
    expands_as("struct", &[KEY_ENCODE, KEY_DECODE], &item);
}

#[test]
fn a_generic_struct() {
    let item = quote! {
        struct Page<'a, T, const N: usize>
        where
            T: Clone,
        {
            title: &'a str,
            items: Vec<T>,
            hash: [u8; N],
        }
    };
    expands_as("generic_struct", &[PAYLOAD_ENCODE, PAYLOAD_DECODE], &item);
}

#[test]
fn an_enum_with_tags() {
    let item = quote! {
        enum Mood {
            Calm,
            Happy { since: i64 },
            #[key(tag = 7)]
            Angry,
            Between(u8, u8) = MIDDLE,
        }
    };
    expands_as("enum_with_tags", &[KEY_ENCODE, KEY_DECODE], &item);
}

#[test]
fn all_attributes_of_fields_of_keys() {
    let item = quote! {
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
    };
    expands_as("attributes_of_keys", &[KEY_ENCODE, KEY_DECODE], &item);
}

#[test]
fn a_payload_that_has_grown() {
    let item = quote! {
        struct Message {
            sender: String,
            #[payload(skip)]
            cached: Cache,
            #[payload(default)]
            retries: u64,
        }
    };
    expands_as("payload_with_defaults", &[PAYLOAD_ENCODE, PAYLOAD_DECODE], &item);
}

#[test]
fn a_recursive_struct() {
    let item = quote! {
        struct Chain<T> {
            value: T,
            next: Option<Box<Self>>,
        }
    };
    expands_as("recursive_struct", &[KEY_ENCODE], &item);
}

#[test]
fn an_order_of_keys() {
    let item = quote! {
        struct Named<T>(T, String);
    };
    expands_as("key_ord", &[KEY_ORD], &item);
}

#[test]
fn a_claim_of_order() {
    let item = quote! {
        #[key(ordered)]
        enum Claimed<T> {
            First(#[key(lex)] String, T),
            #[key(tag = 9)]
            Last = LAST,
        }
    };
    expands_as("ordered", &[KEY_ENCODE], &item);
}

#[test]
fn mistakes() {
    let item = quote! {
        #[key(renamed)]
        struct Wrong<T> {
            #[key(skip, lex)]
            first: T,
            second: Vec<()>,
        }
    };
    expands_as("mistakes", &[KEY_ENCODE, KEY_DECODE, KEY_ORD], &item);
}

/// Generated code must not contain `persist_core` if the type names another path: most programs have a crate of that name
/// too, so they would hide the mistake.
#[test]
fn a_renamed_crate_is_named_and_no_other() {
    let all_fields = quote! {
        struct Attributes<'a, T> {
            #[key(lex)]
            name: Option<String>,
            #[key(lex, desc)]
            latest: Vec<T>,
            #[key(fixed)]
            #[payload(fixed)]
            hash: [u8; 32],
            #[key(skip)]
            #[payload(skip)]
            cached: Cache,
            text: &'a str,
            next: Option<Box<Self>>,
            #[key(with = "Codec", tail)]
            #[payload(with = "Codec", default)]
            rest: Rest,
        }
    };
    let variants = quote! {
        #[key(ordered)]
        enum Claimed<T> {
            First(#[key(lex)] String, T),
            #[key(tag = 9)]
            Second { number: u64, flag: bool },
            Last = LAST,
        }
    };
    let mistaken = quote! {
        struct Wrong<T> {
            #[key(skip, lex)]
            #[payload(skip, default)]
            first: T,
            second: Vec<()>,
        }
    };
    let unit = quote!(
        struct Unit;
    );
    let all = &[KEY_ENCODE, KEY_DECODE, PAYLOAD_ENCODE, PAYLOAD_DECODE, KEY_ORD];
    for (item, derives, is_mistaken) in [
        (all_fields, &all[..], false),
        // A type with `ordered` can't have `KeyOrd`.
        (variants, &all[..4], false),
        (mistaken, &all[..], true),
        (unit, &all[..], false),
    ] {
        let item = quote! {
            #[key(crate = "other::renamed")]
            #[payload(crate = "other::renamed")]
            #item
        };
        for Derive { name, expand } in derives {
            let expanded = expand(syn::parse2(item.clone()).expect("the item is one")).to_string();
            assert!(expanded.contains("other :: renamed ::"), "{name}: {expanded}");
            assert!(!expanded.contains("persist_core"), "{name}: {expanded}");
            assert!(is_mistaken || !expanded.contains("compile_error"), "{name}: {expanded}");
        }
    }
}
