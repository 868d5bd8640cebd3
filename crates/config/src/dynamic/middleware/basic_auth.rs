//! `basicAuth`.

use crate::decode::config;

config! {
    /// Asks for name and password. A user is `name:hash` (bcrypt, MD5-crypt or SHA-1).
    pub struct BasicAuth: "*dynamic.BasicAuth" {
        /// Users; those of the option win over those of the file.
        "users" [secret] users: Vec<String>,
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
