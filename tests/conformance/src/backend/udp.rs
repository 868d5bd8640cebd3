//! The servers behind UDP routers: they send back every datagram with their name before it.

use tokio::net::UdpSocket;

/// Serves for ever.
pub(super) async fn serve(socket: UdpSocket, name: &'static str) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // An answer that nobody took is reported to the next call; it does not concern the others.
        if let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
            let answer = [name.as_bytes(), b":", &buffer[..length]].concat();
            let _ = socket.send_to(&answer, peer).await;
        }
    }
}
