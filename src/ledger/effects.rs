//! Payload encodings 1 and 3: a run of effects, and the same behind a message.
//!
//! A commit's message is in its payload and not in the frame's header, since the chain covers
//! the header: a message quotes the statement, and redacting what a statement said while
//! keeping the statement would redact nothing.
//!
//! The bytes are a postcard sequence of [`Effect`]s (varints, little-endian
//! floats, strings with their length). The order of the variants of `Effect` and
//! `Value` is part of the format; a test holds known bytes against it.

use super::{Commit, MESSAGE_BYTES_MAX, PAYLOAD_BYTES_MAX, Payload, archive, pages};
use crate::error::{Error, Result};
use crate::model::Effect;

/// The code of this encoding.
const EFFECTS: u8 = 1;
/// The code of effects behind a message.
const MESSAGE_AND_EFFECTS: u8 = 3;
/// About how large a payload grows before the next one begins.
const PAYLOAD_BYTES_WANTED: usize = 1 << 20;

/// Encodes effects as payloads of about a megabyte, in order.
///
/// # Errors
/// `Invalid` where a single effect is larger than a payload can be.
pub fn encode(effects: &[Effect]) -> Result<Vec<Payload>> {
    let mut payloads = Vec::new();
    let (mut bytes, mut count) = (Vec::new(), 0_usize);
    for effect in effects {
        let encoded = postcard::to_stdvec(effect)
            .map_err(|error| Error::invalid(format!("a change cannot be recorded: {error}")))?;
        if encoded.len() > PAYLOAD_BYTES_MAX - MESSAGE_BYTES_MAX - 32 {
            return Err(Error::invalid("one change is larger than 64 MiB and cannot be recorded"));
        }
        if count > 0 && bytes.len() + encoded.len() > PAYLOAD_BYTES_WANTED {
            payloads.push(payload(count, &bytes)?);
            bytes.clear();
            count = 0;
        }
        bytes.extend(encoded);
        count += 1;
    }
    if count > 0 {
        payloads.push(payload(count, &bytes)?);
    }
    Ok(payloads)
}

/// Encodes effects as [`encode`] does, and puts a message before the first of them.
///
/// # Errors
/// As [`encode`]; `Invalid` for a message of more than [`MESSAGE_BYTES_MAX`] bytes.
pub fn encode_commit(message: &str, effects: &[Effect]) -> Result<Vec<Payload>> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(Error::invalid(format!("a message has at most {MESSAGE_BYTES_MAX} bytes")));
    }
    let mut payloads = encode(effects)?;
    if let Some(first) = payloads.first_mut() {
        *first = with_message(message, first)?;
    }
    Ok(payloads)
}

/// A payload with a message alone, for a commit whose changes are in other encodings.
///
/// # Errors
/// `Invalid` for a message of more than [`MESSAGE_BYTES_MAX`] bytes.
pub fn encode_message(message: &str) -> Result<Payload> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(Error::invalid(format!("a message has at most {MESSAGE_BYTES_MAX} bytes")));
    }
    with_message(message, &payload(0, &[])?)
}

fn with_message(message: &str, effects: &Payload) -> Result<Payload> {
    let mut bytes = postcard::to_stdvec(message).map_err(|error| Error::invalid(error.to_string()))?;
    bytes.extend_from_slice(&effects.bytes);
    Ok(Payload { encoding: MESSAGE_AND_EFFECTS, bytes })
}

/// The message of a commit; `None` where it was redacted with what it was about.
///
/// # Errors
/// `Corrupt` where a payload holds no message and should.
pub fn message(commit: &Commit) -> Result<Option<String>> {
    match commit.payloads.first() {
        Some(None) if commit.info.message.is_empty() => Ok(None),
        Some(Some(payload)) if payload.encoding == MESSAGE_AND_EFFECTS => {
            Ok(Some(split_message(&payload.bytes)?.0.to_owned()))
        }
        Some(Some(payload)) => {
            Ok(Some(archive::message_of(payload)?.unwrap_or_else(|| commit.info.message.clone())))
        }
        _ => Ok(Some(commit.info.message.clone())),
    }
}

fn split_message(bytes: &[u8]) -> Result<(&str, &[u8])> {
    postcard::take_from_bytes(bytes).map_err(|error| damaged(&error.to_string()))
}

fn damaged(what: &str) -> Error {
    Error::corrupt(format!("a payload holds no changes: {what}"))
}

/// A payload: how many effects, then the effects.
fn payload(count: usize, effects: &[u8]) -> Result<Payload> {
    let count = postcard::to_stdvec(&count).map_err(|error| Error::invalid(error.to_string()))?;
    Ok(Payload { encoding: EFFECTS, bytes: [count.as_slice(), effects].concat() })
}

/// Decodes a payload, of this encoding or of pages.
///
/// # Errors
/// `Corrupt` where the bytes are no effects or something follows them; `Format`
/// where the encoding is of a later version.
pub fn decode(payload: &Payload) -> Result<Vec<Effect>> {
    if let Some(pages) = pages::pages_of(payload)? {
        return pages.effects();
    }
    if archive::message_of(payload)?.is_some() {
        return Ok(Vec::new());
    }
    let bytes = match payload.encoding {
        EFFECTS => &payload.bytes,
        MESSAGE_AND_EFFECTS => split_message(&payload.bytes)?.1,
        found => {
            return Err(Error::new(crate::error::ErrorKind::Format {
                found: found.into(),
                supported: MESSAGE_AND_EFFECTS.into(),
            }));
        }
    };
    match postcard::take_from_bytes(bytes) {
        Ok((effects, [])) => Ok(effects),
        Ok(_) => Err(damaged("bytes are left over")),
        Err(error) => Err(damaged(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IndexDefinition, IndexOn, NodeData, NodeId, Value};

    fn node(name: &str) -> Effect {
        let properties = [("name".to_owned(), Value::from(name))].into();
        let node = NodeData { key: Some("k".to_owned()), labels: vec!["Port".to_owned()], properties };
        Effect::CreateNode { id: NodeId(7), node }
    }

    #[test]
    fn effects_round_trip_through_several_payloads() {
        let effects: Vec<Effect> = (0..5).map(|_| node(&"x".repeat(300_000))).collect();
        let payloads = encode(&effects).expect("small enough");
        assert_eq!(payloads.len(), 2);
        let decoded: Vec<Effect> = payloads.iter().flat_map(|p| decode(p).expect("just encoded")).collect();
        assert_eq!(decoded, effects);
    }

    #[test]
    fn known_bytes_keep_their_meaning() {
        let payloads = encode(&[node("Rajin")]).expect("small enough");
        let expected = b"\x01\x00\x07\x01\x01k\x01\x04Port\x01\x04name\x04\x05Rajin";
        assert_eq!(payloads, [Payload { encoding: EFFECTS, bytes: expected.to_vec() }]);
    }

    #[test]
    fn known_bytes_of_an_index_keep_their_meaning() {
        let on = IndexOn::Nodes { label: "Port".to_owned(), property: "name".to_owned() };
        let index = IndexDefinition { name: "i".to_owned(), on };
        let effects = [Effect::CreateIndex { index: index.clone() }, Effect::DropIndex { before: index }];
        let payloads = encode(&effects).expect("small enough");
        let expected = b"\x02\x0a\x01i\x00\x04Port\x04name\x0b\x01i\x00\x04Port\x04name";
        assert_eq!(payloads, [Payload { encoding: EFFECTS, bytes: expected.to_vec() }]);
    }

    #[test]
    fn a_message_stands_before_the_first_effects() {
        let effects: Vec<Effect> = (0..5).map(|_| node(&"x".repeat(300_000))).collect();
        let payloads = encode_commit("from a friend", &effects).expect("small enough");
        assert!(payloads[0].bytes.starts_with(b"\x0dfrom a friend\x03"));
        let decoded: Vec<Effect> = payloads.iter().flat_map(|p| decode(p).expect("just encoded")).collect();
        assert_eq!(decoded, effects);
        let position = crate::ledger::Position { sequence: 1, hash: [0; 32] };
        let payloads = payloads.into_iter().map(Some).collect();
        let mut commit = Commit { position, info: crate::ledger::CommitInfo::default(), payloads };
        assert_eq!(message(&commit), Ok(Some("from a friend".to_owned())));
        commit.payloads[0] = None;
        assert_eq!(message(&commit), Ok(None));
        assert!(encode_commit(&"x".repeat(MESSAGE_BYTES_MAX + 1), &effects).is_err());
    }

    #[test]
    fn what_is_cut_or_too_long_is_damage() {
        for whole in [encode(&[node("Rajin")]), encode_commit("why", &[node("Rajin")])] {
            refuse_what_is_cut(&whole.expect("small enough")[0]);
        }
    }

    fn refuse_what_is_cut(whole: &Payload) {
        for len in 0..whole.bytes.len() {
            assert!(decode(&Payload { bytes: whole.bytes[..len].to_vec(), ..whole.clone() }).is_err());
        }
        let longer = [whole.bytes.as_slice(), &[0]].concat();
        assert!(decode(&Payload { bytes: longer, ..whole.clone() }).is_err());
        assert!(decode(&Payload { encoding: 9, ..whole.clone() }).is_err());
    }
}
