//! The parsed item. A struct is represented as one variant without a tag.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Generics, Index, Member, Type, WherePredicate};

use super::errors::Errors;
use super::field_attributes::{self, FieldAttributes};
use super::format::Format;
use super::lint;
use super::names::Names;
use super::repr::Repr;
use super::span::{unlinted, unlinted_type};
use super::tags::Tags;
use super::type_attributes::{self, TypeAttributes};

pub(crate) struct Input {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The path of persist-core.
    pub(crate) krate: TokenStream,
    pub(crate) names: Names,
    /// `allow` attributes for the lints that the user allows on the item.
    pub(crate) allowed: TokenStream,
    /// The name by which generated code refers to persist-core's module of helpers for derives.
    pub(crate) private: TokenStream,
    /// Replaces the bounds on type parameters.
    pub(crate) bound: Option<Vec<WherePredicate>>,
    /// Replaces the bounds on type parameters for decoding.
    pub(crate) decode_bound: Option<Vec<WherePredicate>>,
    /// The place of the attribute `ordered`.
    pub(crate) ordered: Option<Span>,
    pub(crate) variants: Vec<Variant>,
    /// The tags of an enum's variants.
    pub(crate) tags: Option<Tags>,
    pub(crate) repr: Repr,
}

pub(crate) struct Variant {
    /// The path in patterns and expressions.
    pub(crate) path: TokenStream,
    /// The name in descriptors.
    pub(crate) own_name: String,
    /// The name in decoding errors, which includes the enum's.
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) attributes: FieldAttributes,
}

impl Input {
    /// Parses as much of the item as possible, and collects all errors.
    pub(crate) fn parse(item: DeriveInput, format: &Format) -> (Self, Errors) {
        let mut errors = Errors::default();
        let TypeAttributes { krate, bound, decode_bound, ordered } =
            type_attributes::of_type(&item.attrs, format, &mut errors);
        let name = item.ident.unraw().to_string();
        let names = Names::unknown_to(&item);
        let private = names.private().into_token_stream();
        let is_deprecated = lint::is_deprecated(&item.attrs);
        let mut fields =
            |fields: &Fields| parse_fields(fields, is_deprecated, format, &private, &mut errors);
        let variants = match &item.data {
            Data::Struct(data) => {
                let fields = fields(&data.fields);
                let own_name = name.clone();
                vec![Variant { path: quote!(Self), own_name, name, fields }]
            }
            Data::Enum(data) => {
                let variant = |variant: &syn::Variant| Variant {
                    path: {
                        let ident = unlinted(&variant.ident);
                        quote!(Self::#ident)
                    },
                    own_name: variant.ident.unraw().to_string(),
                    name: format!("{name}::{}", variant.ident.unraw()),
                    fields: fields(&variant.fields),
                };
                data.variants.iter().map(variant).collect()
            }
            Data::Union(data) => {
                let message =
                    "a union can't be encoded: nothing determines which of its fields is valid";
                errors.add_at(data.union_token.span, message);
                Vec::new()
            }
        };
        let repr = Repr::parse(&item.attrs);
        let tags = match &item.data {
            Data::Enum(data) => Some(Tags::parse(data, &repr, &names, &mut errors)),
            _ => None,
        };
        let allowed = lint::allowed(&item);
        let DeriveInput { ident, generics, .. } = item;
        let ident = if is_deprecated { unlinted(&ident) } else { ident };
        let decode_bound = decode_bound.or_else(|| bound.clone());
        let input = Self {
            ident,
            generics,
            krate,
            names,
            allowed,
            private,
            bound,
            decode_bound,
            ordered,
            variants,
            tags,
            repr,
        };
        (input, errors)
    }

    /// The name of the type in errors and descriptors.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Variant {
    /// Returns the fields that are encoded, in order.
    pub(crate) fn written(&self) -> impl DoubleEndedIterator<Item = &Field> {
        self.fields.iter().filter(|field| field.attributes.is_written())
    }
}

/// Returns a field's index with the span that the names of derived code have.
fn unlinted_index(index: usize) -> Index {
    Index { span: Span::mixed_site(), ..Index::from(index) }
}

/// Parses fields. In a deprecated type the field types are exempt from lints: the type may contain itself, and derived
/// code then names it.
fn parse_fields(
    fields: &Fields,
    is_deprecated: bool,
    format: &Format,
    private: &TokenStream,
    errors: &mut Errors,
) -> Vec<Field> {
    let parse = |(index, field): (usize, &syn::Field)| {
        let member = field.ident.as_ref().map_or_else(
            || Member::Unnamed(unlinted_index(index)),
            |ident| Member::Named(unlinted(ident)),
        );
        let name = match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let ty = if is_deprecated { unlinted_type(&field.ty) } else { field.ty.clone() };
        let attributes = field_attributes::of_field(&field.attrs, format, private, &ty, errors);
        Field { member, name, ty, attributes }
    };
    fields.iter().enumerate().map(parse).collect()
}
