//! `redirectRegex`: sends clients to a URL that a regular expression makes of theirs.

use std::borrow::Cow;

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use ferroway_rules::{GoRegex, Replacement};
use http::{HeaderValue, StatusCode};

use crate::{Problem, answer, url};

#[cfg(test)]
mod tests;

pub(crate) struct RedirectRegex {
    regex: GoRegex,
    replacement: Replacement,
    permanent: bool,
}

impl RedirectRegex {
    pub(crate) fn new(config: &dynamic::RedirectRegex) -> Result<Self, Problem> {
        Ok(Self {
            regex: GoRegex::new(&config.regex)?,
            replacement: Replacement::parse(&config.replacement),
            permanent: config.permanent,
        })
    }
}

impl Filter for RedirectRegex {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let scheme = if exchange.conn.is_tls() { "https://" } else { "http://" };
        let mut old = String::with_capacity(128);
        old.extend([scheme, request.host_str()]);
        url::push_target(&mut old, &request.target);
        let Cow::Owned(new) = self.regex.replace_all(&old, &self.replacement) else { return Flow::Next };
        if new == old {
            return Flow::Next;
        }
        match url::normalise(&new).and_then(|url| HeaderValue::try_from(url).ok()) {
            Some(location) => answer::redirect(&request.method, self.permanent, location),
            None => {
                exchange.record.detail = Some(format!("redirect to {new:?}, which is no URL"));
                answer::reject(StatusCode::BAD_GATEWAY)
            }
        }
    }
}
