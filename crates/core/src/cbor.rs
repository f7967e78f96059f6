//! Deterministic CBOR as far as ballots need it (`spec/encoding.md#cbor`).

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const ARRAY: u8 = 4;

/// Integers stay below 2^53.
const LIMIT: u64 = 1 << 53;

/// Reads one item after another; `None` means: not the one encoding of what was asked for.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Open the array of exactly `length` elements that `bytes` must be.
    pub fn array(bytes: &'a [u8], length: u64) -> Option<Self> {
        let mut reader = Self(bytes);
        (reader.head(ARRAY)? == length).then_some(reader)
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    /// The argument of an item of this major type, in its shortest form.
    fn head(&mut self, major: u8) -> Option<u64> {
        let first = self.take(1)?[0];
        if first >> 5 != major {
            return None;
        }
        let (size, shortest) = match first & 31 {
            small @ 0..24 => return Some(u64::from(small)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return None,
        };
        let value = self.take(size)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        (value >= shortest && value < LIMIT).then_some(value)
    }

    pub fn unsigned(&mut self) -> Option<u64> {
        self.head(UNSIGNED)
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.head(BYTES)?).ok()?;
        self.take(length)
    }

    /// A byte string of exactly `N` bytes.
    pub fn array_of<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.bytes()?.try_into().ok()
    }

    /// `Some` when nothing follows.
    pub fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

fn write_head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    let bytes = value.to_be_bytes();
    match value {
        0..24 => out.push(major | value as u8),
        24..0x100 => out.extend([major | 24, value as u8]),
        0x100..0x1_0000 => out.extend([&[major | 25], &bytes[6..]].concat()),
        0x1_0000..0x1_0000_0000 => out.extend([&[major | 26], &bytes[4..]].concat()),
        _ => out.extend([&[major | 27], &bytes[..]].concat()),
    }
}

pub fn write_array(out: &mut Vec<u8>, length: u64) {
    write_head(out, ARRAY, length);
}

pub fn write_unsigned(out: &mut Vec<u8>, value: u64) {
    write_head(out, UNSIGNED, value);
}

pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_head(out, BYTES, bytes.len() as u64);
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_form() {
        for value in [0, 23, 24, 255, 256, 65535, 65536, u64::from(u32::MAX), 1 << 32, LIMIT - 1] {
            let mut bytes = vec![];
            write_array(&mut bytes, 1);
            write_unsigned(&mut bytes, value);
            let mut reader = Reader::array(&bytes, 1).unwrap();
            assert_eq!(reader.unsigned(), Some(value));
            assert!(reader.end().is_some());
        }
        let long: [&[u8]; 5] = [
            &[0x18, 23],
            &[0x19, 0, 255],
            &[0x1a, 0, 0, 255, 255],
            &[0x1b, 0, 0, 0, 0, 255, 0, 0, 0],
            &[0x1f],
        ];
        for bytes in long {
            assert_eq!(Reader(bytes).unsigned(), None, "{bytes:?}");
        }
        assert_eq!(Reader(&[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0]).unsigned(), None);
    }

    #[test]
    fn types_lengths_and_ends_are_checked() {
        let mut bytes = vec![];
        write_array(&mut bytes, 1);
        write_bytes(&mut bytes, &[1; 32]);
        assert!(Reader::array(&bytes, 2).is_none());
        assert!(Reader::array(&bytes, 1).unwrap().unsigned().is_none());
        assert!(Reader::array(&bytes, 1).unwrap().array_of::<31>().is_none());
        assert!(Reader::array(&bytes[..20], 1).unwrap().bytes().is_none());
        bytes.push(0);
        let mut reader = Reader::array(&bytes, 1).unwrap();
        assert!(reader.bytes().is_some() && reader.end().is_none());
    }
}
