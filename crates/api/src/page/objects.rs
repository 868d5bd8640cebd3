//! A list: what is looked for, the objects, and the way to those before and after.

use std::ops::Range;

use super::html::{Html, parameter};
use super::{servers, service_of, status, users};
use crate::entry::{Entry, Status};
use crate::list::{range, select};
use crate::query::Query;
use crate::view::{List, Seen};

/// What other pages of the same list keep of a query.
const KEPT: [&str; 8] =
    ["search", "status", "entryPoint", "serviceName", "middlewareName", "sortBy", "direction", "per_page"];

pub(super) fn write(page: &mut Html, shown: &Seen<'_>, list: List, query: &Query) {
    let mut chosen = select(list, shown.view.list(list), query);
    let point = query.get("entryPoint");
    if !point.is_empty() {
        chosen.retain(|entry| entry.links.iter().any(|link| link == point));
    }
    if list.is_routers() && query.get("sortBy").is_empty() {
        // The order in which they are asked; the others are asked nothing.
        chosen.sort_by(|a, b| {
            let asked = |entry: &Entry| entry.status == Status::Disabled;
            let order = asked(a).cmp(&asked(b)).then_with(|| b.priority.cmp(&a.priority));
            order.then_with(|| a.rank.cmp(&b.rank)).then_with(|| a.name.cmp(&b.name))
        });
    }
    page.raw("<h2>").text(list.title()).raw("</h2>");
    form(page, shown, list, query);
    let (range, next) = match range(chosen.len(), query) {
        Ok(found) => found,
        Err(message) => {
            page.raw("<p class=\"error\">").text(&message).raw("</p>");
            return;
        }
    };
    if chosen.is_empty() {
        page.raw("<p class=\"dim\">None.</p>");
        return;
    }
    let steps = Steps { list, query, range: range.clone(), all: chosen.len(), next };
    steps.write(page);
    table(page, shown, list, &chosen[range]);
    if steps.all > steps.range.len() {
        steps.write(page);
    }
}

fn form(page: &mut Html, shown: &Seen<'_>, list: List, query: &Query) {
    page.raw("<form method=\"get\"><input type=\"hidden\" name=\"list\" value=\"").raw(list.path());
    page.raw("\"><input type=\"search\" name=\"search\" aria-label=\"Search\" placeholder=\"");
    page.raw(if list.is_routers() { "Name or rule" } else { "Name" });
    page.raw("\" value=\"").text(query.get("search")).raw("\">");
    let statuses = [Status::Enabled, Status::Warning, Status::Disabled].map(Status::as_str);
    choice(page, ["status", "Status", "Any status"], query, &statuses);
    if list.is_routers() {
        let names: Vec<&str> = shown.facts.entry_points.iter().map(|(name, _)| name.as_str()).collect();
        choice(page, ["entryPoint", "Entry point", "Any entry point"], query, &names);
    }
    for name in ["serviceName", "middlewareName"] {
        if !query.get(name).is_empty() {
            page.raw("<input name=\"").raw(name).raw("\" aria-label=\"").raw(name).raw("\" value=\"");
            page.text(query.get(name)).raw("\">");
        }
    }
    page.raw("<button>Show</button></form>");
}

/// A choice; `names` are that of its parameter, what it is called, and the word for no choice.
fn choice(page: &mut Html, names: [&str; 3], query: &Query, options: &[&str]) {
    let [name, label, none] = names;
    page.raw("<select name=\"").raw(name).raw("\" aria-label=\"").raw(label).raw("\"><option value=\"\">");
    page.raw(none);
    for option in options {
        page.raw("<option").raw(if query.get(name) == *option { " selected" } else { "" }).raw(">");
        page.text(option);
    }
    page.raw("</select>");
}

fn table(page: &mut Html, shown: &Seen<'_>, list: List, entries: &[&Entry]) {
    let columns: &[&str] = match list {
        List::UdpRouters => &["Name", "Status", "Entry points", "Leads to"],
        list if list.is_routers() => &["Name", "Status", "Rule", "Leads to"],
        list if list.is_services() => &["Name", "Status", "Kind", "Servers", "Used by"],
        _ => &["Name", "Status", "Kind", "Used by"],
    };
    page.raw(if list.is_routers() { "<table class=\"routers\">" } else { "<table>" }).raw("<thead><tr>");
    for column in columns {
        page.raw("<th>").raw(column);
    }
    page.raw("</tr></thead><tbody>");
    for entry in entries {
        page.raw("<tr>").cell("Name").object(list, &entry.name);
        if let Some(origin) = &entry.origin {
            page.raw("<br><span class=\"dim\" title=\"").text(&origin.to_string()).raw("\">");
            page.text(last_part(&origin.to_string())).raw("</span>");
        }
        page.cell("Status");
        status(page, entry);
        if list.is_routers() {
            router(page, list, entry);
            continue;
        }
        page.cell("Kind").text(if entry.kind.is_empty() { "built in" } else { &entry.kind });
        if list.is_services() {
            page.cell("Servers");
            servers(page, shown, list, entry);
        }
        page.cell("Used by");
        users(page, list, entry, 5);
    }
    page.raw("</tbody></table>");
}

/// A path without its folders: narrow columns have no place for them.
fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn router(page: &mut Html, list: List, entry: &Entry) {
    let [_, middlewares, services] = list.family();
    page.cell(if list == List::UdpRouters { "Entry points" } else { "Rule" });
    if list != List::UdpRouters {
        page.raw("<code>").text(&entry.rule).raw("</code><br><span class=\"dim\">priority ");
        page.text(&entry.priority.to_string());
        page.raw(if entry.links.is_empty() { "" } else { " on " })
            .text(&entry.links.join(", "))
            .raw("</span>");
    } else {
        page.text(&entry.links.join(", "));
    }
    page.cell("Leads to");
    page.items(&entry.middlewares, |page, name| {
        page.object(middlewares, name);
    });
    if let Some(service) = service_of(entry) {
        page.raw("<b>").object(services, &service);
        page.raw("</b>");
    }
}

/// The way to the pages before and after.
struct Steps<'a> {
    list: List,
    query: &'a Query,
    range: Range<usize>,
    all: usize,
    next: usize,
}

impl Steps<'_> {
    fn write(&self, page: &mut Html) {
        page.raw("<p class=\"pages\">");
        page.text(&format!("{} to {} of {}", self.range.start + 1, self.range.end, self.all));
        let current = self.query.get("page").parse::<usize>().unwrap_or(1);
        let size = self.query.get("per_page").parse::<usize>().unwrap_or(100);
        let last = self.all.div_ceil(size.max(1));
        if current > 2 {
            self.link(page, 1, "First");
        }
        if current > 1 {
            self.link(page, current - 1, "Before");
        }
        if self.next > 1 {
            self.link(page, self.next, "Next");
        }
        if self.next > 1 && last > self.next {
            self.link(page, last, "Last");
        }
        page.raw("</p>");
    }

    fn link(&self, page: &mut Html, number: usize, word: &str) {
        page.raw("<a href=\"?list=").raw(self.list.path());
        for name in KEPT {
            if !self.query.get(name).is_empty() {
                page.raw("&amp;").raw(name).raw("=").raw(&parameter(self.query.get(name)));
            }
        }
        page.raw("&amp;page=").text(&number.to_string()).raw("\">").raw(word).raw("</a>");
    }
}
