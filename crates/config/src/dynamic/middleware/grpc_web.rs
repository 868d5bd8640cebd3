//! `grpcWeb`.

use crate::decode::config;

config! {
    /// Translates gRPC-Web to gRPC.
    pub struct GrpcWeb: "*dynamic.GrpcWeb" {
        /// Origins that may ask; `*` is any.
        "allowOrigins" allow_origins: Vec<String>,
    }
}
