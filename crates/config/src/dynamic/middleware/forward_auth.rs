//! `forwardAuth`.

use crate::decode::{FileOrContent, config};

config! {
    /// Asks another server whether a request may pass.
    pub struct ForwardAuth: "*dynamic.ForwardAuth" {
        /// URL to ask.
        "address" [guarded] address: String,
        /// TLS towards it.
        "tls" tls: Option<AuthTls>,
        /// What happens to the client's X-Forwarded-* headers: true keeps them, false replaces them all, unset
        /// replaces the usual ones and keeps the others.
        "trustForwardHeader" trust_forward_header: Option<bool>,
        /// Headers of its answer that are set in the request.
        "authResponseHeaders" auth_response_headers: Vec<String>,
        /// Expression for names of such headers.
        "authResponseHeadersRegex" auth_response_headers_regex: String,
        /// Request headers that it gets; empty means all.
        "authRequestHeaders" auth_request_headers: Vec<String>,
        /// Largest answer in bytes; unset or -1 means any.
        "maxResponseBodySize" max_response_body_size: Option<i64>,
        /// Cookies of its answer that go to the client.
        "addAuthCookiesToResponse" add_auth_cookies_to_response: Vec<String>,
        /// Header of its answer that names the user in the access log.
        "headerField" header_field: String,
        /// Sends the request's body too.
        "forwardBody" forward_body: bool,
        /// Largest such body in bytes; -1 means any.
        "maxBodySize" max_body_size: Option<i64> = Some(-1),
        /// Leaves a relative Location of its answer as it is.
        "preserveLocationHeader" preserve_location_header: bool,
        /// Asks with the request's method instead of GET.
        "preserveRequestMethod" preserve_request_method: bool,
        /// Where a client goes that it answers 401.
        "authSigninURL" [guarded] auth_signin_url: String,
    }

    /// TLS towards the authentication server.
    pub struct AuthTls: "*dynamic.ClientTLS" {
        /// Authorities that its certificate is checked against; empty means those of the system.
        "ca" ca: FileOrContent,
        /// Own certificate, if the server asks for one.
        "cert" cert: FileOrContent,
        /// Key of the own certificate.
        "key" [secret] key: FileOrContent,
        /// Does not check the server's certificate.
        "insecureSkipVerify" insecure_skip_verify: bool,
        /// Has no effect.
        "caOptional" [deprecated("it has no effect; remove it")] ca_optional: Option<bool>,
    }
}
