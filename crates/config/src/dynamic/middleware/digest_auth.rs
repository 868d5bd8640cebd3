//! `digestAuth`.

use crate::decode::config;

config! {
    /// Asks for name and password by digest. A user is `name:realm:MD5`.
    pub struct DigestAuth: "*dynamic.DigestAuth" {
        /// Users; those of the option win over those of the file.
        "users" users: Vec<String>,
        /// File with one user a line.
        "usersFile" users_file: String,
        /// Name of the protected area.
        "realm" realm: String,
        /// Does not pass the Authorization header on.
        "removeHeader" remove_header: bool,
        /// Request header that gets the user's name.
        "headerField" header_field: String,
    }
}
