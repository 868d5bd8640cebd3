//! What ferroway configures for itself (specification sections 1.4 and 2.9).

use std::sync::Arc;

use ferroway_control::{INTERNAL, Internal, Planner, Providers, Redirection, internal_configuration};

use crate::support::{context, render, undented};

#[test]
fn redirections_and_own_services() {
    let redirection = |from: &str, to: &str| Redirection {
        from: from.to_owned(),
        to: to.to_owned(),
        port: "443".to_owned(),
        scheme: "https".to_owned(),
        permanent: true,
        priority: i64::MAX - 1,
    };
    let internal = Internal {
        redirections: vec![redirection("web", "websecure"), redirection("admin", ":8443")],
        ping: Some("traefik".to_owned()),
        ..Internal::default()
    };
    let providers = Providers([(INTERNAL.into(), Arc::new(internal_configuration(&internal)))].into());
    let context = context();
    let plan = Planner::new(context.clone()).plan(providers);
    let expected = "
        admin-to-8443@internal 9223372036854775806 -> noop@internal
          admin: redirect-admin-to-8443@internal
        ping@internal 9223372036854775807 -> ping@internal
          traefik:
        web-to-websecure@internal 9223372036854775806 -> noop@internal
          web: redirect-web-to-websecure@internal
    ";
    assert_eq!(render(&context, &plan), undented(expected));
}

#[test]
fn nothing_to_configure() {
    assert_eq!(internal_configuration(&Internal::default()), ferroway_config::dynamic::Dynamic::default());
}
