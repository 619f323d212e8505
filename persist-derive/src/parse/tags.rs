//! The tags of an enum's variants: given ones, or Rust's discriminants.

use std::collections::HashMap;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Expr, ExprLit, ExprUnary, Lit, UnOp};

use crate::parse::attributes::Errors;
use crate::parse::names::Names;
use crate::parse::repr::Repr;
use crate::parse::span::{at, shown_at};
use crate::parse::variant_tag::{self, Tag};

#[derive(Default)]
pub(crate) struct Tags {
    /// The constants that hold the tags, and checks that no two are equal.
    pub(crate) items: TokenStream,
    /// Their names, in the order of the variants.
    pub(crate) names: Vec<Ident>,
    /// The constants that hold the discriminants.
    discriminants: Vec<Ident>,
    /// Whether discriminants are of a signed type.
    is_signed: bool,
    known: Vec<KnownTag>,
}

/// What can be told of a variant's tag without evaluating constants.
struct KnownTag {
    discriminant: Option<i128>,
    tag: Option<i128>,
    /// Where an attribute gives the tag.
    given: Option<Span>,
    variant: Ident,
}

pub(crate) fn parse(item: &DeriveInput, repr: &Repr, names: &Names, errors: &mut Errors) -> Tags {
    let Data::Enum(data) = &item.data else {
        return Tags::default();
    };
    let private = &names.private().into_token_stream();
    let repr = &repr.integer;
    let mut tags = Tags { is_signed: repr.to_string().starts_with('i'), ..Tags::default() };
    let mut discriminant = Some(-1);
    for (index, variant) in data.variants.iter().enumerate() {
        let mut wrong = Errors::default();
        let given = variant_tag::of_variant(&variant.attrs, &mut wrong);
        let wrong = wrong.into_inner();
        let written = variant.discriminant.as_ref().map(|(_, value)| value);
        discriminant = match written {
            Some(value) => literal(value),
            None => discriminant.and_then(|before: i128| before.checked_add(1)),
        };
        let known = KnownTag {
            discriminant,
            tag: match given {
                Some(tag) => Some(tag.value.into()),
                // Nothing is known of one that is meant to be another.
                None => discriminant.filter(|_| wrong.is_none()),
            },
            given: given.map(|tag| tag.span),
            variant: variant.ident.clone(),
        };
        if let Some(wrong) = wrong {
            errors.add(wrong);
        }
        let own = names.constant(&format!("DISCRIMINANT_{index}"));
        let before = tags.discriminants.last();
        let value = match (written, before) {
            (Some(value), _) => constant(value, &item.ident),
            (None, Some(before)) => quote!(#before.wrapping_add(1)),
            (None, None) => quote!(0),
        };
        let name = names.constant(&format!("TAG_{index}"));
        let tag_value = given.map_or_else(
            || quote!(#own as ::core::primitive::i64),
            |Tag { value, .. }| quote!(#value),
        );
        tags.items.extend(quote! {
            const #own: ::core::primitive::#repr = #value;
            const #name: ::core::primitive::i64 = #tag_value;
        });
        tags.items.extend(known.must_fit(&own, repr, private, errors));
        tags.names.push(name);
        tags.discriminants.push(own);
        tags.known.push(known);
    }
    tags.refuse_equal(&item.ident, names, errors);
    tags
}

/// The discriminant as the value of a constant that stands beside the type.
fn constant(value: &Expr, owner: &Ident) -> TokenStream {
    // Within discriminants `Self` has no arguments.
    let spelled = spell_out_self(value.to_token_stream(), &owner.to_token_stream());
    let mut tokens: Vec<TokenTree> = spelled.into_iter().collect();
    if let [TokenTree::Group(group)] = &mut tokens[..] {
        // What encloses the whole has done so for the user, and isn't to be warned of here.
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

impl KnownTag {
    fn place(&self) -> Span {
        self.given.unwrap_or_else(|| self.variant.span())
    }

    /// Refuses a discriminant that is no i64, or asks the compiler whether it is one.
    fn must_fit(
        &self,
        own: &Ident,
        repr: &Ident,
        private: &TokenStream,
        errors: &mut Errors,
    ) -> Option<TokenStream> {
        if self.given.is_some() {
            return None;
        }
        let span = self.variant.span();
        match self.discriminant.map(i64::try_from) {
            Some(Ok(_)) => return None,
            Some(Err(_)) => {
                errors.add_at(span, TOO_LARGE);
                return None;
            }
            None => {}
        }
        // A u128 may be larger than any i128.
        let wide = format_ident!("{}", if repr == "u128" { "u128" } else { "i128" });
        let wide = quote!(::core::primitive::#wide);
        let narrow = quote!(::core::primitive::i64);
        let least = (repr != "u128").then(|| quote!(#own as #wide >= #narrow::MIN as #wide &&));
        let fits = quote!(#least #own as #wide <= #narrow::MAX as #wide);
        Some(assertion(span, private, &fits, TOO_LARGE))
    }
}

/// Has the compiler make sure of something. That it isn't so is told at `span`.
fn assertion(
    span: Span,
    private: &TokenStream,
    holds: &TokenStream,
    otherwise: &str,
) -> TokenStream {
    // By this path, since at this place `::core` is what it is in the user's edition.
    let private = at(private, span);
    quote_spanned!(span=> const _: () = #private::assert!(#holds, #otherwise);)
}

const TOO_LARGE: &str = "the discriminant of this variant does not fit an i64: give it a `tag`";

impl Tags {
    /// Refuses tags that don't sort as `Ord` sorts the variants, which is by discriminant.
    pub(crate) fn refuse_other_order(&self, errors: &mut Errors) {
        for (index, later) in self.known.iter().enumerate() {
            for earlier in &self.known[..index] {
                if let (Some(left), Some(right), Some(left_tag), Some(right_tag)) =
                    (earlier.discriminant, later.discriminant, earlier.tag, later.tag)
                    && (left < right) != (left_tag < right_tag)
                {
                    let place =
                        later.given.or(earlier.given).unwrap_or_else(|| later.variant.span());
                    errors.add_at(place, OTHER_ORDER);
                    return;
                }
            }
        }
    }

    /// The same where discriminants are expressions: only the compiler can tell their order.
    pub(crate) fn assert_order(&self, private: &TokenStream) -> Option<TokenStream> {
        let span = self.known.iter().find_map(|known| known.given)?;
        if self.are_known() {
            return None;
        }
        let Self { names, discriminants, .. } = self;
        let discriminants = discriminants.iter().map(|discriminant| {
            if self.is_signed {
                // With the sign bit flipped, the order of unsigned numbers is that of signed ones.
                quote!((#discriminant as ::core::primitive::i128).cast_unsigned() ^ (1 << 127))
            } else {
                quote!(#discriminant as ::core::primitive::u128)
            }
        });
        let is_sorted = quote! {
            #private::tags_sort_as_discriminants(&[#(#names),*], &[#(#discriminants),*])
        };
        Some(assertion(span, private, &is_sorted, OTHER_ORDER))
    }

    /// Whether all is told without evaluating constants.
    fn are_known(&self) -> bool {
        self.known.iter().all(|known| known.tag.is_some() && known.discriminant.is_some())
    }

    /// Refuses equal tags. Equal discriminants the compiler refuses itself.
    fn refuse_equal(&mut self, owner: &Ident, names: &Names, errors: &mut Errors) {
        if self.known.iter().all(|known| known.given.is_none()) {
            return;
        }
        if self.known.iter().any(|known| known.tag.is_none()) {
            let asserts = self.assert_distinct(owner, names);
            self.items.extend(asserts);
        }
        let mut seen: HashMap<i128, &KnownTag> = HashMap::new();
        for known in &self.known {
            let Some(value) = known.tag else { continue };
            let Some(first) = seen.insert(value, known) else { continue };
            if first.given.is_some() || known.given.is_some() {
                errors.add_at(first.place(), format!("two variants have the tag {value}"));
                let message = format!("the other one with the tag {value}: give it another");
                errors.add_at(known.place(), message);
            }
        }
    }

    /// Where discriminants are expressions, only the compiler can tell whether a tag equals one before it.
    fn assert_distinct(&self, owner: &Ident, names: &Names) -> TokenStream {
        let private = &names.private().into_token_stream();
        let all = names.constant("TAGS");
        let names = &self.names;
        let asserts = self.known.iter().enumerate().skip(1).map(|(index, known)| {
            let message = format!(
                "`{owner}::{}` has the tag of a variant before it: give one of them another `tag`",
                known.variant
            );
            let is_new = quote!(#private::is_new_tag(#all, #index));
            assertion(known.variant.span(), private, &is_new, &message)
        });
        quote! {
            const #all: &[::core::primitive::i64] = &[#(#names),*];
            #(#asserts)*
        }
    }
}

const OTHER_ORDER: &str = "this tag contradicts `ordered`: `Ord` sorts variants by their discriminants, and the tags \
    sort otherwise; number them in one order, or take `#[derive(KeyOrd)]` in place of `ordered`";

/// An integer, as far as it can be told without evaluating constants.
fn literal(value: &Expr) -> Option<i128> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr)?.checked_neg(),
        _ => None,
    }
}
