//! `version`, `help` and `healthcheck`.

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Process, Said, Setup, eventually, run};

#[test]
fn version_and_help() {
    let folder = TempDir::new().expect("a folder");
    let version = run(folder.path(), &["version"]);
    assert_eq!((version.code, version.err.as_str()), (Some(0), ""));
    assert_eq!(version.out.lines().next(), Some(concat!("Version:      ", env!("CARGO_PKG_VERSION"))));
    assert!(version.out.contains("OS/Arch:      linux/"), "{}", version.out);
    for argument in ["help", "--help", "-h"] {
        let help = run(folder.path(), &[argument]);
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
        for part in ["ferroway healthcheck", "FERROWAY_WORKERS", "--entrypoints.<name>.address"] {
            assert!(help.out.contains(part), "{argument} without {part}");
        }
    }
}

/// Asks a process by its own configuration.
fn healthcheck(process: &Process) -> Said {
    run(&process.path(""), &["healthcheck", "--configFile=traefik.yml"])
}

#[test]
fn healthcheck_tells_how_a_process_is() {
    let setup = Setup {
        more: "ping: {entryPoint: web}\n",
        entry_point: "    transport: {lifeCycle: {requestAcceptGraceTimeout: 60s}}\n",
        ..Setup::default()
    };
    let mut process = Process::start(&setup);
    process.answers("/ping", "200 OK");
    let well = healthcheck(&process);
    assert_eq!((well.code, well.err.as_str()), (Some(0), ""));
    assert_eq!(well.out, format!("OK: http://{}/ping\n", process.address()));

    process.signal(Signal::TERM);
    process.answers("/ping", "503 Service Unavailable");
    let ending = healthcheck(&process);
    let expected = format!("error: bad healthcheck status: 503 from http://{}/ping\n", process.address());
    assert_eq!((ending.code, ending.err), (Some(1), expected));

    process.signal(Signal::TERM);
    assert!(process.ends().success());
    let gone = healthcheck(&process);
    let expected = format!("error: cannot ask http://{}/ping: ", process.address());
    assert_eq!(gone.code, Some(1));
    assert!(gone.err.starts_with(&expected), "{}", gone.err);
}

#[test]
fn healthcheck_needs_ping() {
    let folder = TempDir::new().expect("a folder");
    let said = run(folder.path(), &["healthcheck", "--entryPoints.web.address=127.0.0.1:1"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(1), "error: please enable `ping` to use health check\n")
    );
}

#[test]
fn the_number_of_workers() {
    for (env, expected) in [
        (&[("FERROWAY_WORKERS", "3")][..], 3),
        (&[("FERROWAY_WORKERS", "1"), ("GOMAXPROCS", "4")], 1),
        (&[("GOMAXPROCS", "2")], 2),
        (&[("FERROWAY_WORKERS", "0"), ("GOMAXPROCS", "2")], 2),
        (&[("FERROWAY_WORKERS", "many")], std::thread::available_parallelism().expect("Linux").get()),
    ] {
        let process = Process::start(&Setup { env, ..Setup::default() });
        let workers = || {
            let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).expect("Linux");
            // Threads come and go meanwhile.
            let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
            names.filter(|name| name.starts_with("worker-")).count()
        };
        eventually(&format!("{expected} workers by {env:?}"), || (workers() >= expected).then_some(()));
        // Each of them serves by now, so no more will come.
        assert_eq!(process.get("/"), "404 404 page not found\n");
        assert_eq!(workers(), expected, "{env:?}");
    }
}
