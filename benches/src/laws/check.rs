//! The laws, checked for one type of one library.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::adversarial::Random;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Law {
    Order,
    Injective,
    PrefixFree,
    RoundTrip,
    Canonical,
    Total,
}

impl Law {
    pub(crate) const ALL: [Self; 6] = [
        Self::Order,
        Self::Injective,
        Self::PrefixFree,
        Self::RoundTrip,
        Self::Canonical,
        Self::Total,
    ];

    /// The laws on encoded values; the last two are on any input.
    pub(crate) const ON_VALUES: [Self; 4] =
        [Self::Order, Self::Injective, Self::PrefixFree, Self::RoundTrip];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Injective => "injective",
            Self::PrefixFree => "prefix-free",
            Self::RoundTrip => "round trip",
            Self::Canonical => "canonical",
            Self::Total => "total",
        }
    }
}

/// The functions with which a library writes and reads a type, and the order that it promises for the type.
pub(crate) struct Codec<T> {
    pub(crate) encode: fn(&T) -> Result<Vec<u8>, String>,
    pub(crate) decode: fn(&[u8]) -> Result<T, String>,
    pub(crate) order: fn(&T, &T) -> Ordering,
}

/// The laws that a type breaks, each with a counterexample.
pub(crate) struct Verdict {
    pub(crate) type_name: String,
    pub(crate) broken: Vec<(Law, String)>,
}

impl Verdict {
    pub(crate) fn keeps(&self, laws: &[Law]) -> bool {
        !self.broken.iter().any(|(law, _)| laws.contains(law))
    }

    /// Keeps only the first counterexample of a law.
    fn breaks(&mut self, law: Law, counterexample: impl FnOnce() -> String) {
        if self.keeps(&[law]) {
            self.broken.push((law, counterexample()));
        }
    }
}

impl<T: Debug> Codec<T> {
    /// Returns `None` if the library can't write the type at all.
    pub(crate) fn check(&self, values: &[T]) -> Option<Verdict> {
        let type_name = std::any::type_name::<T>();
        let type_name = type_name.replace("alloc::string::", "").replace("alloc::vec::", "");
        let type_name =
            type_name.replace("core::option::", "").replace("persist_bench::laws::domain::", "");
        let type_name = type_name.replace("alloc::collections::btree::map::", "");
        let mut verdict = Verdict { type_name, broken: Vec::new() };
        let mut encoded = Vec::with_capacity(values.len());
        for value in values {
            match guarded(|| (self.encode)(value)) {
                Ok(Ok(bytes)) => encoded.push((value, bytes)),
                Ok(Err(_)) => return None,
                Err(Panicked) => {
                    verdict.breaks(Law::Total, || format!("encoding {} panics", short(value)));
                }
            }
        }
        self.check_order(&mut encoded, &mut verdict);
        self.check_bytes(&mut encoded, &mut verdict);
        for (value, bytes) in &encoded {
            self.check_round_trip(value, bytes, &mut verdict);
        }
        self.check_other_bytes(&encoded, &mut verdict);
        verdict.broken.sort_by_key(|(law, _)| *law as u8);
        Some(verdict)
    }

    /// Checks that sorted values have sorted bytes. Both orders are transitive, so it suffices to compare neighbors.
    fn check_order(&self, encoded: &mut [(&T, Vec<u8>)], verdict: &mut Verdict) {
        encoded.sort_by(|(left, _), (right, _)| (self.order)(left, right));
        for pair in encoded.windows(2) {
            let [(left, left_bytes), (right, right_bytes)] = pair else { continue };
            let (of_values, of_bytes) = ((self.order)(left, right), left_bytes.cmp(right_bytes));
            // Two values with the same bytes are left to the next law.
            if of_values != of_bytes && of_bytes != Ordering::Equal {
                verdict.breaks(Law::Order, || {
                    let (left, right) = (short(left), short(right));
                    format!("{left} {of_values:?} {right}, but its bytes are {of_bytes:?}")
                });
            }
        }
    }

    /// Checks that no bytes begin others. Among sorted bytes, a prefix is right before one of the bytes that it begins.
    fn check_bytes(&self, encoded: &mut [(&T, Vec<u8>)], verdict: &mut Verdict) {
        encoded.sort_by(|(_, left), (_, right)| left.cmp(right));
        for pair in encoded.windows(2) {
            let [(left, left_bytes), (right, right_bytes)] = pair else { continue };
            if left_bytes == right_bytes {
                if (self.order)(left, right) != Ordering::Equal {
                    verdict.breaks(Law::Injective, || {
                        let bytes = short_bytes(left_bytes);
                        format!("{} and {} are both {bytes}", short(left), short(right))
                    });
                }
            } else if right_bytes.starts_with(left_bytes) {
                verdict.breaks(Law::PrefixFree, || {
                    let (left_bytes, right_bytes) =
                        (short_bytes(left_bytes), short_bytes(right_bytes));
                    format!("{}: {left_bytes} begins {}: {right_bytes}", short(left), short(right))
                });
            }
        }
    }

    fn check_round_trip(&self, value: &T, bytes: &[u8], verdict: &mut Verdict) {
        match guarded(|| (self.decode)(bytes)) {
            Ok(Ok(decoded)) if (self.order)(&decoded, value) == Ordering::Equal => {}
            Ok(Ok(decoded)) => verdict.breaks(Law::RoundTrip, || {
                format!("{} comes back as {}", short(value), short(&decoded))
            }),
            Ok(Err(error)) => verdict.breaks(Law::RoundTrip, || {
                format!("{} comes back as an error: {error}", short(value))
            }),
            Err(Panicked) => verdict.breaks(Law::Total, || {
                format!("decoding {} panics, of {}", short_bytes(bytes), short(value))
            }),
        }
    }

    /// Decodes bytes close to encoded ones: a value decoded from them must have exactly these bytes.
    fn check_other_bytes(&self, encoded: &[(&T, Vec<u8>)], verdict: &mut Verdict) {
        let mut random = Random::new(11);
        for (_, bytes) in encoded {
            let bytes = changed(bytes, &mut random);
            match guarded(|| (self.decode)(&bytes)) {
                Ok(Ok(value)) => match guarded(|| (self.encode)(&value)) {
                    Ok(Ok(again)) if again == bytes => {}
                    _ => verdict.breaks(Law::Canonical, || {
                        format!(
                            "{} is read as {}, which has other bytes",
                            short_bytes(&bytes),
                            short(&value)
                        )
                    }),
                },
                Ok(Err(_)) => {}
                Err(Panicked) => {
                    verdict
                        .breaks(Law::Total, || format!("decoding {} panics", short_bytes(&bytes)));
                }
            }
        }
    }
}

fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = random.below(bytes.len());
    let byte = random.next().to_le_bytes()[0];
    match random.below(6) {
        0 => bytes.truncate(at),
        1 => bytes.push(byte),
        2 => bytes.insert(at, byte),
        3 if !bytes.is_empty() => drop(bytes.remove(at)),
        _ => {
            for byte in bytes.get_mut(at..=at).into_iter().flatten() {
                *byte ^= 1 << random.below(8);
            }
        }
    }
    bytes
}

struct Panicked;

fn guarded<R>(run: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| Panicked)
}

fn short(value: &impl Debug) -> String {
    cut(format!("{value:?}"), 60)
}

fn short_bytes(bytes: &[u8]) -> String {
    let shown =
        bytes.iter().take(24).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let more = if bytes.len() > 24 { " …" } else { "" };
    format!("[{shown}{more}]")
}

fn cut(mut text: String, limit: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
        text.push('…');
    }
    text
}
