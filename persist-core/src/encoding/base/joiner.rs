use super::counted::{long_len, short_len};
use super::sink::Sink;

/// How many bytes are gathered before they are written. More than that in a row is written in two.
const CAPACITY: usize = 64;

/// Joins neighbouring parts of fixed width, so that a sink is asked for room once and not for each.
///
/// A derived encoder gathers into it field by field. How full it is then depends only on types, so that the
/// compiler knows it at each step, and what is left is a store for each field and one write.
#[derive(Debug)]
pub struct Joiner<'s, 'a> {
    sink: &'s mut Sink<'a>,
    gathered: [u8; CAPACITY],
    len: usize,
}

impl<'s, 'a> Joiner<'s, 'a> {
    /// A joiner in front of a sink. What it gathers reaches the sink with [`finish`](Self::finish).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(sink: &'s mut Sink<'a>) -> Self {
        Self { sink, gathered: [0; CAPACITY], len: 0 }
    }

    /// Adds bytes whose number depends on types only.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let room = self.gathered.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut::<N>);
        if let Some(room) = room {
            *room = bytes;
            self.len += N;
        } else {
            self.write(|sink| sink.write(&bytes));
        }
    }

    /// Writes what is gathered, and then what `write` writes.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write(&mut self, write: impl FnOnce(&mut Sink<'a>)) {
        self.flush();
        write(self.sink);
        // It still is; but for the compiler, `write` may have changed it.
        self.len = 0;
    }

    /// Writes a count, as [`Sink::write_len`] does, and then what `write` writes.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write_counted(&mut self, count: usize, write: impl FnOnce(&mut Sink<'a>)) {
        match short_len(count) {
            Some(len) => {
                self.put(len);
                self.flush();
            }
            None => {
                self.flush();
                self.sink.write(&long_len(count));
            }
        }
        write(self.sink);
        self.len = 0;
    }

    /// Writes what is left.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn finish(mut self) {
        self.flush();
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn flush(&mut self) {
        if self.len > 0 {
            self.sink.write_front(&self.gathered, self.len);
        }
        self.len = 0;
    }
}
