//! The calls for one field, to its type's own traits or to its codec.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::parse::field_attributes::Way;
use crate::parse::format::Format;
use crate::parse::input::{Field, Input};
use crate::parse::span::{at, end_of, shown_at};

impl Field {
    pub(crate) fn encode(
        &self,
        value: &Ident,
        joiner: &Ident,
        of: (&Input, &Format),
    ) -> TokenStream {
        let private = &of.0.private;
        let function = self.function(&of.1.join(), &quote!(encode), of);
        match &self.attributes.way {
            Way::Codec(_) => {
                let sink = Ident::new("__sink", Span::mixed_site());
                quote_spanned! {self.ty.span()=>
                    #private::Joiner::write(#joiner, |#sink| #function(#value, #sink));
                }
            }
            _ => quote_spanned!(self.ty.span()=> #function(#value, #joiner);),
        }
    }

    pub(crate) fn encoded_len(&self, value: &Ident, of: (&Input, &Format)) -> TokenStream {
        let function = self.function(&of.1.encoded_len(), &quote!(encoded_len), of);
        quote_spanned!(self.ty.span()=> #function(#value))
    }

    pub(crate) fn cmp(&self, left: &Ident, right: &Ident, of: (&Input, &Format)) -> TokenStream {
        let function = self.function(&quote::format_ident!("key_cmp"), &quote!(cmp), of);
        quote_spanned!(self.ty.span()=> #function(#left, #right))
    }

    /// Returns a constant expression that is true if the field has no bytes.
    pub(crate) fn is_empty(&self, of: (&Input, &Format)) -> TokenStream {
        self.function(&quote::format_ident!("IS_EMPTY"), &quote!(IS_EMPTY), of)
    }

    /// Returns the path of the function that describes the field's shape.
    pub(crate) fn describe(&self, of: (&Input, &Format)) -> TokenStream {
        self.function(&of.1.describe(), &quote!(describe), of)
    }

    /// Returns the path of a function: `own` of the type's trait, or `codecs` of the codec.
    fn function(
        &self,
        own: &Ident,
        codecs: &TokenStream,
        (input, format): (&Input, &Format),
    ) -> TokenStream {
        let (private, ty, encode) = (&input.private, &self.ty, format.encode_trait());
        match &self.attributes.way {
            Way::Codec(codec) => {
                quote_spanned!(ty.span()=> <#codec as #private::EncodeWith<#ty>>::#codecs)
            }
            _ => quote_spanned!(ty.span()=> <#ty as #private::#encode>::#own),
        }
    }

    pub(crate) fn decode(&self, source: &Ident, (input, format): (&Input, &Format)) -> TokenStream {
        let (private, ty, de) = (&input.private, &self.ty, input.names.input_lifetime());
        let (trait_, method) = (format.decode_trait(), format.decode());
        match &self.attributes.way {
            Way::Codec(codec) => quote_spanned! {ty.span()=>
                <#codec as #private::DecodeWith<#de, #ty>>::decode(#source)
            },
            _ => quote_spanned!(ty.span()=> <#ty as #private::#trait_<#de>>::#method(#source)),
        }
    }

    /// Returns the value of a field that isn't stored.
    pub(crate) fn default(&self) -> TokenStream {
        let ty = &self.ty;
        quote_spanned!(shown_at(ty.span())=> <#ty as ::core::default::Default>::default())
    }

    /// Returns a call that compiles only if the field delimits itself.
    pub(crate) fn need_self_delimiting(&self, (input, format): (&Input, &Format)) -> TokenStream {
        let ty = &self.ty;
        let private = at(&input.private, ty.span());
        match &self.attributes.way {
            Way::Codec(codec) => quote_spanned! {end_of(ty)=>
                #private::ProbeWith::<#codec, #ty>::need_self_delimiting_with();
            },
            _ => {
                let mut need = format.need();
                need.set_span(end_of(ty));
                quote_spanned!(end_of(ty)=> #private::Probe::<#ty>::#need();)
            }
        }
    }

    /// Returns a call that compiles only if the field's `Ord` is the order of its bytes.
    pub(crate) fn need_order(&self, input: &Input) -> TokenStream {
        let ty = &self.ty;
        let private = at(&input.private, ty.span());
        if self.attributes.is_lex {
            quote_spanned!(end_of(ty)=> #private::ProbeLex::<#ty>::need_order();)
        } else {
            quote_spanned!(end_of(ty)=> #private::Probe::<#ty>::need_order();)
        }
    }
}
