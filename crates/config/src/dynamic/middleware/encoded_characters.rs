//! `encodedCharacters`.

use crate::decode::config;

config! {
    /// Refuses paths that hold certain characters in escaped form.
    pub struct EncodedCharacters: "*dynamic.EncodedCharacters" {
        /// Allows an escaped slash in the path.
        "allowEncodedSlash" allow_encoded_slash: bool,
        /// Allows an escaped backslash in the path.
        "allowEncodedBackSlash" allow_encoded_back_slash: bool,
        /// Allows an escaped NUL in the path.
        "allowEncodedNullCharacter" allow_encoded_null_character: bool,
        /// Allows an escaped ; in the path.
        "allowEncodedSemicolon" allow_encoded_semicolon: bool,
        /// Allows an escaped % in the path.
        "allowEncodedPercent" allow_encoded_percent: bool,
        /// Allows an escaped ? in the path.
        "allowEncodedQuestionMark" allow_encoded_question_mark: bool,
        /// Allows an escaped # in the path.
        "allowEncodedHash" allow_encoded_hash: bool,
    }
}
