//! The bytes of a key, which need no allocation up to a length of 30.

use alloc::vec::Vec;
use core::fmt;

use super::hex;

/// The number of bytes that are stored inline. With it, a key takes 32 bytes in memory.
pub(in crate::encoding) const INLINE: usize = 30;

/// A growing vector that stores short contents inline.
#[derive(Clone)]
pub(in crate::encoding) enum SmallBytes {
    Inline { len: u8, bytes: [u8; INLINE] },
    Heap(Vec<u8>),
}

impl SmallBytes {
    #[inline]
    pub(in crate::encoding) const fn new() -> Self {
        Self::Inline { len: 0, bytes: [0; INLINE] }
    }

    #[inline]
    pub(in crate::encoding) fn with_capacity(capacity: usize) -> Self {
        if capacity <= INLINE { Self::new() } else { Self::Heap(Vec::with_capacity(capacity)) }
    }

    #[inline]
    pub(in crate::encoding) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Heap(bytes) => bytes,
        }
    }

    #[inline]
    pub(in crate::encoding) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Inline { .. } => self.as_bytes().to_vec(),
            Self::Heap(bytes) => bytes,
        }
    }

    pub(in crate::encoding) fn append(&mut self, more: &[u8]) {
        match self {
            Self::Inline { len, bytes } => {
                let used = usize::from(*len);
                let end = used + more.len();
                match (u8::try_from(end), bytes.get_mut(used..end)) {
                    (Ok(end), Some(free)) => {
                        free.copy_from_slice(more);
                        *len = end;
                    }
                    _ => {
                        self.reserve(more.len());
                        self.append(more);
                    }
                }
            }
            Self::Heap(bytes) => bytes.extend_from_slice(more),
        }
    }

    pub(in crate::encoding) fn reserve(&mut self, additional: usize) {
        match self {
            Self::Inline { len, bytes } => {
                let used = usize::from(*len);
                if used + additional > INLINE {
                    let mut heap = Vec::with_capacity(used + additional);
                    heap.extend_from_slice(bytes.get(..used).unwrap_or_default());
                    *self = Self::Heap(heap);
                }
            }
            Self::Heap(bytes) => bytes.reserve(additional),
        }
    }

    pub(in crate::encoding) fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Inline { len, bytes } => bytes.get_mut(..usize::from(*len)).unwrap_or_default(),
            Self::Heap(bytes) => bytes,
        }
    }
}

/// Shows the bytes as the key that they belong to, in the `Debug` of a [`Sink`](super::sink::Sink).
impl fmt::Debug for SmallBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::debug("Key", self.as_bytes(), f)
    }
}
