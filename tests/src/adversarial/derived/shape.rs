//! The values and the order of a type, composed from its fields.

/// Implements `Adversarial` for a struct or an enum.
///
/// Each variant has a tag, a path and fields, each with a rule; the default is the rule of the field's type. A struct
/// is one variant, whose tag decides nothing.
macro_rules! shape {
    ([$($generics:tt)*] $Type:ty {
        $($tag:literal => $($Variant:ident)::+ { $($fields:tt)* })*
    }) => {
        shape!(@type [$($generics)*] $Type {
            $($tag => ($($Variant)::+) { $($fields)* })*
        });
    };
    // A path is passed on in parentheses, since an expression may begin with it only as tokens.
    (@type [$($generics:tt)*] $Type:ty {
        $($tag:literal => $Variant:tt {
            $($member:tt: $Field:ty $(as $Rule:ty)?),* $(,)?
        })*
    }) => {
        impl<$($generics)*> $crate::adversarial::Adversarial for $Type {
            fn values() -> proptest::strategy::BoxedStrategy<Self> {
                use proptest::strategy::{Just, Strategy, Union};
                Union::new([$(
                    shape!(
                        @values $Variant, [Just(())] [()] [];
                        $($member: $Field as shape!(@rule $($Rule)?),)*
                    ),
                )*]).boxed()
            }

            #[allow(irrefutable_let_patterns, unused_variables, unused_mut)]
            fn documented_cmp(&self, other: &Self) -> std::cmp::Ordering {
                let tag = |value: &Self| -> i64 {
                    match value { $(shape!(@path $Variant { .. }) => $tag,)* }
                };
                let mut order = tag(self).cmp(&tag(other));
                $($(
                    if order.is_eq()
                        && let shape!(@path $Variant { $member: left, .. }) = self
                        && let shape!(@path $Variant { $member: right, .. }) = other
                    {
                        order = <shape!(@rule $($Rule)?) as $crate::adversarial::derived::rules::Rule<
                            $Field,
                        >>::documented_cmp(left, right);
                    }
                )*)*
                order
            }
        }
    };
    (@rule) => { $crate::adversarial::derived::rules::Own };
    (@rule $Rule:ty) => { $Rule };
    (@path ($($Variant:tt)*) { $($inside:tt)* }) => { $($Variant)* { $($inside)* } };
    // Fields are taken one by one, since a macro can't generate names for them. Hygiene makes each `value` another
    // name.
    (@values $Variant:tt, [$strategy:expr] [$pattern:pat] [$($made:tt)*];) => {
        $strategy.prop_map(|$pattern| shape!(@path $Variant { $($made)* })).boxed()
    };
    (
        @values $Variant:tt, [$strategy:expr] [$pattern:pat] [$($made:tt)*];
        $member:tt: $Field:ty as $Rule:ty, $($more:tt)*
    ) => {
        shape!(
            @values $Variant,
            [(
                $strategy,
                <$Rule as $crate::adversarial::derived::rules::Rule<$Field>>::values(),
            )]
            [($pattern, value)]
            [$($made)* $member: value,];
            $($more)*
        )
    };
}

pub(super) use shape;
