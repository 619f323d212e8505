use std::fmt;
use std::marker::PhantomData;

use crate::encoding::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, StoreKey};

/// A type of keys that own their data. Every such type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the key of a table",
    label = "not a key of a table",
    note = "derive `KeyEncode` and `KeyDecode`; a key of a table owns its data: `String`, not `&str`"
)]
pub trait TableKey: KeyEncode + StoreKey + for<'de> KeyDecode<'de> + Send + 'static {}

impl<K: KeyEncode + StoreKey + for<'de> KeyDecode<'de> + Send + 'static> TableKey for K {}

/// A type of values that own their data. Every such type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value of a table",
    label = "not a value of a table",
    note = "derive `PayloadEncode` and `PayloadDecode`; a value of a table owns its data: `String`, not `&str`"
)]
pub trait TableValue: PayloadEncode + for<'de> PayloadDecode<'de> + Send + 'static {}

impl<V: PayloadEncode + for<'de> PayloadDecode<'de> + Send + 'static> TableValue for V {}

/// The definition of a table: its name and the types of its keys and values. It is a constant of the program.
///
/// The name is the table's category: `job.scan("msg", ..)` reads the same rows as bytes.
pub struct TableDefinition<K, V> {
    pub(super) name: &'static str,
    pub(super) adopts: bool,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K, V> TableDefinition<K, V> {
    /// Returns the definition of a table with this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, adopts: false, of: PhantomData }
    }

    /// Accepts rows that were written without a table, by raw calls or an older program. This is a claim of yours that they are of
    /// these types: every row is decoded when the table is opened, but some rows of other types decode without an error.
    #[must_use]
    pub const fn adopt(mut self) -> Self {
        self.adopts = true;
        self
    }

    /// Returns the table's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<K, V> fmt::Debug for TableDefinition<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableDefinition").field("name", &self.name).finish_non_exhaustive()
    }
}
