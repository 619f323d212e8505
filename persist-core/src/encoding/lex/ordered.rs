use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::LexEncode;
use crate::encoding::{OrderPreserving, SelfDelimiting};

/// A type whose `Ord` is the order of its `Lex` form: text and bytes, and sequences whose elements are
/// [`OrderPreserving`].
///
/// ```
/// use persist_core::codec::LexOrdered;
/// use persist_core::{Lex, OrderPreserving, Total};
///
/// fn sorts_as_its_form<T: LexOrdered>() {}
/// fn may_be_a_range<T: OrderPreserving>() {}
///
/// sorts_as_its_form::<String>();
/// sorts_as_its_form::<Vec<Total<f64>>>();
/// may_be_a_range::<Lex<Vec<Total<f64>>>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not that of its `Lex` form",
    label = "its elements sort otherwise in keys",
    note = "its elements sort as keys: put `Shortlex`, `Lex` or `Total` around them",
    note = "or let the order of the whole type be that of its keys: `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`"
)]
pub trait LexOrdered: LexEncode + Ord {}

impl LexOrdered for str {}
impl LexOrdered for String {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for [T] {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for VecDeque<T> {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting, const N: usize> LexOrdered for [T; N] {}
impl<T: LexOrdered> LexOrdered for Option<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for &T {}
impl<T: LexOrdered + ?Sized> LexOrdered for Box<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for Rc<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for Arc<T> {}
impl<T: LexOrdered + ToOwned + ?Sized> LexOrdered for Cow<'_, T> {}
