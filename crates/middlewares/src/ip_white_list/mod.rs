//! `ipWhiteList`: the deprecated name of [`ipAllowList`](crate::ip_allow_list), always with 403.

use ferroway_config::dynamic;

use crate::Problem;
use crate::ip_allow_list::IpAllowList;

#[cfg(test)]
mod tests;

pub(crate) fn new(config: &dynamic::IpWhiteList) -> Result<IpAllowList, Problem> {
    IpAllowList::new(&dynamic::IpAllowList {
        source_range: config.source_range.clone(),
        ip_strategy: config.ip_strategy.clone(),
        reject_status_code: 0,
    })
}
