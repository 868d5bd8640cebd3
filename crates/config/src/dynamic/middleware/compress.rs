//! `compress`.

use crate::decode::config;

config! {
    /// Compresses answers.
    pub struct Compress: "*dynamic.Compress" {
        /// Content types that are left as they are.
        "excludedContentTypes" excluded_content_types: Vec<String>,
        /// The only content types that are compressed.
        "includedContentTypes" included_content_types: Vec<String>,
        /// Smallest answer in bytes that is compressed; 0 means 1024.
        "minResponseBodyBytes" min_response_body_bytes: i64,
        /// Encodings, the first preferred.
        "encodings" encodings: Vec<String> = ["gzip", "br", "zstd"].map(str::to_owned).to_vec(),
        /// Encoding for clients that do not say what they take; empty means none.
        "defaultEncoding" default_encoding: String,
    }
}
