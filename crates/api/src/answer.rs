//! Answers in the forms that Traefik gives them.

use bytes::Bytes;
use ferroway_config::encode::Object;
use http::StatusCode;

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Header fields; the names are in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// A value. Like Go's encoder, a line end follows.
    pub(crate) fn json(mut value: Vec<u8>) -> Self {
        value.push(b'\n');
        Self::new(StatusCode::OK, "application/json", value)
    }

    /// The same with the encoding named, as the library that Traefik writes a few answers with does.
    pub(crate) fn json_utf8(value: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "application/json; charset=UTF-8", value)
    }

    /// A page.
    pub(crate) fn html(page: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "text/html; charset=utf-8", page)
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "no-referrer")
    }

    /// A file to save.
    pub(crate) fn file(content: Vec<u8>, content_type: &str, name: &str) -> Self {
        Self::new(StatusCode::OK, content_type, content)
            .with("content-disposition", format!("attachment; filename={name}"))
    }

    /// An error: JSON, sent as text, as Go's `http.Error` does.
    pub(crate) fn error(status: StatusCode, message: &str) -> Self {
        let mut body = Vec::new();
        let mut object = Object::begin(&mut body);
        object.with("message", |out| ferroway_config::encode::string(out, message));
        object.end();
        Self::text(status, body)
    }

    /// There is nothing at this path.
    pub(crate) fn nothing() -> Self {
        Self::text(StatusCode::NOT_FOUND, b"404 page not found".to_vec())
    }

    fn text(status: StatusCode, mut body: Vec<u8>) -> Self {
        body.push(b'\n');
        Self::new(status, "text/plain; charset=utf-8", body).with("x-content-type-options", "nosniff")
    }

    /// The path is there, but not for this method.
    pub(crate) fn wrong_method() -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, headers: Vec::new(), body: Bytes::new() }
    }

    /// Somewhere else.
    pub(crate) fn redirect(location: &str) -> Self {
        Self {
            status: StatusCode::FOUND,
            headers: vec![("location", location.to_owned())],
            body: Bytes::new(),
        }
    }

    /// The same with one more field.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
