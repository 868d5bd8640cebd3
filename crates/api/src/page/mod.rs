//! `/dashboard/`: what runs, on one page that is made here and needs no script.
//!
//! Without parameters it shows entry points, how many there are of everything, and what is wrong; `list` chooses a
//! list, of which it shows 100 objects at a time, and `name` one of its objects. Links lead to the objects that one
//! refers to. Names and rules come from whoever writes configuration, so everything goes through [`Html::text`].

mod home;
mod html;
mod objects;
mod one;
mod pretty;

use std::sync::LazyLock;

use base64::Engine;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::entry::{Entry, Status};
use crate::query::Query;
use crate::view::{List, Seen, View};
use html::Html;

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
pub(crate) fn answer(shown: &Seen<'_>, query: &Query) -> Answer {
    let chosen = List::ALL.into_iter().find(|list| list.path() == query.get("list"));
    let api = shown.facts.config.api.as_ref();
    let name = api.map(|api| api.dashboard_name.as_str()).filter(|name| !name.is_empty());
    let name = name.unwrap_or("ferroway");
    let mut page = Html::default();
    page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    if let Some(list) = chosen {
        page.text(if query.get("name").is_empty() { list.title() } else { query.get("name") }).raw(" · ");
    }
    page.text(name).raw("</title><style>").raw(STYLE).raw("</style></head><body><header><h1><a href=\"?\">");
    page.text(name).raw("</a> <small>").text(shown.facts.version).raw("</small></h1>");
    navigation(&mut page, shown.view, chosen);
    page.raw("</header><main>");
    match chosen {
        Some(list) if !query.get("name").is_empty() => one::write(&mut page, shown, list, query.get("name")),
        Some(list) => objects::write(&mut page, shown, list, query),
        None => home::write(&mut page, shown),
    }
    page.raw("</main></body></html>\n");
    Answer::html(page.finish()).with("content-security-policy", POLICY.as_str())
}

/// The lists, by protocol; those that are empty are not led to.
fn navigation(page: &mut Html, view: &View, chosen: Option<List>) {
    page.raw("<nav aria-label=\"Lists\">");
    for list in List::ALL {
        let count = view.list(list).len();
        if count == 0 && chosen != Some(list) {
            continue;
        }
        let current = if chosen == Some(list) { " aria-current=\"page\"" } else { "" };
        page.raw("<a href=\"?list=").raw(list.path()).raw("\"").raw(current).raw(">").text(list.title());
        page.raw(" <span>").text(&count.to_string()).raw("</span></a>");
    }
    page.raw("</nav>");
}

impl List {
    fn title(self) -> &'static str {
        match self {
            Self::HttpRouters => "HTTP routers",
            Self::HttpMiddlewares => "HTTP middlewares",
            Self::HttpServices => "HTTP services",
            Self::TcpRouters => "TCP routers",
            Self::TcpMiddlewares => "TCP middlewares",
            Self::TcpServices => "TCP services",
            Self::UdpRouters => "UDP routers",
            Self::UdpServices => "UDP services",
        }
    }

    /// `http`, `tcp` or `udp`.
    fn protocol(self) -> &'static str {
        self.path().split('/').next().unwrap_or_default()
    }

    /// The routers, middlewares and services of the same protocol.
    fn family(self) -> [Self; 3] {
        match self {
            Self::HttpRouters | Self::HttpMiddlewares | Self::HttpServices => {
                [Self::HttpRouters, Self::HttpMiddlewares, Self::HttpServices]
            }
            Self::TcpRouters | Self::TcpMiddlewares | Self::TcpServices => {
                [Self::TcpRouters, Self::TcpMiddlewares, Self::TcpServices]
            }
            // There are no middlewares of UDP.
            Self::UdpRouters | Self::UdpServices => [Self::UdpRouters, Self::UdpServices, Self::UdpServices],
        }
    }
}

/// How an object is, and what is to be said of it.
fn status(page: &mut Html, entry: &Entry) {
    let word = entry.status.as_str();
    page.raw("<span class=\"state ").raw(word).raw("\">").raw(word).raw("</span>");
    let class = if entry.status == Status::Enabled { "dim" } else { "error" };
    page.items(&entry.told, |page, told| {
        page.raw("<span class=\"").raw(class).raw("\">").text(&told.words).raw("</span>");
    });
}

/// The service of a router, by its full name.
fn service_of(entry: &Entry) -> Option<String> {
    match &*entry.service {
        "" => None,
        full if full.contains('@') => Some(full.to_owned()),
        local => Some(format!("{local}@{}", entry.provider())),
    }
}

/// The servers of a service that a router leads to, and whether they are up.
fn states(shown: &Seen<'_>, list: List, entry: &Entry) -> Vec<(String, bool)> {
    match list {
        List::HttpServices if entry.is_reached => shown.running.servers.http(&entry.name),
        List::TcpServices if entry.is_reached => shown.running.servers.tcp(&entry.name),
        _ => Vec::new(),
    }
}

/// Writes them; those that are down come first.
fn servers(page: &mut Html, shown: &Seen<'_>, list: List, entry: &Entry) {
    let mut states = states(shown, list, entry);
    states.sort_by_key(|(_, is_up)| *is_up);
    const MOST: usize = 20;
    page.items(&states[..states.len().min(MOST)], |page, (server, is_up)| {
        let word = if *is_up { "up" } else { "down" };
        page.raw("<code>").text(&ferroway_config::encode::secret::without_password(server));
        page.raw("</code> <span class=\"state ").raw(word).raw("\">").raw(word).raw("</span>");
    });
    if states.len() > MOST {
        page.raw("<span class=\"dim\">").text(&format!("and {} more", states.len() - MOST)).raw("</span>");
    }
}

/// Who uses an object; `most` names at a time.
fn users(page: &mut Html, list: List, entry: &Entry, most: usize) {
    let [routers, ..] = list.family();
    page.items(&entry.links[..entry.links.len().min(most)], |page, name| {
        page.object(routers, name);
    });
    if entry.links.len() > most {
        page.raw("<a href=\"?list=").raw(routers.path()).raw("&amp;");
        page.raw(if list.is_services() { "serviceName=" } else { "middlewareName=" });
        page.raw(&html::parameter(&entry.name));
        page.raw("\">all ").text(&entry.links.len().to_string()).raw("</a>");
    }
}
