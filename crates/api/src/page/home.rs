//! The first page: what is wrong, entry points, and how many there are of everything.

use ferroway_config::dynamic::Root;
use ferroway_config::encode::quotes::words;

use super::html::Html;
use super::{servers, states, status};
use crate::entry::{Entry, Status};
use crate::view::{List, Seen};

/// How many objects with errors are shown here.
const MOST: usize = 20;

pub(super) fn write(page: &mut Html, shown: &Seen<'_>) {
    sources(page, shown);
    troubles(page, shown);
    entry_points(page, shown);
    counts(page, shown);
    let (date, time) = shown.facts.started.split_once('T').unwrap_or_default();
    page.raw("<p class=\"dim\">Started ")
        .text(date)
        .raw(" ")
        .text(time.split('.').next().unwrap_or_default());
    page.raw(" UTC</p>");
}

/// Sources of which not everything runs: what runs then is what was there before.
fn sources(page: &mut Html, shown: &Seen<'_>) {
    for source in shown.running.sources.iter().filter(|source| !source.is_complete) {
        page.raw("<h2>Not everything that provider ").text(&source.provider).raw(" says runs</h2><ul>");
        for problem in source.problems.iter().take(MOST) {
            page.raw("<li><code>").text(&problem.span.to_string()).raw("</code> <span class=\"error\">");
            page.text(&words(problem, Root::SECTION)).raw("</span>");
        }
        page.raw("</ul>");
    }
}

fn entry_points(page: &mut Html, shown: &Seen<'_>) {
    let facts = shown.facts;
    page.raw("<h2>Entry points</h2><table><thead><tr><th>Name<th>Address<th>Routers</tr></thead><tbody>");
    for (name, point) in &facts.entry_points {
        page.raw("<tr>").cell("Name").text(name);
        if facts.defaults.contains(name) {
            page.raw(" <span class=\"dim\">default</span>");
        }
        page.cell("Address").raw("<code>").text(&point.address).raw("</code>").cell("Routers");
        for list in [List::HttpRouters, List::TcpRouters, List::UdpRouters] {
            let routers = shown.view.list(list).iter();
            let count = routers.filter(|router| router.links.contains(name)).count();
            if count > 0 {
                page.raw("<a href=\"?list=").raw(list.path()).raw("&amp;entryPoint=");
                page.raw(&super::html::parameter(name)).raw("\">").text(&count.to_string()).raw(" ");
                page.raw(list.protocol()).raw("</a> ");
            }
        }
    }
    page.raw("</tbody></table>");
}

fn counts(page: &mut Html, shown: &Seen<'_>) {
    page.raw("<h2>State</h2><table><thead><tr><th>What<th>All<th>Warnings<th>Errors</tr></thead><tbody>");
    for list in List::ALL {
        let entries = shown.view.list(list);
        if entries.is_empty() {
            continue;
        }
        page.raw("<tr>").cell("What").raw("<a href=\"?list=").raw(list.path()).raw("\">");
        page.text(list.title()).raw("</a>").cell("All").text(&entries.len().to_string());
        for (name, status) in [("Warnings", Status::Warning), ("Errors", Status::Disabled)] {
            let count = entries.iter().filter(|entry| entry.status == status).count();
            page.cell(name);
            if count == 0 {
                page.raw("<span class=\"dim\">0</span>");
            } else {
                page.raw("<a class=\"").raw(status.as_str()).raw("\" href=\"?list=").raw(list.path());
                page.raw("&amp;status=").raw(status.as_str()).raw("\">").text(&count.to_string()).raw("</a>");
            }
        }
    }
    page.raw("</tbody></table>");
}

fn troubles(page: &mut Html, shown: &Seen<'_>) {
    let all = List::ALL.into_iter().flat_map(|list| {
        let entries = shown.view.list(list).iter();
        entries.filter_map(move |entry| Some((trouble(shown, list, entry)?, list, entry)))
    });
    let mut all: Vec<_> = all.collect();
    if all.is_empty() {
        if shown.running.sources.iter().any(|source| !source.is_complete) {
            return;
        }
        page.raw("<p class=\"enabled\">Nothing is wrong.</p>");
        return;
    }
    all.sort_by_key(|(trouble, ..)| *trouble);
    page.raw("<h2>What is wrong</h2><table><thead><tr><th>What<th>Why</tr></thead><tbody>");
    for (trouble, list, entry) in all.iter().take(MOST) {
        page.raw("<tr>").cell("What").object(*list, &entry.name);
        page.raw("<br><span class=\"dim\">").raw(list.protocol()).raw(" ").raw(list.noun()).raw("</span>");
        page.cell("Why");
        if *trouble != Trouble::Server {
            status(page, entry);
        }
        if list.is_services() {
            servers(page, shown, *list, entry);
        }
    }
    page.raw("</tbody></table>");
    if all.len() > MOST {
        page.raw("<p class=\"dim\">")
            .text(&format!("and {} more: see the lists", all.len() - MOST))
            .raw("</p>");
    }
}

/// What is wrong with an object; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Disabled,
    /// A server is down.
    Server,
    Warning,
}

fn trouble(shown: &Seen<'_>, list: List, entry: &Entry) -> Option<Trouble> {
    match entry.status {
        Status::Disabled => return Some(Trouble::Disabled),
        Status::Warning => return Some(Trouble::Warning),
        Status::Enabled => {}
    }
    let has_server_down = states(shown, list, entry).iter().any(|(_, is_up)| !is_up);
    has_server_down.then_some(Trouble::Server)
}
