//! What Traefik writes into a configuration when it builds an object, and its API then shows.

use std::borrow::Cow;

use ferroway_config::dynamic::{Middleware, MiddlewareKind, Service, Sticky};
use ferroway_control::{provider_of, qualified};
use sha1::{Digest, Sha1};

/// A service, as it is shown once it is built.
pub(super) fn service<'s>(service: &'s Service, name: &str) -> Cow<'s, Service> {
    let mut service = Cow::Borrowed(service);
    if let Some(balancer) = &service.load_balancer {
        let transport = &balancer.servers_transport;
        if !transport.is_empty() && !transport.contains('@') {
            let full = qualified(transport, provider_of(name)).into_owned();
            if let Some(balancer) = &mut service.to_mut().load_balancer {
                balancer.servers_transport = full;
            }
        }
    }
    let of_balancer = service.load_balancer.as_ref().and_then(|own| own.sticky.as_ref());
    let of_weighted = service.weighted.as_ref().and_then(|own| own.sticky.as_ref());
    let is_sticky = [of_balancer, of_weighted].into_iter().flatten().any(|sticky| sticky.cookie.is_some());
    if is_sticky {
        let service = service.to_mut();
        let of_balancer = service.load_balancer.as_mut().and_then(|own| own.sticky.as_mut());
        let of_weighted = service.weighted.as_mut().and_then(|own| own.sticky.as_mut());
        for sticky in [of_balancer, of_weighted].into_iter().flatten() {
            name_cookie(sticky, name);
        }
    }
    service
}

/// A middleware, as it is shown once it is built.
pub(super) fn middleware<'m>(middleware: &'m Middleware, name: &str) -> Cow<'m, Middleware> {
    let [MiddlewareKind::Chain(_)] = &*middleware.kinds else { return Cow::Borrowed(middleware) };
    let mut filled = middleware.clone();
    for kind in &mut filled.kinds {
        if let MiddlewareKind::Chain(chain) = kind {
            for own in &mut chain.middlewares {
                *own = qualified(own, provider_of(name)).into_owned();
            }
        }
    }
    Cow::Owned(filled)
}

/// Gives a cookie the name that it gets: a token, or a hash of the service's name.
fn name_cookie(sticky: &mut Sticky, service: &str) {
    let Some(cookie) = &mut sticky.cookie else { return };
    cookie.name = if cookie.name.is_empty() {
        let hash = Sha1::digest(format!("_TRAEFIK_BACKEND_{service}"));
        let hex: String = hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
        format!("_{}", &hex[..5])
    } else {
        let kept =
            |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^`|~".contains(character);
        cookie.name.chars().map(|character| if kept(character) { character } else { '_' }).collect()
    };
}

#[cfg(test)]
mod tests {
    use ferroway_config::dynamic::{Cookie, LoadBalancer};

    use super::*;

    #[test]
    fn names_of_cookies() {
        // The first one is what Traefik 3.7.15 shows.
        for (configured, service, expected) in
            [("", "s1@file", "_d6d2b"), ("a b", "x@file", "a_b"), ("ok~", "x@file", "ok~")]
        {
            let mut sticky =
                Sticky { cookie: Some(Cookie { name: configured.to_owned(), ..Cookie::default() }) };
            name_cookie(&mut sticky, service);
            assert_eq!(sticky.cookie.map(|cookie| cookie.name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_transport_is_shown_in_full() {
        let balancer = LoadBalancer { servers_transport: "t".to_owned(), ..LoadBalancer::default() };
        let config = Service { load_balancer: Some(balancer), ..Service::default() };
        let shown = service(&config, "s@file").into_owned();
        assert_eq!(shown.load_balancer.map(|own| own.servers_transport).as_deref(), Some("t@file"));
        assert!(matches!(service(&Service::default(), "s@file"), Cow::Borrowed(_)));
    }
}
