//! `ipAllowList`: lets only clients of certain addresses pass.

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use http::StatusCode;

use crate::source_ip::{IpRanges, IpStrategy};
use crate::{Problem, answer};

#[cfg(test)]
mod tests;

pub(crate) struct IpAllowList {
    strategy: IpStrategy,
    ranges: IpRanges,
    reject: StatusCode,
}

impl IpAllowList {
    pub(crate) fn new(config: &dynamic::IpAllowList) -> Result<Self, Problem> {
        if config.source_range.is_empty() {
            return Err(Problem::invalid("sourceRange is empty, expected the addresses that may pass"));
        }
        let ranges = IpRanges::parse(&config.source_range).map_err(|error| {
            Problem::invalid(format!("cannot parse CIDRs {:?}: {error}", config.source_range))
        })?;
        Ok(Self {
            strategy: IpStrategy::new(config.ip_strategy.as_ref())?,
            ranges,
            reject: reject_status_of(config.reject_status_code)?,
        })
    }
}

/// The status for the others; 0 is the default.
fn reject_status_of(code: i64) -> Result<StatusCode, Problem> {
    if code == 0 {
        return Ok(StatusCode::FORBIDDEN);
    }
    u16::try_from(code)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok())
        .filter(|status| !status.is_informational() && answer::phrase(*status).is_some())
        .ok_or_else(|| {
            Problem::invalid(format!("invalid HTTP status code {code}, expected a known one above 199"))
        })
}

impl Filter for IpAllowList {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let address = self.strategy.address(request, exchange);
        if address.is_some_and(|address| self.ranges.contains(address)) {
            return Flow::Next;
        }
        exchange.record.detail = Some(match address {
            Some(address) => format!("{address} is not in the source range"),
            None => "the request does not tell the client's address".to_owned(),
        });
        answer::reject(self.reject)
    }
}
