//! Pointers, which are encoded like their targets.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use proptest::prelude::*;

use super::Adversarial;

macro_rules! pointers {
    ($($Pointer:ident)*) => {$(
        impl<T: Adversarial> Adversarial for $Pointer<T> {
            fn values() -> BoxedStrategy<Self> {
                T::values().prop_map($Pointer::new).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                T::documented_cmp(self, other)
            }
        }
    )*};
}

pointers!(Box Rc Arc);
