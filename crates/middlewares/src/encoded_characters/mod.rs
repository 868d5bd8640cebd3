//! `encodedCharacters`: refuses paths with certain characters in escaped form.

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, Reason, RequestHead, Response};

#[cfg(test)]
mod tests;

/// The escapes that are refused, in upper case like the escapes of a normalised path.
pub(crate) struct EncodedCharacters(Box<[&'static str]>);

impl EncodedCharacters {
    pub(crate) fn new(config: &dynamic::EncodedCharacters) -> Self {
        let escapes = [
            ("%2F", config.allow_encoded_slash),
            ("%5C", config.allow_encoded_back_slash),
            ("%00", config.allow_encoded_null_character),
            ("%3B", config.allow_encoded_semicolon),
            ("%25", config.allow_encoded_percent),
            ("%3F", config.allow_encoded_question_mark),
            ("%23", config.allow_encoded_hash),
        ];
        Self(escapes.iter().filter(|(_, allowed)| !allowed).map(|(escape, _)| *escape).collect())
    }
}

impl Filter for EncodedCharacters {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let path = request.target.path();
        let mut escapes = path.match_indices('%').filter_map(|(at, _)| path.get(at..at + 3));
        let Some(escape) = escapes.find(|escape| self.0.contains(escape)) else { return Flow::Next };
        exchange.record.detail = Some(format!("the path has {escape}"));
        let status = Reason::EncodedCharacter.status();
        Flow::Answer(Box::new(Response::local(status, Reason::EncodedCharacter)))
    }
}
