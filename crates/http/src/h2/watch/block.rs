//! Goes through field blocks (RFC 7541) without decoding them: which fields are pseudo fields, and whether a path
//! has a fragment.
//!
//! Of the dynamic table that takes no more than the order in which fields were added. What was evicted since
//! cannot be referred to: the decoder behind here ends connections that try.

use std::collections::VecDeque;

use super::huffman::HashFinder;

/// Fields of the static table (RFC 7541 appendix A).
const STATIC: usize = 61;

/// What a field counts at least in the dynamic table (RFC 7541 section 4.1).
const ENTRY: usize = 32;

/// What kind of field one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Regular,
    Pseudo,
    Path,
    PathWithFragment,
}

/// What a block has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// A pseudo field.
    pub(super) pseudo: bool,
    /// A `#` in its path.
    pub(super) fragment: bool,
}

/// A number that does not fit into the bits beside what it is for.
#[derive(Debug, Clone, Copy)]
enum Number {
    /// The index of a field, or of a literal field's name.
    Index,
    TableSize,
    Length,
}

/// The part of a field that comes next.
#[derive(Debug, Clone, Copy)]
enum At {
    Field,
    /// A number's further bytes.
    Number(Number, usize, u32),
    /// The length of a string.
    Length,
    /// The first byte of a name.
    Name(usize),
    /// The rest of a string.
    String(usize),
}

/// Which string of a field is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Value,
}

/// A field that is being read.
#[derive(Debug)]
struct Field {
    kind: Kind,
    literal: bool,
    /// Whether it is added to the table.
    added: bool,
    part: Part,
    huffman: bool,
}

/// Goes through the field blocks of a connection, in pieces of any size.
#[derive(Debug)]
pub(super) struct Blocks {
    at: At,
    field: Field,
    finder: HashFinder,
    /// The kinds of the fields that were added, the newest at the front.
    table: VecDeque<Kind>,
    capacity: usize,
    found: Found,
}

impl Blocks {
    /// With a dynamic table of at most this many bytes.
    pub(super) fn new(table_size: usize) -> Self {
        let field =
            Field { kind: Kind::Regular, literal: false, added: false, part: Part::Name, huffman: false };
        Self {
            at: At::Field,
            field,
            finder: HashFinder::default(),
            table: VecDeque::new(),
            capacity: table_size / ENTRY,
            found: Found::default(),
        }
    }

    /// The next byte is the first of a block.
    pub(super) fn begin(&mut self) {
        self.at = At::Field;
        self.found = Found::default();
    }

    /// What was found since the block began.
    pub(super) fn found(&self) -> Found {
        self.found
    }

    /// Goes on with the block.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes {
            bytes = match self.at {
                At::Field => {
                    self.first_byte(*first);
                    rest
                }
                At::Number(number, value, shift) => {
                    // The decoder refuses numbers that do not fit.
                    let more = usize::from(first & 127).checked_shl(shift).unwrap_or(0);
                    let value = value.saturating_add(more);
                    if first & 128 == 0 {
                        self.number(number, value);
                    } else {
                        self.at = At::Number(number, value, shift.saturating_add(7));
                    }
                    rest
                }
                At::Length => {
                    self.field.huffman = first & 128 > 0;
                    self.prefix(Number::Length, *first, 7);
                    rest
                }
                At::Name(length) => {
                    self.field.kind = kind_of_name(*first, length, self.field.huffman);
                    self.string(bytes, length)
                }
                At::String(left) => self.string(bytes, left),
            };
        }
    }

    /// The first byte of a field says how it is written (RFC 7541 section 6).
    fn first_byte(&mut self, byte: u8) {
        self.field.literal = byte & 0x80 == 0;
        self.field.added = byte & 0xc0 == 0x40;
        match byte {
            0x80.. => self.prefix(Number::Index, byte, 7),
            0x40.. => self.prefix(Number::Index, byte, 6),
            0x20.. => self.prefix(Number::TableSize, byte, 5),
            _ => self.prefix(Number::Index, byte, 4),
        }
    }

    /// A number whose first bits are the last ones of a byte (RFC 7541 section 5.1).
    fn prefix(&mut self, number: Number, byte: u8, bits: u8) {
        let most = (1_u8 << bits) - 1;
        match byte & most {
            all if all == most => self.at = At::Number(number, usize::from(most), 0),
            value => self.number(number, usize::from(value)),
        }
    }

    fn number(&mut self, number: Number, value: usize) {
        match (number, value) {
            (Number::TableSize, _) => self.at = At::Field,
            (Number::Length, 0) => self.string_ended(),
            (Number::Length, length) if self.field.part == Part::Name => self.at = At::Name(length),
            (Number::Length, length) => self.at = At::String(length),
            (Number::Index, index) if !self.field.literal => {
                self.field.kind = self.kind_at(index);
                self.field_ended();
            }
            (Number::Index, 0) => {
                self.field.kind = Kind::Regular;
                self.begin_string(Part::Name);
            }
            (Number::Index, index) => {
                let kind = self.kind_at(index);
                self.field.kind = if kind == Kind::PathWithFragment { Kind::Path } else { kind };
                self.begin_string(Part::Value);
            }
        }
    }

    fn kind_at(&self, index: usize) -> Kind {
        match index {
            4 | 5 => Kind::Path,
            1..=14 => Kind::Pseudo,
            0..=STATIC => Kind::Regular,
            _ => self.table.get(index - STATIC - 1).copied().unwrap_or(Kind::Regular),
        }
    }

    fn begin_string(&mut self, part: Part) {
        self.field.part = part;
        self.at = At::Length;
        self.finder = HashFinder::default();
    }

    /// Goes on with a string of which so much is left; what is behind it.
    fn string<'a>(&mut self, bytes: &'a [u8], left: usize) -> &'a [u8] {
        let (text, rest) = bytes.split_at(left.min(bytes.len()));
        if self.field.part == Part::Value && self.field.kind == Kind::Path {
            let fragment = if self.field.huffman { self.finder.see(text) } else { text.contains(&b'#') };
            if fragment {
                self.field.kind = Kind::PathWithFragment;
            }
        }
        match left - text.len() {
            0 => self.string_ended(),
            left => self.at = At::String(left),
        }
        rest
    }

    fn string_ended(&mut self) {
        match self.field.part {
            Part::Name => self.begin_string(Part::Value),
            Part::Value => self.field_ended(),
        }
    }

    fn field_ended(&mut self) {
        let kind = self.field.kind;
        self.at = At::Field;
        self.found.pseudo |= kind != Kind::Regular;
        self.found.fragment |= kind == Kind::PathWithFragment;
        if self.field.added {
            self.table.truncate(self.capacity.saturating_sub(1));
            self.table.push_front(kind);
        }
    }
}

/// The kind of field that a name makes whose first byte is this. `:path` is the only pseudo field that has its
/// length.
fn kind_of_name(first: u8, length: usize, huffman: bool) -> Kind {
    // The code of a colon has seven bits.
    let pseudo = if huffman { first >> 1 == 0x5c } else { first == b':' };
    let path = if huffman { 4 } else { 5 };
    match pseudo {
        true if length == path => Kind::Path,
        true => Kind::Pseudo,
        false => Kind::Regular,
    }
}
