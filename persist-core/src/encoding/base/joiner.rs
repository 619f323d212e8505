use super::counted::{long_len, short_len};
use super::sink::Sink;

/// The capacity of the buffer in bytes. A longer run of parts is written in several pieces.
const CAPACITY: usize = 64;

/// A buffer in front of a sink that joins adjacent parts of fixed width, so that the sink grows once for all of them.
///
/// A derived encoder fills it field by field. Its fill level then depends only on types, so the compiler knows the level at
/// each step, and generates a store for each field and one write.
#[derive(Debug)]
pub struct Joiner<'s, 'a> {
    sink: &'s mut Sink<'a>,
    gathered: [u8; CAPACITY],
    len: usize,
}

impl<'s, 'a> Joiner<'s, 'a> {
    /// Creates an empty joiner in front of `sink`. [`finish`](Self::finish) writes its last bytes to the sink.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn new(sink: &'s mut Sink<'a>) -> Self {
        Self { sink, gathered: [0; CAPACITY], len: 0 }
    }

    /// Appends an array to the buffer, or to the sink if the buffer is full. `N` must depend on types only.
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

    /// Writes the buffer to the sink, and then calls `write` with the sink.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write(&mut self, write: impl FnOnce(&mut Sink<'a>)) {
        self.flush();
        write(self.sink);
        // It is 0 already, but the compiler doesn't know that `write` left it unchanged.
        self.len = 0;
    }

    /// Appends a count, as [`Sink::write_len`] does, and then calls `write` with the sink.
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

    /// Writes the rest of the buffer to the sink.
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
