//! `/dashboard/`: what runs, on one page that is made here and needs no script.
//!
//! Without parameters it shows entry points and how many there are of everything; `list` chooses a list, of which it
//! shows 100 objects at a time. Links lead to the objects that one refers to.

mod html;

use std::sync::LazyLock;

use base64::Engine;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::entry::{Entry, Status};
use crate::facts::Facts;
use crate::list::{range, select};
use crate::query::Query;
use crate::view::{List, Servers, View};
use html::{Html, parameter};

const STYLE: &str = include_str!("style.css");

/// What the page may do: have its own style, send its own form. Traefik's own policy is part of it.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; {}",
        super::api::DASHBOARD_POLICY
    )
});

/// The page that a query asks for.
pub(crate) fn answer(facts: &Facts, view: &View, servers: &dyn Servers, query: &Query) -> Answer {
    let chosen = List::ALL.into_iter().find(|list| list.path() == query.get("list"));
    let mut page = Html::default();
    page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    let name =
        facts.config.api.as_ref().map(|api| api.dashboard_name.as_str()).filter(|name| !name.is_empty());
    page.text(name.unwrap_or("ferroway"));
    page.raw("</title><style>").raw(STYLE).raw("</style></head><body><header><h1><a href=\"?\">");
    page.text(name.unwrap_or("ferroway"));
    page.raw("</a></h1><nav aria-label=\"Lists\">");
    for list in List::ALL {
        let current = if chosen == Some(list) { " aria-current=\"page\"" } else { "" };
        page.raw("<a href=\"?list=").raw(list.path()).raw("\"").raw(current).raw(">").text(title(list));
        page.raw(" <span>").text(&view.list(list).len().to_string()).raw("</span></a>");
    }
    page.raw("</nav></header><main>");
    match chosen {
        Some(list) => objects(&mut page, list, view, servers, query),
        None => overview(&mut page, facts, view),
    }
    page.raw("</main></body></html>\n");
    Answer::html(page.finish()).with("content-security-policy", POLICY.as_str())
}

fn title(list: List) -> &'static str {
    match list {
        List::HttpRouters => "HTTP routers",
        List::HttpMiddlewares => "HTTP middlewares",
        List::HttpServices => "HTTP services",
        List::TcpRouters => "TCP routers",
        List::TcpMiddlewares => "TCP middlewares",
        List::TcpServices => "TCP services",
        List::UdpRouters => "UDP routers",
        List::UdpServices => "UDP services",
    }
}

fn overview(page: &mut Html, facts: &Facts, view: &View) {
    page.raw("<h2>Entry points</h2><table><thead><tr><th>Name<th>Address<th></tr></thead><tbody>");
    for (name, point) in &facts.entry_points {
        let is_default = facts.defaults.contains(name);
        page.raw("<tr>")
            .cell("Name")
            .text(name)
            .cell("Address")
            .raw("<code>")
            .text(&point.address)
            .raw("</code>");
        page.cell("").raw(if is_default {
            "<span class=\"dim\">for routers that name none</span>"
        } else {
            ""
        });
    }
    page.raw("</tbody></table><h2>State</h2><table><thead><tr><th>What<th>All<th>Warnings<th>Errors</tr></thead><tbody>");
    for list in List::ALL {
        let entries = view.list(list);
        page.raw("<tr>")
            .cell("What")
            .raw("<a href=\"?list=")
            .raw(list.path())
            .raw("\">")
            .text(title(list))
            .raw("</a>");
        page.cell("All").text(&entries.len().to_string());
        for (name, status) in [("Warnings", Status::Warning), ("Errors", Status::Disabled)] {
            let count = entries.iter().filter(|entry| entry.status == status).count();
            page.cell(name);
            if count == 0 {
                page.raw("0");
            } else {
                page.raw("<a class=\"").raw(status.as_str()).raw("\" href=\"?list=").raw(list.path());
                page.raw("&amp;status=").raw(status.as_str()).raw("\">").text(&count.to_string()).raw("</a>");
            }
        }
    }
    page.raw("</tbody></table>");
}

/// A list: what is looked for, the objects, and the way to those before and after.
fn objects(page: &mut Html, list: List, view: &View, servers: &dyn Servers, query: &Query) {
    let mut chosen = select(list, view.list(list), query);
    if list.is_routers() && query.get("sortBy").is_empty() {
        // The order in which they are asked.
        chosen.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.name.cmp(&b.name)));
    }
    page.raw("<h2>")
        .text(title(list))
        .raw("</h2><form method=\"get\"><input type=\"hidden\" name=\"list\" value=\"");
    page.raw(list.path())
        .raw("\"><input type=\"search\" name=\"search\" aria-label=\"Search\" placeholder=\"");
    page.raw(if list.is_routers() { "Name or rule" } else { "Name" })
        .raw("\" value=\"")
        .text(query.get("search"));
    page.raw("\"><select name=\"status\" aria-label=\"Status\"><option value=\"\">Any status");
    for status in [Status::Enabled, Status::Warning, Status::Disabled] {
        let is_chosen = query.get("status") == status.as_str();
        page.raw("<option").raw(if is_chosen { " selected" } else { "" }).raw(">").raw(status.as_str());
    }
    page.raw("</select><button>Show</button></form>");
    let (shown, next) = match range(chosen.len(), query) {
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
    pages(page, list, query, &shown, chosen.len(), next);
    let second = if list.is_routers() { "Rule" } else { "Kind" };
    let third = if list.is_routers() { "Leads to" } else { "Used by" };
    page.raw("<table><thead><tr><th>Name<th>Status<th>").raw(second).raw("<th>").raw(third);
    page.raw(if list.is_services() { "<th>Servers" } else { "" }).raw("</tr></thead><tbody>");
    for entry in &chosen[shown.clone()] {
        page.raw("<tr>").cell("Name").text(&entry.name);
        if let Some(origin) = &entry.origin {
            page.raw("<br><span class=\"dim\">").text(&origin.to_string()).raw("</span>");
        }
        page.cell("Status")
            .raw("<span class=\"")
            .raw(entry.status.as_str())
            .raw("\">")
            .raw(entry.status.as_str());
        page.raw("</span>");
        page.items(&entry.told, |page, told| {
            page.raw("<span class=\"error\">").text(&told.words).raw("</span>");
        });
        page.cell(second);
        if list.is_routers() {
            router(page, list, entry)
        } else {
            referred(page, list, entry)
        }
        if list.is_services() {
            page.cell("Servers");
            states(page, list, entry, servers);
        }
    }
    page.raw("</tbody></table>");
    pages(page, list, query, &shown, chosen.len(), next);
}

fn router(page: &mut Html, list: List, entry: &Entry) {
    let (services, middlewares) = match list {
        List::HttpRouters => (List::HttpServices, List::HttpMiddlewares),
        List::TcpRouters => (List::TcpServices, List::TcpMiddlewares),
        _ => (List::UdpServices, List::UdpServices),
    };
    page.raw("<code>").text(&entry.rule).raw("</code>");
    if entry.priority != 0 {
        page.raw("<br><span class=\"dim\">priority ").text(&entry.priority.to_string()).raw("</span>");
    }
    page.items(&entry.links, |page, name| {
        page.raw("<span class=\"dim\">on ").text(name).raw("</span>");
    });
    page.cell("Leads to");
    page.items(&entry.middlewares, |page, name| page.object(middlewares, name));
    if !entry.service.is_empty() {
        let full = if entry.service.contains('@') {
            entry.service.to_string()
        } else {
            format!("{}@{}", entry.service, entry.provider())
        };
        page.object(services, &full);
    }
}

fn referred(page: &mut Html, list: List, entry: &Entry) {
    page.text(if entry.kind.is_empty() { "built in" } else { &entry.kind });
    page.cell("Used by");
    let routers = match list {
        List::HttpMiddlewares | List::HttpServices => List::HttpRouters,
        List::TcpMiddlewares | List::TcpServices => List::TcpRouters,
        _ => List::UdpRouters,
    };
    const SHOWN: usize = 20;
    page.items(&entry.links[..entry.links.len().min(SHOWN)], |page, name| page.object(routers, name));
    if entry.links.len() > SHOWN {
        page.raw("<a href=\"?list=").raw(routers.path()).raw("&amp;");
        page.raw(if list.is_services() { "serviceName=" } else { "middlewareName=" });
        page.raw(&parameter(&entry.name)).raw("\">all ").text(&entry.links.len().to_string()).raw("</a>");
    }
}

fn states(page: &mut Html, list: List, entry: &Entry, servers: &dyn Servers) {
    let states = match list {
        List::HttpServices => servers.http(&entry.name),
        List::TcpServices => servers.tcp(&entry.name),
        _ => Vec::new(),
    };
    page.items(&states, |page, (server, is_up)| {
        let (class, word) = if *is_up { ("up", "up") } else { ("down", "down") };
        page.raw("<code>")
            .text(&ferroway_config::encode::secret::without_password(server))
            .raw("</code> <span class=\"");
        page.raw(class).raw("\">").raw(word).raw("</span>");
    });
}

fn pages(
    page: &mut Html,
    list: List,
    query: &Query,
    shown: &std::ops::Range<usize>,
    all: usize,
    next: usize,
) {
    let current = query.get("page").parse::<usize>().unwrap_or(1);
    page.raw("<p class=\"pages\">").text(&format!("{} to {} of {all}", shown.start + 1, shown.end));
    let before = (current > 1).then(|| current - 1);
    for (number, word) in [(before, "Before"), (Some(next).filter(|next| *next > 1), "Next")] {
        let Some(number) = number else { continue };
        page.raw("<a href=\"?list=").raw(list.path());
        for name in ["search", "status", "serviceName", "middlewareName", "per_page", "sortBy", "direction"] {
            if !query.get(name).is_empty() {
                page.raw("&amp;").raw(name).raw("=").raw(&parameter(query.get(name)));
            }
        }
        page.raw("&amp;page=").text(&number.to_string()).raw("\">").raw(word).raw("</a>");
    }
    page.raw("</p>");
}
