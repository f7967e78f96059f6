//! Deterministic CBOR: one array of unsigned integers, byte strings and text (`spec/encoding.md#cbor`).

use crate::error::{FormatError, Result, require};

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;

/// Integers stay below 2^53.
const LIMIT: u64 = 1 << 53;

/// An element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    Unsigned(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
}

/// The elements of the array that `data` is; refuses anything but its one encoding.
pub fn decode(data: &[u8]) -> Result<Vec<Item<'_>>> {
    let (major, count, mut at) = read_head(data, 0)?;
    require(major == ARRAY, || "CBOR is not an array".into())?;
    let mut items = vec![];
    for _ in 0..count {
        let (item, end) = read_item(data, at)?;
        items.push(item);
        at = end;
    }
    require(at == data.len(), || format!("{} bytes follow the CBOR array", data.len() - at))?;
    Ok(items)
}

fn read_item(data: &[u8], at: usize) -> Result<(Item<'_>, usize)> {
    let (major, value, start) = read_head(data, at)?;
    if major == UNSIGNED {
        require(value < LIMIT, || format!("integer at byte {at} is larger than 2^53-1"))?;
        return Ok((Item::Unsigned(value), start));
    }
    require(major == BYTES || major == TEXT, || {
        format!("CBOR item at byte {at} is of major type {major}, not an integer, bytes or text")
    })?;
    let end = usize::try_from(value).ok().and_then(|length| start.checked_add(length));
    let string = end.and_then(|end| data.get(start..end));
    let string = string.ok_or_else(|| FormatError(format!("CBOR string at byte {at} ends early")))?;
    let item = match major {
        BYTES => Item::Bytes(string),
        _ => match std::str::from_utf8(string) {
            Ok(text) => Item::Text(text),
            Err(_) => return Err(FormatError(format!("text at byte {at} is not UTF-8"))),
        },
    };
    Ok((item, start + string.len()))
}

/// The major type and the argument of the head at `at`, in its shortest form, and where it ends.
fn read_head(data: &[u8], at: usize) -> Result<(u8, u64, usize)> {
    let early = || FormatError(format!("CBOR ends early, at byte {at}"));
    let first = *data.get(at).ok_or_else(early)?;
    let (size, shortest) = match first & 31 {
        small @ 0..24 => return Ok((first >> 5, small.into(), at + 1)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err(FormatError(format!("CBOR head at byte {at} is not of definite length"))),
    };
    let end = at + 1 + size;
    let bytes = data.get(at + 1..end).ok_or_else(early)?;
    let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    require(value >= shortest, || format!("CBOR head at byte {at} is not the shortest"))?;
    Ok((first >> 5, value, end))
}

/// The one encoding of an array of `items`; refuses integers of 2^53 and more.
pub fn encode(items: &[Item]) -> Result<Vec<u8>> {
    let mut out = vec![];
    write_array(&mut out, items.len() as u64);
    for item in items {
        match *item {
            Item::Unsigned(value) => {
                require(value < LIMIT, || format!("integer {value} is outside 0..2^53-1"))?;
                write_unsigned(&mut out, value);
            }
            Item::Bytes(bytes) => write_bytes(&mut out, bytes),
            Item::Text(text) => {
                write_head(&mut out, TEXT, text.len() as u64);
                out.extend(text.as_bytes());
            }
        }
    }
    Ok(out)
}

/// Reads one item after another; `None` means: not the one encoding of what was asked for.
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Open the array of exactly `length` elements that `data` must be.
    pub fn array(data: &'a [u8], length: u64) -> Option<Self> {
        let (major, count, at) = read_head(data, 0).ok()?;
        (major == ARRAY && count == length).then_some(Self { data, at })
    }

    fn item(&mut self) -> Option<Item<'a>> {
        let (item, end) = read_item(self.data, self.at).ok()?;
        self.at = end;
        Some(item)
    }

    pub fn unsigned(&mut self) -> Option<u64> {
        if let Item::Unsigned(value) = self.item()? { Some(value) } else { None }
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        if let Item::Bytes(bytes) = self.item()? { Some(bytes) } else { None }
    }

    /// A byte string of exactly `N` bytes.
    pub fn array_of<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.bytes()?.try_into().ok()
    }

    /// `Some` when nothing follows.
    pub fn end(self) -> Option<()> {
        (self.at == self.data.len()).then_some(())
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
        let unsigned = |data| Reader { data, at: 0 }.unsigned();
        for bytes in long {
            assert_eq!(unsigned(bytes), None, "{bytes:?}");
        }
        assert_eq!(unsigned(&[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0]), None);
        assert!(encode(&[Item::Unsigned(LIMIT)]).is_err());
    }

    #[test]
    fn what_is_decoded_is_encoded_again_and_each_refusal_says_where() {
        let items = [Item::Unsigned(300), Item::Bytes(&[7; 24]), Item::Text("ψῆφος"), Item::Bytes(&[])];
        let bytes = encode(&items).unwrap();
        assert_eq!(decode(&bytes).unwrap(), items);
        assert_eq!(decode(&[0x80]).unwrap(), []);
        let refused: [(&[u8], &str); 9] = [
            (&[], "CBOR ends early, at byte 0"),
            (&[0x81], "CBOR ends early, at byte 1"),
            (&[0x81, 0x19, 1], "CBOR ends early, at byte 1"),
            (&[0x40], "CBOR is not an array"),
            (&[0x81, 0x9f], "CBOR head at byte 1 is not of definite length"),
            (&[0x81, 0x20], "CBOR item at byte 1 is of major type 1, not an integer, bytes or text"),
            (&[0x81, 0x42, 1], "CBOR string at byte 1 ends early"),
            (&[0x81, 0x61, 0xff], "text at byte 1 is not UTF-8"),
            (&[0x81, 1, 2], "1 bytes follow the CBOR array"),
        ];
        for (bytes, why) in refused {
            assert_eq!(decode(bytes).unwrap_err().0, why);
        }
        let endless = [&[0x81, 0x5b][..], &[0xff; 8]].concat();
        assert_eq!(decode(&endless).unwrap_err().0, "CBOR string at byte 1 ends early");
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
