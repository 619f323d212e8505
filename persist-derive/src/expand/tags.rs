//! The constants that hold an enum's tags and discriminants, and the assertions about them.
//!
//! `check/tags.rs` refuses the same mistakes in tags that are known without evaluating constants.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::check::tags::{OTHER_ORDER, TOO_LARGE};
use crate::parse::input::Input;
use crate::parse::span::{at, shown_at};
use crate::parse::tags::{Tags, VariantTag};

/// The constants, and assertions that each tag fits an `i64` and no two are equal.
pub(crate) fn constants(input: &Input) -> Option<TokenStream> {
    let tags = input.tags.as_ref()?;
    let repr = &tags.repr;
    let mut items = TokenStream::new();
    for (index, variant) in tags.variants.iter().enumerate() {
        let discriminant = &tags.discriminants[index];
        let before = index.checked_sub(1).map(|before| &tags.discriminants[before]);
        let value = match (&variant.written, before) {
            (Some(value), _) => outside_of_type(value.clone(), &input.ident),
            (None, Some(before)) => quote!(#before.wrapping_add(1)),
            (None, None) => quote!(0),
        };
        let tag = &tags.names[index];
        let tag_value = variant.given.map_or_else(
            || quote!(#discriminant as ::core::primitive::i64),
            |given| given.value.to_token_stream(),
        );
        items.extend(quote! {
            const #discriminant: ::core::primitive::#repr = #value;
            const #tag: ::core::primitive::i64 = #tag_value;
        });
        items.extend(assert_fits(variant, discriminant, repr, &input.private));
    }
    if tags.any_given() && tags.variants.iter().any(|variant| variant.tag.is_none()) {
        items.extend(assert_distinct(tags, input));
    }
    Some(items)
}

/// The expression of a discriminant as the value of a constant next to the type.
fn outside_of_type(value: TokenStream, owner: &Ident) -> TokenStream {
    // In a discriminant, `Self` has no arguments, so the type's name alone means the same.
    let spelled = spell_out_self(value, &owner.to_token_stream());
    let mut tokens: Vec<TokenTree> = spelled.into_iter().collect();
    if let [TokenTree::Group(group)] = &mut tokens[..] {
        // The compiler would warn of unused parentheses or braces here. The user needs them in the enum.
        group.set_span(Span::mixed_site());
    }
    tokens.into_iter().collect()
}

/// Writes the type's name for `Self`, which means nothing outside of its impls.
fn spell_out_self(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
    let spell = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => at(itself, shown_at(ident.span())),
        TokenTree::Group(group) => {
            let inner = spell_out_self(group.stream(), itself);
            let mut spelled = Group::new(group.delimiter(), inner);
            spelled.set_span(group.span());
            TokenTree::Group(spelled).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(spell).collect()
}

/// An assertion that a discriminant fits an `i64`, if only the compiler knows it and it is the tag.
fn assert_fits(
    variant: &VariantTag,
    discriminant: &Ident,
    repr: &Ident,
    private: &TokenStream,
) -> Option<TokenStream> {
    if variant.given.is_some() || variant.discriminant.is_some() {
        return None;
    }
    // A `u128` may be larger than any `i128`.
    let wide = format_ident!("{}", if repr == "u128" { "u128" } else { "i128" });
    let wide = quote!(::core::primitive::#wide);
    let narrow = quote!(::core::primitive::i64);
    let least =
        (repr != "u128").then(|| quote!(#discriminant as #wide >= #narrow::MIN as #wide &&));
    let fits = quote!(#least #discriminant as #wide <= #narrow::MAX as #wide);
    Some(assertion(variant.variant.span(), private, &fits, TOO_LARGE))
}

/// An assertion for each variant that no variant before it has its tag.
fn assert_distinct(tags: &Tags, input: &Input) -> TokenStream {
    let Input { private, ident: owner, names, .. } = input;
    let all = names.constant("TAGS");
    let asserts = tags.variants.iter().enumerate().skip(1).map(|(index, known)| {
        let message = format!(
            "`{owner}::{}` has the tag of a variant before it: give one of them another `tag`",
            known.variant
        );
        let is_new = quote!(#private::is_new_tag(#all, #index));
        assertion(known.variant.span(), private, &is_new, &message)
    });
    let names = &tags.names;
    quote! {
        const #all: &[::core::primitive::i64] = &[#(#names),*];
        #(#asserts)*
    }
}

/// An assertion that tags sort as `Ord` sorts the variants, unless all are known or none is given.
pub(crate) fn assert_order(tags: &Tags, private: &TokenStream) -> Option<TokenStream> {
    let given = tags.variants.iter().find_map(|variant| variant.given)?;
    let is_known = |variant: &VariantTag| variant.tag.is_some() && variant.discriminant.is_some();
    if tags.variants.iter().all(is_known) {
        return None;
    }
    let is_signed = tags.repr.to_string().starts_with('i');
    let discriminants = tags.discriminants.iter().map(|discriminant| {
        if is_signed {
            // With the sign bit flipped, signed numbers sort correctly as unsigned ones.
            quote!((#discriminant as ::core::primitive::i128).cast_unsigned() ^ (1 << 127))
        } else {
            quote!(#discriminant as ::core::primitive::u128)
        }
    });
    let names = &tags.names;
    let is_sorted = quote! {
        #private::tags_sort_as_discriminants(&[#(#names),*], &[#(#discriminants),*])
    };
    Some(assertion(given.span, private, &is_sorted, OTHER_ORDER))
}

/// An assertion that the compiler evaluates, with its error shown at `span`.
fn assertion(
    span: Span,
    private: &TokenStream,
    holds: &TokenStream,
    otherwise: &str,
) -> TokenStream {
    // At the user's span, `::core` would be resolved in the user's edition. persist-core re-exports the macro.
    let private = at(private, span);
    quote_spanned!(span=> const _: () = #private::assert!(#holds, #otherwise);)
}
