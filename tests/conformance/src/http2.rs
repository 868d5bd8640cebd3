//! Bodies and header fields of HTTP/2, for the client and the backends of the runner.

use h2::RecvStream;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::http1::Fields;
use crate::text::text;

/// Reads a body and its trailers.
///
/// # Errors
/// What the connection reports.
pub async fn read(mut body: RecvStream) -> Result<(Vec<u8>, Fields), h2::Error> {
    let mut out = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        let _ = body.flow_control().release_capacity(data.len());
        out.extend_from_slice(&data);
    }
    Ok((out, body.trailers().await?.map(|map| fields(&map)).unwrap_or_default()))
}

/// The fields of a header map.
pub fn fields(map: &HeaderMap) -> Fields {
    Fields(map.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect())
}

/// A header map of fields, with names in lower case.
///
/// # Errors
/// When HTTP/2 cannot carry a name or a value.
pub fn header_map(fields: &[(String, String)]) -> Result<HeaderMap, http::Error> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(
            HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes())?,
            HeaderValue::from_bytes(value.as_bytes())?,
        );
    }
    Ok(map)
}
