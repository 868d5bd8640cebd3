//! `log.level`.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// How much is logged: everything at this level and above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum LogLevel {
    /// Steps of single requests and connections.
    Trace,
    /// How configuration is applied, and why requests fail.
    Debug,
    /// What an operator may want to know.
    Info,
    /// What an operator should look at.
    Warn,
    /// What does not work.
    #[default]
    Error,
    /// Nothing: ferroway has no messages of this level, which is above `Error`.
    Fatal,
    /// Nothing, likewise.
    Panic,
}

/// A level that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown level {0:?}, expected TRACE, DEBUG, INFO, WARN, ERROR, FATAL or PANIC")]
pub struct InvalidLogLevel(String);

impl LogLevel {
    const ALL: [(&'static str, Self); 7] = [
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
        ("fatal", Self::Fatal),
        ("panic", Self::Panic),
    ];

    /// The level with this number, or the default.
    pub(crate) fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).map_or_else(Self::default, |(_, level)| *level)
    }

    pub(crate) fn filter(self) -> LevelFilter {
        match self {
            Self::Trace => LevelFilter::TRACE,
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warn => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
            Self::Fatal | Self::Panic => LevelFilter::OFF,
        }
    }
}

impl FromStr for LogLevel {
    type Err = InvalidLogLevel;

    /// In any case; nothing is the default.
    fn from_str(text: &str) -> Result<Self, InvalidLogLevel> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let found = Self::ALL.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, level)| level).ok_or_else(|| InvalidLogLevel(text.to_owned()))
    }
}
