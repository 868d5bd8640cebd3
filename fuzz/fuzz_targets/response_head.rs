//! Response heads: what is accepted is unambiguous, and means the same once it was written out again.

#![no_main]

use ferroway_core::HeaderList;
use ferroway_http::h1::encode::{OutFraming, ResponseForm, write_interim, write_response_head};
use ferroway_http::h1::head::{Framing, ParsedResponse, end_of_head, parse_response};
use http::header::{DATE, UPGRADE};
use http::{HeaderName, HeaderValue, StatusCode, Version};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(Some(end)) = end_of_head(bytes, 0) else { return };
    for to_head in [false, true] {
        let Ok(mut parsed) = parse_response(&bytes[..end], to_head) else { continue };
        if let Some(protocol) = parsed.upgrade.take_if(|_| parsed.status == StatusCode::SWITCHING_PROTOCOLS) {
            parsed.headers.insert(UPGRADE, protocol);
        }
        let written = write(&mut parsed, to_head);
        assert_eq!(end_of_head(&written, 0), Ok(Some(written.len())), "a field breaks out of the head");
        let again = parse_response(&written, to_head).expect("what is written can be read");
        assert_eq!(parsed.status, again.status);
        assert_eq!(parsed.framing, again.framing);
        parsed.headers.remove(&UPGRADE);
        assert_eq!(sorted(&parsed.headers), sorted(&again.headers));
    }
});

/// The fields by name, those of one name in their order: what the codec keeps apart comes back in another place.
fn sorted(headers: &HeaderList) -> Vec<(&HeaderName, &HeaderValue)> {
    let mut fields: Vec<_> = headers.iter().collect();
    fields.sort_by_key(|(name, _)| name.as_str());
    fields
}

/// The response as it goes to a client, with a date where it had none.
fn write(parsed: &mut ParsedResponse, to_head: bool) -> Vec<u8> {
    let mut out = Vec::new();
    if parsed.status.is_informational() && parsed.status != StatusCode::SWITCHING_PROTOCOLS {
        write_interim(&mut out, parsed.status, &parsed.headers);
        return out;
    }
    let bodiless = to_head
        || parsed.status.is_informational()
        || matches!(parsed.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let framing = match parsed.framing {
        _ if bodiless => OutFraming::None,
        Framing::Length(length) => OutFraming::Length(length),
        Framing::Chunked => OutFraming::Chunked,
        Framing::UntilClose => OutFraming::UntilClose,
    };
    let form = ResponseForm { version: Version::HTTP_11, to_head, keep_alive: parsed.keep_alive };
    let date = HeaderValue::from_static("Tue, 24 Nov 2026 16:00:00 GMT");
    write_response_head(&mut out, parsed.status, &parsed.headers, framing, form, || date.clone());
    if parsed.status != StatusCode::SWITCHING_PROTOCOLS {
        if !parsed.headers.contains(DATE) {
            parsed.headers.append(DATE, date);
        }
    }
    out
}
