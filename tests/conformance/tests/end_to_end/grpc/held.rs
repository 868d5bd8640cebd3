//! A stream that a client keeps open while something happens to the router.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// The longest that one order may take.
const LIMIT: Duration = Duration::from_secs(20);

/// A client that does what it is told.
pub(crate) struct Held {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Held {
    /// Starts the client and waits until its stream is open.
    pub(crate) async fn open(client: &Path, args: &[String], folder: &Path) -> Result<Self> {
        let mut child = Command::new(client)
            .args(args)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().context("no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let mut held = Self { child, orders, answers };
        held.expect("open").await?;
        Ok(held)
    }

    /// Exchanges a message on the stream.
    pub(crate) async fn ping(&mut self) -> Result<()> {
        self.order("ping").await
    }

    /// Waits until the router has asked the client to make no new calls on the connection.
    pub(crate) async fn is_asked_to_leave(&mut self) -> Result<()> {
        self.order("leave").await
    }

    /// Ends the stream, in order.
    pub(crate) async fn end(mut self) -> Result<()> {
        drop(self.orders);
        let ended = timeout(LIMIT, self.child.wait()).await.context("the stream does not end")??;
        ensure!(ended.success(), "{}", complaint(&mut self.child).await);
        Ok(())
    }

    async fn order(&mut self, order: &str) -> Result<()> {
        let written = self.orders.write_all(format!("{order}\n").as_bytes()).await;
        self.expect("done").await.with_context(|| order.to_owned())?;
        Ok(written?)
    }

    async fn expect(&mut self, wanted: &str) -> Result<()> {
        let line = timeout(LIMIT, self.answers.next_line()).await.context("the client does not answer")??;
        match line {
            Some(line) if line == wanted => Ok(()),
            Some(line) => anyhow::bail!("want {wanted:?}, got {line:?}"),
            None => anyhow::bail!("the client has ended: {}", complaint(&mut self.child).await),
        }
    }
}

/// What a client that has failed says.
async fn complaint(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(stderr) = &mut child.stderr {
        let _ = stderr.read_to_string(&mut text).await;
    }
    text.trim().to_owned()
}
