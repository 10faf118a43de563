//! Writes tiny files in MaxMind's format, version 2.0: <https://maxmind.github.io/MaxMind-DB/>.

use std::net::IpAddr;

use serde_json::{Value, json};

/// A node has two records of 24 bits.
const NODE: usize = 6;
/// Between the tree and the data.
const SEPARATOR: [u8; 16] = [0; 16];
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Types of values.
const TEXT: u8 = 2;
const U16: u8 = 5;
const U32: u8 = 6;
const MAP: u8 = 7;
const U64: u8 = 9;
const ARRAY: u8 = 11;

#[derive(Clone, Copy)]
enum To {
    Nothing,
    Node(usize),
    Data(usize),
}

/// One record for each network, given as an address and the bits of it that count.
pub fn file(networks: &[(&str, u8, Value)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[To::Nothing; 2]], Vec::new());
    for (address, prefix, record) in networks {
        let (bits, prefix) = match address.parse().unwrap() {
            // IPv4 stands below ::/96.
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), u32::from(*prefix) + 96),
            IpAddr::V6(v6) => (u128::from(v6), u32::from(*prefix)),
        };
        insert(&mut nodes, bits, prefix, data.len());
        write(&mut data, record);
    }
    let count = nodes.len();
    let number = |to: To| match to {
        To::Nothing => count,
        To::Node(node) => node,
        To::Data(offset) => count + SEPARATOR.len() + offset,
    };
    let mut file = Vec::with_capacity(count * NODE);
    for to in nodes.into_iter().flatten() {
        file.extend_from_slice(&u32::try_from(number(to)).unwrap().to_be_bytes()[1..]);
    }
    file.extend_from_slice(&SEPARATOR);
    file.extend(data);
    file.extend_from_slice(MARKER);
    metadata(&mut file, count);
    file
}

fn insert(nodes: &mut Vec<[To; 2]>, bits: u128, prefix: u32, offset: usize) {
    let mut node = 0;
    for depth in 0..prefix {
        let side = usize::from((bits >> (u128::BITS - 1 - depth)) & 1 == 1);
        if depth + 1 == prefix {
            nodes[node][side] = To::Data(offset);
            return;
        }
        if let To::Node(next) = nodes[node][side] {
            node = next;
        } else {
            nodes.push([To::Nothing; 2]);
            let next = nodes.len() - 1;
            nodes[node][side] = To::Node(next);
            node = next;
        }
    }
}

/// Numbers here have a width each, which readers insist on.
fn metadata(out: &mut Vec<u8>, count: usize) {
    let texts = json!({ "database_type": "Test", "description": { "en": "For tests" }, "languages": ["en"] });
    let numbers = [
        ("binary_format_major_version", U16, 2),
        ("binary_format_minor_version", U16, 0),
        ("build_epoch", U64, 1_700_000_000),
        ("ip_version", U16, 6),
        ("node_count", U32, u64::try_from(count).unwrap()),
        ("record_size", U16, 24),
    ];
    let texts = texts.as_object().unwrap();
    head(out, MAP, texts.len() + numbers.len());
    for (key, value) in texts {
        write(out, &json!(key));
        write(out, value);
    }
    for (key, kind, number) in numbers {
        write(out, &json!(key));
        write_number(out, kind, number);
    }
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => {
            head(out, TEXT, text.len());
            out.extend_from_slice(text.as_bytes());
        }
        Value::Number(number) => write_number(out, U32, number.as_u64().unwrap()),
        Value::Object(map) => {
            head(out, MAP, map.len());
            for (key, value) in map {
                write(out, &json!(key));
                write(out, value);
            }
        }
        Value::Array(values) => {
            head(out, ARRAY, values.len());
            values.iter().for_each(|value| write(out, value));
        }
        other => panic!("{other} is not needed"),
    }
}

fn write_number(out: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    let width = match kind {
        U16 => 2,
        U32 => 4,
        _ => 8,
    };
    head(out, kind, width);
    out.extend_from_slice(&bytes[bytes.len() - width..]);
}

/// Sizes from 29 on are written otherwise, and not needed.
fn head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let size = u8::try_from(size).unwrap();
    assert!(size < 29);
    if kind > MAP {
        out.extend_from_slice(&[size, kind - MAP]);
    } else {
        out.push((kind << 5) | size);
    }
}
