//! Fields that are added, removed, moved or renamed.

use std::marker::PhantomData;

use super::Case;
use super::case::{Cells, New, Old, new, old};

pub(crate) const CASES: &[Case] = &[
    ("rename a field", rename_a_field),
    ("rename a type", rename_a_type),
    ("reorder fields", reorder_fields),
    ("add a field at the end", add_a_field_at_the_end),
    ("add a field at the end with `default`", add_a_default_at_the_end),
    ("give the last field `default`", give_the_last_field_default),
    ("take `default` away", take_default_away),
    ("remove a field", remove_a_field),
    ("remove a last field with `default`", remove_a_last_default),
    ("add `skip` to a field", add_skip),
    ("wrap a field in a newtype", wrap_in_a_newtype),
    ("tuple ↔ struct", tuple_and_struct),
    ("group neighbouring fields in a struct", group_fields),
    ("add a `PhantomData`", add_phantom_data),
];

fn rename_a_field() -> Cells {
    let old = old!({ struct User { name: String } }
        User { name: "b".into() }, User { name: "aa".into() });
    let new = new!({ struct User { title: String } }
        Some(User { title: "b".into() }), Some(User { title: "aa".into() }));
    old.read_by(&new)
}

fn rename_a_type() -> Cells {
    let old = old!({ struct User { name: String } }
        User { name: "b".into() }, User { name: "aa".into() });
    let new = new!({ struct Person { name: String } }
        Some(Person { name: "b".into() }), Some(Person { name: "aa".into() }));
    old.read_by(&new)
}

fn reorder_fields() -> Cells {
    let old = old!({ struct Point { x: u64, y: u64 } }
        Point { x: 1, y: 4 }, Point { x: 2, y: 3 });
    let new = new!({ struct Point { y: u64, x: u64 } }
        Some(Point { x: 1, y: 4 }), Some(Point { x: 2, y: 3 }));
    old.read_by(&new)
}

fn add_a_field_at_the_end() -> Cells {
    let old = old!({ struct User { name: String } }
        User { name: "b".into() }, User { name: "aa".into() });
    let new = new!({ struct User { name: String, age: u16 } }
        Some(User { name: "b".into(), age: 0 }), Some(User { name: "aa".into(), age: 0 }));
    old.read_by(&new)
}

fn older_user() -> Old {
    old!(payloads { struct User { name: String } } User { name: "ann".into() })
}

fn user_with_default() -> Old {
    old!(payloads { struct User { name: String, #[payload(default)] age: u16 } }
        User { name: "bob".into(), age: 7 })
}

fn user_without_default() -> New {
    new!(payloads { struct User { name: String, age: u16 } }
        Some(User { name: "ann".into(), age: 0 }), Some(User { name: "bob".into(), age: 7 }))
}

fn add_a_default_at_the_end() -> Cells {
    let new = new!(payloads { struct User { name: String, #[payload(default)] age: u16 } }
        Some(User { name: "ann".into(), age: 0 }));
    older_user().read_by(&new)
}

fn give_the_last_field_default() -> Cells {
    let old = old!(payloads { struct User { name: String, age: u16 } }
        User { name: "ann".into(), age: 7 });
    let new = new!(payloads { struct User { name: String, #[payload(default)] age: u16 } }
        Some(User { name: "ann".into(), age: 7 }));
    old.read_by(&new)
}

fn take_default_away() -> Cells {
    user_with_default().after_rows_of(older_user()).read_by(&user_without_default())
}

/// Begins as the length nine and six bytes of text; the other rows are the length one and a letter.
const LIKE_TEXT: u64 = 0x0009_6161_6161_6161;

fn remove_a_field() -> Cells {
    let old = old!({ struct User { cached: u64, name: String } }
        User { cached: 2, name: "b".into() }, User { cached: 1, name: "aa".into() },
        User { cached: LIKE_TEXT, name: "c".into() });
    let new = new!({ struct User { name: String } }
        Some(User { name: "b".into() }), Some(User { name: "aa".into() }),
        Some(User { name: "c".into() }));
    old.read_by(&new)
}

fn remove_a_last_default() -> Cells {
    let new = new!(payloads { struct User { name: String } }
        Some(User { name: "ann".into() }), Some(User { name: "bob".into() }));
    user_with_default().after_rows_of(older_user()).read_by(&new)
}

fn add_skip() -> Cells {
    let old = old!({ struct User { cached: u64, name: String } }
        User { cached: 2, name: "b".into() }, User { cached: 1, name: "aa".into() },
        User { cached: LIKE_TEXT, name: "c".into() });
    let new = new!({ struct User { #[key(skip)] #[payload(skip)] cached: u64, name: String } }
        Some(User { cached: 0, name: "b".into() }), Some(User { cached: 0, name: "aa".into() }),
        Some(User { cached: 0, name: "c".into() }));
    old.read_by(&new)
}

fn wrap_in_a_newtype() -> Cells {
    let old = old!({ struct User { id: u64, name: String } }
        User { id: 2, name: "b".into() }, User { id: 3, name: "aa".into() });
    let new = new!({ struct UserId(u64); struct User { id: UserId, name: String } }
        Some(User { id: UserId(2), name: "b".into() }),
        Some(User { id: UserId(3), name: "aa".into() }));
    old.read_by(&new)
}

fn tuple_and_struct() -> Cells {
    let old_tuple = Old::both(&[("b".to_owned(), 7u16), ("aa".to_owned(), 6)]);
    let new_struct = new!({ struct User { name: String, age: u16 } }
        Some(User { name: "b".into(), age: 7 }), Some(User { name: "aa".into(), age: 6 }));
    let old_struct = old!({ struct User { name: String, age: u16 } }
        User { name: "b".into(), age: 7 }, User { name: "aa".into(), age: 6 });
    let new_tuple = New::both(vec![Some(("b".to_owned(), 7u16)), Some(("aa".to_owned(), 6))]);
    Cells::all([old_tuple.read_by(&new_struct), old_struct.read_by(&new_tuple)])
}

fn group_fields() -> Cells {
    let old = old!({ struct Event { id: u64, x: i64, y: i64, name: String } }
        Event { id: 1, x: 5, y: -6, name: "b".into() },
        Event { id: 1, x: 5, y: 6, name: "b".into() });
    let new = new!({
            struct Point { x: i64, y: i64 }
            struct Event { id: u64, at: Point, name: String }
        }
        Some(Event { id: 1, at: Point { x: 5, y: -6 }, name: "b".into() }),
        Some(Event { id: 1, at: Point { x: 5, y: 6 }, name: "b".into() }));
    old.read_by(&new)
}

fn add_phantom_data() -> Cells {
    let old = old!({ struct Id { number: u64 } } Id { number: 1 }, Id { number: 2 });
    let new = new!({ struct Id { number: u64, of: PhantomData<String> } }
        Some(Id { number: 1, of: PhantomData }), Some(Id { number: 2, of: PhantomData }));
    old.read_by(&new)
}
