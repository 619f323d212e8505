//! A derive's input as own structs: a struct is one variant without a tag.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Generics, Index, Member, Type, WherePredicate, parse_quote};

use crate::attributes::{self, Errors, TypeAttributes};
use crate::check;
use crate::format::Format;
use crate::tags::{self, Tags};

pub(crate) struct Input {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// Where the derives' helpers of persist-core are.
    pub(crate) private: TokenStream,
    /// What replaces the bounds on type parameters.
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) variants: Vec<Variant>,
    /// The tags of an enum's variants.
    pub(crate) tags: Option<Tags>,
}

pub(crate) struct Variant {
    /// How the variant is written in a pattern or an expression.
    pub(crate) path: TokenStream,
    /// What decoding errors call it.
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Marked as the open end of its type.
    pub(crate) tail: Option<Span>,
}

impl Input {
    /// The input, as much of it as there is, and all that is wrong with it.
    pub(crate) fn parse(item: DeriveInput, format: &Format) -> (Self, Option<syn::Error>) {
        let mut errors = Errors::default();
        let TypeAttributes { krate, bound } = attributes::of_type(&item.attrs, format, &mut errors);
        let DeriveInput { ident, generics, .. } = &item;
        let (_, arguments, _) = generics.split_for_impl();
        let itself = quote!(#ident #arguments);
        let name = ident.unraw().to_string();
        let mut fields = |fields: &Fields| parse_fields(fields, &itself, format, &mut errors);
        let (variants, is_enum) = match &item.data {
            Data::Struct(data) => {
                let fields = fields(&data.fields);
                (vec![Variant { path: quote!(Self), name, fields }], false)
            }
            Data::Enum(data) => {
                let variant = |variant: &syn::Variant| Variant {
                    path: {
                        let ident = &variant.ident;
                        quote!(Self::#ident)
                    },
                    name: format!("{name}::{}", variant.ident.unraw()),
                    fields: fields(&variant.fields),
                };
                (data.variants.iter().map(variant).collect(), true)
            }
            Data::Union(data) => {
                let message = "a union can't be encoded: nothing says which of its fields is there";
                errors.add_at(data.union_token.span(), message);
                (Vec::new(), false)
            }
        };
        let tags = is_enum.then(|| tags::parse(&item, format, &mut errors));
        let private = quote!(#krate::__private);
        let input =
            Self { ident: item.ident, generics: item.generics, private, bound, variants, tags };
        check::input(&input, &mut errors);
        (input, errors.into_inner())
    }

    /// The name of the type, as errors show it.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Variant {
    /// Binds each field to a name of its own: `Self::A { x: prefix0, 1: prefix1 }`.
    pub(crate) fn pattern(&self, prefix: &str) -> TokenStream {
        let path = &self.path;
        let members = self.fields.iter().map(|field| &field.member);
        let bindings = self.bindings(prefix);
        quote!(#path { #(#members: #bindings),* })
    }

    pub(crate) fn bindings(&self, prefix: &str) -> impl Iterator<Item = Ident> {
        (0..self.fields.len()).map(move |index| local(prefix, index))
    }
}

/// A local name that no user's code can mean or shadow.
pub(crate) fn local(prefix: &str, index: usize) -> Ident {
    format_ident!("__{prefix}{index}", span = Span::mixed_site())
}

fn parse_fields(
    fields: &Fields,
    itself: &TokenStream,
    format: &Format,
    errors: &mut Errors,
) -> Vec<Field> {
    let parse = |(index, field): (usize, &syn::Field)| {
        let member =
            field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(index)), Member::Named);
        let name = match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let ty = spell_out_self(field.ty.to_token_stream(), itself);
        let tail = attributes::is_tail(&field.attrs, format, errors);
        Field { member, name, ty: parse_quote!(#ty), tail }
    };
    fields.iter().enumerate().map(parse).collect()
}

/// Writes the type's name for `Self`, which means nothing outside of its impls.
fn spell_out_self(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
    let spell = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => itself.clone(),
        TokenTree::Group(group) => {
            let inner = spell_out_self(group.stream(), itself);
            let mut spelled = proc_macro2::Group::new(group.delimiter(), inner);
            spelled.set_span(group.span());
            TokenTree::Group(spelled).into()
        }
        other => other.into(),
    };
    tokens.into_iter().map(spell).collect::<Vec<TokenStream>>().into_iter().collect()
}
