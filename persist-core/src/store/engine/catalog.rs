//! The catalog: for each table, the shapes of the keys and values that were written to it.
//!
//! It is stored in system rows, one for each table. A shape is added by the first commit that writes with it, and not when a table
//! is opened: a program that only reads, or is rolled back before it has written, leaves no trace. So the planner asks the catalog in
//! each commit that writes to an open table. There it also learns that another program has written a newer shape meanwhile, which
//! this one may not be able to read.
//!
//! The lock guards the open tables. It is held for a moment, by the thread that commits and by those that open tables.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::encoding::{Descriptor, PayloadDecode, PayloadEncode, can_read};
use crate::store::base::category::Category;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
use crate::store::base::sync::Mutex;
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::port::write::WriteTransaction;

/// The category of the entries. The key of an entry is the name of its table.
pub(crate) const TABLES: Category<'_> = Category::system(b"tables");

/// The version of the form in which entries are stored.
const FORMAT: u32 = 1;

/// The most shapes that an entry lists. More are a sign of a mistake, such as a type that is generated anew in each build.
const MOST_SHAPES: usize = 1_000;

/// The shapes of a table's keys and values, as text and as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shapes {
    key: Shape,
    value: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    text: String,
    descriptor: Descriptor,
}

impl Shape {
    fn new(descriptor: Descriptor) -> Self {
        Self { text: descriptor.to_string(), descriptor }
    }
}

impl Shapes {
    pub(crate) fn new(key: Descriptor, value: Descriptor) -> Self {
        Self { key: Shape::new(key), value: Shape::new(value) }
    }

    /// Checks that rows of all stored shapes can be read. Returns the entry that a commit with these shapes has to write, or `None` if
    /// the stored one lists them.
    ///
    /// # Errors
    ///
    /// [`Error::IncompatibleTable`] for a shape that can't be read; [`Error::Corrupt`] if the entry can't be decoded.
    pub(crate) fn admit(
        &self,
        table: &str,
        stored: Option<&[u8]>,
        place: &Place,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut entry = stored.map_or_else(
            || Ok(Entry::default()),
            |stored| {
                Entry::decode(stored).ok_or_else(|| {
                    let reason = format!("the catalog's entry of table {table:?} can't be decoded");
                    Error::Corrupt { place: place.clone(), reason, source: None }
                })
            },
        )?;
        let mut is_new = stored.is_none();
        for (part, shape, shapes) in
            [("key", &self.key, &mut entry.keys), ("value", &self.value, &mut entry.values)]
        {
            if shapes.contains(&shape.text) {
                // In most cases this is the only shape, and then the texts are all that is compared.
                if shapes.len() == 1 {
                    continue;
                }
            } else {
                is_new = true;
            }
            for text in shapes.iter().filter(|text| **text != shape.text) {
                shape.reads(text).map_err(|reason| Error::IncompatibleTable {
                    place: place.clone(),
                    table: table.to_owned(),
                    reason: format!(
                        "its {part}s were written as {text}, and the program has {}: {reason}",
                        shape.text
                    ),
                })?;
            }
            if !shapes.contains(&shape.text) && shapes.len() < MOST_SHAPES {
                shapes.push(shape.text.clone());
            }
        }
        Ok(is_new.then(|| entry.encode()))
    }
}

impl Shape {
    /// Checks that rows of a stored shape are read by the type of this one.
    ///
    /// # Errors
    ///
    /// The reason.
    fn reads(&self, stored: &str) -> Result<(), String> {
        let stored: Descriptor = stored.parse().map_err(|error| format!("{error}"))?;
        can_read(&stored, &self.descriptor).map(drop).map_err(|error| error.to_string())
    }
}

/// An entry of the catalog.
#[derive(Debug, Default)]
struct Entry {
    keys: Vec<String>,
    values: Vec<String>,
}

impl Entry {
    fn encode(&self) -> Vec<u8> {
        (FORMAT, &self.keys, &self.values).to_payload().as_bytes().to_vec()
    }

    fn decode(stored: &[u8]) -> Option<Self> {
        let (format, keys, values) =
            <(u32, Vec<String>, Vec<String>)>::from_payload_bytes(stored).ok()?;
        (format == FORMAT).then_some(Self { keys, values })
    }
}

/// The tables of a job that this process has opened.
#[derive(Clone, Default)]
pub(crate) struct Tables(Arc<Opened>);

#[derive(Default)]
struct Opened {
    /// Whether there is a table, so that jobs without tables take no lock.
    is_used: AtomicBool,
    tables: Mutex<BTreeMap<Vec<u8>, OpenTable>>,
}

/// A table that is open.
struct OpenTable {
    shapes: Arc<Shapes>,
    /// The stored entry that was compared with the shapes last, if it lists them and they read all others. In most commits the entry is
    /// still the same, and then comparing its bytes is enough.
    admitted: Option<Vec<u8>>,
}

impl Tables {
    /// Enters an open table.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the table is open with other types.
    pub(crate) fn enter(&self, table: &str, shapes: &Shapes) -> Result<(), Error> {
        let mut tables = self.0.tables.lock();
        let entered = tables
            .entry(table.into())
            .or_insert_with(|| OpenTable { shapes: Arc::new(shapes.clone()), admitted: None });
        if *entered.shapes == *shapes {
            self.0.is_used.store(true, Ordering::Release);
            return Ok(());
        }
        Err(Error::invalid_argument(format!(
            "table {table:?} is open in this process with other types: a process has one definition of a table"
        )))
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.0.is_used.load(Ordering::Acquire)
    }

    /// Returns the shapes of a table, if it is open and the stored entry is not the one that was admitted last.
    fn to_compare(&self, name: &[u8], stored: Option<&[u8]>) -> Option<Arc<Shapes>> {
        let tables = self.0.tables.lock();
        let OpenTable { shapes, admitted } = tables.get(name)?;
        let is_known = admitted.is_some() && admitted.as_deref() == stored;
        (!is_known).then(|| Arc::clone(shapes))
    }

    fn is_open(&self, name: &[u8]) -> bool {
        self.0.tables.lock().contains_key(name)
    }

    fn admitted(&self, name: &[u8], stored: Option<Vec<u8>>) {
        if let Some(table) = self.0.tables.lock().get_mut(name) {
            table.admitted = stored;
        }
    }

    /// Prepares a commit that writes to a category: if that is an open table, its entry gets the shapes that are written.
    ///
    /// # Errors
    ///
    /// As for [`Shapes::admit`]; errors of the backend.
    pub(crate) fn admit(
        &self,
        transaction: &mut dyn WriteTransaction,
        name: &[u8],
        place: &Place,
    ) -> Result<(), Error> {
        if !self.is_open(name) {
            return Ok(());
        }
        let stored = transaction.get(TABLES, name)?;
        let Some(shapes) = self.to_compare(name, stored.as_deref()) else { return Ok(()) };
        match shapes.admit(&String::from_utf8_lossy(name), stored.as_deref(), place)? {
            None => self.admitted(name, stored),
            // The transaction may still be rolled back, so the next one that writes to the table looks again.
            Some(entry) => {
                transaction.apply(&Op::Put { category: TABLES, key: name, payload: &entry })?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tables({})", self.0.tables.lock().len())
    }
}
