//! The tags of an enum's variants: given by an attribute, or Rust's discriminants.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{DataEnum, Expr, ExprLit, ExprUnary, Lit, UnOp};

use super::errors::Errors;
use super::names::Names;
use super::repr::Repr;
use super::variant_tag::{self, GivenTag};

/// The tags of an enum, in the order of its variants.
pub(crate) struct Tags {
    pub(crate) variants: Vec<VariantTag>,
    /// The constants that hold the tags in generated code.
    pub(crate) names: Vec<Ident>,
    /// The constants that hold the discriminants in generated code.
    pub(crate) discriminants: Vec<Ident>,
    /// The type of the discriminants.
    pub(crate) repr: Ident,
}

/// The tag of one variant, as far as it is known without evaluating constants.
pub(crate) struct VariantTag {
    pub(crate) variant: Ident,
    /// The discriminant as the user wrote it, if it is written.
    pub(crate) written: Option<TokenStream>,
    /// The discriminant, unless it is or follows from an expression that only the compiler can evaluate.
    pub(crate) discriminant: Option<i128>,
    /// The tag that an attribute gives.
    pub(crate) given: Option<GivenTag>,
    /// The given tag or the discriminant. `None` also if the attribute has a mistake.
    pub(crate) tag: Option<i128>,
}

impl VariantTag {
    /// The place where errors about the tag are shown.
    pub(crate) fn place(&self) -> Span {
        self.given.map_or_else(|| self.variant.span(), |given| given.span)
    }
}

impl Tags {
    pub(crate) fn parse(data: &DataEnum, repr: &Repr, names: &Names, errors: &mut Errors) -> Self {
        let mut discriminant = Some(-1);
        let variants: Vec<VariantTag> = data
            .variants
            .iter()
            .map(|variant| {
                let mut wrong = Errors::default();
                let given = variant_tag::of_variant(&variant.attrs, &mut wrong);
                let wrong = wrong.into_inner();
                let written = variant.discriminant.as_ref().map(|(_, value)| value);
                discriminant = match written {
                    Some(value) => literal(value),
                    None => discriminant.and_then(|before: i128| before.checked_add(1)),
                };
                let tag = match given {
                    Some(given) => Some(given.value.into()),
                    // With a mistake in the attribute, the discriminant isn't the tag that the user means.
                    None => discriminant.filter(|_| wrong.is_none()),
                };
                if let Some(wrong) = wrong {
                    errors.add(wrong);
                }
                VariantTag {
                    variant: variant.ident.clone(),
                    written: written.map(ToTokens::to_token_stream),
                    discriminant,
                    given,
                    tag,
                }
            })
            .collect();
        let constants = |prefix: &str| -> Vec<Ident> {
            let name = |index| names.constant(&format!("{prefix}_{index}"));
            (0..variants.len()).map(name).collect()
        };
        Self {
            names: constants("TAG"),
            discriminants: constants("DISCRIMINANT"),
            repr: repr.integer.clone(),
            variants,
        }
    }

    /// Whether an attribute gives the tag of any variant.
    pub(crate) fn any_given(&self) -> bool {
        self.variants.iter().any(|variant| variant.given.is_some())
    }
}

/// The value of an integer literal, with or without a minus and parentheses.
fn literal(value: &Expr) -> Option<i128> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr)?.checked_neg(),
        _ => None,
    }
}
