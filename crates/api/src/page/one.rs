//! One object: where it is defined, how it is, what it leads to, and its configuration.

use ferroway_config::encode::Object;

use super::html::Html;
use super::{pretty, servers, service_of, status, users};
use crate::entry::{Entry, Form};
use crate::view::{List, Seen};

/// How many users are named.
const MOST: usize = 200;

pub(super) fn write(page: &mut Html, shown: &Seen<'_>, list: List, name: &str) {
    let Some(entry) = shown.view.find(list, name) else {
        page.raw("<h2>").text(name).raw("</h2><p class=\"error\">There is no such ").raw(list.noun());
        page.raw(".</p>");
        return;
    };
    page.raw("<h2>").text(&entry.name).raw("</h2><table class=\"facts\"><tbody>");
    page.row("Status");
    status(page, entry);
    if let Some(origin) = &entry.origin {
        page.row("Defined at").raw("<code>").text(&origin.to_string()).raw("</code>");
    }
    if list.is_routers() {
        router(page, shown, list, entry);
    } else {
        referred(page, shown, list, entry);
    }
    page.raw("</tbody></table><h3>Configuration</h3><pre>");
    let mut json = Vec::new();
    let mut object = Object::begin(&mut json);
    entry.write(&mut object, Form { is_listed: true, has_details: false });
    object.end();
    page.text(&pretty::pretty(&String::from_utf8_lossy(&json))).raw("</pre>");
}

fn router(page: &mut Html, shown: &Seen<'_>, list: List, entry: &Entry) {
    let [_, middlewares, services] = list.family();
    if !entry.rule.is_empty() {
        page.row("Rule").raw("<code>").text(&entry.rule).raw("</code>");
    }
    if list != List::UdpRouters {
        page.row("Priority").text(&entry.priority.to_string());
    }
    page.row("Entry points").text(&entry.links.join(", "));
    if !entry.middlewares.is_empty() {
        page.row("Middlewares");
        page.items(&entry.middlewares, |page, name| {
            page.object(middlewares, name);
            if let Some(own) = shown.view.find(middlewares, name) {
                page.raw(" <span class=\"dim\">").text(&own.kind).raw("</span>");
            }
        });
    }
    let Some(service) = service_of(entry) else { return };
    page.row("Service").object(services, &service);
    if let Some(own) = shown.view.find(services, &service) {
        page.raw(" <span class=\"dim\">").text(&own.kind).raw("</span>");
        servers(page, shown, services, own);
    }
}

fn referred(page: &mut Html, shown: &Seen<'_>, list: List, entry: &Entry) {
    page.row("Kind").text(if entry.kind.is_empty() { "built in" } else { &entry.kind });
    if list.is_services() && entry.count > 0 {
        page.row("Servers");
        if entry.is_reached {
            servers(page, shown, list, entry);
        } else {
            page.text(&entry.count.to_string()).raw(", of which nothing is known: no router leads there");
        }
    }
    if !entry.links.is_empty() {
        page.row("Used by");
        users(page, list, entry, MOST);
    }
}
