//! The words and signs in the text of a descriptor.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use core::str::FromStr;

use super::error::ParseDescriptorError;
use crate::encoding::descriptor::text::is_name_char;

pub(super) type Parsed<T> = Result<T, ParseDescriptorError>;

/// The maximum length of the text that an error shows, in chars.
const SHOWN_CHARS: usize = 40;

/// The text and the position in it. White space in front of a word or sign is skipped.
pub(super) struct Tokens<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    /// Returns the offset of the next word or sign.
    pub(super) fn start(&mut self) -> usize {
        let space = self.rest().len() - self.rest().trim_start().len();
        self.offset += space;
        self.offset
    }

    pub(super) fn next_is(&mut self, sign: char) -> bool {
        self.start();
        self.rest().starts_with(sign)
    }

    /// Takes `sign` if it is next.
    pub(super) fn eat(&mut self, sign: char) -> bool {
        let is_next = self.next_is(sign);
        if is_next {
            self.offset += sign.len_utf8();
        }
        is_next
    }

    pub(super) fn need(&mut self, sign: char) -> Parsed<()> {
        if self.eat(sign) { Ok(()) } else { Err(self.expected(format!("`{sign}`"))) }
    }

    /// Takes a word: a name, a number or a word of the grammar.
    pub(super) fn word(&mut self, expected: &'static str) -> Parsed<&'t str> {
        self.start();
        let word = self.next_word();
        if word.is_empty() {
            return Err(self.expected(expected));
        }
        self.offset += word.len();
        Ok(word)
    }

    pub(super) fn number<N: FromStr>(&mut self, expected: &'static str) -> Parsed<N> {
        let start = self.start();
        self.eat('-');
        self.word(expected)?;
        let number = self.text.get(start..self.offset).unwrap_or_default();
        number.parse().map_err(|_| ParseDescriptorError::new(expected, in_quotes(number), start))
    }

    /// Takes text in quotes.
    pub(super) fn quoted(&mut self) -> Parsed<String> {
        if !self.eat('"') {
            return Err(self.expected("a name in quotes"));
        }
        let mut name = String::new();
        loop {
            match self.char() {
                Some('"') => return Ok(name),
                Some('\\') => name.push(self.escaped()?),
                Some(c) => name.push(c),
                None => return Err(self.expected("`\"`")),
            }
        }
    }

    /// Takes the rest of an escape, after its backslash, and returns the character that it represents.
    fn escaped(&mut self) -> Parsed<char> {
        const ESCAPES: &str = "an escape, which is `\\\"`, `\\\\` or `\\u{…}` of a scalar value,";
        let start = self.offset - 1;
        let escaped = match self.char() {
            Some(c @ ('"' | '\\')) => Some(c),
            Some('u') => self.scalar_in_braces(),
            _ => None,
        };
        escaped.ok_or_else(|| {
            let found = self.text.get(start..self.offset).unwrap_or_default();
            ParseDescriptorError::new(ESCAPES, in_quotes(found), start)
        })
    }

    fn scalar_in_braces(&mut self) -> Option<char> {
        let (digits, _) = self.rest().strip_prefix('{')?.split_once('}')?;
        // `from_str_radix` would accept a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let scalar = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
        self.offset += digits.len() + "{}".len();
        Some(scalar)
    }

    fn char(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    pub(super) fn end(&mut self) -> Parsed<()> {
        self.start();
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected("the end of the text")) }
    }

    /// Returns the error that the next word or sign is not the expected one.
    #[cold]
    pub(super) fn expected(
        &mut self,
        expected: impl Into<Cow<'static, str>>,
    ) -> ParseDescriptorError {
        let start = self.start();
        let found = match (self.next_word(), self.rest().chars().next()) {
            (_, None) => "the end of the text".into(),
            ("", Some(sign)) => in_quotes(sign.encode_utf8(&mut [0; 4])),
            (word, _) => in_quotes(word),
        };
        ParseDescriptorError::new(expected, found, start)
    }

    fn next_word(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }
}

/// Formats text for an error: in quotes, shortened, and with control characters escaped.
pub(super) fn in_quotes(found: &str) -> String {
    let mut shown = String::from("`");
    for (index, c) in found.chars().enumerate() {
        match c {
            _ if index == SHOWN_CHARS => {
                shown.push('…');
                break;
            }
            _ if c.is_control() => shown.extend(c.escape_unicode()),
            _ => shown.push(c),
        }
    }
    shown.push('`');
    shown
}
