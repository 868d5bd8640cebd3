//! Writing JSON as Go's encoder does.

/// An object that is being written.
#[derive(Debug)]
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_first: true }
    }

    /// Goes on with an object whose begin is in `out` already; `is_first` says whether it has no member yet.
    pub fn resume(out: &'a mut Vec<u8>, is_first: bool) -> Self {
        Self { out, is_first }
    }

    /// Writes a member; `value` writes its value.
    pub fn with(&mut self, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        string(self.out, name);
        self.out.push(b':');
        value(self.out);
    }

    /// Writes a member that is text, unless the text is empty.
    pub fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.with(name, |out| string(out, value));
        }
    }

    /// Writes a member that is a list of texts, unless there are none.
    pub fn texts<S: AsRef<str>>(&mut self, name: &str, values: &[S]) {
        if !values.is_empty() {
            self.with(name, |out| strings(out, values));
        }
    }

    /// Writes a member that is a number.
    pub fn number(&mut self, name: &str, value: i64) {
        self.with(name, |out| out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()));
    }

    /// Writes members that were written before, without braces.
    pub fn members(&mut self, written: &[u8]) {
        if written.is_empty() {
            return;
        }
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        self.out.extend_from_slice(written);
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.push(b'}');
    }
}

/// Writes a list; `write` writes an item.
pub fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Writes a list of texts.
pub fn strings<S: AsRef<str>>(out: &mut Vec<u8>, items: &[S]) {
    list(out, items, |out, item| string(out, item.as_ref()));
}

/// Writes a text. Like Go, it escapes what could mean something to a browser, too.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let separator =
            || bytes[at..].starts_with(b"\xe2\x80\xa8") || bytes[at..].starts_with(b"\xe2\x80\xa9");
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0..0x20 | b'<' | b'>' | b'&' => &unicode(u16::from(*byte)),
            0xe2 if separator() => &unicode(0x2000 | u16::from(bytes[at + 2] & 0x3f)),
            _ => continue,
        };
        out.extend_from_slice(&bytes[written..at]);
        out.extend_from_slice(escape);
        written = at + if *byte == 0xe2 { 3 } else { 1 };
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

fn unicode(code: u16) -> [u8; 6] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| HEX[usize::from(code >> shift & 0xf)];
    [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]
}
