//! `digestAuth`.

use crate::decode::config;

config! {
    /// Asks for name and password by digest. A user is `name:realm:MD5`.
    pub struct DigestAuth: "*dynamic.DigestAuth" {
        /// Users; those of the option win over those of the file.
        "users" [secret] users: Vec<String>,
        /// File with one user a line.
        "usersFile" users_file: String,
        /// Does not pass the Authorization header on.
        "removeHeader" remove_header: bool,
        /// Name of the protected area.
        "realm" realm: String,
        /// Request header that gets the user's name.
        "headerField" header_field: String,
    }
}
