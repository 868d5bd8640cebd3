//! The core fields of the access log: their names, and the set of those that are written.

/// Defines the fields once: as an enum, with the name in the log, and in the order of the log (by name).
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $(= $name:literal)?,)*) => {
        /// A core field. `fields.names` switches it on and off by its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Field { $($(#[$doc])* $field,)* }

        impl Field {
            const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// The field as a JSON key, with the colon.
            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$field => concat!("\"", fields!(@name $field $($name)?), "\":"),)* }
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
}

fields! {
    ClientAddr,
    ClientHost,
    ClientPort,
    ClientUsername,
    DownstreamContentSize,
    DownstreamStatus,
    Duration,
    GzipRatio,
    OriginContentSize,
    OriginDuration,
    OriginStatus,
    Overhead,
    /// Why ferroway answered by itself; Traefik has no such field.
    Reason,
    RequestAddr,
    RequestContentSize,
    RequestCount,
    RequestHost,
    RequestMethod,
    RequestPath,
    RequestPort,
    RequestProtocol,
    RequestScheme,
    RetryAttempts,
    RouterName,
    ServiceAddr,
    ServiceName,
    ServiceUrl = "ServiceURL",
    StartLocal,
    StartUtc = "StartUTC",
    TlsCipher = "TLSCipher",
    TlsClientSubject = "TLSClientSubject",
    TlsVersion = "TLSVersion",
    EntryPointName = "entryPointName",
}

impl Field {
    /// The field with this name, in any case.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        self.key().trim_matches(['"', ':'])
    }

    const fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// The fields that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FieldSet(u64);

impl FieldSet {
    pub(crate) const ALL: Self = Self(u64::MAX);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn has(self, field: Field) -> bool {
        self.0 & field.bit() != 0
    }

    pub(crate) fn insert(&mut self, field: Field) {
        self.0 |= field.bit();
    }

    pub(crate) fn remove(&mut self, field: Field) {
        self.0 &= !field.bit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_sorted() {
        for field in Field::ALL {
            assert_eq!(Field::by_name(field.name()), Some(*field));
            assert_eq!(Field::by_name(&field.name().to_lowercase()), Some(*field));
        }
        assert_eq!(Field::by_name("level"), None);
        assert!(Field::ALL.is_sorted_by_key(|field| field.name()));
    }

    #[test]
    fn sets() {
        let mut set = FieldSet::NONE;
        set.insert(Field::EntryPointName);
        assert!(set.has(Field::EntryPointName) && !set.has(Field::ClientAddr));
        set.remove(Field::EntryPointName);
        assert_eq!(set, FieldSet::NONE);
        assert!(Field::ALL.iter().all(|field| FieldSet::ALL.has(*field)));
    }
}
