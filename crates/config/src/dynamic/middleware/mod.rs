//! The configuration of every HTTP middleware.
//!
//! To add one: a file with its section, the `mod` and `pub use` lines, and one line in the table below.

mod add_prefix;
mod basic_auth;
mod buffering;
mod chain;
mod circuit_breaker;
mod compress;
mod content_type;
mod digest_auth;
mod encoded_characters;
mod errors;
mod forward_auth;
mod grpc_web;
mod headers;
mod in_flight_req;
mod ip_allow_list;
mod pass_tls_client_cert;
mod plugin;
mod rate_limit;
mod redirect_regex;
mod redirect_scheme;
mod replace_path;
mod replace_path_regex;
mod retry;
mod source_criterion;
mod strip_prefix;
mod strip_prefix_regex;

pub use add_prefix::AddPrefix;
pub use basic_auth::BasicAuth;
pub use buffering::Buffering;
pub use chain::Chain;
pub use circuit_breaker::CircuitBreaker;
pub use compress::Compress;
pub use content_type::ContentType;
pub use digest_auth::DigestAuth;
pub use encoded_characters::EncodedCharacters;
pub use errors::Errors;
pub use forward_auth::{AuthTls, ForwardAuth};
pub use grpc_web::GrpcWeb;
pub use headers::Headers;
pub use in_flight_req::InFlightReq;
pub use ip_allow_list::{IpAllowList, IpWhiteList};
pub use pass_tls_client_cert::{
    PassTlsClientCert, TlsClientCertInfo, TlsClientCertIssuer, TlsClientCertSubject,
};
pub use plugin::Plugin;
pub use rate_limit::{RateLimit, Redis};
pub use redirect_regex::RedirectRegex;
pub use redirect_scheme::RedirectScheme;
pub use replace_path::ReplacePath;
pub use replace_path_regex::ReplacePathRegex;
pub use retry::Retry;
pub use source_criterion::{IpStrategy, SourceCriterion};
pub use strip_prefix::StripPrefix;
pub use strip_prefix_regex::StripPrefixRegex;

use super::KindError;
use crate::decode::{Context, Decode, Field, Legacy, Marks, Old, Section, Shape, members};
use crate::encode::{Encode, EncodeSection, Object};
use crate::node::Node;

/// The table: Traefik's name, type, marks.
macro_rules! middlewares {
    ($( $(#[doc = $doc:literal])* $key:literal $kind:ident $([$($mark:ident $(($advice:literal))?),+])? ),* $(,)?) => {
        /// The configuration of one middleware.
        #[derive(Clone, Debug, PartialEq)]
        pub enum MiddlewareKind {
            $( $(#[doc = $doc])* $kind($kind), )*
        }

        impl MiddlewareKind {
            /// The kind's name in the configuration.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$kind(_) => $key, )* }
            }
        }

        impl EncodeSection for Middleware {
            fn encode_options(&self, object: &mut Object<'_>) {
                $( for kind in &self.kinds {
                    if let MiddlewareKind::$kind(options) = kind {
                        object.with($key, |out| options.encode(out));
                    }
                } )*
            }
        }

        const FIELDS: &[Field] = &[ $( Field {
            name: $key,
            doc: concat!($($doc, "\n"),*),
            shape: <$kind as Decode>::SHAPE,
            marks: Marks::NONE $($( .$mark($($advice)?) )+)?,
            default: String::new,
            is_default: |_| false,
        } ),* ];

        type Decoder = for<'n> fn(&'n Node, &mut Context<'n>) -> Option<MiddlewareKind>;
        const DECODERS: &[Decoder] = &[ $( |node, cx| <$kind>::decode(node, cx).map(MiddlewareKind::$kind) ),* ];
    };
}

middlewares! {
    /// Puts a prefix before the path.
    "addPrefix" AddPrefix,
    /// Takes a prefix off the path.
    "stripPrefix" StripPrefix,
    /// Takes a prefix that an expression describes off the path.
    "stripPrefixRegex" StripPrefixRegex,
    /// Replaces the path.
    "replacePath" ReplacePath,
    /// Replaces what an expression finds in the path.
    "replacePathRegex" ReplacePathRegex,
    /// Several middlewares under one name.
    "chain" Chain,
    /// Lets in these clients only, 403 for the others.
    "ipWhiteList" IpWhiteList [deprecated("use ipAllowList")],
    /// Lets in these clients only.
    "ipAllowList" IpAllowList,
    /// Sets and removes headers, answers CORS, sets security headers.
    "headers" Headers,
    /// Refuses paths that hold certain characters in escaped form.
    "encodedCharacters" EncodedCharacters,
    /// Answers with pages of another service instead of errors.
    "errors" Errors,
    /// Limits requests over time.
    "rateLimit" RateLimit,
    /// Redirects by an expression for the URL.
    "redirectRegex" RedirectRegex,
    /// Redirects to another scheme.
    "redirectScheme" RedirectScheme,
    /// Asks for name and password.
    "basicAuth" BasicAuth,
    /// Asks for name and password by digest.
    "digestAuth" DigestAuth,
    /// Asks another server whether a request may pass.
    "forwardAuth" ForwardAuth,
    /// Limits requests in flight.
    "inFlightReq" InFlightReq,
    /// Reads whole requests and answers before passing them on.
    "buffering" Buffering,
    /// Stops asking a service that fails.
    "circuitBreaker" CircuitBreaker,
    /// Compresses answers.
    "compress" Compress [allow_empty],
    /// Tells servers about the client's certificate.
    "passTLSClientCert" PassTlsClientCert,
    /// Tries again when a server fails.
    "retry" Retry,
    /// Finds the content type of answers that lack it.
    "contentType" ContentType [allow_empty],
    /// Translates gRPC-Web to gRPC.
    "grpcWeb" GrpcWeb,
    /// A middleware from a plugin.
    "plugin" Plugin,
}

/// Kinds that exist in Traefik's model but that only its Kubernetes providers can set.
const INTERNAL: &str = "only the Kubernetes providers set it";
const LEGACY: &[Legacy] = &[
    Legacy { name: "requestHeaderModifier", old: Old::Ignored(INTERNAL) },
    Legacy { name: "responseHeaderModifier", old: Old::Ignored(INTERNAL) },
    Legacy { name: "requestRedirect", old: Old::Ignored(INTERNAL) },
    Legacy { name: "URLRewrite", old: Old::Ignored(INTERNAL) },
    Legacy { name: "authTLSPassCertificateToUpstream", old: Old::Ignored(INTERNAL) },
    Legacy { name: "snippet", old: Old::Ignored(INTERNAL) },
    Legacy { name: "rewriteTarget", old: Old::Ignored(INTERNAL) },
    Legacy { name: "upstreamVHost", old: Old::Ignored(INTERNAL) },
    Legacy { name: "appRoot", old: Old::Ignored(INTERNAL) },
];

/// A named middleware: must be of exactly one kind, but may have been written with none or several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Middleware {
    /// The kinds, in the order of the source.
    pub kinds: Vec<MiddlewareKind>,
}

impl Middleware {
    /// The description of the kinds.
    pub const SECTION: &'static Section = &Section {
        type_name: "*dynamic.Middleware",
        doc: "Changes or answers requests on their way.\n",
        fields: FIELDS,
        legacy: LEGACY,
    };

    /// The kind of the middleware.
    ///
    /// # Errors
    /// It has none, or more than one.
    pub fn kind(&self) -> Result<&MiddlewareKind, KindError> {
        KindError::only(self.kinds.iter())
    }
}

impl From<MiddlewareKind> for Middleware {
    fn from(kind: MiddlewareKind) -> Self {
        Self { kinds: vec![kind] }
    }
}

impl Encode for Middleware {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        self.encode_options(&mut object);
        object.end();
    }
}

impl Decode for Middleware {
    const SHAPE: Shape = Shape::Section(Self::SECTION);

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        let errors = cx.errors();
        let mut kinds = Vec::new();
        let is_map = members(node, Self::SECTION, cx, &mut |index, node, cx| {
            kinds.extend(DECODERS[index](node, cx));
        });
        (is_map && cx.errors() == errors).then_some(Self { kinds })
    }
}
