//! Functions of sprig that ferroway does not have: they make keys, certificates and password hashes, which do not
//! belong into a file that is read anew with each change.

use super::super::value::Value;
use super::args::Outcome;
use super::{Family, Func};

/// A function that names itself and refuses.
macro_rules! refuse {
    ($($name:literal),* $(,)?) => {
        &[$(($name, {
            fn refuse(_: &[Value]) -> Outcome {
                Err("not supported by ferroway; make the value outside of the template and read it with env".to_owned())
            }
            refuse as Func
        })),*]
    };
}

pub(super) const FUNCTIONS: Family = refuse![
    "bcrypt",
    "htpasswd",
    "derivePassword",
    "genPrivateKey",
    "buildCustomCert",
    "genCA",
    "genCAWithKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "encryptAES",
    "decryptAES",
];
