//! Lists: filtered, sorted, and a page of them.

use std::cmp::Ordering;

use ferroway_config::encode::list;
use http::StatusCode;

use crate::answer::Answer;
use crate::entry::Entry;
use crate::query::Query;
use crate::view::List;

/// What objects of a list must have to be shown.
struct Filter<'q> {
    search: String,
    status: &'q str,
    service: &'q str,
    middleware: &'q str,
}

impl<'q> Filter<'q> {
    fn of(query: &'q Query) -> Self {
        Self {
            search: query.get("search").to_lowercase(),
            status: query.get("status"),
            service: query.get("serviceName"),
            middleware: query.get("middlewareName"),
        }
    }

    fn keeps(&self, kind: List, entry: &Entry) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&self.search);
        let found = self.search.is_empty() || holds(&entry.name) || (kind.is_routers() && holds(&entry.rule));
        let has_status = self.status.is_empty() || self.status.eq_ignore_ascii_case(entry.status.as_str());
        has_status
            && found
            && (!kind.is_routers() || (self.keeps_service(entry) && self.keeps_middleware(kind, entry)))
    }

    /// A service that is configured without its provider is the one of that name of any provider.
    fn keeps_service(&self, entry: &Entry) -> bool {
        let wanted = if entry.service.contains('@') {
            self.service
        } else {
            self.service.split('@').next().unwrap_or_default()
        };
        self.service.is_empty() || wanted == &*entry.service
    }

    fn keeps_middleware(&self, kind: List, entry: &Entry) -> bool {
        self.middleware.is_empty()
            || kind == List::UdpRouters
            || entry.middlewares.iter().any(|name| name == self.middleware)
    }
}

/// The objects of a list that a query asks for, in its order.
pub(crate) fn select<'e>(kind: List, entries: &'e [Entry], query: &Query) -> Vec<&'e Entry> {
    let filter = Filter::of(query);
    let mut chosen: Vec<&Entry> = entries.iter().filter(|entry| filter.keeps(kind, entry)).collect();
    let by = order(kind, query.get("sortBy"));
    // They are in the order of their names already.
    if let Some(by) = by {
        chosen.sort_by(|a, b| by(a, b).then_with(|| a.name.cmp(&b.name)));
    }
    if !matches!(query.get("direction"), "" | "asc") {
        chosen.reverse();
    }
    chosen
}

type Order = fn(&Entry, &Entry) -> Ordering;

/// The order of a list; `None` is that of the names.
fn order(kind: List, by: &str) -> Option<Order> {
    let of_routers = kind.is_routers();
    Some(match by {
        "provider" => |a, b| a.provider().cmp(b.provider()),
        "status" => |a, b| a.status.as_str().cmp(b.status.as_str()),
        "priority" if of_routers => |a, b| a.priority.cmp(&b.priority),
        "rule" if of_routers => |a, b| a.rule.cmp(&b.rule),
        "service" if of_routers => |a, b| a.service.cmp(&b.service),
        "entryPoints" if of_routers => |a, b| a.count.cmp(&b.count),
        "servers" if kind.is_services() => |a, b| a.count.cmp(&b.count),
        "type" if !of_routers => |a, b| a.kind.cmp(&b.kind),
        _ => return None,
    })
}

/// The page of `items` that a query asks for; `write` writes an item.
pub(crate) fn page<T>(items: &[T], query: &Query, mut write: impl FnMut(&mut Vec<u8>, &T)) -> Answer {
    match range(items.len(), query) {
        Ok((range, next)) => {
            let mut out = Vec::new();
            list(&mut out, &items[range], |out, item| write(out, item));
            Answer::json(out).with("x-next-page", next.to_string())
        }
        Err(message) => Answer::error(StatusCode::BAD_REQUEST, &message),
    }
}

/// The numbers of a page's items, and the number of the page after it; 1 where there is none.
pub(crate) fn range(count: usize, query: &Query) -> Result<(std::ops::Range<usize>, usize), String> {
    let per_page = number(query, "per_page", 100)?;
    let page = number(query, "page", 1)?;
    let start = (page - 1).saturating_mul(per_page);
    if start != 0 && start >= count {
        return Err(format!("invalid request: page: {page}, per_page: {per_page}"));
    }
    let end = start.saturating_add(per_page).min(count);
    Ok((start..end, if end < count { page + 1 } else { 1 }))
}

/// A number of at least 1, as Go's `strconv.Atoi` reads it.
fn number(query: &Query, name: &str, default: usize) -> Result<usize, String> {
    let text = query.get(name);
    if text.is_empty() {
        return Ok(default);
    }
    let invalid = |shown: i64| format!("invalid request: {name}: {shown}");
    match text.parse::<i64>() {
        Ok(number) if number > 0 => usize::try_from(number).map_err(|_| invalid(number)),
        Ok(number) => Err(invalid(number)),
        Err(error) => Err(invalid(match error.kind() {
            std::num::IntErrorKind::PosOverflow => i64::MAX,
            std::num::IntErrorKind::NegOverflow => i64::MIN,
            _ => 0,
        })),
    }
}
